"""Pixels in; interpolated, or as bytes, out: the loops of `pixel_loops.c`, or none where nobody has compiled them.

They are compiled when difPy is built (`tools/compile.py`), if there is a compiler. Without them Pillow does the same,
to the same bits, and takes longer.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.decode.bicubic import Taps
    from difPy.decode.pixels import Pixels

_VERSION = 1
_LIBRARY = "pixel_loops.dll" if sys.platform == "win32" else "pixel_loops.so"
_ADDRESS, _COUNT = ctypes.c_void_p, ctypes.c_ssize_t
_ACROSS = (_ADDRESS, *[_COUNT] * 4, *[_ADDRESS] * 4)
_DOWN = (_ADDRESS, *[_COUNT] * 3, *[_ADDRESS] * 5)
_PACK = (_ADDRESS, *[_COUNT] * 4, _ADDRESS)


class Kernel:
    """The loops of a library."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._across = {4: _function(library.across, _ACROSS), 1: _function(library.across_grey, _ACROSS)}
        self._pack = {4: _function(library.pack, _PACK), 1: _function(library.pack_grey, _PACK)}
        self._down = _function(library.down, _DOWN)

    def across(self, pixels: Pixels, taps: Taps, out: npt.NDArray[np.uint8]) -> None:
        """Interpolate rows of pixels, as `pixels.lent` has them, row behind row, to `out`: shape (height, px, colours)."""
        height, width = pixels.shape
        places, most = taps.weights.shape
        room = np.zeros(out.shape[2] * (width + most), np.int32)
        self._across[pixels.itemsize](
            _at(pixels), height, width, places, most, _at(taps.first), _at(taps.weights), _at(room), _at(out)
        )

    def down(self, rows: npt.NDArray[np.uint8], taps: Taps, out: npt.NDArray[np.uint8]) -> None:
        """Interpolate the columns of such rows: shape (px, px, colours)."""
        width = rows.shape[1] * rows.shape[2]
        places, most = taps.weights.shape
        room = np.empty(width, np.int32)
        self._down(
            _at(rows), width, places, most, _at(taps.first), _at(taps.length), _at(taps.weights), _at(room), _at(out)
        )

    def pack(self, pixels: Pixels, out: npt.NDArray[np.uint8]) -> None:
        """Red, green and blue of all pixels, or grey three times, row by row, however they lie in memory."""
        below, beside = (stride // pixels.itemsize for stride in pixels.strides)
        self._pack[pixels.itemsize](_at(pixels), *pixels.shape, below, beside, _at(out))


def _function(found: Any, arguments: tuple[Any, ...]) -> Any:
    found.argtypes, found.restype = arguments, None
    return found


def _at(array: npt.NDArray[Any]) -> int:
    return int(array.__array_interface__["data"][0])


def _loaded() -> Kernel | None:
    try:
        library = ctypes.CDLL(str(Path(__file__).with_name(_LIBRARY)))
        return Kernel(library) if library.version() == _VERSION and sys.byteorder == "little" else None
    except (OSError, AttributeError):  # there is none, or one of another machine
        return None


KERNEL = _loaded()
"""Those beside this file; None where there are none."""
