"""Vectors in; the same, turned to some orientation, out: as the wedge asks for it, or as somebody asks with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.match.mse.frames import outside
from difPy.match.mse.vectors import FIXED
from difPy.orientation import compose, inverse

if TYPE_CHECKING:
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]
    Orientations = npt.NDArray[np.uint8]

BETWEEN = np.array([[compose(inverse(asked), found) for found in range(8)] for asked in range(8)], np.uint8)
"""What turns a row into one that asks: by the orientation in which that asked, and that in which the row is kept."""
_UNDONE = np.array([inverse(orientation) for orientation in range(8)], np.uint8)


def framed(vectors: Vectors, orientations: tuple[int, ...]) -> tuple[Orientations, Vectors]:
    """The orientation that brings each vector into the first wedge, and the vectors there: see `match.mse.frames`."""
    frame = np.array(orientations, np.uint8)[outside(vectors, FIXED.turning, orientations).argmin(axis=1)]
    return frame, turn(vectors, frame)


def turn(vectors: Vectors, orientation: Orientations) -> Vectors:
    """Each vector in its orientation."""
    found = np.empty_like(vectors)
    for one in np.flatnonzero(np.bincount(orientation, minlength=8)).tolist():
        at = np.flatnonzero(orientation == one)
        found[at] = FIXED.turning.turned(vectors[at], one)
    return found


def turn_back(vectors: Vectors, orientation: Orientations) -> Vectors:
    """What each vector was before it was brought to its orientation."""
    return turn(vectors, _UNDONE[orientation])
