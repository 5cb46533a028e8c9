"""A map between two pictures in, whether it is one that a copy can have, and how coarse it is, out.

A map is a float64 array of shape (3, 3): a homography from the pixel centres of one picture to those of another.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from difPy.change import between_units
from difPy.change.geometry import area, common

if TYPE_CHECKING:
    import numpy.typing as npt

_LARGEST, _SMALLEST = 40.0, 1 / 40
"""Pixels of the one picture for a pixel of the other, along a side: beyond that there is nothing to compare."""
_FAR, _SINGULAR = 1e9, 1e-15
"""No number of a map is as large, nor is its determinant, where the largest of them is 1, as small."""
_NEAREST = 0.1
"""A plane seen at an angle: how near its near side may come, where the middle is 1."""


def invertible(matrix: npt.NDArray[np.float64]) -> bool:
    """Whether a map has a way back.

    Examples
    --------
    >>> invertible(np.eye(3)), invertible(np.ones((3, 3))), invertible(np.full((3, 3), np.nan))
    (True, False, False)
    """
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
        return False
    largest = np.abs(matrix).max()
    return bool(0 < largest < _FAR and abs(np.linalg.det(matrix / largest)) > _SINGULAR)


def reasonable(matrix: npt.NDArray[np.float64], shape: tuple[int, ...]) -> bool:
    """Whether a map takes a picture of that shape (h, w, ...) to something that is still a picture.

    Examples
    --------
    >>> reasonable(np.eye(3), (40, 50)), reasonable(np.zeros((3, 3)), (40, 50))
    (True, False)
    """
    if not invertible(matrix):
        return False
    height, width = shape[:2]
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    middle = (g * width + h * height) / 2 + i
    if abs(middle) < 1e-9:
        return False
    corners = (i, g * width + i, h * height + i, g * width + h * height + i)
    if min(depth / middle for depth in corners) < _NEAREST:
        return False
    x, y = (a * width + b * height) / 2 + c, (d * width + e * height) / 2 + f
    u, v = x / middle, y / middle
    more, less = _scales((a - u * g) / middle, (b - u * h) / middle, (d - v * g) / middle, (e - v * h) / middle)
    return less > _SMALLEST and more < _LARGEST


def _scales(a: float, b: float, c: float, d: float) -> tuple[float, float]:
    """Singular values of a linear map, the larger first."""
    whole, product = a * a + b * b + c * c + d * d, abs(a * d - b * c)
    more, less = math.sqrt(whole + 2 * product), math.sqrt(max(0.0, whole - 2 * product))
    return (more + less) / 2, (more - less) / 2


class Overlap(NamedTuple):
    """Pixels of two pictures in the area that they have in common: of the finer they are more."""

    first: float
    second: float


def overlap(matrix: npt.NDArray[np.float64], first: tuple[int, ...], second: tuple[int, ...]) -> Overlap:
    """What two pictures of those shapes (h, w, ...) have in common.

    Examples
    --------
    >>> double = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1]])
    >>> [round(pixels) for pixels in overlap(double, (40, 50), (80, 200))]
    [2000, 8000]
    """
    between = between_units(matrix, (first[1], first[0]), (second[1], second[0]))
    here = common(between)
    a, b, c, d, e, f, g, h, i = between
    there = []
    for x, y in here:
        depth = g * x + h * y + i
        there.append(((a * x + b * y + c) / depth, (d * x + e * y + f) / depth) if depth else (0.0, 0.0))
    return Overlap(area(here) * first[0] * first[1], area(there) * second[0] * second[1])


def resized(shape: tuple[int, ...], to: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Map from the pixel centres of a picture of one shape (h, w, ...) to those of itself in another."""
    across, down = to[1] / shape[1], to[0] / shape[0]
    return np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]])
