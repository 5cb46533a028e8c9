"""A gray picture in; the boxes out that a copy may have been cut to: all of it, and without what is around it.

What is around a picture are layers of one tone each: a border, a bar with a caption, a window on a desktop. They are
taken off one after the other, as far as it goes: so a picture in a screenshot comes to the box that it has alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

Box = tuple[int, int, int, int]
"""Left, top, right and bottom; the last two are the first pixels beyond."""

PLAIN, HALF_PLAIN = 0.95, 0.5
"""Shares of a line that have one tone: of a border; of one that goes where nothing else does, a line of text on it."""
TONE = 10
"""Gray levels that one tone may differ by."""
BETWEEN = 0.12
"""Share of the shorter side: so many lines that are not plain go with the plain ones around them, a line of text."""
MOST = 0.45
"""Share of the lines that go at most at a time, from each of the four sides."""
LAYERS, UNEVEN = 8, 3
"""Taken off at most, and how many of these may be plain by half only."""
LEAST = 16
"""Pixels: a box that would be narrower is none."""


def boxes(gray: npt.NDArray[np.uint8]) -> list[Box]:
    """All of a picture first, then what is left of it, the largest first; each box once.

    Parameters
    ----------
    gray : ndarray of uint8, shape (h, w)

    Examples
    --------
    >>> shown = np.zeros((60, 90), np.uint8)
    >>> shown[4:, 10:80] = 240
    >>> shown[12:50, 20:70] = np.random.default_rng(1).integers(0, 256, (38, 50))
    >>> boxes(shown)
    [(0, 0, 90, 60), (10, 4, 80, 60), (20, 12, 70, 50)]
    """
    signed = gray.astype(np.int16)
    box = (0, 0, gray.shape[1], gray.shape[0])
    found, uneven = [box], 0
    for _ in range(LAYERS):
        before = box
        if (border := _trimmed(signed, box, PLAIN, 0)) != box:
            box = _trimmed(signed, box, PLAIN, BETWEEN)
            found += [border, box]
        elif uneven < UNEVEN:
            uneven += 1
            box = _trimmed(signed, box, HALF_PLAIN, 0)
            found.append(box)
        if box == before:
            break
    return list(dict.fromkeys(found))


def _trimmed(gray: npt.NDArray[np.int16], box: Box, share: float, between: float) -> Box:
    """What is left of a box when its outer lines of one tone are gone: rows first, then what is left of columns."""
    left, top, right, bottom = box
    gap = int(between * min(right - left, bottom - top))
    rows = gray[top:bottom, left:right]
    top, bottom = top + _outer(rows, share, gap), bottom - _outer(rows[::-1], share, gap)
    columns = gray[top:bottom, left:right].T
    left, right = left + _outer(columns, share, gap), right - _outer(columns[::-1], share, gap)
    return (left, top, right, bottom) if min(right - left, bottom - top) >= LEAST else box


def _outer(lines: npt.NDArray[np.int16], share: float, gap: int) -> int:
    """Lines, from the first on, of which that share has the tone of the first; and up to `gap` others between them."""
    if not lines.size:
        return 0
    middle = lines.shape[1] // 2
    tone = np.partition(lines[0], middle)[middle]
    least = share * lines.shape[1]
    if np.count_nonzero(np.abs(lines[0] - tone) <= TONE) < least:  # nearly always: the others need no look
        return 0
    outer = lines[: max(1, int(len(lines) * MOST))]
    plain = np.flatnonzero(np.count_nonzero(np.abs(outer - tone) <= TONE, axis=1) >= least)
    ends = np.flatnonzero(np.diff(plain) > gap + 1)
    return int(plain[ends[0] if len(ends) else -1]) + 1
