"""Pairs of pictures, the nearest first, in; no more than so many for each picture out."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

HELD = 500_000
"""Pairs in memory, beside those that are the nearest so far."""


class Nearest:
    """Takes pairs, from any thread, and keeps the nearest `most` of each picture, as `best` says of all at once.

    Parameters
    ----------
    most : int
    pictures : int
    """

    def __init__(self, most: int, pictures: int) -> None:
        self._most = most
        self._kept = np.zeros((4, 0), np.int64)
        self._new: list[npt.NDArray[np.int64]] = []
        self._size = 0
        self._farthest = np.full(pictures, np.iinfo(np.int64).max)
        self._lock = threading.Lock()

    def add(self, found: npt.NDArray[np.int64]) -> None:
        """Take pairs as `best` does."""
        first, second, far, _ = found
        # where many share something, nearly all pairs are too far to be kept; what another thread finds meanwhile can
        # only show this of more
        found = found[:, far <= np.maximum(self._farthest[first], self._farthest[second])]
        with self._lock:
            self._new.append(found)
            self._size += found.shape[1]
            # as many as are kept, at least, so that none is looked at more than a few times
            if self._size > max(HELD, self._kept.shape[1]):
                self.kept()

    def kept(self) -> npt.NDArray[np.int64]:
        """The nearest of all so far, as `best` has them."""
        self._kept, self._new, self._size = best(np.concatenate((self._kept, *self._new), axis=1), self._most), [], 0
        first, second, far, _ = self._kept
        is_last = _rank(first, second, far) == self._most - 1
        self._farthest[np.concatenate((first, second))[is_last]] = np.tile(far, 2)[is_last]
        return self._kept


def best(found: npt.NDArray[np.int64], most: int) -> npt.NDArray[np.int64]:
    """Each pair once, as it is nearest, if it is among the nearest `most` of either of its pictures.

    Taken of a part, and then of that with the rest, it is the same as of all at once.

    Parameters
    ----------
    found : ndarray of int64, shape (4, m)
        Columns: first and second picture, how far they are from each other, and a hint.
    most : int

    Returns
    -------
    ndarray of int64, shape (4, k)
        Ascending by pair.

    Examples
    --------
    >>> best(np.array([[0, 0, 0, 1], [1, 1, 2, 2], [5, 3, 4, 9], [7, 6, 0, 0]]), 1).tolist()
    [[0, 0], [1, 2], [3, 4], [6, 0]]
    """
    first, second, far, hint = found
    found = found[:, np.lexsort((hint, far, second, first))]
    first, second, far, _ = found
    is_new = np.ones(len(far), bool)
    is_new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    found = found[:, is_new]
    return found[:, _rank(*found[:3]).reshape(2, -1).min(0) < most]


def _rank(
    first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], far: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """How many others are nearer to the first of each pair, then how many to the second; of those as near, the first.

    Pairs are ascending, each there once.
    """
    picture, other, far = np.concatenate((first, second)), np.concatenate((second, first)), np.tile(far, 2)
    order = np.lexsort((other, far, picture))
    ordered = picture[order]
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    return rank
