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
    """Shape (h, w), grey."""
    second: npt.NDArray[np.uint8]
    """The same shape: the second picture as the first one shows it."""
    inside: npt.NDArray[np.float32]
    """Shape (h, w): 1 where both show something."""
    map: npt.NDArray[np.float64]
    """From the grid to the second picture as it was given."""
    scale: float
    """Pixels of the grid for one of the first picture, along a side: 1 at most."""
    zoom: float
    """Pixels of the second picture for one of the grid, along a side."""


def common(
    first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64]
) -> Common | None:
    """Lay the second picture onto the first; None where the map is none that a copy can have.

    Parameters
    ----------
    first, second : ndarray of uint8, shape (h, w)
    matrix : ndarray of float64, shape (3, 3)
        Takes the first's pixels to the second's.
    """
    if not reasonable(matrix, first.shape):
        return None
    across, down = np.linalg.svd(matrix[:2, :2], compute_uv=False)
    scale = min(1.0, math.sqrt(across * down), SIDE / max(first.shape))
    if scale * min(first.shape) < 1:
        return None
    reduced = _reduced(first, scale)
    if scale < 1:
        matrix = matrix @ resized(reduced.shape, first.shape)
    zoom = math.sqrt(abs(np.linalg.det(matrix[:2, :2])))
    seen = _laid(np.full(second.shape, 255, np.uint8), matrix, reduced.shape) > 250
    inside = cv2.erode(seen.astype(np.float32), np.ones((3, 3)), borderValue=0)
    laid = _laid(_smoothed(second, zoom), matrix, reduced.shape)
    return Common(reduced, laid, np.asarray(inside, np.float32), matrix, scale, zoom)


def coloured(
    first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], grid: Common
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """The same two pictures in colour, of shape (h, w, 3), on the grid that they have in common in grey."""
    return _reduced(first, grid.scale), _laid(_smoothed(second, grid.zoom), grid.map, grid.first.shape)


def _reduced(picture: npt.NDArray[np.uint8], scale: float) -> npt.NDArray[np.uint8]:
    if scale == 1:
        return picture
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _smoothed(picture: npt.NDArray[np.uint8], zoom: float) -> npt.NDArray[np.uint8]:
    """A picture that is finer than the grid has what the grid cannot show taken away first."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.45 * zoom), np.uint8) if zoom > _FINER else picture


def _laid(
    picture: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64], shape: tuple[int, ...]
) -> npt.NDArray[np.uint8]:
    height, width = shape
    laid = cv2.warpPerspective(picture, matrix, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return np.asarray(laid, np.uint8)
