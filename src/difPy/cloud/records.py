"""Rows of the sharded join in; the bytes of an object that holds them out; and back, all of them or some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from difPy.cloud.columns import FACT
from difPy.cloud.stored import judged
from difPy.match.mse.vectors import WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.cloud.columns import Facts
    from difPy.cloud.objects import Objects


_COUNT = np.dtype("<i8")
_VECTOR = 4 * WIDTH  # bytes of one


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Rows of a batch, of a cell, or that ask."""

    facts: Facts
    """Shape (n,)."""
    vectors: npt.NDArray[np.float32]
    """Shape (n, 73)."""

    def __len__(self) -> int:
        return len(self.facts)

    def __getitem__(self, some: slice) -> Records:
        return Records(self.facts[some], self.vectors[some])

    def take(self, numbers: npt.NDArray[np.int64]) -> Records:
        """Some rows, by their numbers."""
        return Records(self.facts.take(numbers), self.vectors.take(numbers, axis=0))

    def packed(self) -> bytes:
        """Their bytes: how many they are, what is known of each, then the vectors."""
        columns = (np.array([len(self)], _COUNT), self.facts, self.vectors)
        return b"".join(np.ascontiguousarray(column).reshape(-1).view(np.uint8).data for column in columns)


def joined(parts: Sequence[Records]) -> Records:
    """Rows of several, one below the other."""
    if len(parts) == 1:
        return parts[0]
    vectors = [np.empty((0, WIDTH), np.float32), *(part.vectors for part in parts)]
    return Records(together([part.facts for part in parts]), np.concatenate(vectors))


def together(facts: Sequence[Facts]) -> Facts:
    """What is known of rows of several, one below the other."""
    plain = np.dtype((np.void, FACT.itemsize))  # of which numpy does not ask, field by field, what they have in common
    found: Facts = np.concatenate([np.empty(0, plain), *(some.view(plain) for some in facts)]).view(FACT)
    return found


class Kept:
    """Rows in an object, to be read by ranges.

    Parameters
    ----------
    objects : Objects
    name : str
    start : int, optional
        Where they begin, in an object of more.
    """

    def __init__(self, objects: Objects, name: str, start: int = 0) -> None:
        self._objects, self._name = objects, name
        (head,) = objects.ranges(name, [(start, start + _COUNT.itemsize)])
        with judged(name):
            self._count = int(np.frombuffer(head, _COUNT)[0])
        self._facts = start + _COUNT.itemsize
        self._vectors = self._facts + self._count * FACT.itemsize

    def __len__(self) -> int:
        return self._count

    def spans(self, spans: Sequence[tuple[int, int]]) -> list[Records]:
        """Rows from each first to each last, without it."""
        starts = ((self._facts, FACT.itemsize), (self._vectors, _VECTOR))
        ranges = [(start + first * size, start + last * size) for start, size in starts for first, last in spans]
        found = self._objects.ranges(self._name, ranges)
        with judged(self._name):
            return [
                Records(np.frombuffer(facts, FACT), np.frombuffer(vectors, np.float32).reshape(-1, WIDTH))
                for facts, vectors in zip(found[: len(spans)], found[len(spans) :], strict=True)
            ]

    def span(self, first: int, last: int) -> Records:
        """Rows from the first to the last, without it."""
        return self.spans([(first, last)])[0]

    def all(self) -> Records:
        """All of them."""
        return self.span(0, len(self))

    def facts(self, numbers: npt.NDArray[np.int64]) -> Facts:
        """What is known of some rows, by their numbers."""
        starts = (self._facts + numbers * FACT.itemsize).tolist()
        found = self._objects.ranges(self._name, [(start, start + FACT.itemsize) for start in starts])
        with judged(self._name):
            facts: Facts = np.frombuffer(b"".join(found), FACT)
        return facts
