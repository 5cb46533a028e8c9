"""Two pictures on one grid in, how much of it shows shades or colours in the one that the other has as one, out.

Where the colours of a picture follow from those of the other, by whatever rule, nothing is lost: it was made brighter,
paler, or sepia. Where lights are burnt, shades were merged to a few, or something was painted over in the same shade,
one colour stands for others from place to place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.match.arbiter.levels import opponents
from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

    Squares = npt.NDArray[np.float32]
    """Shape (3, h, w): red, green and blue."""

_BEND = 16
"""Levels from one place to the next where the rule for a colour may bend."""
_FAINT = 1.0
"""Squares: what is known from fewer is hardly known."""
_SOME = 1500
"""Squares that a rule is learned from: more of them make it no better."""
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
    return float(_differs(wanted - _followed(one, wanted, same), inside)[inside].mean())


def are_equal(one: Squares, other: Squares, inside: npt.NDArray[np.bool_]) -> bool:
    """Whether all colours are the same `inside`, so that each picture shows all that the other does."""
    return not _differs(opponents(one - other), inside)[inside].any()


def _differs(left: npt.NDArray[np.float32], inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Where what is left of luma and colours comes to something in the squares around."""
    weight = inside.astype(np.float32)
    count = np.maximum(cv2.boxFilter(weight, -1, (_AROUND, _AROUND)), 1e-6)
    differs = np.zeros(inside.shape, np.bool_)
    for values, most in zip(left, _OTHER, strict=True):
        differs |= np.abs(cv2.boxFilter(values * weight, -1, (_AROUND, _AROUND))) > most * count
    return differs


def _followed(one: Squares, wanted: Squares, same: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """What is wanted, as far as it follows from red, green and blue: a line for each, and then where that bends.

    Sums are taken one by one: they are the same in every process, whatever its threads.
    """
    at = np.flatnonzero(same)
    at = at[:: -(-len(at) // _SOME)]
    levels, targets = one.reshape(3, -1), wanted.reshape(3, -1)
    lines = np.vstack((levels, np.full((1, levels.shape[1]), 255, np.float32)))
    known = lines[:, at].astype(np.float64)
    power = np.einsum("in,jn->ij", known, known) + np.eye(4) * len(at)  # a level of noise: in grey, all three are one
    shares = np.linalg.solve(power, np.einsum("in,jn->ij", known, targets[:, at]))
    found = np.asarray(np.einsum("ij,in->jn", shares.astype(np.float32), lines), np.float32)
    left = targets[:, at] - found[:, at]
    places = np.arange(_BEND / 2, 256, _BEND)
    for whole in levels.astype(np.int64):
        level = whole[at]
        cell = level // _BEND
        count = np.bincount(cell, minlength=len(places)) + _FAINT
        for row, rest in zip(found, left, strict=True):
            means = np.bincount(cell, rest, len(places)) / count
            bent = np.interp(np.arange(256), places, means).astype(np.float32)
            row += bent[whole]
            rest -= bent[level]
    return found.reshape(wanted.shape)
