"""Vectors in; the frame each is compared in out, so that one join serves every orientation.

The orientations of a search are a group, and the gradients of brightness to the right and down turn with the picture.
The plane of these two numbers is cut into as many wedges as there are orientations, each the image of the others: every
vector has one orientation, its frame, that brings it into the first wedge. If two pictures match in some orientation,
the one that brings the second into the wedge brings the first to within `reach` of the wedge. So it is enough to keep
each row once, in its frame, and to ask with a row in each orientation that puts it within reach of the wedge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.match.mse.turning import Turning

_AXIS = np.array([np.cos(np.pi / 8), np.sin(np.pi / 8)], np.float32)  # of the first wedge; no mirror leaves it in place


def outside(
    vectors: npt.NDArray[np.float32], turning: Turning, orientations: tuple[int, ...]
) -> npt.NDArray[np.float32]:
    """How far a vector is from the wedge, at least, in each orientation.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
    turning : Turning
        How they turn.
    orientations : tuple of int
        A group of h orientations.

    Returns
    -------
    ndarray of float32, shape (n, h)
        In levels; 0 inside.
    """
    found = np.zeros((len(vectors), len(orientations)), np.float32)
    pair = np.array(turning.gradient)
    ends = np.zeros((2, vectors.shape[1]), np.float32)  # of the axes of the plane
    ends[[0, 1], pair] = 1
    for column, orientation in enumerate(orientations):
        gradient = turning.turned(vectors, orientation, pair)
        for other in orientations[1:]:
            border = _AXIS - turning.turned(ends, other, pair) @ _AXIS
            np.maximum(found[:, column], gradient @ (-border / np.linalg.norm(border)), out=found[:, column])
    return found
