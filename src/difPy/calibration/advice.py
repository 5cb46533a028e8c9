"""Distances of pictures to those most like them in; a threshold, and why, or why there is none, out.

Copies lie close to what they are copies of, other pictures far from each other. Where nothing lies between the two, a
threshold there tells them apart. Where the distances run on without a break, as those of pages of text do, which all
look alike, none does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

LEAST = 20
"""Pictures: of fewer nothing can be said."""
_BREAK = 3.0
"""How many times farther the pictures beyond a break are, at least."""
_NEAR, _FAR = 2.5, 250.0
"""Where a break may begin. A mean squared error of 2.5 is what saving again costs; one of 250 is another picture."""
_COPIES, _OTHERS = 3, 10
"""Pictures on either side, at least: a break before two or three odd ones is chance."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What distances say of a threshold."""

    threshold: float | None
    below: float = 0.0
    """The greatest distance below the break."""
    above: float = 0.0
    """The least distance beyond it."""
    why: str = ""
    """A sentence: why there is none."""


def advice(distances: npt.NDArray[np.float64]) -> Advice:
    """A threshold, if the distances give reason for one.

    Parameters
    ----------
    distances : ndarray of float64, shape (m,)

    Examples
    --------
    >>> copies, others = np.linspace(0, 12, 10), np.linspace(800, 4000, 40)
    >>> advice(np.concatenate([copies, others])).threshold
    24.0
    >>> advice(np.linspace(20, 400, 50)).why
    'the distances run on without a break between copies and other pictures'
    """
    if len(distances) < LEAST:
        return Advice(None, why=f"there are too few pictures: {LEAST} at least are needed to tell")
    found = np.sort(distances)
    start = np.maximum(found[:-1], _NEAR)
    ratio = np.where((found[:-1] <= _FAR) & (found[1:] > _NEAR), found[1:] / start, 0.0)
    count = np.arange(1, len(found))
    ratio[(count < _COPIES) | (len(found) - count < _OTHERS)] = 0.0
    at = int(ratio.argmax())
    if found[-_OTHERS] <= _NEAR:
        return Advice(None, why="nearly every picture has one like it, so nothing shows how far others are")
    if found[_COPIES - 1] > _FAR:
        return Advice(None, why="no picture has one like it, so nothing shows how far copies are")
    if ratio[at] < _BREAK:
        return Advice(None, why="the distances run on without a break between copies and other pictures")
    below, above = float(found[at]), float(found[at + 1])
    near = max(below, _NEAR)
    return Advice(_rounded(min(2 * near, math.sqrt(near * above))), below, above)


def _rounded(threshold: float) -> float:
    """Two figures are all that it is worth."""
    return float(f"{threshold:.2g}")
