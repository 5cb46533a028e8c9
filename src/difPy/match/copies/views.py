"""A small picture in; its views out, as bytes: the box of each, and its PDQ hash in all eight orientations.

Source: Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pdqhash

from difPy.match.copies.boxes import boxes
from difPy.vision import cv2, gray

if TYPE_CHECKING:
    import numpy.typing as npt

ORIENTATIONS = 8
WORDS = 4
"""Of 64 bits each, in a hash."""
_HOUSE = (0, 1, 2, 3, 5, 6, 4, 7)
"""Orientation -> where pdqhash has it."""
_SQUARE = 64
"""Pixels: what PDQ makes of a picture anyway, but its own way is not alike from all sides: of a picture that was turned
by a quarter, 28 bits would differ instead of none."""
_SIZE = np.dtype("<u2")
_VIEW = np.dtype([("box", "<u2", 4), ("hashes", "<u8", (ORIENTATIONS, WORDS))])


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """What is known of a picture: boxes of it, and what each looks like."""

    size: tuple[int, int]
    """Width and height, in pixels."""
    boxes: npt.NDArray[np.int64]
    """Shape (v, 4): left, top, right, bottom."""
    hashes: npt.NDArray[np.uint64]
    """Shape (v, 8, 4): of the box in each orientation."""


def describe(picture: npt.NDArray[np.uint8]) -> bytes:
    """Descriptors of a picture: 4 bytes, and 264 for each of one to three views; none for views without any texture.

    Parameters
    ----------
    picture : ndarray of uint8, shape (h, w, 3)

    Examples
    --------
    >>> len(describe(np.zeros((40, 60, 3), np.uint8)))
    4
    """
    height, width = picture.shape[:2]
    found = []
    for box in boxes(gray(picture)):
        left, top, right, bottom = box
        square = cv2.resize(picture[top:bottom, left:right], (_SQUARE, _SQUARE), interpolation=cv2.INTER_AREA)
        bits, quality = pdqhash.compute_dihedral(square)
        if quality > 0:
            packed = np.packbits(np.array(bits, bool)[_HOUSE, :], axis=1)
            found.append((box, packed.view("<u8")))
    return np.array((width, height), _SIZE).tobytes() + np.array(found, _VIEW).tobytes()


def read(descriptor: bytes) -> Views:
    """Views that were written by `describe`."""
    width, height = np.frombuffer(descriptor, _SIZE, 2).tolist()
    views = np.frombuffer(descriptor, _VIEW, offset=2 * _SIZE.itemsize)
    return Views((width, height), views["box"].astype(np.int64), views["hashes"].astype(np.uint64))
