"""The size of a picture and of its tensor in; what each block weighs in each pixel of the tensor, out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from difPy.decode.bicubic import REACH, dense

if TYPE_CHECKING:
    import numpy.typing as npt

_EIGHT = np.arange(8)
WAVES = np.cos((2 * _EIGHT + 1) * _EIGHT[:, None] * np.pi / 16) * np.where(_EIGHT, 0.5, np.sqrt(1 / 8))[:, None]
"""Frequency, pixel -> the orthonormal cosine transform of eight pixels, as in a JPEG."""


class Axis(NamedTuple):
    """Weights along one axis; arrays are of shape (px, blocks).

    With w the weights of the eight pixels of a block: its transform tells what the block's kept coefficients weigh, and
    the norm of what is left of w bounds what all others can.
    """

    first: npt.NDArray[np.int64]
    """Shape (px,): the first block that weighs anything ..."""
    length: npt.NDArray[np.int64]
    """... and how many do."""
    waves: npt.NDArray[np.float32]
    """Shape (px, 2 * blocks): of the mean, and of the lowest wave, of each block in turn."""
    norm: npt.NDArray[np.float32]
    """Of w."""
    kept: npt.NDArray[np.float32]
    """Norm of the part of w that is a mean or a lowest wave."""
    left_out: npt.NDArray[np.float32]
    """Norm of the rest."""
    total: npt.NDArray[np.float32]
    """Sum of w."""
    greatest: npt.NDArray[np.float32]
    """8 times the greatest absolute weight."""
    spread: npt.NDArray[np.float32]
    """8 times the greatest difference of a weight from their mean."""
    above: npt.NDArray[np.float32]
    """Sum of the positive weights."""
    below: npt.NDArray[np.float32]
    """Sum of the negative weights, without their sign."""
    lowest: npt.NDArray[np.float32]
    """8 times the weight farthest below zero, without its sign; 0 if none is."""
    gain: float
    """By how much interpolating may increase a root mean square, at most: the norm of all weights, as a matrix."""
    taps: float
    """Pixels that have a weight, at most."""


@lru_cache(maxsize=64)
def axis(size: int, px_size: int, blocks: int, pixels: int) -> Axis:
    """Weights of samples along one axis.

    Parameters
    ----------
    size : int
        Pixels of the picture along that axis; more than `px_size`.
    px_size : int
        Pixels of the tensor.
    blocks : int
        Blocks of samples; those beyond the picture weigh nothing.
    pixels : {1, 2}
        Pixels that a sample is for. Of two, each is 3/4 of its own sample and 1/4 of the next one on its side.
    """
    weights = dense(size, px_size)
    gain = float(np.sqrt(np.linalg.eigvalsh(weights @ weights.T)[-1] * size / px_size))
    samples = np.zeros((px_size, 8 * blocks))
    if pixels == 2:
        weights = _of_samples(weights)
    samples[:, : weights.shape[1]] = weights
    each = np.ascontiguousarray(samples.reshape(px_size, blocks, 8).transpose(2, 0, 1))  # 8 numbers of all blocks
    waves = (WAVES[:2] @ each.reshape(8, -1)).reshape(2, px_size, blocks)
    squares, kept = (each * each).sum(0), (waves * waves).sum(0)
    mean, greatest = each.mean(0), np.abs(each).max(0)
    below = np.maximum(0, -each)
    weighs = greatest > 0
    return Axis(
        first=weighs.argmax(1),
        length=blocks - weighs[:, ::-1].argmax(1) - weighs.argmax(1),
        waves=_single(np.stack([waves[0], waves[1]], 2).reshape(px_size, -1)),
        norm=_single(np.sqrt(squares)),
        kept=_single(np.sqrt(kept)),
        left_out=_single(np.sqrt(np.maximum(0, squares - kept))),
        total=_single(8 * mean),
        greatest=_single(8 * greatest),
        spread=_single(8 * np.abs(each - mean).max(0)),
        above=_single(np.maximum(0, each).sum(0)),
        below=_single(below.sum(0)),
        lowest=_single(8 * below.max(0)),
        gain=gain,
        taps=2 * REACH * size / px_size + 1,
    )


def _single(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    return values.astype(np.float32)


def _of_samples(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Weights of samples, each of which is for two pixels; the first and the last stand for their neighbours."""
    even = np.pad(weights, ((0, 0), (0, weights.shape[1] % 2)))
    left, right = even[:, 0::2], even[:, 1::2]
    found = (left + right) * 0.75
    found[:, :-1] += left[:, 1:] / 4
    found[:, 1:] += right[:, :-1] / 4
    found[:, 0] += left[:, 0] / 4
    found[:, -1] += right[:, -1] / 4
    return found
