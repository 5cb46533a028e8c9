"""Two pictures and a map in, the verdict on them out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from difPy.change import Change, Verdict
from difPy.match.arbiter.changing import changed
from difPy.match.arbiter.common import common, gray
from difPy.match.arbiter.patches import evidence, patches
from difPy.match.arbiter.refining import refined
from difPy.orientation import MIRRORED, inverse

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from difPy.match.arbiter.patches import Evidence

RECIPE = 1
"""To be raised whenever the same two pictures and map would be judged otherwise than before."""
LEAST = 1 / (256 * 256 * 3)
"""One level of one value, in the largest picture that is compared."""
AGREE, AREA, COVER = 0.93, 0.70, 0.4
PART_SHARP, PART_AREA = 0.35, 0.15
_HOPELESS, _PERFECT = 0.25, 0.97


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on two pictures, and what it rests on."""

    verdict: Verdict
    agree: float
    sharp: float
    area: float
    inner: int
    mse: float
    change: Change

    @property
    def distance(self) -> float:
        """Mean squared error of the common area: never 0, which is for pictures that are identical."""
        return max(self.mse, LEAST)

    @property
    def orientation(self) -> int:
        """The one of the eight that comes nearest to turning the second picture into the first."""
        turns = round(self.change.angle / 90) & 3
        return inverse(turns | (MIRRORED if self.change.mirrored else 0))

    def reversed(self) -> Judgement:
        """The same from the second picture's side."""
        return replace(self, change=self.change.reversed())


def judge(
    first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64], *, refine: bool
) -> Judgement | None:
    """Whether two pictures show the same where they overlap; None if they do not.

    Parameters
    ----------
    first, second : ndarray of uint8, shape (h, w, 3)
    matrix : ndarray of float64, shape (3, 3)
        Takes the first's pixels to the second's.
    refine : bool
        Whether the map is so coarse that it has to be sharpened whatever comes.
    """
    if not (first.size and second.size):
        return None
    levels = gray(first), gray(second)
    found = _compared(*levels, matrix)
    tries = [(found, matrix)] if found else []
    if refine or (found and _HOPELESS < found.agree < _PERFECT):
        better = refined(*levels, matrix)
        tries += [(again, better) for again in [_compared(*levels, better)] if again]
    if not tries:
        return None
    best, matrix = max(tries, key=lambda one: one[0].agree + one[0].area)
    if (verdict := _verdict(best)) is None:
        return None
    shared = common(first, second, matrix)
    found = patches(common(*levels, matrix))
    change, error = changed(first, second, matrix, shared, found)
    return Judgement(verdict, best.agree, best.sharp, best.area, best.inner, error, change)


def _compared(
    first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64]
) -> Evidence | None:
    shared = common(first, second, matrix)
    found = patches(shared) if shared else None
    return evidence(found, shared, second.shape) if shared and found else None


def _verdict(found: Evidence) -> Verdict | None:
    if max(found.cover) < COVER:  # a shared caption or watermark, not a shared picture
        return None
    if found.agree >= AGREE or found.area >= AREA:
        return Verdict.COPY
    return Verdict.PART if found.sharp >= PART_SHARP and found.area >= PART_AREA else None
