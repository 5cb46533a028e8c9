"""A map between two pictures' unit squares in, what it does to a picture, in plain numbers, out.

Both pictures are squares from (0, 0), their left top corner, to (1, 1): so a map is the same whatever their sizes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Map = tuple[float, float, float, float, float, float, float, float, float]
"""A homography, row by row; its last number is positive where the two pictures overlap."""
Point = tuple[float, float]


class Sides(NamedTuple):
    """A number for each side of a picture."""

    left: float
    top: float
    right: float
    bottom: float


class Local(NamedTuple):
    """What a map does to the pixels in the middle of the common area."""

    mirrored: bool
    angle: float
    """Degrees, counter-clockwise, -180..180: turned by that after it was mirrored."""
    scale: float
    """Pixels of the second for one of the first, along a side."""
    squeeze: float
    """0..1: how much the one direction was reduced more than the other; 1 is not at all."""


def between_units(matrix: npt.NDArray[np.float64], first: tuple[int, int], second: tuple[int, int]) -> Map:
    """Map between unit squares, from one between pixel centres of pictures of those sizes (width, height)."""
    return _positive(np.linalg.inv(_pixels(second)) @ matrix @ _pixels(first))


def between_pixels(between: Map, first: tuple[int, int], second: tuple[int, int]) -> npt.NDArray[np.float64]:
    """The way back from `between_units`: a map between pixel centres, shape (3, 3)."""
    matrix: npt.NDArray[np.float64] = _pixels(second) @ np.reshape(between, (3, 3)) @ np.linalg.inv(_pixels(first))
    return matrix


def inverse(between: Map) -> Map:
    """The way back."""
    return _positive(np.linalg.inv(np.reshape(between, (3, 3))))


def common(between: Map) -> list[Point]:
    """Corners of what the second shows of the first: a convex polygon in the first's unit square."""
    across, down, depth = np.reshape(between, (3, 3))
    polygon = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    for a, b, c in (across, down, depth - across, depth - down):
        polygon = _cut(polygon, float(a), float(b), float(c))
    return polygon


def area(polygon: list[Point]) -> float:
    """Of a polygon, by its corners."""
    following = polygon[1:] + polygon[:1]
    return abs(sum(x * v - u * y for (x, y), (u, v) in zip(polygon, following, strict=True))) / 2


def box(polygon: list[Point]) -> Sides:
    """The smallest upright rectangle around a polygon; nothing around none."""
    xs, ys = [x for x, _ in polygon] or [0.0], [y for _, y in polygon] or [0.0]
    return Sides(min(xs), min(ys), max(xs), max(ys))


def local(between: Map, first: tuple[int, int], second: tuple[int, int]) -> Local:
    """What the map does to the pixels of pictures of those sizes, in the middle of what they have in common."""
    x, y = _middle(common(between))
    u = np.reshape(between, (3, 3))
    point = np.array([x, y, 1.0])
    depth = u[2] @ point
    linear = (u[:2, :2] - np.outer(u[:2] @ point / depth, u[2, :2])) / depth
    linear = np.diag(second) @ linear @ np.diag((1 / first[0], 1 / first[1]))
    mirrored = bool(np.linalg.det(linear) < 0)
    if mirrored:
        linear = linear @ np.diag((-1, 1))
    left, (more, less), right = np.linalg.svd(linear)
    turn = left @ right
    angle = math.degrees(math.atan2(turn[0, 1], turn[0, 0]))  # y runs down, so the sign is that of a turn to the left
    return Local(mirrored, angle, math.sqrt(more * less), float(less / more))


def perspective(between: Map) -> float:
    """How much nearer or farther the sides of the first are than its middle: 0 where it is seen straight on."""
    a, b, c = between[6:]
    middle = a / 2 + b / 2 + c
    return max(abs(a), abs(b)) / 2 / abs(middle)


def _pixels(size: tuple[int, int]) -> npt.NDArray[np.float64]:
    """From the unit square to the pixel centres of a picture of that width and height."""
    return np.array([[size[0], 0, -0.5], [0, size[1], -0.5], [0, 0, 1.0]])


def _positive(matrix: npt.NDArray[np.float64]) -> Map:
    """The same homography with unit determinant's size, and the sign that puts what is seen before the eye."""
    sign = 1.0 if matrix[2].sum() + matrix[2, 2] > 0 else -1.0  # at the middle of the square, doubled
    a, b, c, d, e, f, g, h, i = (matrix * sign / np.abs(matrix[2]).max()).ravel().tolist()
    return (a, b, c, d, e, f, g, h, i)


def _middle(polygon: list[Point]) -> Point:
    if not polygon:
        return 0.5, 0.5
    return sum(x for x, _ in polygon) / len(polygon), sum(y for _, y in polygon) / len(polygon)


def _cut(polygon: list[Point], a: float, b: float, c: float) -> list[Point]:
    """The part of a convex polygon where ax + by + c >= 0."""
    kept: list[Point] = []
    for (x, y), (u, v) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        here, there = a * x + b * y + c, a * u + b * v + c
        if here >= 0:
            kept.append((x, y))
        if (here < 0) != (there < 0):
            share = here / (here - there)
            kept.append((x + share * (u - x), y + share * (v - y)))
    return kept
