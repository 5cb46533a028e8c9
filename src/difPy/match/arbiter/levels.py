"""The common area of two pictures in, how the levels and colours of the one follow from those of the other, out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from difPy.change import Tone
from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

SQUARE = 3
"""Pixels along a side, whose mean colours are compared: they have less noise."""
_CURVE, _SOME = 8, 20
"""Levels between the points of a curve, and pixels that a point needs."""
_FEWEST, _MANY = 20, 1500
"""Squares to fit a tone on, and so many that more of them make it no better."""
_ENOUGH = 6000
"""Pixels that a curve is fitted on: the same of them."""
_TOUCHED = 2.0
"""Levels that colours deviate in a picture that has any, RMS."""


def squares(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Red, green and blue of squares of a picture of shape (h, w, 3), as shape (3, h / 3, w / 3)."""
    height, width = (length // SQUARE for length in picture.shape[:2])
    if not height or not width:
        return np.zeros((3, height, width), np.float32)
    whole = picture[: height * SQUARE, : width * SQUARE]
    means = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(np.asarray(means).transpose(2, 0, 1), np.float32)


def opponents(colours: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Luma, and how much bluer and redder than grey, of red, green and blue: shape (3, ...)."""
    red, green, blue = colours
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return np.stack((luma, 0.564 * (blue - luma), 0.713 * (red - luma)))


def middles(pixels: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Of an array of pixels, those in the middle of a square."""
    height, width = (length // SQUARE for length in pixels.shape)
    return pixels[1::SQUARE, 1::SQUARE][:height, :width]


def tones(
    first: npt.NDArray[np.float32], second: npt.NDArray[np.float32], same: npt.NDArray[np.bool_]
) -> tuple[Tone, Tone]:
    """What made the second's levels of the first's, and the first's of the second's.

    Parameters
    ----------
    first, second : ndarray of float32, shape (3, h, w)
        Squares of two pictures on one grid.
    same : ndarray of bool, shape (h, w)
        Where they show the same.
    """
    at = np.flatnonzero(same)
    if len(at) < _FEWEST:
        return Tone(), Tone()
    at = at[:: -(-len(at) // _MANY)]
    one, other = (opponents(colours.reshape(3, -1)[:, at]) for colours in (first, second))
    stats, stats_of_other = _Colours.of(one), _Colours.of(other)
    return _tone(stats, stats_of_other), _tone(stats_of_other, stats)


def in_tone(
    first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], same: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float32]:
    """The first's grey levels as the second has them where they show the same, by a curve: whatever the tone is.

    Parameters
    ----------
    first, second : ndarray of uint8, shape (h, w)
    same : ndarray of bool, shape (h, w)
    """
    at = np.flatnonzero(same)
    at = at[:: max(1, -(-len(at) // _ENOUGH))]
    cell = first.ravel()[at] // _CURVE
    count = np.bincount(cell, minlength=256 // _CURVE)
    known = np.nonzero(count >= _SOME)[0]
    if len(known) < 2:
        return first.astype(np.float32)
    levels, targets = (np.bincount(cell, picture.ravel()[at])[known] / count[known] for picture in (first, second))
    curve: npt.NDArray[np.float32] = np.interp(np.arange(256), levels, targets).astype(np.float32)
    return np.asarray(cv2.LUT(first, curve), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Colours:
    """Of luma, and of how much bluer and redder than grey."""

    middle: npt.NDArray[np.float32]
    """Shape (3,): medians."""
    about: npt.NDArray[np.float32]
    """Shape (3, n): without the means."""
    spread: float
    """Standard deviation of the luma."""

    @classmethod
    def of(cls, values: npt.NDArray[np.float32]) -> _Colours:
        ordered, half = np.sort(values, axis=1), values.shape[1] // 2  # half the time of np.median
        middle = np.asarray((ordered[:, (values.shape[1] - 1) // 2] + ordered[:, half]) / 2, np.float32)
        return cls(middle, values - values.mean(axis=1, keepdims=True), float(values[0].std()))


def _tone(one: _Colours, other: _Colours) -> Tone:
    gain = other.spread / max(one.spread, 1e-3)
    luma, *known = one.about
    saturation = None
    if np.sqrt(((known[0] ** 2).mean() + (known[1] ** 2).mean()) / 2) > _TOUCHED:
        # one factor for both colours, beside what follows from the luma, as in a sepia print
        luma = luma / max(float(np.sqrt((luma**2).mean())), 1e-3)
        left = [values - luma * (values * luma).mean() for values in (*known, *other.about[1:])]
        power = (left[0] ** 2 + left[1] ** 2).mean()
        if np.sqrt(power / 2) > _TOUCHED / 2:
            saturation = float((left[0] * left[2] + left[1] * left[3]).mean() / power)
    tint = float(np.hypot(*(other.middle[1:] - (saturation or 0) * one.middle[1:])))
    return Tone(gain, float(other.middle[0] - gain * one.middle[0]), saturation, tint)
