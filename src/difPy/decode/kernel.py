"""Pixels in; interpolated, or as bytes, out: the loops of `pixel_loops.c`, or none where nobody has compiled them.

They are compiled when difPy is built (`tools/compile.py`), if there is a compiler. Without them Pillow does the same,
to the same bits, and takes longer.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from difPy.decode.pixels import Pixels

_VERSION = 1
_LIBRARY = "pixel_loops.dll" if sys.platform == "win32" else "pixel_loops.so"
_ADDRESS, _COUNT = ctypes.c_void_p, ctypes.c_ssize_t
_INTERPOLATE = (_ADDRESS, _COUNT, _COUNT, _COUNT, _ADDRESS)
_PACK = (_ADDRESS, _COUNT, _COUNT, _COUNT, _COUNT, _ADDRESS)


class Kernel:
    """The loops of a library. Arrays are C-contiguous, but for pixels that are packed."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._across = {4: _function(library.across, _INTERPOLATE), 1: _function(library.across_grey, _INTERPOLATE)}
        self._down = _function(library.down, _INTERPOLATE)
        self._pack = {4: _function(library.pack, _PACK), 1: _function(library.pack_grey, _PACK)}

    def across(self, pixels: Pixels, px_size: int, out: npt.NDArray[np.uint8]) -> None:
        """Interpolate rows of pixels, as `pixels.lent` has them, to `out`: shape (height, px, colours)."""
        height, width = pixels.shape
        _require(self._across[pixels.itemsize](_at(pixels), height, width, px_size, _at(out)))

    def down(self, rows: npt.NDArray[np.uint8], px_size: int, out: npt.NDArray[np.uint8]) -> None:
        """Interpolate the columns of such rows to `out`: shape (px, px, colours)."""
        height, places, colours = rows.shape
        _require(self._down(_at(rows), height, places * colours, px_size, _at(out)))

    def pack(self, pixels: Pixels, out: npt.NDArray[np.uint8]) -> None:
        """Red, green and blue of all pixels, or grey three times, row by row, however they lie in memory."""
        below, beside = pixels.strides
        size = pixels.itemsize
        self._pack[size](_at(pixels), *pixels.shape, below // size, beside // size, _at(out))


def _function(found: Any, arguments: tuple[Any, ...]) -> Any:
    found.argtypes, found.restype = arguments, ctypes.c_int32
    return found


def _at(array: npt.NDArray[Any]) -> int:
    return array.ctypes.data


def _require(result: int) -> None:
    if result:
        raise MemoryError


def _loaded() -> Kernel | None:
    try:
        library = ctypes.CDLL(str(Path(__file__).with_name(_LIBRARY)))
        return Kernel(library) if library.version() == _VERSION and sys.byteorder == "little" else None
    except (OSError, AttributeError):  # there is none, or one of another machine
        return None


KERNEL = _loaded()
"""Those beside this file; None where there are none."""
