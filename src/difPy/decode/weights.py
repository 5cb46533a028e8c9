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
    clipping: npt.NDArray[np.float32]
    """Shape (px, 7, blocks): total, the same without its sign, spread, and greatest; 8 times the weight farthest below
    zero, without its sign, or 0 if none is; sums of weights below zero, without their sign, and above."""
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
    weights, gain = _pixels(size, px_size)
    samples = np.zeros((px_size, blocks, 8))
    if pixels == 2:
        weights = _of_samples(weights)
    samples.reshape(px_size, -1)[:, : weights.shape[1]] = weights
    weighs = weights != 0
    first = weighs.argmax(1) // 8
    length = (weights.shape[1] - 1 - weighs[:, ::-1].argmax(1)) // 8 + 1 - first
    most = length.max()
    some = np.arange(px_size)[:, None], np.minimum(first, blocks - most)[:, None] + np.arange(most)
    each = np.ascontiguousarray(samples[some].transpose(2, 0, 1))  # 8 numbers of all blocks that weigh anything
    waves = (WAVES[:2] @ each.reshape(8, -1)).reshape(2, px_size, most)
    squares, kept = (each * each).sum(0), (waves * waves).sum(0)
    mean, greatest = each.mean(0), np.abs(each).max(0)
    below = np.maximum(0, -each)

    def of_all(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        found = np.zeros((px_size, blocks, *values.shape[2:]), np.float32)
        found[some] = values
        return found

    total, spread = of_all(8 * mean), of_all(8 * np.abs(each - mean).max(0))
    highest, lowest = of_all(8 * greatest), of_all(8 * below.max(0))
    negative, positive = of_all(below.sum(0)), of_all(np.maximum(0, each).sum(0))
    return Axis(
        first=first,
        length=length,
        waves=of_all(waves.transpose(1, 2, 0)).reshape(px_size, -1),
        norm=of_all(np.sqrt(squares)),
        kept=of_all(np.sqrt(kept)),
        left_out=of_all(np.sqrt(np.maximum(0, squares - kept))),
        total=total,
        greatest=highest,
        spread=spread,
        clipping=np.stack([total, np.abs(total), spread, highest, lowest, negative, positive], 1),
        gain=gain,
        taps=2 * REACH * size / px_size + 1,
    )


@lru_cache(maxsize=4)
def _pixels(size: int, px_size: int) -> tuple[npt.NDArray[np.float64], float]:
    """Weights of pixels, of shape (px, size), and the gain of interpolating."""
    weights = dense(size, px_size)
    return weights, float(np.sqrt(np.linalg.eigvalsh(weights @ weights.T)[-1] * size / px_size))


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
