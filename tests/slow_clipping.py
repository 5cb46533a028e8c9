"""What clipping does to a tensor, every block of a picture looked at: slow, plain, and the truth for tests."""

from __future__ import annotations

import numpy as np

from difPy.decode.blocks import Blocks
from difPy.decode.clipping import Colours
from difPy.decode.weights import Axis

LITTLE = 1e-6


def shift(
    light: Blocks, colours: Colours | None, factors: tuple[float, ...], down: Axis, across: Axis
) -> tuple[np.ndarray, np.ndarray]:
    """Middle and error, of shape (px, px)."""
    mean, variance, least, greatest = light.numbers.astype(float)
    low, high, middle, differs = np.zeros((4, *mean.shape))
    for factor, numbers in zip(factors, colours.numbers if colours else (), strict=True):
        for side, pixels in enumerate(colours.pixels):
            numbers = numbers.repeat(pixels, side + 1)
        ends = factor * numbers[:2, : mean.shape[0], : mean.shape[1]]
        low, high = low + ends.min(0), high + ends.max(0)
        middle = middle + factor * numbers[2, : mean.shape[0], : mean.shape[1]]
        differs = differs + abs(factor) * numbers[3, : mean.shape[0], : mean.shape[1]]
    kind = None if colours is None else colours.is_mean
    off, sure_off = _exceeds(mean, variance, greatest, low, high, middle, differs, kind)
    on, sure_on = _exceeds(255 - mean, variance, 255 - least, -high, -low, -middle, differs, kind)
    lowest, highest = np.maximum(0, least + low), np.minimum(255, greatest + high)
    black, white = np.minimum(highest, mean + high + on), np.minimum(255 - lowest, 255 - mean - low + off)
    total, size, spread, most, farthest, below, above = across.clipping.astype(float).transpose(1, 2, 0)
    raised = _exceeding(black @ farthest, highest @ below, lowest @ above)
    lowered = _exceeding(white @ farthest, (255 - lowest) @ below, (255 - highest) @ above)
    doubt = (off - sure_off + on - sure_on) / 2 @ size + (off + on) @ spread
    span = (on + sure_on - off - sure_off) / 2 @ total
    error = np.abs(down.total) @ (doubt + (raised + lowered) / 2) + down.spread @ ((off + on) @ most + raised + lowered)
    return down.total @ (span + (raised - lowered) / 2), error


def _exceeds(mean, variance, greatest, low, high, middle, differs, kind) -> tuple[np.ndarray, np.ndarray]:
    """Mean of what pixels of each block exceed 255 by: at most, and at least."""
    most, sure = _at_most(mean, variance, greatest, 255 - high), np.maximum(0, mean + low - 255)
    both, deviation, end = mean + middle, np.sqrt(variance) + differs, greatest + high
    if kind:
        most, sure = np.minimum(most, _at_most(both, deviation**2, end, 255)), np.maximum(sure, both - 255)
    elif kind is not None:
        gap = 255 - both
        bound = np.where(deviation > 2 * gap, deviation - gap, deviation**2 / np.maximum(4 * gap, LITTLE))
        most = np.minimum(most, np.minimum(bound, np.maximum(0, end - 255)))
    most = most + np.minimum(_at_most(mean, variance, greatest, 255), np.maximum(0, -low))
    clips = np.maximum(end, greatest) > 255
    return np.where(clips, most, 0), np.where(clips, np.minimum(sure, most), 0)


def _at_most(mean, variance, greatest, end) -> np.ndarray:
    gap = end - mean
    return np.minimum((np.sqrt(variance + gap * gap) - gap) / 2, np.maximum(0, greatest - end))


def _exceeding(added, most, taken) -> np.ndarray:
    most = np.maximum(most, LITTLE)
    return np.minimum(added / most, 1) * np.maximum(0, most - taken)
