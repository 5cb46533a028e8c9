"""A map between two pictures in, whether it is one that a copy can have, and how coarse it is, out.

A map is a float64 array of shape (3, 3): a homography from the pixel centres of one picture to those of another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

_LARGEST, _SMALLEST = 40.0, 1 / 40
"""Pixels of the one picture for a pixel of the other, along a side: beyond that there is nothing to compare."""
_NEAREST = 0.1
"""A plane seen at an angle: how near its near side may come, where the middle is 1."""


def reasonable(matrix: npt.NDArray[np.float64], shape: tuple[int, ...]) -> bool:
    """Whether a map takes a picture of that shape (h, w, ...) to something that is still a picture.

    Examples
    --------
    >>> reasonable(np.eye(3), (40, 50)), reasonable(np.zeros((3, 3)), (40, 50))
    (True, False)
    """
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all() or np.abs(matrix).max() > 1e9:
        return False
    height, width = shape[:2]
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float64)
    depth = corners @ matrix[2]
    middle = depth.mean()
    if abs(middle) < 1e-9 or (depth / middle).min() < _NEAREST:
        return False
    scales = np.linalg.svd(jacobian(matrix, width / 2, height / 2), compute_uv=False)
    return bool(scales[1] > _SMALLEST and scales[0] < _LARGEST)


def jacobian(matrix: npt.NDArray[np.float64], x: float, y: float) -> npt.NDArray[np.float64]:
    """What a map does near a point, as a linear map of shape (2, 2)."""
    point = np.array([x, y, 1.0])
    depth = matrix[2] @ point
    linear: npt.NDArray[np.float64] = (matrix[:2, :2] - np.outer(matrix[:2] @ point / depth, matrix[2, :2])) / depth
    return linear


def resized(shape: tuple[int, ...], to: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Map from a picture of one shape (h, w, ...) to itself in another."""
    return np.diag((to[1] / shape[1], to[0] / shape[0], 1.0))
