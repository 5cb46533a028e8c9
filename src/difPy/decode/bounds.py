"""The components of a JPEG in; the tensor that its full decode would give, and a bound on how far off it is, out.

No constant here is fitted. What a full decode does is known: sums of cosines, rounded and clipped to 0..255; colours
blended to the size of brightness, rounded; red, green and blue, rounded and clipped; rows interpolated, rounded and
clipped; then columns. All but rounding and clipping is linear, so the sketch is what is linear, from four coefficients
of 64, plus the middle of what clipping may do. It is off by no more than the sum of these:

1. *Coefficients left out.* A pixel of the tensor is the sum over blocks of <w, z>, weights times samples. With P the
   projection on the four cosines that are kept, what is left out is <w - Pw, z - Pz>, by Cauchy and Schwarz no more
   than |w - Pw| |z - Pz|. JPEG's transform is orthonormal, so |z - Pz| is the root of the energy left out; and w is
   a product of weights down and across, v and h, so that |w - Pw| <= |v - Pv| |h| + |Pv| |h - Ph|.
2. *Clipping*: see `clipping`.
3. *Rounding.* An array of errors, each below r, has a root mean square below r; interpolating increases that by no
   more than the norm of its weights. Half a level is rounded off at each of the steps above, and libjpeg's integer
   transform is off by 1/8 more, and by 1e-4 of the sum of a block's coefficients: it rounds to 1/4 of 1/sqrt(8) of a
   level between its two passes, and its constants to 13 bits. Pillow's weights are rounded to 22 bits.

The sums of 1 and 2 are bounds on each pixel of the tensor; the claim is their root mean square, plus that of 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from difPy.decode import clipping
from difPy.decode.bands import narrowed
from difPy.decode.blocks import Blocks
from difPy.decode.weights import axis

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.decode.blocks import Component
    from difPy.decode.weights import Axis

    Levels = npt.NDArray[Any]

_GREY = np.float32(128)
_COLOURS = ((0.0, 1.402), (-0.344136, -0.714136), (1.772, 0.0))
"""What Cb and Cr add to red, green and blue (ITU-R BT.601, as JFIF)."""
_HALF = 0.5
_PRECISION = 2.0**-23
_FLOATS = 1.001, 0.02
"""What sums of 32-bit numbers may lack: a part, and levels."""


class Estimate(NamedTuple):
    """A tensor, and how far off it may be."""

    tensor: npt.NDArray[np.uint8]
    """Shape (px, px, 3)."""
    error: float
    """Bound on the root mean square of its errors."""
    errors: npt.NDArray[np.float64]
    """Shape (px, px, 3): bounds on each of them, but for rounding."""


class _Samples(NamedTuple):
    """A component, from its own point of view."""

    tensor: npt.NDArray[np.float64]
    left_out: Levels
    """Shape (px, px): bound on what coefficients left out add to the tensor."""
    blocks: Blocks
    off: Levels
    """Shape (px, px): bound on what else is not linear, but for rounding."""
    rounding: float
    pixels: tuple[int, int]
    """That share a sample, down and across."""


def estimate(components: list[Component], size: tuple[int, int], px_size: int) -> Estimate:
    """Tensor of a picture of that width and height."""
    width, height = size
    factors = tuple(max(component.factors[i] for component in components) for i in (0, 1))
    light, *colours = (
        _samples(component, factors, size, px_size, is_colour=number > 0) for number, component in enumerate(components)
    )
    rows, columns = light.blocks.mean.shape
    across, down = axis(width, px_size, columns, 1), axis(height, px_size, rows, 1)
    added = _together(colours) if colours else None
    values, errors, roundings = [], [], []
    for factors_ in _COLOURS if colours else ((),):
        shift = clipping.shift(light.blocks, added, factors_, down, across)
        used = [(f, c) for f, c in zip(factors_, colours, strict=True) if f]
        values.append(sum((f * c.tensor for f, c in used), light.tensor + 128) + shift.middle)
        errors.append(sum((abs(f) * (c.left_out + c.off) for f, c in used), light.left_out + light.off) + shift.error)
        blended = sum(abs(f) * (c.rounding + (0 if c.pixels == (1, 1) else _HALF)) for f, c in used)
        roundings.append(light.rounding + blended + (_HALF if used else 0))
    exact = np.clip(np.stack(values, 2), 0, 255)
    tensor = np.rint(exact)
    bounds = np.stack(errors, 2) * _FLOATS[0] + _FLOATS[1]
    rounding = (
        down.gain * (across.gain * _mean_square(roundings) + _HALF) + _HALF
        + _mean_square(tensor - exact)
        + 255 * _PRECISION * (down.taps + across.taps)
    )  # fmt: skip
    three = (px_size, px_size, 3)
    return Estimate(
        np.ascontiguousarray(np.broadcast_to(tensor.astype(np.uint8), three)),
        _mean_square(bounds) + rounding,
        np.broadcast_to(bounds, three),
    )


def _samples(part: Component, most: tuple[int, ...], size: tuple[int, int], px_size: int, is_colour: bool) -> _Samples:
    rows, columns = part.left_out.shape
    pixels = most[1] // part.factors[1], most[0] // part.factors[0]
    down, across = axis(size[1], px_size, rows, pixels[0]), axis(size[0], px_size, columns, pixels[1])
    left_out = down.left_out @ _narrowed(part.left_out, across, across.norm)
    left_out += down.kept @ _narrowed(part.left_out, across, across.left_out)
    off = clipping.beyond(part.blocks) if is_colour else np.zeros_like(part.left_out)
    off[part.wild] = 255
    samples = -(-size[0] // pixels[1]) * -(-size[1] // pixels[0])
    return _Samples(
        (down.waves @ _narrowed(part.lowest, across, across.waves)).astype(np.float64),
        left_out,
        part.blocks,
        down.greatest @ _narrowed(off, across, across.greatest) if off.any() else np.zeros_like(left_out),
        float(np.sqrt(part.rounding / samples)),
        pixels,
    )


def _narrowed(values: Levels, across: Axis, weights: Levels) -> Levels:
    """Values of blocks, or of so many columns in each, times weights."""
    columns = weights.shape[1] // across.total.shape[1]
    return narrowed(values, columns * across.first, columns * across.length, weights)


def _together(colours: list[_Samples]) -> clipping.Colours:
    """What is known of colours, as they are blended; an error if they do not have the same blocks."""
    pixels, shape = colours[0].pixels, colours[0].blocks.mean.shape
    if any((colour.pixels, colour.blocks.mean.shape) != (pixels, shape) for colour in colours):
        raise ValueError("colours have samples for different pixels")
    numbers = np.empty((len(colours), 4, *shape), np.float32)
    for number, colour in enumerate(colours):
        for place, levels in enumerate((*_widened(colour), *_about(colour))):
            numbers[number, place] = levels
    return clipping.Colours(numbers, pixels, pixels == (1, 1) and not any(colour.off.any() for colour in colours))


def _widened(colour: _Samples) -> tuple[Levels, Levels]:
    """Least and greatest of a colour at each of its blocks: at its edge it is blended with the next block's."""
    least: Levels = np.clip(colour.blocks.least, 0, 255) - _GREY
    greatest: Levels = np.clip(colour.blocks.greatest, 0, 255) - _GREY
    for side, pixels in enumerate(colour.pixels):
        if pixels == 2:
            least = -_blended(-least, side)
            greatest = _blended(greatest, side)
    return least, greatest


def _blended(greatest: Levels, side: int) -> Levels:
    """3/4 of each, and 1/4 of the greatest of it and its neighbours along that side."""
    most = greatest.copy()
    turned, own = most.swapaxes(0, side), greatest.swapaxes(0, side)
    np.maximum(turned[1:], own[:-1], out=turned[1:])
    np.maximum(turned[:-1], own[1:], out=turned[:-1])
    return greatest * np.float32(0.75) + most * np.float32(0.25)


def _about(colour: _Samples) -> tuple[Levels, Levels]:
    """Mean of the samples of a colour in each of its blocks, and the root mean square of what differs from it.

    Of the pixels that a block of samples is for, and along a side on which each is for two, an eighth or less is from
    each of the next blocks. A block of brightness may have all that differs.
    """
    mean: Levels = np.clip(colour.blocks.mean, 0, 255) - _GREY  # clipped samples are as near to it as those not clipped
    variance = colour.blocks.variance
    about = variance.copy()  # and of neighbours: variance + (their mean - mean)^2
    if colour.pixels != (1, 1):
        means, variances = np.pad(mean, 1, mode="edge"), np.pad(variance, 1, mode="edge")
    rows, columns = mean.shape
    for down, across in ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)):
        if (down == 0 or colour.pixels[0] == 2) and (across == 0 or colour.pixels[1] == 2):
            near = slice(1 + down, 1 + down + rows), slice(1 + across, 1 + across + columns)
            about += np.float32(1 / 64 if down and across else 1 / 8) * (
                variances[near] + np.square(means[near] - mean)
            )
    deviation: Levels = np.sqrt(about * np.float32(colour.pixels[0] * colour.pixels[1]))
    return mean, deviation


def _mean_square(values: npt.ArrayLike) -> float:
    """Root of the mean of the squares."""
    return float(np.sqrt(np.mean(np.square(values))))
