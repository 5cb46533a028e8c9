"""Near features in, how many of two pictures agree in turn and scale out; in bounded memory, however many there are."""

from __future__ import annotations

import os
import tempfile
from typing import IO, TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

HELD = 16_000_000
"""Votes in memory at a time, of 8 bytes each."""
ENOUGH = 5
"""Votes that agree, from which on a pair is worth a look."""


class Votes:
    """Votes for pairs of pictures, in sorted runs: the last in memory, others in a temporary file.

    Parameters
    ----------
    pictures : int
        Up to 2 ** 22.
    """

    def __init__(self, pictures: int) -> None:
        self._pictures = pictures
        self._new: list[npt.NDArray[np.uint64]] = []
        self._size = 0
        self._file: IO[bytes] | None = None
        self._runs: list[npt.NDArray[np.int64]] = []  # of each: where the votes of each picture begin in the file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._file:
            self._file.close()

    def add(self, near: npt.NDArray[np.int64], *, mirrored: bool) -> None:
        """Take a vote for each pair of features, as `near.pairs` gives them, of which one is mirrored, or is not."""
        from difPy.match.deep import kernel

        labels, others, _ = near
        for start in range(0, len(labels), HELD // 4):
            some = slice(start, start + HELD // 4)
            votes = np.unique(kernel.votes(labels[some], others[some], mirrored))
            self._new.append(votes)
            self._size += len(votes)
            if self._size > HELD:
                self._gather()

    def _gather(self) -> None:
        """Make one run of what is in memory; where it is still too much, put it into the file."""
        votes = np.unique(np.concatenate([np.zeros(0, np.uint64), *self._new]))
        self._new, self._size = [votes], len(votes)
        if self._size > HELD // 2:
            self._put_away()

    def _put_away(self) -> None:
        from difPy.match.deep import kernel

        self._file = self._file or tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the votes
        (votes,) = self._new
        begin = self._file.seek(0, os.SEEK_END) // votes.itemsize
        pictures = np.arange(self._pictures + 1, dtype=np.uint64) << np.uint64(kernel.REST)
        self._runs.append(begin + np.searchsorted(votes, pictures))
        self._file.write(votes.data)
        self._new, self._size = [], 0

    def counts(self) -> Iterator[npt.NDArray[np.int64]]:
        """Pairs with `ENOUGH` votes, as columns of shape (4, m): first, second, votes below zero, mirrored."""
        from difPy.match.deep import kernel

        self._gather()
        if self._runs and self._new:
            self._put_away()
        for votes in self._read() if self._runs else self._new:
            found = kernel.count(votes, ENOUGH)
            found[:, 2] *= -1
            yield found.T

    def _read(self) -> Iterator[npt.NDArray[np.uint64]]:
        """All votes of some pictures, then those of the next."""
        assert self._file is not None
        before = sum(run - run[0] for run in self._runs)
        start = 0
        while start < self._pictures:
            end = max(start + 1, int(np.searchsorted(before, before[start] + HELD, side="right")) - 1)
            some = []
            for run in self._runs:
                self._file.seek(int(run[start]) * 8)
                some.append(np.frombuffer(self._file.read(int(run[end] - run[start]) * 8), np.uint64))
            yield np.unique(np.concatenate(some))
            start = end
