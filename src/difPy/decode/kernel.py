"""Pixels in; interpolated, or as bytes, out: loops in C, or none where nobody has compiled them.

Without them Pillow does the same, to the same bits, and takes longer.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from difPy.compiled import ADDRESS, COUNT, is_there, loop

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from difPy.decode.pixels import Pixels

_Byte: Any = ctypes.c_char
_ACROSS = (ADDRESS, COUNT, COUNT, COUNT, ADDRESS, COUNT)
_DOWN = (ADDRESS, COUNT, COUNT, COUNT, ADDRESS)
_PACK = (ADDRESS, COUNT, COUNT, COUNT, COUNT, ADDRESS)


class Kernel:
    """Loops of the library. Arrays are C-contiguous, but for pixels to be packed, and columns that are part of more."""

    def __init__(self) -> None:
        colours, greys = (loop(name, *_ACROSS, result=COUNT) for name in ("across_colours", "across_greys"))
        self._across = {4: colours, 1: greys}
        self._down = loop("down", *_DOWN, result=COUNT)
        self._pack = {4: loop("packing_colours", *_PACK), 1: loop("packing_greys", *_PACK)}

    def across(self, pixels: Pixels, px_size: int, out: npt.NDArray[np.uint8]) -> None:
        """Interpolate rows of pixels, as `pixels.lent` has them, to columns of `out`: shape (px * colours, height)."""
        height, width = pixels.shape
        _require(self._across[pixels.itemsize](_at(pixels), height, width, px_size, _at(out), out.strides[0]))

    def down(self, rows: npt.NDArray[np.uint8], px_size: int, out: npt.NDArray[np.uint8]) -> None:
        """Interpolate columns of bytes to `out`: shape (px, width)."""
        height, width = rows.shape
        _require(self._down(_at(rows), height, width, px_size, _at(out)))

    def pack(self, pixels: Pixels, out: npt.NDArray[np.uint8]) -> None:
        """Red, green and blue, or grey, of all pixels, row by row, however they lie in memory."""
        below, beside = pixels.strides
        size = pixels.itemsize
        self._pack[size](_at(pixels), *pixels.shape, below // size, beside // size, _at(out))


def _at(array: npt.NDArray[Any]) -> int:
    if array.flags.carray:  # in one piece, and to be written to: a quarter of the time
        return ctypes.addressof(_Byte.from_buffer(array))
    return int(array.__array_interface__["data"][0])


def _require(result: int) -> None:
    if result:
        raise MemoryError


KERNEL = Kernel() if is_there() else None
"""Those beside this file; None where there are none."""
