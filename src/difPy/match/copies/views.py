"""A small picture in; its views out, as bytes: the corners of each, and its PDQ hash in all eight orientations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from difPy import orientation
from difPy.match.copies.boxes import boxes
from difPy.match.copies.pdq import SQUARE, WORDS, hashes
from difPy.match.copies.tilted import tilted
from difPy.vision import cv2, gray

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

ORIENTATIONS = len(orientation.ALL)
MOST = 8
"""Views of a picture."""
LEAST = 8
"""Pixels: a picture that is narrower has none."""
ALIKE = 0.01
"""Share of the longer side: a view whose corners are all that near to those of another shows the same."""
_VIEW = np.dtype([("corners", "<f4", (4, 2)), ("hashes", "<u8", (ORIENTATIONS, WORDS))])


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """What is known of a picture: parts of it that may be all of another, and what each looks like."""

    corners: npt.NDArray[np.float32]
    """Shape (v, 4, 2): x and y, from the left top one clockwise, in pixels."""
    hashes: npt.NDArray[np.uint64]
    """Shape (v, 8, 4): of the part in each orientation."""


def describe(picture: npt.NDArray[np.uint8]) -> bytes:
    """Descriptors of a picture: 288 bytes for each of one to eight views; none for views without any texture.

    Parameters
    ----------
    picture : ndarray of uint8, shape (h, w, 3)

    Examples
    --------
    >>> framed = np.zeros((60, 90, 3), np.uint8)
    >>> len(describe(framed))
    0
    >>> framed[9:50, 20:70] = np.random.default_rng(1).integers(0, 256, (41, 50, 3))
    >>> read(describe(framed)).corners[1].tolist()
    [[20.0, 9.0], [69.0, 9.0], [69.0, 49.0], [20.0, 49.0]]
    """
    levels = gray(picture)
    alike = ALIKE * max(levels.shape)
    found: list[tuple[npt.NDArray[np.float32], npt.NDArray[np.uint64]]] = []
    for corners, square in _squares(levels):
        if all(np.abs(corners - other).max() > alike for other, _ in found) and (looks := hashes(square)) is not None:
            found.append((corners, looks))
        if len(found) == MOST:
            break
    return np.array(found, _VIEW).tobytes()


def read(descriptor: bytes) -> Views:
    """Views that were written by `describe`."""
    views = np.frombuffer(descriptor, _VIEW)
    return Views(views["corners"].astype(np.float32), views["hashes"].astype(np.uint64))


def _squares(levels: npt.NDArray[np.uint8]) -> Iterator[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]]:
    """Corners of parts of the picture, and what is in them as a square: all of it, a tilted one, boxes."""
    if min(levels.shape) < LEAST:
        return
    exact = levels.astype(np.float32)
    whole, *others = boxes(levels)
    yield _corners(whole), _reduced(exact)
    if (corners := tilted(levels)) is not None:
        twice = 2 * SQUARE  # halved then, so that no pixel is left out
        to = np.array([(0, 0), (twice - 1, 0), (twice - 1, twice - 1), (0, twice - 1)], np.float32)
        upright = cv2.getPerspectiveTransform(corners, to)
        seen = cv2.warpPerspective(exact, upright, (twice, twice), borderMode=cv2.BORDER_REPLICATE)
        yield corners, _reduced(np.asarray(seen, np.float32))
    for box in others:
        left, top, right, bottom = box
        yield _corners(box), _reduced(exact[top:bottom, left:right])


def _corners(box: tuple[int, int, int, int]) -> npt.NDArray[np.float32]:
    left, top, right, bottom = box
    return np.array([(left, top), (right - 1, top), (right - 1, bottom - 1), (left, bottom - 1)], np.float32)


def _reduced(levels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.resize(levels, (SQUARE, SQUARE), interpolation=cv2.INTER_AREA), np.float32)
