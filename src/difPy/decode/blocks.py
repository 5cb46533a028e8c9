"""The numbers that were read of a component's blocks in; what they say of its samples, out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from difPy.compiled import COUNT, DOUBLE, FLOAT, Array, loop
from difPy.decode.weights import WAVES

if TYPE_CHECKING:
    import numpy.typing as npt

    Levels = npt.NDArray[Any]

_FLATTEST = WAVES[1, 0] * WAVES[0, 0]
"""What a wave that is kept adds to a sample, at most, for each level of its coefficient."""
_WRITTEN = Array("float32", 2, written=True)
_SUM_UP = loop(
    "blocks_sum_up",
    *(Array("int16", 2), Array("float32", 2), Array("float32", 1), COUNT, COUNT, FLOAT),
    *(_WRITTEN, Array("float32", 3, written=True)),
    result=DOUBLE,
)


class Blocks(NamedTuple):
    """What is known of samples, 0..255 if they were not clipped yet; arrays of shape (rows, columns)."""

    mean: Levels
    variance: Levels
    """Of the samples of a block."""
    least: Levels
    greatest: Levels
    """No sample is beyond these."""

    def some(self, at: Any) -> Blocks:
        """Those at these places."""
        return Blocks(*(part[at] for part in self))

    def mirrored(self) -> Blocks:
        """With 0 and 255 exchanged."""
        top = np.float32(255)
        return Blocks(top - self.mean, self.variance, top - self.greatest, top - self.least)


class Component(NamedTuple):
    """Brightness or a colour."""

    factors: tuple[int, int]
    """Samples across and down, relative to the other components."""
    lowest: Levels
    """Shape (2 * rows, 2 * columns): the four coefficients of each block that are kept, 0 or 1 wave down and across."""
    left_out: Levels
    """Shape (rows, columns): norm of the others."""
    blocks: Blocks
    wild: npt.NDArray[np.bool_]
    """Shape (rows, columns): where a decoder's arithmetic may fail."""
    rounding: float
    """Sum of the squares that libjpeg's inverse transform may be off by, at most, over all samples."""

    def turned(self) -> Component:
        """With rows for columns."""
        across, down = self.factors
        blocks = Blocks(*(part.T for part in self.blocks))
        return Component((down, across), self.lowest.T, self.left_out.T, blocks, self.wild.T, self.rounding)


def component(factors: tuple[int, int], low: Any, rest: Any, steps: Any, shape: tuple[int, int]) -> Component:
    """Component of so many rows and columns of blocks, of which there are the kept numbers, the rest, and the steps."""
    rows, columns = shape
    lowest, known = np.empty((2 * rows, 2 * columns), np.float32), np.empty((6, rows, columns), np.float32)
    rounding = _SUM_UP(low, rest, steps, rows, columns, _FLATTEST, lowest, known)
    left_out, mean, variance, least, greatest, wild = known
    return Component(factors, lowest, left_out, Blocks(mean, variance, least, greatest), wild > 0, rounding)
