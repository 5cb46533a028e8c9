"""The code of one scan of a JPEG in; what its blocks say of large things, and bounds on all else, out.

A block of a JPEG is 64 coefficients, coded one after the other, the lowest frequencies first (ITU-T T.81, annexes F and
G). Four of them say all that a block says of pixels much larger than itself: these are kept. Of the other 60 nobody
needs to know more than their energy, the sum of their squares, and their reach, the sum of their absolute values.

The readers are `entropy.c` and `progressive.c`; tests/slow_jpeg.py says it slowly. Each returns how many bytes it has
read, or -1 where the code is none that an encoder writes.
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

_TABLES, _LOW, _REST = Array("uint16", 2), Array("int16", 2, written=True), Array("float32", 2, written=True)
_SCAN = (
    *(Array("uint32", 1), COUNT, Array("int64", 1), COUNT, COUNT, _TABLES, _TABLES),
    *(Array("int64", 2), COUNT, Array("float32", 2), _LOW, _REST, COUNT, COUNT, COUNT, COUNT),
)
_SEQUENTIAL = loop("entropy_sequential", *_SCAN, COUNT, Array("uint8", 1), Array("float32", 2), result=COUNT)
_PROGRESSIVE = loop("progressive_scan", *_SCAN, COUNT, COUNT, Array("uint64", 1, written=True), COUNT, result=COUNT)


class Scan(NamedTuple):
    """What a scan is read with, and what it is read to."""

    words: npt.NDArray[np.uint32]
    """The code, each interval from a word on."""
    starts: npt.NDArray[np.int64]
    """Bytes at which intervals begin, and the end."""
    interval: int
    """Units in each; -1 if there is but one."""
    short: npt.NDArray[np.uint16]
    """Shape (8, 1024): length and symbol of a code by its first 10 bits; four tables for means, four for others ..."""
    long: npt.NDArray[np.uint16]
    """... and, shape (8, 65536), by 16."""
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

    def _given(self) -> tuple[Any, ...]:
        code = self.words, len(self.words), self.starts, len(self.starts) - 1, self.interval, self.short, self.long
        blocks = self.parts, len(self.parts), self.steps, self.low, self.rest, len(self.low)
        return *code, *blocks, self.shift, self.across, self.down
