"""A picture in, how much of its resolution is real out: an enlarged one has pixels, and no more detail than before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.vision import cv2, gray

if TYPE_CHECKING:
    import numpy.typing as npt

_SHARES = tuple(2 ** (-step / 4) for step in range(1, 17))
"""Sizes, along a side, that a picture is reduced to: four for each halving."""
_HALF = 4
"""Steps from a size to its half."""
_EMPTY = 0.36
"""A reduction that loses less of what its half loses took away nothing but what interpolation had made. Of 50 photos
none loses so little at any size, and of these enlarged to double, all do at half."""
_BLOCK = 32
"""Pixels along a side."""
_BUSIEST = 80
"""Percentile of the blocks: where there is nothing, nothing is lost."""
_LEAST = 2 * _BLOCK
"""Pixels along a side, of pictures that are looked at."""


def detail(picture: npt.NDArray[np.uint8]) -> float:
    """Share of the pixels, along a side, that carry detail: 1 for most pictures, 0.5 for one enlarged to double.

    The smallest size to which it can be reduced, and enlarged again, at next to no loss. What it goes by is what is
    lost, not how sharp it looks: a sharpened reduction shows no more than its original.

    Parameters
    ----------
    picture : ndarray of uint8, shape (h, w, 3)
        At the size it is asked about.

    Returns
    -------
    float
        0.125..1; 1 where there is too little to tell.

    Examples
    --------
    >>> noise = np.random.default_rng(1).integers(0, 256, (128, 128, 3)).astype(np.uint8)
    >>> detail(noise), detail(cv2.resize(noise, (256, 256), interpolation=cv2.INTER_CUBIC)) < 0.6
    (1.0, True)
    """
    if min(picture.shape[:2]) < _LEAST:
        return 1.0
    levels = gray(picture).astype(np.float32)
    lost = [_lost(levels, share) for share in _SHARES]
    halves = zip(_SHARES, lost, lost[_HALF:], strict=False)
    empty = [share for share, loss, of_half in halves if loss <= _EMPTY * of_half]
    return min(empty, default=1.0) if lost[-1] > 0 else 1.0


def _lost(levels: npt.NDArray[np.float32], share: float) -> float:
    """Levels, RMS, that the busiest blocks lose when a picture is reduced and enlarged again."""
    height, width = levels.shape
    size = max(1, round(width * share)), max(1, round(height * share))
    reduced = cv2.resize(levels, size, interpolation=cv2.INTER_AREA)
    squares = (levels - cv2.resize(reduced, (width, height), interpolation=cv2.INTER_CUBIC)) ** 2
    down, across = height // _BLOCK, width // _BLOCK
    blocks = squares[: down * _BLOCK, : across * _BLOCK].reshape(down, _BLOCK, across, _BLOCK).mean(axis=(1, 3))
    return float(np.sqrt(np.percentile(blocks, _BUSIEST)))
