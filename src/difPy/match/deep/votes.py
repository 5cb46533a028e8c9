"""Near features in, how many of two pictures agree in turn and scale out; in bounded memory, however many there are."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

import numpy as np

from difPy.match.deep import kernel
from difPy.match.deep.runs import BUCKETS, Runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

HELD = 8_000_000
"""Votes in memory at a time, of 8 bytes each."""
ENOUGH = 5
"""Votes that agree, from which on a pair is worth a look."""
_REST = 64 - (BUCKETS.bit_length() - 1)
"""Bits of a vote that do not tell its bucket."""


class Votes:
    """Votes for pairs of pictures, from any thread."""

    def __init__(self) -> None:
        self._new: list[npt.NDArray[np.uint64]] = []
        self._size = 0
        self._lock = threading.Lock()
        self._runs = Runs(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._runs.__exit__(*error)

    def add(self, near: npt.NDArray[np.int64], *, mirrored: bool) -> None:
        """Take a vote for each pair of features, as `near.pairs` gives them, of which one is mirrored, or is not."""
        labels, others, _ = near
        votes = _once(kernel.votes(labels, others, mirrored))
        with self._lock:
            self._new.append(votes)
            self._size += len(votes)
            if self._size > HELD:
                self._gather()

    def _gather(self) -> None:
        """Make one array of what is in memory; where it is still much, put it away."""
        votes = _once(np.concatenate([np.zeros(0, np.uint64), *self._new]))
        self._new, self._size = [votes], len(votes)
        if self._size > HELD // 2:
            self._put_away(votes)

    def _put_away(self, votes: npt.NDArray[np.uint64]) -> None:
        bounds = np.searchsorted(votes, np.arange(1, BUCKETS, dtype=np.uint64) << np.uint64(_REST))
        self._runs.add(votes, np.diff(bounds, prepend=0, append=len(votes)))
        self._new, self._size = [], 0

    def counts(self) -> Iterator[npt.NDArray[np.int64]]:
        """Pairs with `ENOUGH` votes, as columns of shape (4, m): first, second, votes below zero, mirrored."""
        self._gather()
        if len(self._runs) and self._new:
            self._put_away(*self._new)
        for votes in self._read() if len(self._runs) else self._new:
            found = kernel.count(votes, ENOUGH)
            found[:, 2] *= -1
            yield found.T

    def _read(self) -> Iterator[npt.NDArray[np.uint64]]:
        """All votes of some pictures, then those of the next."""
        for low, high in self._runs.parts(HELD):
            yield _once(self._runs.read(low, high, range(len(self._runs))).flatten())


def _once(votes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Votes in order, each once. They are sorted where they are."""
    votes.sort()
    is_new = np.ones(len(votes), bool)
    np.not_equal(votes[1:], votes[:-1], out=is_new[1:])
    return votes[is_new]
