"""Rows in buckets in, more than memory holds; the rows of some buckets out."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import numpy as np

from difPy.errors import DifPyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

BUCKETS = 1 << 16
HELD = 1 << 26
"""Bytes in memory; of more, all are in a temporary file."""


class Runs:
    """Rows of 64-bit numbers, in runs, each in the order of its buckets.

    Parameters
    ----------
    width : int
        Numbers in a row.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._file = tempfile.SpooledTemporaryFile(HELD)  # noqa: SIM115 - lives as long as the runs
        self._lock = threading.Lock()
        self._starts: list[int] = []
        self._bounds: list[npt.NDArray[np.int32]] = []  # of each run: where each bucket begins in it

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(OSError):  # nobody needs what is not written yet
            self._file.close()

    def __len__(self) -> int:
        """Runs."""
        return len(self._starts)

    def add(self, rows: npt.NDArray[np.uint64], counts: npt.NDArray[np.int64]) -> None:
        """Take one more run.

        Parameters
        ----------
        rows : ndarray of uint64, shape (n, width), or (n,)
        counts : ndarray of int64, shape (BUCKETS,)
            Rows in each bucket.

        Raises
        ------
        DifPyError
            There is no room for temporary files.
        """
        with self._lock, _room():
            self._starts.append(self._file.seek(0, os.SEEK_END))
            self._file.write(rows.data)
            self._bounds.append(np.concatenate(([0], counts.cumsum())).astype(np.int32))

    def parts(self, most: int) -> list[tuple[int, int]]:
        """Ranges of buckets, of `most` rows each or less; a range of one bucket may have more."""
        before = np.zeros(BUCKETS + 1, np.int64)
        for bounds in self._bounds:
            before += bounds
        ends = [0]
        while ends[-1] < BUCKETS:
            end = int(np.searchsorted(before, before[ends[-1]] + most, side="right")) - 1
            ends.append(max(end, ends[-1] + 1))
        return [(low, high) for low, high in pairwise(ends) if before[low] < before[high]]

    def sizes(self, low: int, high: int) -> npt.NDArray[np.int64]:
        """How many rows of the buckets `range(low, high)` each run has."""
        return np.array([bounds[high] - bounds[low] for bounds in self._bounds], np.int64)

    def read(self, low: int, high: int, runs: Sequence[int]) -> npt.NDArray[np.uint64]:
        """Rows of the buckets `range(low, high)` in those runs, shape (n, width); run after run."""
        found = []
        for run in runs:
            start, end = self._bounds[run][[low, high]].tolist()
            with self._lock, _room():  # what was written last may be on its way
                self._file.seek(self._starts[run] + start * self._width * 8)
                found.append(self._file.read((end - start) * self._width * 8))
        return np.frombuffer(b"".join(found), np.uint64).reshape(-1, self._width)


@contextlib.contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DifPyError(
            f"no room for what the search has to put away in {tempfile.gettempdir()} ({error.strerror}): "
            "free some, or name another folder in the variable TMPDIR"
        ) from None
