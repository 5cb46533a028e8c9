"""The common area of two grey pictures in, which of them is the more blurred, and by how much, out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

_FINEST, _FINE, _COARSE = 0.6, 1.2, 3.0
"""Pixels: the blurs between which the finest details, and coarser ones that a blur hardly touches, are looked at."""
_FREQUENCY = 1.1
"""Radians a pixel: the middle of the finest details."""
_FAINT = 0.35
"""Levels, RMS, of details that tell nothing."""
_ENOUGH = 8000
"""Pixels, evenly spread, that details are looked at in: more of them tell no more."""
_PIXEL = 0.45
"""Sigma of the blur that a pixel of twice the size stands for, in such pixels."""


def blurs(
    first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], same: npt.NDArray[np.bool_]
) -> tuple[float, float]:
    """Sigmas, in pixels, that the first and the second have to be blurred by to be like the other; one of them is 0.

    Noise is not taken for detail: details count as far as both have them.

    Parameters
    ----------
    first, second : ndarray of uint8, shape (h, w)
        Grey levels.
    same : ndarray of bool, shape (h, w)
        Where they show the same.
    """
    at = np.flatnonzero(same)
    at = at[:: max(1, len(at) // _ENOUGH)]
    bands, bands_of_second = (_bands(picture, at) for picture in (first, second))
    (fine, coarse), (fine_of_second, coarse_of_second) = (map(_power, some) for some in (bands, bands_of_second))
    if min(fine, fine_of_second, coarse, coarse_of_second) < _FAINT**2:
        return 0.0, 0.0
    both_fine, both_coarse = (float((one * other).mean()) for one, other in zip(bands, bands_of_second, strict=True))
    there = both_fine / fine / max(both_coarse / coarse, 1e-3)
    back = both_fine / fine_of_second / max(both_coarse / coarse_of_second, 1e-3)
    return _sigma(back), _sigma(there)


def share(sigma: float) -> float:
    """Of the pixels along a side, those that are left after a blur.

    Examples
    --------
    >>> share(0.0), round(share(0.9), 2)
    (1.0, 0.45)
    """
    return 1 / math.sqrt(1 + (sigma / _PIXEL) ** 2)


def blurred(picture: npt.NDArray[np.uint8], sigma: float) -> npt.NDArray[np.uint8]:
    """The picture after a blur of that many pixels."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8) if sigma else picture


def _bands(picture: npt.NDArray[np.uint8], at: npt.NDArray[np.intp]) -> list[npt.NDArray[np.float32]]:
    levels = picture.astype(np.float32)
    blurs = (np.asarray(cv2.GaussianBlur(levels, (0, 0), sigma)) for sigma in (_FINEST, _FINE, _COARSE))
    finest, fine, coarse = (levels.ravel()[at] for levels in blurs)
    return [finest - fine, fine - coarse]


def _power(band: npt.NDArray[np.float32]) -> float:
    return float((band * band).mean()) if band.size else 0.0


def _sigma(stronger: float) -> float:
    """Sigma of the blur that takes away what is `stronger` times as strong."""
    return math.sqrt(2 * math.log(stronger)) / _FREQUENCY if stronger > 1.15 else 0.0
