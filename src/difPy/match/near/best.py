"""Pairs of pictures, the nearest first, in; no more than so many for each picture out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


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
    first, second, far, _ = found
    rank = _rank(np.concatenate((first, second)), np.concatenate((second, first)), np.tile(far, 2))
    return found[:, rank.reshape(2, -1).min(0) < most]


def _rank(
    picture: npt.NDArray[np.int64], other: npt.NDArray[np.int64], far: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """How many others are nearer to a picture; of those as near, the first ones."""
    order = np.lexsort((other, far, picture))
    ordered = picture[order]
    starts = np.searchsorted(ordered, ordered)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - starts
    return rank
