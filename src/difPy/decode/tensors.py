"""An image of any size in, its tensor out: Pillow's bicubic interpolation, bit by bit, if need be by our own loops."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from difPy.decode.bicubic import whole_taps
from difPy.decode.loading import PIXELS, loops
from difPy.decode.pixels import pieces

if TYPE_CHECKING:
    import numpy.typing as npt

_SAVED = {"RGB": 4e-9, "L": 1e-9}
"""Seconds of a processor that our loops save for each pixel."""


def tensor(image: Image.Image, px_size: int) -> npt.NDArray[np.uint8]:
    """Picture of mode RGB or L as a tensor of shape (px, px, 3), interpolated from full resolution, as difPy 4.

    Examples
    --------
    >>> tensor(Image.new("L", (40, 30), 7), 2).tolist()
    [[[7, 7, 7], [7, 7, 7]], [[7, 7, 7], [7, 7, 7]]]
    """
    kernel = _loops(image, px_size)
    if kernel is None:
        small = image.resize((px_size, px_size), Image.Resampling.BICUBIC)
        return np.asarray(small if image.mode == "RGB" else small.convert("RGB"))
    across, colours = (kernel.across, 3) if image.mode == "RGB" else (kernel.across_grey, 1)
    rows = np.empty((image.height, px_size, colours), np.uint8)
    top = 0
    for some in pieces(image):
        across(some, *whole_taps(image.width, px_size), rows[top : top + len(some)])
        top += len(some)
    found = np.empty((px_size, px_size, colours), np.uint8)
    kernel.down(rows.reshape(len(rows), -1), *whole_taps(image.height, px_size), found.reshape(px_size, -1))
    return found if colours == 3 else found.repeat(3, 2)


def _loops(image: Image.Image, px_size: int) -> Any:
    """Our loops; None where Pillow is to do it.

    Of tall pictures Pillow 13 interpolates columns first, which rounds otherwise, and Pillow 12 does not.
    """
    width, height = image.size
    if height - px_size > 2 * max(0, width - px_size) or sys.byteorder == "big":
        return None
    return loops(PIXELS, _SAVED[image.mode] * width * height)
