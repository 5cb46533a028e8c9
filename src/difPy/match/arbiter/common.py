"""Two pictures and a map in, the area they have in common, on one grid, out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from difPy.match.arbiter.maps import reasonable, resized
from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

SIDE = 256
"""Longest side, in pixels, at which two pictures are compared."""
_FINER = 1.2
"""A picture that is finer than the other by more than that is smoothed to the other's grid first."""


@dataclass(frozen=True, slots=True, eq=False)
class Common:
    """Two pictures on one grid: that of the first, or a coarser one where the second is coarser."""

    first: npt.NDArray[np.uint8]
    """Shape (h, w) or (h, w, 3)."""
    second: npt.NDArray[np.uint8]
    """The same shape: the second picture as the first one shows it."""
    inside: npt.NDArray[np.float32]
    """Shape (h, w): 1 where both show something."""
    map: npt.NDArray[np.float64]
    """From the grid to the second picture as it was given."""
    zoom: float
    """Pixels of the second picture for one of the grid, along a side."""


def common(
    first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64]
) -> Common | None:
    """Lay the second picture onto the first; None where the map is none that a copy can have.

    Parameters
    ----------
    first, second : ndarray of uint8, shape (h, w) or (h, w, 3)
    matrix : ndarray of float64, shape (3, 3)
        Takes the first's pixels to the second's.
    """
    if not reasonable(matrix, first.shape):
        return None
    across, down = np.linalg.svd(matrix[:2, :2], compute_uv=False)
    scale = min(1.0, math.sqrt(across * down), SIDE / max(first.shape[:2]))
    if scale * min(first.shape[:2]) < 1:
        return None
    if scale < 1:
        reduced = np.asarray(cv2.resize(first, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix @ resized(reduced.shape, first.shape)
        first = reduced
    zoom = math.sqrt(abs(np.linalg.det(matrix[:2, :2])))
    if zoom > _FINER:
        second = np.asarray(cv2.GaussianBlur(second, (0, 0), 0.45 * zoom), np.uint8)
    height, width = first.shape[:2]
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpPerspective(second, matrix, (width, height), flags=how)
    seen = cv2.warpPerspective(np.full(second.shape[:2], 255, np.uint8), matrix, (width, height), flags=how) > 250
    inside = cv2.erode(seen.astype(np.float32), np.ones((3, 3)), borderValue=0)
    return Common(first, np.asarray(laid, np.uint8), np.asarray(inside, np.float32), matrix, zoom)
