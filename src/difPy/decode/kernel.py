"""Pixels in; interpolated, or as bytes, out: the loops of `pixel_loops.c`, or none where nobody has compiled them.

They are compiled when difPy is built (`tools/compile.py`), if there is a compiler. Without them Pillow does the same,
to the same bits, and takes longer.
"""

from __future__ import annotations

import ctypes
import math
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from difPy.decode.bicubic import REACH

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.decode.pixels import Pixels

_VERSION = 1
_AT_A_TIME = 8
"""Products that are added up together."""
_LIBRARY = "pixel_loops.dll" if sys.platform == "win32" else "pixel_loops.so"
_ADDRESS, _COUNT = ctypes.c_void_p, ctypes.c_ssize_t
_TAPS = (*[_COUNT] * 3, *[_ADDRESS] * 4)
_ACROSS = (_ADDRESS, *[_COUNT] * 4, *[_ADDRESS] * 4)
_DOWN = (_ADDRESS, *[_COUNT] * 3, *[_ADDRESS] * 5)
_PACK = (_ADDRESS, *[_COUNT] * 4, _ADDRESS)


class Taps(NamedTuple):
    """What Pillow's bicubic interpolation weighs pixels with along one axis: where these numbers lie."""

    places: int
    most: int
    """Weights of each place: as many as eight, or a multiple of it; the last ones are zeros."""
    first: int
    length: int
    weights: int
    held: Any
    """What keeps them there."""


class Kernel:
    """The loops of a library."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._across = {4: _function(library.across, _ACROSS), 1: _function(library.across_grey, _ACROSS)}
        self._pack = {4: _function(library.pack, _PACK), 1: _function(library.pack_grey, _PACK)}
        self._down = _function(library.down, _DOWN)
        self._taps = _function(library.taps, _TAPS)
        self.taps = lru_cache(maxsize=64)(self._weighed)

    def _weighed(self, size: int, px_size: int) -> Taps:
        """Whole weights of `size` pixels in each of `px_size`."""
        reach = math.ceil(REACH * max(1.0, size / px_size))
        most = -(-(2 * reach + 1) // _AT_A_TIME) * _AT_A_TIME
        places, weights = np.empty((2, px_size), np.int64), np.empty((px_size, most), np.int32)
        first, length, room = _at(places[0]), _at(places[1]), np.empty(most)
        self._taps(size, px_size, most, first, length, _at(weights), _at(room))
        return Taps(px_size, most, first, length, _at(weights), (places, weights))

    def across(self, pixels: Pixels, taps: Taps, out: npt.NDArray[np.uint8]) -> None:
        """Interpolate rows of pixels, as `pixels.lent` has them, row behind row, to `out`: shape (height, px, colours)."""
        height, width = pixels.shape
        room = np.zeros(out.shape[2] * (width + taps.most), np.int32)
        self._across[pixels.itemsize](
            _at(pixels), height, width, taps.places, taps.most, taps.first, taps.weights, _at(room), _at(out)
        )

    def down(self, rows: npt.NDArray[np.uint8], taps: Taps, out: npt.NDArray[np.uint8]) -> None:
        """Interpolate the columns of such rows: shape (px, px, colours)."""
        width = rows.shape[1] * rows.shape[2]
        room = np.empty(width, np.int32)
        self._down(
            _at(rows), width, taps.places, taps.most, taps.first, taps.length, taps.weights, _at(room), _at(out)
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
