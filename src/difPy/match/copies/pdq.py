"""A square of gray levels in; its PDQ hash in all eight orientations out.

Source: Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019. The bits are those
of its own library, in another order; how a picture becomes a square is not its own way, which is not alike from all
sides: of a picture that was turned by a quarter, 28 bits would differ instead of none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy import orientation
from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

SQUARE = 64
"""Pixels along a side."""
WORDS = 4
"""Of 64 bits each, in a hash."""
_WAVES = 16
"""Across, and down: the longest, but for the mean."""
_TEXTURE = 90
"""Steps of a hundredth of the range, from pixel to pixel, that a square has at least if there is anything in it."""


def hashes(square: npt.NDArray[np.float32]) -> npt.NDArray[np.uint64] | None:
    """Of a square of shape (64, 64), as shape (8, 4); None if it has no texture.

    Examples
    --------
    >>> hashes(np.zeros((64, 64), np.float32)) is None
    True
    """
    steps = (np.abs(np.diff(square, axis=axis)) * (100 / 255) for axis in (0, 1))
    if sum(float(np.trunc(some).sum()) for some in steps) < _TEXTURE:
        return None
    waves = np.asarray(cv2.dct(square))[1 : 1 + _WAVES, 1 : 1 + _WAVES]
    turned = waves.ravel()[_PLACES] * _SIGNS
    middle = np.partition(turned, turned.shape[1] // 2 - 1, axis=1)[:, turned.shape[1] // 2 - 1 : turned.shape[1] // 2]
    return np.packbits(turned > middle, axis=1).view("<u8").astype(np.uint64)


def _turns() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Of the waves of a square in each orientation, shape (8, 256): where they are among its own, and their signs.

    To turn is to transpose, and to mirror: that turns waves of odd number upside down.
    """
    places = np.arange(_WAVES**2).reshape(_WAVES, _WAVES)
    signs = 1.0 - 2.0 * (np.arange(1, _WAVES + 1) % 2)
    found = []
    for turn in orientation.ALL:
        (origin, across), _ = orientation.apply(turn, np.arange(4).reshape(2, 2)).tolist()
        sign = np.where(origin & 1, signs, 1.0) * np.where(origin & 2, signs, 1.0)[:, None]
        is_transposed = abs(across - origin) == 2
        found.append((places.T, sign.T) if is_transposed else (places, sign))
    return (
        np.stack([place.ravel() for place, _ in found]),
        np.stack([sign.ravel() for _, sign in found]).astype(np.float32),
    )


_PLACES, _SIGNS = _turns()
