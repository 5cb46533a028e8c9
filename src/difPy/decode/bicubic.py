"""The size of a picture and of its tensor in, what Pillow's bicubic interpolation weighs each pixel with, out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

REACH = 2.0
"""Pixels of the tensor, to either side, that are taken in; or of the picture, where that is the smaller one."""
_CURVE = -0.5


class Taps(NamedTuple):
    """Weights along one axis."""

    first: npt.NDArray[np.int64]
    """Shape (px,): the first pixel that a pixel of the tensor is made of ..."""
    length: npt.NDArray[np.int64]
    """... and how many there are."""
    weights: npt.NDArray[np.float64]
    """Shape (px, most): of each of them; and 0 behind the last."""


def taps(size: int, px_size: int) -> Taps:
    """Weights as Pillow computes them: the same operations in the same order, so the same numbers.

    Examples
    --------
    >>> found = taps(4, 2)
    >>> found.first.tolist(), found.weights[:, :4].round(3).tolist()
    ([0, 0], [[0.459, 0.459, 0.12, -0.037], [-0.037, 0.12, 0.459, 0.459]])
    """
    scale = size / px_size
    enlarged = max(1.0, scale)
    support = REACH * enlarged
    centres = (np.arange(px_size) + 0.5) * scale
    first = np.maximum(0, (centres - support + 0.5).astype(np.int64))
    count = np.minimum(size, (centres + support + 0.5).astype(np.int64)) - first
    places = np.arange(2 * math.ceil(support) + 1)
    far = np.abs((places + first[:, None] - centres[:, None] + 0.5) * (1.0 / enlarged))
    near = ((_CURVE + 2) * far - (_CURVE + 3)) * far * far + 1
    tail = (((far - 5) * far + 8) * far - 4) * _CURVE
    weights = np.where(far < 1, near, np.where(far < REACH, tail, 0.0)) * (places < count[:, None])
    return Taps(first, count, weights / weights.cumsum(1)[:, -1:])


def dense(size: int, px_size: int) -> npt.NDArray[np.float64]:
    """Weights of all pixels, of shape (px, size)."""
    first, count, weights = taps(size, px_size)
    found = np.zeros((px_size, size))
    for row, begin, some, weight in zip(found, first, count, weights, strict=True):
        row[begin : begin + some] = weight[:some]
    return found
