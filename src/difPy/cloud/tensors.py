"""What is known of rows in; the `Rows` that the join decides on out: their tensors are fetched when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.cloud.joining import TENSORS
from difPy.cloud.stored import Stored
from difPy.model import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from difPy.cloud.columns import Facts
    from difPy.cloud.objects import Objects


class Fetched:
    """A column of tensors that lie in parts, in an object store.

    Parameters
    ----------
    objects : Objects
    facts : Facts
        Where each is.
    """

    def __init__(self, objects: Objects, facts: Facts) -> None:
        self._facts = facts
        self._part = cache(lambda part: Stored(objects, TENSORS.format(part)))
        self.shape = (len(facts), *(self._part(int(facts["part"][0])).shape[1:] if len(facts) else (1, 1, 3)))

    def __len__(self) -> int:
        return len(self._facts)

    def __getitem__(self, rows: Any) -> npt.NDArray[np.uint8]:
        some = self._facts[rows]
        found = self.read(np.atleast_1d(some["part"]), np.atleast_1d(some["row"]).astype(np.int64))
        return found if np.ndim(some) else found[0]

    def read(self, part: npt.NDArray[np.int32], row: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        """Tensors of rows of parts; each is fetched once, and neighbours together."""
        found = np.empty((len(part), *self.shape[1:]), np.uint8)
        for one in np.unique(part).tolist():
            at = np.flatnonzero(part == one)
            numbers, back = np.unique(row[at], return_inverse=True)
            found[at] = self._part(one).rows(numbers)[back]
        return found


class _Views(Mapping[int, "npt.NDArray[np.uint8]"]):
    """Row -> all its views, of the few rows that have more than their tensor."""

    def __init__(self, fetched: Fetched, facts: Facts) -> None:
        self._fetched, self._facts = fetched, facts
        self._have = set(np.flatnonzero(facts["views"]).tolist())

    def __getitem__(self, row: int) -> npt.NDArray[np.uint8]:
        if row not in self._have:
            raise KeyError(row)
        fact = self._facts[row]
        numbers = np.arange(fact["viewed"], fact["viewed"] + fact["views"])
        return self._fetched.read(np.full(len(numbers), fact["part"]), numbers)

    def __iter__(self) -> Iterator[int]:
        return iter(self._have)

    def __len__(self) -> int:
        return len(self._have)


def rows(objects: Objects, facts: Facts) -> Rows:
    """What the join sees of rows, but for who is identical to whom: of that only whether it is known.

    Parameters
    ----------
    objects : Objects
    facts : Facts
        Of `FACT`.
    """
    fetched = Fetched(objects, facts)
    return Rows(
        tensors=fetched,
        widths=facts["width"],
        heights=facts["height"],
        partition=facts["partition"].astype(np.int64),
        identities=[b"" if known else None for known in facts["known"].tolist()],
        stances=np.ones(len(facts), np.uint8),
        errors=np.zeros(len(facts), np.float32),
        views=_Views(fetched, facts),
    )
