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
    """What is known of samples, 0..255 if they were not clipped yet."""

    numbers: Levels
    """Shape (4, rows, columns): mean, variance, and ends."""

    @property
    def mean(self) -> Levels:
        """Shape (rows, columns), as all that follow."""
        found: Levels = self.numbers[0]
        return found

    @property
    def variance(self) -> Levels:
        """Of the samples of a block."""
        found: Levels = self.numbers[1]
        return found

    @property
    def least(self) -> Levels:
        """No sample is below."""
        found: Levels = self.numbers[2]
        return found

    @property
    def greatest(self) -> Levels:
        """No sample is above."""
        found: Levels = self.numbers[3]
        return found


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
        blocks = Blocks(self.blocks.numbers.swapaxes(1, 2))
        return Component((down, across), self.lowest.T, self.left_out.T, blocks, self.wild.T, self.rounding)


def component(factors: tuple[int, int], low: Any, rest: Any, steps: Any, shape: tuple[int, int]) -> Component:
    """Component of so many rows and columns of blocks, of which there are the kept numbers, the rest, and the steps."""
    rows, columns = shape
    lowest, known = np.empty((2 * rows, 2 * columns), np.float32), np.empty((6, rows, columns), np.float32)
    rounding = _SUM_UP(low, rest, steps, rows, columns, _FLATTEST, lowest, known)
    return Component(factors, lowest, known[0], Blocks(known[1:5]), known[5] > 0, rounding)
