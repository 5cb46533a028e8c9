"""A picture in, how much of its resolution is real out: an enlarged one has pixels, and no more detail than before."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from difPy.vision import gray

if TYPE_CHECKING:
    import numpy.typing as npt

_BLOCK = 32
"""Pixels along a side."""
_MOST, _FEWEST = 1500, 4
"""Blocks that are looked at: those with the most contrast."""
_CONTRAST = 6.0
"""Levels that the pixels of a block must deviate, RMS."""
_LOW = slice(0, 3)
"""Bands that any picture has."""
_SHARPEST = 80
"""Percentile of the blocks: the sharp ones say what a picture resolves, whatever lies out of focus."""
_FALL = 0.3
"""Of the power along an edge, which is the same in all bands where it is sharp: below, a band is empty."""
_SOFT = 0.94
"""Interpolation fades out beyond the frequency that it cuts at."""


def detail(picture: npt.NDArray[np.uint8]) -> float:
    """Share of the pixels, along a side, that carry detail: 1 for a sharp picture, 0.5 for one enlarged to double.

    Where the power spectrum of the sharpest blocks falls below what an edge has.

    Parameters
    ----------
    picture : ndarray of uint8, shape (h, w, 3)
        At the size it is asked about. A reduced one looks sharper than it is.

    Returns
    -------
    float
        0..1; 1 where there is too little to tell.

    Examples
    --------
    >>> noise = np.random.default_rng(1).integers(0, 256, (128, 128, 3)).astype(np.uint8)
    >>> detail(noise)
    1.0
    """
    blocks = _blocks(gray(picture))
    if len(blocks) < _FEWEST:
        return 1.0
    window = np.hanning(_BLOCK + 2)[1:-1].astype(np.float32)
    blocks = (blocks - blocks.mean(axis=(1, 2), keepdims=True)) * np.outer(window, window)
    power = np.abs(np.fft.rfft2(blocks)) ** 2
    radius = np.hypot(np.fft.fftfreq(_BLOCK)[:, None], np.fft.rfftfreq(_BLOCK)) * _BLOCK
    bands = _BLOCK // 2
    found = np.stack([power[:, radius.round() == band].mean(axis=1) * band**2 for band in range(1, bands + 1)], axis=1)
    found /= found[:, _LOW].mean(axis=1, keepdims=True)
    spectrum = np.percentile(found, _SHARPEST, axis=0)
    last = int(np.nonzero(spectrum > _FALL)[0].max(initial=0))
    if last == bands - 1:
        return 1.0
    above, below = (math.log(max(float(spectrum[band]), 1e-9)) for band in (last, last + 1))
    between = (above - math.log(_FALL)) / max(above - below, 1e-9)
    return min(1.0, _SOFT * (last + 1 + min(max(between, 0.0), 1.0)) / bands)


def _blocks(levels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Shape (n, block, block): those with the most contrast."""
    down, across = (length // _BLOCK for length in levels.shape)
    whole = levels[: down * _BLOCK, : across * _BLOCK]
    blocks = whole.reshape(down, _BLOCK, across, _BLOCK).swapaxes(1, 2).reshape(-1, _BLOCK, _BLOCK)
    contrast = blocks.std(axis=(1, 2), dtype=np.float32)
    chosen = np.argsort(-contrast, kind="stable")[:_MOST]
    found: npt.NDArray[np.float32] = blocks[chosen[contrast[chosen] > _CONTRAST]].astype(np.float32)
    return found
