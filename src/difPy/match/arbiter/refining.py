"""A map that is about right in, one that the pictures themselves have sharpened out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.match.arbiter.maps import resized
from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

_SIDE = 160
_STEPS = 20
_CLOSE = 1e-4
_SMOOTHED = 5
_LEVEL = 1e-7
"""A plane that leans by less, per pixel, is seen straight on."""


def refined(
    first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Sharpen a map by maximising the correlation of two grey pictures (ECC, Evangelidis and Psarakis 2008).

    Parameters
    ----------
    first, second : ndarray of uint8, shape (h, w)
    matrix : ndarray of float64, shape (3, 3)
        Takes the first's pixels to the second's.

    Returns
    -------
    ndarray of float64, shape (3, 3)
        The given one where that fails.
    """
    one, other = _reduced(first), _reduced(second)
    to_first = resized(one.shape, first.shape)
    to_small = resized(second.shape, other.shape)
    guess = to_small @ matrix @ to_first
    if abs(guess[2, 2]) < 1e-9:
        return matrix
    start = (guess / guess[2, 2]).astype(np.float32)
    level = np.abs(start[2, :2]).max() < _LEVEL
    kind = cv2.MOTION_AFFINE if level else cv2.MOTION_HOMOGRAPHY
    until = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _STEPS, _CLOSE)
    try:
        everywhere = np.ones(other.shape, np.uint8)
        found = cv2.findTransformECC(one, other, start[:2] if level else start, kind, until, everywhere, _SMOOTHED)[1]
    except cv2.error:  # it has not converged, or nothing is left to correlate
        return matrix
    whole = np.vstack((found, (0, 0, 1))) if level else found
    sharpened: npt.NDArray[np.float64] = np.linalg.inv(to_small) @ whole.astype(np.float64) @ np.linalg.inv(to_first)
    return sharpened


def _reduced(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    scale = _SIDE / max(picture.shape)
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
