"""An image of any size in, its tensor out: Pillow's bicubic interpolation, bit by bit, if need be by our own loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, __version__

from difPy.decode.kernel import KERNEL
from difPy.decode.pixels import lent, pieces

if TYPE_CHECKING:
    import numpy.typing as npt

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
    found = np.empty((px_size, px_size * colours), np.uint8)
    if tall is not None:
        rows = np.empty((px_size, image.width), tall.dtype)
        KERNEL.down(tall.view(np.uint8), px_size, rows.view(np.uint8))
        turned = np.empty((px_size * colours, px_size), np.uint8)
        KERNEL.across(rows, px_size, turned)
        found[:] = turned.reshape(px_size, colours, px_size).transpose(2, 0, 1).reshape(found.shape)
    else:
        columns, left = np.empty((px_size * colours, image.height), np.uint8), 0
        for some in pieces(image):
            KERNEL.across(some, px_size, columns[:, left : left + len(some)])
            left += len(some)
        KERNEL.across(columns, px_size, found)  # what lies turned, turned: upright
    pixels = found.reshape(px_size, px_size, colours)
    return pixels if colours == 3 else pixels.repeat(3, 2)


def _is_tall(image: Image.Image, px_size: int) -> bool:
    """Whether columns are interpolated first, which rounds otherwise: as Pillow does it from version 13 on."""
    return _COLUMNS_FIRST and image.height - px_size > 2 * max(0, image.width - px_size)
