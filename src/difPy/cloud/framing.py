"""Vectors in; the same, turned to some orientation, out: as the wedge asks for it, or as somebody asks with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.match.mse.frames import outside
from difPy.match.mse.turning import Turning
from difPy.match.mse.vectors import FIXED
from difPy.orientation import compose, inverse

if TYPE_CHECKING:
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]
    Orientations = npt.NDArray[np.uint8]

BETWEEN = np.array([[compose(inverse(asked), found) for found in range(8)] for asked in range(8)], np.uint8)
"""What turns a row into one that asks: by the orientation in which that asked, and that in which the row is kept."""
BOTH = np.array([[compose(second, first) for first in range(8)] for second in range(8)], np.uint8)
"""The orientation that does the second of them, and the first before it."""
_PIECE = 2048  # vectors turned at a time: they stay in the cache


def ordered(order: npt.NDArray[np.int64]) -> Turning:
    """How vectors turn whose numbers stand in another order.

    Examples
    --------
    >>> order = np.arange(FIXED.width)[::-1]
    >>> vector = np.arange(FIXED.width, dtype=np.float32)[None]
    >>> bool(np.all(ordered(order).turned(vector[:, order], 1) == FIXED.turning.turned(vector, 1)[:, order]))
    True
    """
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    turning = FIXED.turning
    right, down = turning.gradient
    return Turning(place[turning.places[:, order]], turning.signs[:, order], (int(place[right]), int(place[down])))


def framed(vectors: Vectors, turning: Turning, orientations: tuple[int, ...]) -> tuple[Orientations, Vectors]:
    """The orientation that brings each vector into the first wedge, and the vectors there: see `match.mse.frames`."""
    frame = np.array(orientations, np.uint8)[outside(vectors, turning, orientations).argmin(axis=1)]
    return frame, turn(vectors, turning, frame)


def turn(vectors: Vectors, turning: Turning, orientation: Orientations) -> Vectors:
    """Each vector in its orientation."""
    found = np.empty_like(vectors)
    for start in range(0, len(vectors), _PIECE):
        some = orientation[start : start + _PIECE]
        for one in np.flatnonzero(np.bincount(some)).tolist():
            at = start + np.flatnonzero(some == one)
            found[at] = turning.turned(vectors[at], one)
    return found
