"""A gray picture in; the boxes out that a copy may have been cut to: all of it, and without its plain border."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

Box = tuple[int, int, int, int]
"""Left, top, right and bottom; the last two are the first pixels beyond."""

PLAIN = (0.98, 0.5)
"""Shares of an outer line that have one tone, for it to go: a border; a bar with a caption on it."""
TONE = 10
"""Gray levels that one tone may differ by."""
MOST = 0.4
"""Share of the lines that go at most, from each of the four sides."""
LEAST = 8
"""Pixels: a box that would be narrower is none."""


def boxes(gray: npt.NDArray[np.uint8]) -> list[Box]:
    """All of a picture first; each box once.

    Parameters
    ----------
    gray : ndarray of uint8, shape (h, w)

    Examples
    --------
    >>> framed = np.zeros((40, 60), np.uint8)
    >>> framed[10:, 5:50] = np.arange(45) * 5
    >>> boxes(framed)
    [(0, 0, 60, 40), (8, 10, 50, 40)]
    """
    height, width = gray.shape
    signed = gray.astype(np.int16)
    return list(dict.fromkeys([(0, 0, width, height), *(_trimmed(signed, share) for share in PLAIN)]))


def _trimmed(gray: npt.NDArray[np.int16], share: float) -> Box:
    """What is left when the outer lines of one tone are gone: rows first, then what is left of columns."""
    height, width = gray.shape
    top, bottom = _plain(gray, share), height - _plain(gray[::-1], share)
    columns = gray[top:bottom].T
    left, right = _plain(columns, share), width - _plain(columns[::-1], share)
    return (left, top, right, bottom) if min(right - left, bottom - top) >= LEAST else (0, 0, width, height)


def _plain(lines: npt.NDArray[np.int16], share: float) -> int:
    """Lines, from the first on, of which that share has the tone of the first."""
    if not lines.size:
        return 0
    is_plain = (np.abs(lines - np.median(lines[0])) <= TONE).mean(1) >= share
    return min(len(lines) if is_plain.all() else int(is_plain.argmin()), int(len(lines) * MOST))
