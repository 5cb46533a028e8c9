"""Two pictures and a map in, the verdict on them out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from difPy.change import Change, Verdict
from difPy.match.arbiter.changing import changed
from difPy.match.arbiter.comparing import compared
from difPy.match.arbiter.maps import reasonable
from difPy.match.arbiter.refining import refined
from difPy.orientation import MIRRORED, inverse
from difPy.vision import gray

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.match.arbiter.patches import Evidence

RECIPE = 2
"""To be raised whenever the same two pictures and map would be judged otherwise than before."""
LEAST = 1 / (256 * 256 * 3)
"""One level of one value, in the largest picture that is compared."""
AGREE, AREA = 0.93, 0.70
"""A copy: so much of the texture agrees, or so large a rectangle of it does."""
COVER = 0.4
"""Share of one of the pictures that they must have in common: a caption or a watermark is less."""
PART_SHARP, PART_AREA = 0.35, 0.15
"""A part: so much of the texture agrees sharply, and so large a rectangle does."""
_HOPELESS, _PERFECT = 0.25, 0.97
"""Agreement that no sharpening brings to anything, and that needs none."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on two pictures, and what it rests on."""

    verdict: Verdict
    agree: float
    """Share of the patches with texture that are alike."""
    sharp: float
    """Share of them that are sharply alike."""
    area: float
    """The largest rectangle in which nearly all are, as a share of the common area."""
    inner: int
    """Patches with texture that were compared, away from the edges."""
    mse: float
    """Mean squared error of the common area: of red, green and blue, upright, small, equally sharp."""
    change: Change
    """What was done to the first to get the second."""

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
        """The same, seen from the second picture."""
        return replace(self, change=self.change.reversed())


def judge(
    first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64], *, refine: bool
) -> Judgement | None:
    """Whether two pictures show the same where they overlap, and what was done to the one; None if they do not.

    The numbers depend on which of the two comes first, a little: always ask in one order, and turn the answer round.

    Parameters
    ----------
    first, second : ndarray of uint8, shape (h, w, 3)
        Small pictures, sRGB.
    matrix : ndarray of float64, shape (3, 3)
        Takes the first's pixels to the second's: a homography between the middles of pixels.
    refine : bool
        Whether the map is so coarse that it has to be sharpened whatever comes.

    Examples
    --------
    >>> picture = np.random.default_rng(1).integers(0, 256, (24, 32, 3)).astype(np.uint8).repeat(6, 0).repeat(6, 1)
    >>> found = judge(picture, picture // 2, np.eye(3), refine=False)
    >>> str(found.verdict), found.change.words()
    ('copy', 'darker, less contrast, less colour')
    """
    if 0 in (*first.shape, *second.shape) or not reasonable(matrix, first.shape):
        return None
    levels = gray(first), gray(second)
    found = compared(*levels, matrix)
    tries = [found] if found else []
    if refine or (found and _HOPELESS < found.evidence.agree < _PERFECT):
        again = compared(*levels, refined(*levels, matrix), found)
        tries += [again] if again else []
    if not tries:
        return None
    best = max(tries, key=lambda one: one.evidence.agree + one.evidence.area)
    if (verdict := _verdict(best.evidence)) is None:
        return None
    change, error = changed((first, second), levels, best)
    proof = best.evidence
    return Judgement(verdict, proof.agree, proof.sharp, proof.area, proof.inner, error, change)


def _verdict(found: Evidence) -> Verdict | None:
    if max(found.cover) < COVER:
        return None
    if found.agree >= AGREE or found.area >= AREA:
        return Verdict.COPY
    return Verdict.PART if found.sharp >= PART_SHARP and found.area >= PART_AREA else None
