"""The numbers that were read of a component's blocks in; what they say of its samples, out.

Importing this module imports numba, and compiles or loads what an earlier run has compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from difPy.decode.entropy import ENERGY, GREATEST, LEAST, REACH
from difPy.decode.weights import WAVES
from difPy.just_in_time import compiled

if TYPE_CHECKING:
    import numpy.typing as npt

    Levels = npt.NDArray[Any]

_ROOT, _MEAN, _VARIANCE, _LEAST, _GREATEST, _WILD = range(6)
_GREATEST_NORM = np.float32(2047)
"""Of a block: beyond it libjpeg's 16-bit arithmetic may wrap around ..."""
_FARTHEST = np.float32(511)
"""... and where a sample is farther from grey, its table of clipped levels may: such a block may show anything."""
_FLAT = np.float32(WAVES[1, 0] * WAVES[0, 0])
"""What a wave that is kept adds to a sample, at most, for each level of its coefficient; no wave adds more than 1/4."""
_FLOATS = np.float32(0.02)
"""What sums of 32-bit numbers may lack, in levels."""
_TRANSFORM = 0.5 + 0.125
_CONSTANTS = 1e-4


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
    rounding = _sum_up(low, rest, steps, lowest, known)
    return Component(
        factors,
        lowest,
        known[_ROOT],
        Blocks(known[_MEAN], known[_VARIANCE], known[_LEAST], known[_GREATEST]),
        known[_WILD] > 0,
        rounding,
    )


@compiled("float64(int16[:, ::1], float32[:, ::1], float32[::1], float32[:, ::1], float32[:, :, ::1])")
def _sum_up(low: Any, rest: Any, steps: Any, lowest: Any, known: Any) -> float:
    rows, columns = known.shape[1:]
    rounding = 0.0
    for row in range(rows):
        for column in range(columns):
            block = row * columns + column
            flat, across = low[block, 0] * steps[0], low[block, 1] * steps[1]
            down, both = low[block, 2] * steps[2], low[block, 3] * steps[4]
            lowest[2 * row, 2 * column], lowest[2 * row, 2 * column + 1] = flat, across
            lowest[2 * row + 1, 2 * column], lowest[2 * row + 1, 2 * column + 1] = down, both
            energy = rest[block, ENERGY] + across * across + down * down + both * both
            single = abs(across) + abs(down)
            reach = rest[block, REACH] + abs(both)
            farthest = min(np.sqrt(energy), reach * np.float32(0.25) + single * _FLAT)
            mean = flat * np.float32(0.125)
            least, greatest = mean - farthest, mean + farthest
            if rest[block, LEAST] < rest[block, GREATEST]:
                least, greatest = max(least, rest[block, LEAST]), min(greatest, rest[block, GREATEST])
            known[_ROOT, row, column] = np.sqrt(rest[block, ENERGY])
            known[_MEAN, row, column] = mean + np.float32(128)
            known[_VARIANCE, row, column] = energy * np.float32(1 / 64)
            known[_LEAST, row, column] = least + np.float32(128) - _FLOATS
            known[_GREATEST, row, column] = greatest + np.float32(128) + _FLOATS
            is_wild = energy + flat * flat > _GREATEST_NORM * _GREATEST_NORM or max(-least, greatest) > _FARTHEST
            known[_WILD, row, column] = is_wild
            off = _TRANSFORM + _CONSTANTS * (reach + single)
            rounding += 64 * off * off
    return rounding
