"""Two pictures and a map in, the area they have in common, on one grid, out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from difPy.match.arbiter.maps import resized
from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.match.arbiter.maps import Overlap

SIDE = 256
"""Longest side, in pixels, at which two pictures are compared."""
_FINER = 1.2
"""A picture that is finer than the grid by more than that has what the grid cannot show taken away first."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Two grey pictures, ready to be laid on each other: the grid is the first, as coarse as the second is there."""

    first: npt.NDArray[np.uint8]
    """Shape (h, w)."""
    second: npt.NDArray[np.uint8]
    """Of its own shape, and smoothed where it is finer than the grid."""
    to_first: npt.NDArray[np.float64]
    """Map from the grid to the first picture as it was given."""
    scale: float
    """Pixels of the grid for one of the first picture, along a side: 1 at most."""
    zoom: float
    """Pixels of the second picture for one of the grid, along a side."""


@dataclass(frozen=True, slots=True, eq=False)
class Common:
    """Where and how one map lays the second picture onto a grid."""

    map: npt.NDArray[np.float64]
    """From the grid to the second picture."""
    second: npt.NDArray[np.uint8]
    """Shape (h, w), grey: the second picture as the first one shows it."""
    inside: npt.NDArray[np.uint8]
    """Shape (h, w): 1 where both show something."""


def ready(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], shared: Overlap) -> Grid | None:
    """The grid on which two pictures are compared; None where they have next to nothing in common.

    Parameters
    ----------
    first, second : ndarray of uint8, shape (h, w)
    shared : Overlap
        Of the two, at least about.
    """
    if not shared.first or not shared.second:
        return None
    finer = math.sqrt(shared.second / shared.first)
    scale = min(1.0, finer, SIDE / max(first.shape))
    if scale * min(first.shape) < 1:
        return None
    reduced, zoom = _reduced(first, scale), finer / scale
    return Grid(reduced, _smoothed(second, zoom), resized(reduced.shape, first.shape), scale, zoom)


def common(grid: Grid, matrix: npt.NDArray[np.float64]) -> Common:
    """Lay the second picture onto the grid, by a map from the first picture's pixels to the second's."""
    matrix = matrix @ grid.to_first
    height, width = grid.first.shape
    whole, how = np.ones(grid.second.shape, np.uint8), cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    seen = cv2.warpPerspective(whole, matrix, (width, height), flags=how)
    inside = np.asarray(cv2.erode(seen, np.ones((3, 3)), borderValue=0), np.uint8)
    return Common(matrix, _laid(grid.second, matrix, grid.first.shape), inside)


def coloured(
    first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], grid: Grid, shared: Common
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """The same two pictures in colour, of shape (h, w, 3), on the grid that they have in common in grey."""
    return _reduced(first, grid.scale), _laid(_smoothed(second, grid.zoom), shared.map, grid.first.shape)


def _reduced(picture: npt.NDArray[np.uint8], scale: float) -> npt.NDArray[np.uint8]:
    if scale == 1:
        return picture
    smooth = _smoothed(picture, 1 / scale)  # as the other picture is: by area, it would be sharper, and take longer
    return np.asarray(cv2.resize(smooth, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR), np.uint8)


def _smoothed(picture: npt.NDArray[np.uint8], zoom: float) -> npt.NDArray[np.uint8]:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.45 * zoom), np.uint8) if zoom > _FINER else picture


def _laid(
    picture: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64], shape: tuple[int, ...]
) -> npt.NDArray[np.uint8]:
    """Beyond its edges the picture goes on as it ends: black would tell on what is near to them, too."""
    height, width = shape
    how, around = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, cv2.BORDER_REPLICATE
    return np.asarray(cv2.warpPerspective(picture, matrix, (width, height), flags=how, borderMode=around), np.uint8)
