"""The common area of two pictures in, how much of it each of them covers with something of its own, out.

What is laid over a picture has an edge where it begins; the picture under it goes on as if nothing were there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from difPy.match.arbiter.patches import ALIKE, GRID, PATCH, STEP
from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.match.arbiter.patches import Patches

_LOUD, _NOISES = 10.0, 5.0
"""Levels, and times the usual difference: pixels that differ by more are others."""
_FEWEST = 3
"""Patches: what covers fewer is chance."""
_HOLES = 7
"""Pixels: of an overlay that happens to have the picture's own shade."""
_STRONGER = 1.4
"""How much stronger the edges must be in the picture that carries something."""
_FULL = 0.15
"""Share of the pixels of a patch that differ where something covers it."""


@dataclass(frozen=True, slots=True)
class Overlays:
    """Shares of the common area."""

    first: float
    """Where the first picture carries something that the second lacks."""
    second: float
    undecided: float


def overlays(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32], found: Patches) -> Overlays:
    """What each picture carries over the other.

    Parameters
    ----------
    first, second : ndarray of float32, shape (h, w)
        Grey levels on one grid, in the same tone, equally sharp.
    found : Patches
    """
    difference = np.abs(first - second)
    usual = float(np.median(difference[GRID][found.use]))
    loud = (difference > max(_LOUD, _NOISES * usual)).astype(np.float32)
    full = np.asarray(cv2.boxFilter(loud, -1, (PATCH, PATCH)))[GRID] > _FULL
    differs = found.use & full & ((found.correlation <= ALIKE) | ~found.rich)
    number, label = cv2.connectedComponents(differs.astype(np.uint8), connectivity=8)
    if number < 2:
        return Overlays(0.0, 0.0, 0.0)
    patches = np.bincount(label.ravel(), minlength=number).astype(np.float64)
    whole = cv2.morphologyEx(loud, cv2.MORPH_CLOSE, np.ones((_HOLES, _HOLES)))  # its outline counts, not its holes
    edge = np.asarray(cv2.morphologyEx(whole, cv2.MORPH_GRADIENT, np.ones((3, 3)))) > 0
    wide = cv2.dilate(label.astype(np.float32), np.ones((3, 3)))  # an edge may lie between the middles of patches
    at = np.minimum(np.arange(max(first.shape)) // STEP, max(label.shape) - 1)
    rows, columns = (np.minimum(at[:length], cells - 1) for length, cells in zip(first.shape, label.shape, strict=True))
    where = np.where(edge, np.asarray(wide)[np.ix_(rows, columns)], 0).astype(np.int64).ravel()
    strong, strong_of_second = (
        np.bincount(where, _slopes(picture).ravel(), minlength=number) for picture in (first, second)
    )
    patches[(patches < _FEWEST) | (np.arange(number) == 0)] = 0
    total = float(found.use.sum())
    ours = patches[strong > _STRONGER * strong_of_second].sum() / total
    theirs = patches[strong_of_second > _STRONGER * strong].sum() / total
    return Overlays(float(ours), float(theirs), float(max(patches.sum() / total - ours - theirs, 0.0)))


def _slopes(picture: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    across, down = (cv2.Sobel(picture, cv2.CV_32F, *axes) for axes in ((1, 0), (0, 1)))
    return np.asarray(cv2.magnitude(across, down), np.float32)
