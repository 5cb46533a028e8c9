"""What is known of a picture's blocks in; between what bounds clipping to 0..255 shifts a tensor, out.

Importing this module imports numba, and compiles or loads what an earlier run has compiled.

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

from difPy.decode.bands import product
from difPy.just_in_time import compiled, inlined

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.decode.blocks import Blocks
    from difPy.decode.weights import Axis

    Levels = npt.NDArray[Any]

TOP = np.float32(255)
_F = np.float32
_NONE = np.float32(0)
_LITTLE = np.float32(1e-6)
_NO_COLOUR, _LEVEL, _MEAN = range(3)
"""Colours add nothing; what is near a level; what has that mean."""


class Shift(NamedTuple):
    """What clipping does to a tensor."""

    middle: npt.NDArray[np.float64]
    error: npt.NDArray[np.float64]
    """No value of the tensor is shifted by more than this more, or less, than by the middle."""


class Colour(NamedTuple):
    """What colours add to brightness in each block; arrays of shape (rows, columns)."""

    least: Levels
    greatest: Levels
    mean: Levels
    differs: Levels
    """Root of the mean square of what they differ from the mean."""
    is_mean: bool
    """It is the mean, and no level near it."""


def shift(light: Blocks, colour: Colour | None, down: Axis, across: Axis) -> Shift:
    """Shift of one of red, green and blue, or of grey.

    Parameters
    ----------
    light : Blocks
        Brightness.
    colour : Colour or None
        What colour adds.
    down, across : Axis
        Weights.
    """
    added = _together(colour[:4]) if colour else np.zeros((4, *light.mean.shape), np.float32)
    weights = np.stack(
        [across.total, np.abs(across.total), across.spread, across.greatest, across.lowest, across.below, across.above],
        axis=1,
    )
    kind = _NO_COLOUR if colour is None else _MEAN if colour.is_mean else _LEVEL
    span, doubt, most, raised, lowered = found = np.empty((5, len(light.mean), len(across.total)), np.float32)
    _narrow(_together(light), added, kind, across.first, across.length, weights, found)
    middle = down.total @ (span + (raised - lowered) / 2)
    error = np.abs(down.total) @ (doubt + (raised + lowered) / 2) + down.spread @ (most + raised + lowered)
    return Shift(middle.astype(np.float64), error.astype(np.float64))


def _together(parts: tuple[Levels, ...]) -> Levels:
    return np.ascontiguousarray(np.stack(parts))


@inlined
def _at_most(mean: Any, variance: Any, greatest: Any, end: Any) -> Any:
    """Greatest mean of what is above an end of the range."""
    gap = end - mean
    return min((np.sqrt(variance + gap * gap) - gap) / _F(2), max(_NONE, greatest - end))


@inlined
def _at_most_about(level: Any, variance: Any, greatest: Any, end: Any) -> Any:
    """The same, where the level need not be the mean."""
    gap, deviation = end - level, np.sqrt(variance)
    bound = deviation - gap if deviation > _F(2) * gap else variance / max(_F(4) * gap, _LITTLE)
    return min(bound, max(_NONE, greatest - end))


@inlined
def _excess(
    mean: Any, variance: Any, greatest: Any, low: Any, high: Any, middle: Any, differs: Any, kind: Any
) -> Any:  # fmt: skip
    """Mean of what pixels of a block exceed 255 by, at least and at most: clipped before colour is added, and after.

    Colour lies between low and high, and differs from the middle by so much; of what kind that is, is told.
    """
    if max(greatest + high, greatest) <= TOP:
        return _NONE, _NONE
    most = _at_most(mean, variance, greatest, TOP - high)
    sure = max(_NONE, mean + low - TOP)
    if kind != _NO_COLOUR:
        deviation = np.sqrt(variance) + differs
        both = mean + middle
        if kind == _MEAN:
            most = min(most, _at_most(both, deviation * deviation, greatest + high, TOP))
            sure = max(sure, both - TOP)
        else:
            most = min(most, _at_most_about(both, deviation * deviation, greatest + high, TOP))
    most += min(_at_most(mean, variance, greatest, TOP), max(_NONE, -low))
    return min(sure, most), most


@inlined
def _exceeding(added: Any, most: Any, taken: Any) -> Any:
    """Mean of what eight rows of a pixel of the narrow picture exceed the range by, at most."""
    most = max(most, _LITTLE)
    return min(added / most, _F(1)) * max(_NONE, most - taken)


@compiled(
    "void(float32[:, :, ::1], float32[:, :, ::1], int64, int64[::1], int64[::1], float32[:, :, ::1],"
    "float32[:, :, ::1])",
)
def _narrow(
    light: Any, colour: Any, kind: Any, first: Any, length: Any, weights: Any, out: Any
) -> Any:  # fmt: skip
    """Of each eight rows of the narrow picture: the shift of pixels, its doubt and its greatest, and that of rows."""
    rows, columns = light.shape[1:]
    is_clipped = np.empty(columns, np.bool_)
    span, doubt, most = np.empty(columns, _F), np.empty(columns, _F), np.empty(columns, _F)
    white, under, over = np.empty(columns, _F), np.empty(columns, _F), np.empty(columns, _F)
    black, bottom, top = np.empty(columns, _F), np.empty(columns, _F), np.empty(columns, _F)
    for row in range(rows):
        for x in range(columns):
            mean, least, greatest = light[0, row, x], light[2, row, x], light[3, row, x]
            low, high = colour[0, row, x], colour[1, row, x]
            bottom[x], top[x] = max(_NONE, least + low), min(TOP, greatest + high)
            under[x], over[x] = TOP - bottom[x], TOP - top[x]
            white[x], black[x] = min(under[x], TOP - mean - low), min(top[x], mean + high)
            span[x] = doubt[x] = most[x] = _NONE
            is_clipped[x] = max(greatest + max(_NONE, high) - TOP, -least - min(_NONE, low)) > _NONE
        for x in range(columns):
            if is_clipped[x]:
                mean, variance, least, greatest = light[0, row, x], light[1, row, x], light[2, row, x], light[3, row, x]
                low, high, middle, differs = colour[0, row, x], colour[1, row, x], colour[2, row, x], colour[3, row, x]
                sure_off, most_off = _excess(mean, variance, greatest, low, high, middle, differs, kind)
                sure_on, most_on = _excess(TOP - mean, variance, TOP - least, -high, -low, -middle, differs, kind)
                span[x] = (most_on + sure_on - most_off - sure_off) / _F(2)
                doubt[x] = (most_off - sure_off + most_on - sure_on) / _F(2)
                most[x] = most_off + most_on
                white[x] = min(under[x], TOP - mean - low + most_off)
                black[x] = min(top[x], mean + high + most_on)
        for place in range(len(first)):
            here = slice(first[place], first[place] + length[place])
            some = weights[place]
            out[0, row, place] = product(span, some[0], here)
            out[1, row, place] = product(doubt, some[1], here) + product(most, some[2], here)
            out[2, row, place] = product(most, some[3], here)
            out[3, row, place] = _exceeding(
                product(black, some[4], here), product(top, some[5], here), product(bottom, some[6], here)
            )
            out[4, row, place] = _exceeding(
                product(white, some[4], here), product(under, some[5], here), product(over, some[6], here)
            )


def beyond(blocks: Blocks) -> Levels:
    """Bound on what clipping to 0..255 adds and takes, on average, in each block of a component."""
    if blocks.least.min() >= 0 and blocks.greatest.max() <= TOP:
        return np.zeros_like(blocks.mean)
    return _above(blocks) + _above(blocks.mirrored())


def _above(light: Blocks) -> Levels:
    """Greatest mean of what is above 255, of each block."""
    gap = TOP - light.mean
    found: Levels = np.minimum((np.sqrt(light.variance + gap * gap) - gap) / 2, np.maximum(0, light.greatest - TOP))
    return found
