"""An image of any size in, its tensor out: Pillow's bicubic interpolation, bit by bit, if need be by our own loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, __version__

from difPy.decode.kernel import KERNEL
from difPy.decode.pixels import lent, pieces

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.decode.pixels import Pixels

_COLUMNS_FIRST = int(__version__.partition(".")[0]) >= 13


def tensor(image: Image.Image, px_size: int) -> npt.NDArray[np.uint8]:
    """Picture of mode RGB or L as a tensor of shape (px, px, 3), interpolated from full resolution, as difPy 4.

    Examples
    --------
    >>> tensor(Image.new("L", (40, 30), 7), 2).tolist()
    [[[7, 7, 7], [7, 7, 7]], [[7, 7, 7], [7, 7, 7]]]
    """
    is_tall = _is_tall(image, px_size)
    tall = lent(image) if is_tall else None
    if KERNEL is None or (is_tall and tall is None):
        small = image.resize((px_size, px_size), Image.Resampling.BICUBIC)
        return np.asarray(small if image.mode == "RGB" else small.convert("RGB"))
    colours = 3 if image.mode == "RGB" else 1
    found = np.empty((px_size, px_size, colours), np.uint8)
    if tall is not None:
        columns = np.empty((px_size, image.width), tall.dtype)
        KERNEL.down(_levels(tall), px_size, _levels(columns))
        KERNEL.across(columns, px_size, found)
    else:
        rows = np.empty((image.height, px_size, colours), np.uint8)
        top = 0
        for some in pieces(image):
            KERNEL.across(some, px_size, rows[top : top + len(some)])
            top += len(some)
        KERNEL.down(rows, px_size, found)
    return found if colours == 3 else found.repeat(3, 2)


def _levels(pixels: Pixels) -> npt.NDArray[np.uint8]:
    """The bytes of pixels: shape (height, width, bytes of a pixel)."""
    return pixels.view(np.uint8).reshape(*pixels.shape, -1)


def _is_tall(image: Image.Image, px_size: int) -> bool:
    """Whether columns are interpolated first, which rounds otherwise: as Pillow does it from version 13 on."""
    return _COLUMNS_FIRST and image.height - px_size > 2 * max(0, image.width - px_size)
