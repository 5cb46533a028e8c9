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

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from difPy.decode.blocks import Blocks
    from difPy.decode.weights import Axis

    Levels = npt.NDArray[Any]
    Sum = Callable[[Any], Blocks]

TOP = np.float32(255)


class Shift(NamedTuple):
    """What clipping does to a tensor."""

    middle: npt.NDArray[np.float64]
    error: npt.NDArray[np.float64]
    """No value of the tensor is shifted by more than this more, or less, than by the middle."""


class _Excess(NamedTuple):
    """What is above 255: mean of each block, or of eight rows, at least and at most."""

    least: Levels
    most: Levels


def shift(
    light: Blocks, colour: tuple[Levels, Levels], both: Sum | None, is_mean: bool, down: Axis, across: Axis
) -> Shift:
    """Shift of one of red, green and blue.

    Parameters
    ----------
    light : Blocks
        Brightness.
    colour : (array, array)
        What colour adds in each block, at least and at most.
    both : callable or None
        Places of blocks in, the sum of both there out, of which more is known than follows from either. Its variance
        is about a level that need not be the mean, unless `is_mean`.
    down, across : Axis
        Weights.
    """
    low, high = colour
    lowers = _pixels(light, low, high, both, is_mean)
    raises = _pixels(light.mirrored(), -high, -low, both and (lambda at: both(at).mirrored()), is_mean)
    span = down.total @ ((raises.most + raises.least - lowers.most - lowers.least) / 2 @ across.total.T)
    least, greatest = np.maximum(0, light.least + low), np.minimum(TOP, light.greatest + high)
    white = np.minimum(TOP - least, TOP - light.mean - low + lowers.most)
    black = np.minimum(greatest, light.mean + high + raises.most)
    lowered = _rows(white, TOP - least, TOP - greatest, across)
    raised = _rows(black, greatest, least, across)
    middle = span + down.total @ ((raised - lowered) / 2)
    most, doubt = lowers.most + raises.most, (lowers.most - lowers.least + raises.most - raises.least) / 2
    total = np.abs(down.total)
    error = total @ (doubt @ np.abs(across.total.T) + most @ across.spread.T + (raised + lowered) / 2) + down.spread @ (
        most @ across.greatest.T + raised + lowered
    )
    return Shift(middle.astype(np.float64), error.astype(np.float64))


def _pixels(light: Blocks, low: Levels, high: Levels, both: Sum | None, is_mean: bool) -> _Excess:
    """Excess of the pixels of each block, where brightness is clipped before colour is added, and the sum again."""
    most = np.zeros_like(light.mean)
    least = most
    at = np.nonzero(np.maximum(light.greatest + high, light.greatest) > TOP)
    if len(at[0]):
        some, above = light.some(at), high[at]
        excess = _at_most(some, TOP - above)
        sure = np.maximum(0, some.mean + low[at] - TOP)
        if both:
            known = both(at)
            excess = np.minimum(excess, (_at_most if is_mean else _at_most_about)(known, TOP))
            sure = np.maximum(sure, known.mean - TOP) if is_mean else sure
        most[at] = excess + np.minimum(_at_most(some, TOP), np.maximum(0, -low[at]))
        least = np.zeros_like(most)
        least[at] = np.minimum(sure, most[at])
    return _Excess(least, most)


def _at_most(light: Blocks, end: Any) -> Levels:
    """Greatest mean of what is above an end of the range."""
    gap = end - light.mean
    bound = (np.sqrt(light.variance + gap * gap) - gap) / 2
    found: Levels = np.minimum(bound, np.maximum(0, light.greatest - end))
    return found


def _at_most_about(light: Blocks, end: Any) -> Levels:
    """The same, where `mean` need not be the mean."""
    gap, deviation = end - light.mean, np.sqrt(light.variance)
    bound = np.where(deviation > 2 * gap, deviation - gap, light.variance / np.maximum(4 * gap, np.float32(1e-6)))
    found: Levels = np.minimum(bound, np.maximum(0, light.greatest - end))
    return found


def _rows(mean: Levels, greatest: Levels, least: Levels, across: Axis) -> Levels:
    """Mean of what eight rows of each pixel of the narrow picture exceed the range by, at most.

    Given is what pixels lie below the end of the range: their mean at most, the greatest and the least.
    """
    added = mean @ across.lowest.T
    most, taken = np.maximum(greatest @ across.below.T, np.float32(1e-6)), least @ across.above.T
    found: Levels = np.minimum(added / most, 1) * np.maximum(0, most - taken)
    return found


def beyond(blocks: Blocks) -> Levels:
    """Bound on what clipping to 0..255 adds and takes, on average, in each block of a component."""
    if blocks.least.min() >= 0 and blocks.greatest.max() <= TOP:
        return np.zeros_like(blocks.mean)
    found: Levels = _at_most(blocks, TOP) + _at_most(blocks.mirrored(), TOP)
    return found
