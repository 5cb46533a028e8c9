"""What is known of a picture's blocks in; between what bounds clipping to 0..255 shifts a tensor, out.

A decoder clips pixels, and interpolating across clips rows of the narrow picture again, for bicubic weights overshoot.
Each end of the range moves values one way only, so a tensor is corrected by the middle of what clipping may do, and
half of that is what it may be off.

*Pixels.* A block's pixels have mean m and standard deviation s, and lie between known ends. Where the greatest is
beyond 255, clipping lowers their mean by m - 255 or more (Jensen), and by (sqrt(s^2 + g^2) - g) / 2 or less, with
g = 255 - m (Scarf, 1958); nor by more than the greatest pixel is beyond. With colour c added, which lies in [c1, c2],
brightness is clipped at 255 - c: above as if c were c2, and below as if it were c1. Where the sum is known to have the
mean square distance s^2 from some level m that need not be its mean, the bound is s^2 / 4g, or s - g if s > 2g: for
max(0, x - g) <= x^2 / 4g. The least of these bounds counts.

*Rows.* A row's value is 255 + A - B, where A is what 255 - pixel, at negative weights, adds, and B what it takes at
positive ones. Along eight rows A is known on average and at most, B at least: as the excess max(0, A - B) grows faster
with A than in proportion, it is no more on average than mean(A) * (1 - least(B) / greatest(A)).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from difPy.compiled import COUNT, Array, loop

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.decode.blocks import Blocks
    from difPy.decode.weights import Axis

    Levels = npt.NDArray[Any]

TOP = np.float32(255)
_NO_COLOUR, _LEVEL, _MEAN = range(3)
"""Colours add nothing; what is near a level; what has that mean."""
_SPARE, _SOME = 23, 16
"""Rows of numbers that the loop needs room for, and of how many each is a multiple."""
_LEVELS, _PLACES, _WRITTEN = Array("float32", 3), Array("int64", 1), Array("float32", 2, written=True)
_NARROW = loop(
    "clipping_narrow",
    *(_LEVELS, COUNT, COUNT, Array("float32", 4), COUNT, COUNT, Array("float32", 1), COUNT, COUNT, COUNT, COUNT),
    *(_PLACES, _PLACES, _LEVELS, COUNT, _WRITTEN, COUNT, Array("float32", 3, written=True)),
)


class Shift(NamedTuple):
    """What clipping does to a tensor."""

    middle: npt.NDArray[np.float64]
    error: npt.NDArray[np.float64]
    """No value of the tensor is shifted by more than this more, or less, than by the middle."""


class Colours(NamedTuple):
    """What is known of samples of colours, in each of their own blocks."""

    numbers: Levels
    """Shape (colours, 4, rows, columns): least, greatest, mean, and root of the mean square of what differs from it."""
    pixels: tuple[int, int]
    """That share a sample, down and across: 1 or 2."""
    is_mean: bool
    """It is the mean, and no level near it."""


def shift(light: Blocks, colours: Colours | None, factors: tuple[float, ...], down: Axis, across: Axis) -> Shift:
    """Shift of one of red, green and blue, or of grey.

    Parameters
    ----------
    light : Blocks
        Brightness.
    colours : Colours or None
    factors : tuple of float
        What a level of each colour adds to brightness.
    down, across : Axis
        Weights.

    Raises
    ------
    ValueError
        There are not as many blocks of colours as those of brightness take.
    """
    _, rows, columns = light.numbers.shape
    numbers, pixels = (colours.numbers, colours.pixels) if colours else (np.zeros((0, 4, rows, columns)), (1, 1))
    tall, wide = numbers.shape[2:]
    if not {*pixels} <= {1, 2} or tall * pixels[0] < rows or wide * pixels[1] < columns:
        raise ValueError("colours have fewer blocks than brightness")
    kind = _NO_COLOUR if colours is None else _MEAN if colours.is_mean else _LEVEL
    places, room = len(across.total), -(-max(columns, wide, len(across.total)) // _SOME) * _SOME
    span, doubt, most, raised, lowered = found = np.empty((5, rows, places), np.float32)
    _NARROW(
        *(np.ascontiguousarray(light.numbers), rows, columns),
        *(np.ascontiguousarray(numbers, np.float32), tall, wide),
        *(np.array(factors, np.float32), len(factors), *pixels, kind),
        *(across.first, across.length, across.clipping, places, np.empty((_SPARE, room), np.float32), room, found),
    )
    middle = down.total @ (span + (raised - lowered) / 2)
    error = np.abs(down.total) @ (doubt + (raised + lowered) / 2) + down.spread @ (most + raised + lowered)
    return Shift(middle.astype(np.float64), error.astype(np.float64))


def beyond(blocks: Blocks) -> Levels:
    """Bound on what clipping to 0..255 adds and takes, on average, in each block of a component."""
    if blocks.least.min() >= 0 and blocks.greatest.max() <= TOP:
        return np.zeros_like(blocks.mean)
    return _above(blocks.mean, blocks.variance, blocks.greatest) + _above(
        TOP - blocks.mean, blocks.variance, TOP - blocks.least
    )


def _above(mean: Levels, variance: Levels, greatest: Levels) -> Levels:
    """Greatest mean of what is above 255, of each block."""
    gap = TOP - mean
    found: Levels = np.minimum((np.sqrt(variance + gap * gap) - gap) / 2, np.maximum(0, greatest - TOP))
    return found
