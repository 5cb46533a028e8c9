"""The code of one scan of a JPEG in; what its blocks say of large things, and bounds on all else, out.

A block of a JPEG is 64 coefficients, coded one after the other, the lowest frequencies first (ITU-T T.81, annexes F and
G). Four of them say all that a block says of pixels much larger than itself: these are kept. Of the other 60 nobody
needs to know more than their energy, the sum of their squares, and their reach, the sum of their absolute values.

The readers are `entropy.c` and `progressive.c`; tests/slow_jpeg.py says it slowly. Each returns how many bytes it has
read, or -1 where the code is none that an encoder writes. They read what `plain.c` has made of the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from difPy.compiled import COUNT, Array, loop
from difPy.decode.weights import WAVES

if TYPE_CHECKING:
    import numpy.typing as npt

ORDER = np.array(
    [0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14,
     21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53,
     60, 61, 54, 47, 55, 62, 63],
    np.uint8,
)  # fmt: skip
"""Place in the code -> 8 times the vertical frequency, plus the horizontal one."""
_WAVES = WAVES.astype(np.float32)

TABLE = 16 + 256
"""Bytes of a table of codes: how many there are of each length, and their symbols."""
_SLACK = 512
"""Zeros behind the code, more than a block can take."""

_CODE = Array("uint8", 1), Array("int64", 1), COUNT, COUNT
_PARTS, _LOW, _REST = Array("int64", 2), Array("int16", 2, written=True), Array("float32", 2, written=True)
_SCAN = (
    *(*_CODE, Array("uint8", 2), _PARTS, COUNT, Array("float32", 2)),
    *(_LOW, _REST, COUNT, COUNT, COUNT, COUNT),
)
_PLAIN = loop(
    "plain_code",
    *(Array("uint8", 1), COUNT, COUNT, Array("uint8", 1, written=True), Array("int64", 1, written=True), COUNT),
    result=COUNT,
)
_SEQUENTIAL = loop("entropy_sequential", *_SCAN, COUNT, Array("uint8", 1), Array("float32", 2), result=COUNT)
_PROGRESSIVE = loop("progressive_scan", *_SCAN, COUNT, COUNT, Array("uint64", 1, written=True), COUNT, result=COUNT)
_MEANS = loop("progressive_means", *_CODE, _PARTS, COUNT, _LOW, COUNT, COUNT, COUNT, COUNT, result=COUNT)


class Code:
    """The bytes of a JPEG in; the code of one scan after the other, as their writer had it, out."""

    def __init__(self, data: bytes) -> None:
        self._data = np.frombuffer(data, np.uint8)
        self._plain = np.empty(len(data) + _SLACK, np.uint8)

    def of(self, begin: int, intervals: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], int]:
        """Code of the scan that begins there, until the next is asked for.

        Returns
        -------
        code : ndarray of uint8
            As its writer had it, and zeros.
        starts : ndarray of int64, shape (intervals + 1,)
            Bytes at which intervals begin in it, and the end.
        end : int
            Where the code ends in the file; -1 if it has not so many intervals.
        """
        starts = np.empty(intervals + 1, np.int64)
        end = _PLAIN(self._data, len(self._data), begin, self._plain, starts, intervals)
        return self._plain, starts, int(end)


class Scan(NamedTuple):
    """What a scan is read with, and what it is read to."""

    code: npt.NDArray[np.uint8]
    """As its writer had it, and zeros."""
    starts: npt.NDArray[np.int64]
    """Bytes at which intervals begin, and the end."""
    interval: int
    """Units in each; -1 if there is but one."""
    tables: npt.NDArray[np.uint8]
    """Shape (8, 272): how many codes there are of each length, and their symbols; four tables for means, four for
    others."""
    parts: npt.NDArray[np.int64]
    """Shape (components, 7): tables of means and others, steps; first block, blocks a row; a unit's width, height."""
    steps: npt.NDArray[np.float32]
    """Shape (4, 64): of quantization, component by component, in the order of the code."""
    low: npt.NDArray[np.int16]
    """Shape (blocks, 4): gets the kept numbers ..."""
    rest: npt.NDArray[np.float32]
    """... and, of the same shape, energy and reach of the others; and least and greatest sample, where these may
    matter, and else 0."""
    shift: int
    """Bits that are said later."""
    across: int
    down: int
    """Units."""

    def sequential(self, last: int) -> int:
        """Read blocks of components, unit by unit: their means only (last = 0), or all of them (63)."""
        return int(_SEQUENTIAL(*self._given(), last, ORDER, _WAVES))

    def progressive(self, begin: int, last: int, known: npt.NDArray[np.uint64], again: bool) -> int:
        """Read coefficients of one component, but for their last bits, said first; or one more bit of them.

        Parameters
        ----------
        begin, last : int
            Which coefficients.
        known : ndarray of uint64, shape (blocks,)
            Gets a bit for each that is other than 0.
        again : bool
            Whether they were said before.
        """
        return int(_PROGRESSIVE(*self._given(), begin, last, known, again))

    def means(self) -> int:
        """Read one more bit of the means of components, unit by unit."""
        return int(_MEANS(*self._code(), *self._parts(), self.low, *self._size()))

    def _given(self) -> tuple[Any, ...]:
        numbers = self.steps, self.low, self.rest
        return *self._code(), self.tables, *self._parts(), *numbers, *self._size()

    def _code(self) -> tuple[Any, ...]:
        return self.code, self.starts, len(self.starts) - 1, self.interval

    def _parts(self) -> tuple[Any, ...]:
        return self.parts, len(self.parts)

    def _size(self) -> tuple[int, ...]:
        return len(self.low), self.shift, self.across, self.down
