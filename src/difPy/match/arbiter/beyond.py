"""A picture and where another one lies in it in, what it shows beyond that other out: plain borders are nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.change import Sides
from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

_WINDOW = 5
_PLAIN = 3.0
"""Levels that the pixels of a window deviate at most, RMS, where there is nothing to see."""
_SHADE = 6
"""Levels by which a plain border may differ from its outermost line."""
_MARGIN = 2
"""Pixels: so far may the edge of the other picture be from where the map has it."""
_SEEN = 0.004
"""Share of a side's strip that must show something."""
_NOTHING = Sides(0, 0, 0, 0), 0.0


def beyond(
    picture: npt.NDArray[np.uint8], other: tuple[int, ...], matrix: npt.NDArray[np.float64]
) -> tuple[Sides, float]:
    """What a picture shows outside of another: by side, as a share of its width or height, and as a share of its area.

    Parameters
    ----------
    picture : ndarray of uint8, shape (h, w)
        Grey levels.
    other : tuple of int
        Shape (h, w, ...) of the other picture.
    matrix : ndarray of float64, shape (3, 3)
        Takes the other's pixels to the picture's.
    """
    height, width = picture.shape
    if _is_whole(picture.shape, other, matrix):
        return _NOTHING
    covers = cv2.warpPerspective(np.full(other[:2], 255, np.uint8), matrix, (width, height), flags=cv2.INTER_NEAREST)
    window = 2 * _MARGIN + 1
    inside = np.asarray(cv2.dilate(covers, np.ones((window, window)), borderValue=0)) > 0
    if inside.all():
        return _NOTHING
    rows, columns = (np.nonzero((covers > 0).any(axis=axis))[0] for axis in (1, 0))
    if not len(rows):
        return Sides(0, 0, 1, 1), 1.0
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    shows = ~inside & (_textured(picture, ~inside) | _shaded(picture, ~inside, rows, columns))
    return (
        Sides(
            _reach(shows[:, :left][:, ::-1].T) / width,
            _reach(shows[:top][::-1]) / height,
            _reach(shows[:, right:].T) / width,
            _reach(shows[bottom:]) / height,
        ),
        float(shows.mean()),
    )


def _is_whole(picture: tuple[int, ...], other: tuple[int, ...], matrix: npt.NDArray[np.float64]) -> bool:
    """Whether the other shows all of a picture but its margin: four corners are looked up, rather than all pixels."""
    (a, b, c), (d, e, f), (g, h, i) = np.linalg.inv(matrix).tolist()
    corners = [(x, y) for x in (_MARGIN, picture[1] - 1 - _MARGIN) for y in (_MARGIN, picture[0] - 1 - _MARGIN)]
    depths = [g * x + h * y + i for x, y in corners]
    if min(depths) <= 0 <= max(depths):  # to both sides of the eye
        return False
    return all(
        -0.5 <= (a * x + b * y + c) / depth <= other[1] - 0.5 and -0.5 <= (d * x + e * y + f) / depth <= other[0] - 0.5
        for (x, y), depth in zip(corners, depths, strict=True)
    )


def _textured(picture: npt.NDArray[np.uint8], where: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Pixels around which those `where` deviate, in a window, by more than `_PLAIN`."""
    weight = where.astype(np.float32)
    values = picture * weight
    count, total, squares = (
        cv2.boxFilter(some, -1, (_WINDOW, _WINDOW), normalize=False) for some in (weight, values, values * values)
    )
    # a variance, times the square of the count: nothing is divided, or rooted
    return np.asarray(count * squares - total * total > (_PLAIN * count) ** 2)


def _shaded(
    picture: npt.NDArray[np.uint8],
    where: npt.NDArray[np.bool_],
    rows: npt.NDArray[np.intp],
    columns: npt.NDArray[np.intp],
) -> npt.NDArray[np.bool_]:
    """Pixels that have another shade than the outermost line of their side: no border, but a sky or a wall."""
    found = np.zeros(picture.shape, np.bool_)
    strips = (
        (slice(None), slice(0, columns[0])),
        (slice(None), slice(columns[-1] + 1, None)),
        (slice(0, rows[0]), slice(None)),
        (slice(rows[-1] + 1, None), slice(None)),
    )
    edges = (picture[:, 0], picture[:, -1], picture[0], picture[-1])
    for strip, edge in zip(strips, edges, strict=True):
        shade = int(np.median(edge))
        found[strip] |= np.abs(picture[strip].astype(np.int16) - shade) > _SHADE
    return found & where


def _reach(lines: npt.NDArray[np.bool_]) -> int:
    """How many lines of a strip, counted from the other picture on, up to the last that shows something."""
    if not lines.size or lines.mean() < _SEEN:
        return 0
    seen = np.nonzero(lines.any(axis=1))[0]
    return int(seen[-1]) + 1
