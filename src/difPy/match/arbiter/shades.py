"""Two pictures on one grid in, how much of it shows shades or colours in the one that the other has as one, out.

Where the colours of a picture follow from those of the other, by whatever rule, nothing is lost: it was made brighter,
paler, or sepia. Where lights are burnt, shades were merged to a few, or something was painted over in the same shade,
one colour stands for others from place to place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.match.arbiter.levels import opponents
from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

    Squares = npt.NDArray[np.float32]
    """Shape (3, h, w): red, green and blue."""

_KNOTS = np.arange(9, dtype=np.float32)[:, None] * 32
"""Levels at which the rule for each colour may bend."""
_FAINT = 1.0
"""Squares: what is known from fewer is hardly known."""
_AROUND = 5
"""Squares along a side: what is a little out of place at an edge, or noise, comes to nothing in their mean."""
_OTHER = (10, 6, 6)
"""Levels by which luma, and the two colours, are others."""
_FEWEST = 100
"""Squares to learn a rule from."""


def shades(one: Squares, other: Squares, inside: npt.NDArray[np.bool_], same: npt.NDArray[np.bool_]) -> float:
    """Share of what is `inside` both where the other picture shows what does not follow from this one.

    Parameters
    ----------
    one, other : ndarray of float32, shape (3, h, w)
        As `levels.squares` makes them, of pictures that are equally sharp.
    inside, same : ndarray of bool, shape (h, w)
        What both show, and where they show the same: what a rule is learned from.

    Examples
    --------
    >>> ramp = np.tile(np.linspace(50, 250, 40, dtype=np.float32), (3, 40, 1))
    >>> everywhere = np.ones((40, 40), bool)
    >>> shades(ramp, ramp / 2, everywhere, everywhere)
    0.0
    >>> shades(np.minimum(ramp, 150), ramp, everywhere, everywhere) > 0.2
    True
    """
    same = same & inside
    if np.count_nonzero(same) < _FEWEST:
        return 0.0
    wanted = opponents(other)
    left = wanted - _followed(one, wanted, same)
    weight = inside.astype(np.float32)
    count = np.maximum(cv2.boxFilter(weight, -1, (_AROUND, _AROUND)), 1e-6)
    differs = np.zeros(inside.shape, np.bool_)
    for values, most in zip(left, _OTHER, strict=True):
        differs |= np.abs(cv2.boxFilter(values * weight, -1, (_AROUND, _AROUND))) > most * count
    return float(differs[inside].mean())


def _followed(one: Squares, wanted: Squares, same: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """What is wanted, as far as it follows from red, green and blue: a line for each, and then where that bends."""
    flat, at = one.reshape(3, -1), np.flatnonzero(same)
    found = np.zeros((3, flat.shape[1]), np.float32)
    lines = np.vstack((flat, np.full((1, flat.shape[1]), 255, np.float32)))
    bends = np.maximum(0, 1 - np.abs(flat[:, None] - _KNOTS) / 32).reshape(-1, flat.shape[1])
    product: Any = cv2.gemm  # one thread, whatever the process: the same sums everywhere
    for basis in (lines, bends):
        known, left = basis[:, at], (wanted.reshape(3, -1) - found)[:, at]
        power = product(known, known, 1, None, 0, flags=cv2.GEMM_2_T) + np.eye(len(known)) * _FAINT
        share = np.linalg.solve(power, product(known, left, 1, None, 0, flags=cv2.GEMM_2_T))
        found += product(share.astype(np.float32), basis, 1, None, 0, flags=cv2.GEMM_1_T)
    return found.reshape(wanted.shape)
