"""What clipping pixels to 0..255 shifts a sketch by, which clips their means: bounds from what can be known of them.

Where a mean is g levels from the end of the range and its pixels have the standard deviation s, clipping shifts their
mean by (sqrt(s^2 + g^2) - g) / 2 or less (Scarf, 1958). No sketch says what s is. But variety takes bits, which can be
counted (`anywhere`), and colours that differ from pixel to pixel differ in the sketch, too (`where_colours_vary`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    import numpy.typing as npt

    Levels = npt.NDArray[Any]

_GREATEST_DEVIATION = 64.0
_GAP = np.minimum(np.arange(256.0), 255 - np.arange(256.0))
"""From each level to the nearer end of the range."""

_BLOCK = 16
"""Pixels of a sketch, across and down, that are taken together, at least ..."""
_BLOCKS = 160
"""... unless there are more blocks than these ..."""
_LINES = 4
"""... and how many of their rows and columns are looked at."""
_ROUNDING = 1.0
"""Variance of what differs only because levels are rounded."""
_PART = 0.5
"""Part of a block in which colours vary, at least, where they do."""
_GREATEST_VARIANCE = 150.0**2
_RGB_OF_COLOURS = np.array([[0, 1.402], [0.344, 0.714], [1.772, 0]], np.float32)
"""What Cb and Cr add to red, green and blue (ITU-R BT.601, as JFIF)."""


def anywhere(tensor: npt.NDArray[np.uint8], deviation: float) -> float:
    """Root mean square of the shifts in a tensor whose pixels have this standard deviation, wherever they are."""
    deviation = min(_GREATEST_DEVIATION, deviation)
    return math.sqrt(np.bincount(tensor.ravel(), minlength=256) @ _shift(deviation**2, _GAP) ** 2 / tensor.size)


def where_colours_vary(scaled: Image.Image, sides: tuple[int, int]) -> float:
    """Root mean square of the shifts in a picture whose colours differ from pixel to pixel in some places.

    What differs without rule has the standard deviation s / n in means of n x n pixels, and its differences are as
    large between neighbours as between the next but one. Edges and gradients differ more, the farther apart: of the
    mean squares of both differences, d1 and d2, they leave nothing in d1 - d2 / 2, which of what has no rule is
    (s / n)^2. Lines are an edge in one of two directions, so the lesser of these counts.

    Parameters
    ----------
    scaled : Image
        The sketch as YCbCr, for RGB is clipped; of some pixels across and down.
    sides : (int, int)
        Pixels of the picture, across and down, that are one of the sketch. Along the longer side, decoders blend the
        colours of neighbours: the next but one counts as a neighbour there.
    """
    near_across, near_down = (side // min(sides) for side in sides)
    width, height = scaled.size[0] - 2 * near_across, scaled.size[1] - 2 * near_down  # of what has neighbours
    block = max(_BLOCK, math.isqrt(width * height // _BLOCKS))
    columns, rows = max(1, width // block), max(1, height // block)
    few_rows = scaled.resize((scaled.width, _LINES * rows), Image.Resampling.NEAREST)
    few_columns = scaled.resize((_LINES * columns, scaled.height), Image.Resampling.NEAREST)
    turned = few_columns.transpose(Image.Transpose.TRANSPOSE)
    across = _irregular(_planes(few_rows)[1:], near_across, rows, columns)
    down = _irregular(_planes(turned)[1:], near_down, columns, rows).swapaxes(1, 2)
    variance = np.maximum(np.minimum(across, down) - _ROUNDING, 0) * (math.prod(sides) / _PART)
    squares = np.minimum(np.tensordot(_RGB_OF_COLOURS**2, variance, 1), _GREATEST_VARIANCE)
    levels = _planes(few_rows.convert("RGB"))
    gaps = _means(np.minimum(levels, 255 - levels), rows, columns)
    return math.sqrt(np.mean(_shift(squares, gaps) ** 2))


def _shift(variance: float | Levels, gap: Levels) -> Levels:
    """Bound on what clipping shifts means by that are so far from the end of the range: see the module's text."""
    shift: Levels = (np.sqrt(variance + gap**2) - gap) / 2
    return shift


def _irregular(planes: Levels, lag: int, rows: int, columns: int) -> Levels:
    """Variance of what differs without rule along the rows of a picture, block by block."""
    one = planes[..., : -2 * lag]
    near, far = planes[..., lag:-lag] - one, planes[..., 2 * lag :] - one
    return _means(near * near - far * far / 2, rows, columns)


def _means(planes: Levels, rows: int, columns: int) -> Levels:
    """Means of blocks of pixels, channel by channel; there are so many rows and columns of blocks."""
    channels, height, width = planes.shape
    down, across = height // rows, width // columns
    sums = planes[..., : columns * across].reshape(channels, rows, down, -1).sum(2)
    means: Levels = sums.reshape(channels, rows, columns, across).sum(3) / (down * across)
    return means


def _planes(image: Image.Image) -> Levels:
    """Channels of a picture, each a plane of its own."""
    return np.asarray(image).transpose(2, 0, 1).astype(np.float32, order="C")
