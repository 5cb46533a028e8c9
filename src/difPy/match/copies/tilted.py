"""A gray picture in; the corners out of the one that lies tilted, or seen at an angle, on the plain ground around it.

The ground is what has the tone of a corner, and hangs together with it. What is left has four corners, if it is a
picture; that it is one is for others to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.match.copies.boxes import TONE
from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

LEAST = 32
"""Pixels along a side, of pictures that are looked at."""
_CORNER = 3
"""Pixels along a side: so much of a corner has to be of one tone to be ground."""
_CORNERS = 2
"""That have to be ground."""
_SPECKS = 5
"""Pixels: what is narrower on the ground is noise, or a letter."""
_SMALLEST = 0.05
"""Share of the area."""
_UPRIGHT = 0.97
"""Of the upright box around it: what fills as much is a box of `boxes`."""
_RECTANGLE, _OTHER = 0.93, 0.9
"""Of the smallest rectangle around it, or of the smallest figure of four corners: what fills less is no picture."""


def tilted(gray: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32] | None:
    """Corners of shape (4, 2), x and y, clockwise from the one that is most to the left and to the top; None if none.

    Parameters
    ----------
    gray : ndarray of uint8, shape (h, w)

    Examples
    --------
    >>> ground = np.zeros((90, 90), np.uint8)
    >>> cv2.fillConvexPoly(ground, np.array([[40, 5], [85, 40], [50, 85], [5, 50]]), 200).shape
    (90, 90)
    >>> tilted(ground).round().tolist()
    [[40.0, 5.0], [85.0, 40.0], [50.0, 85.0], [5.0, 50.0]]
    """
    if min(gray.shape) < LEAST or (ground := _ground(gray)) is None:
        return None
    shown = cv2.morphologyEx(1 - ground, cv2.MORPH_OPEN, np.ones((_SPECKS, _SPECKS), np.uint8))
    outlines, _ = cv2.findContours(shown, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return None
    hull = cv2.convexHull(np.concatenate(outlines))
    area = cv2.contourArea(hull)
    _, _, width, height = cv2.boundingRect(hull)
    if area < _SMALLEST * gray.size or area > _UPRIGHT * width * height:
        return None
    rectangle = cv2.minAreaRect(hull)
    found = np.asarray(cv2.boxPoints(rectangle), np.float32)
    if area < _RECTANGLE * rectangle[1][0] * rectangle[1][1]:
        if len(hull) < 4:
            return None
        found = np.asarray(cv2.approxPolyN(hull, 4), np.float32).reshape(-1, 2)
        if len(found) != 4 or area < _OTHER * cv2.contourArea(found):
            return None
    if cv2.contourArea(found, oriented=True) < 0:
        found = found[::-1]
    return np.roll(found, -int(found.sum(axis=1).argmin()), axis=0)


def _ground(gray: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8] | None:
    """Shape (h, w): 1 where the ground is; None where there is none."""
    height, width = gray.shape
    mask = np.zeros((height + 2, width + 2), np.uint8)  # as OpenCV wants it: with a border
    ends = ((slice(None, _CORNER), 0), (slice(-_CORNER, None), -1))
    plain = 0
    for rows, y in ends:
        for columns, x in ends:
            if np.ptp(gray[rows, columns]) <= TONE:
                plain += 1
                if not mask[1:-1, 1:-1][y, x]:
                    how = 4 | cv2.FLOODFILL_FIXED_RANGE | cv2.FLOODFILL_MASK_ONLY | 1 << 8
                    cv2.floodFill(gray, mask, (x % width, y % height), 0, TONE, TONE, how)
    return mask[1:-1, 1:-1] if plain >= _CORNERS else None
