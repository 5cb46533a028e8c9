"""Two pictures and a map in, the verdict on them out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from difPy.change import Change, Verdict
from difPy.match.arbiter.changing import changed
from difPy.match.arbiter.comparing import Comparison
from difPy.match.arbiter.maps import Overlap, invertible, overlap
from difPy.match.arbiter.refining import refined
from difPy.orientation import MIRRORED, inverse
from difPy.vision import gray

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.match.arbiter.patches import Evidence

RECIPE = 3
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
_HOPELESS_NEAR = 0.06
"""The same of a map that is a few pixels off: of copies, none agreed in less than 0.13 before it was sharpened."""
_AS_FINE = 1e-6
"""Share of their pixels by which two pictures differ that are as fine as each other, but for rounding."""


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

    Which of the two is called the first makes no difference but to how the answer is put: they are always compared the
    same way round, the one first that is finer where they overlap.

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
    if 0 in (*first.shape, *second.shape) or not invertible(matrix):
        return None
    shared = overlap(matrix, first.shape, second.shape)
    if _comes_first(first, second, shared):
        return _judged(first, second, matrix, shared, refine)
    back = np.asarray(np.linalg.inv(matrix), np.float64)
    found = _judged(second, first, back, Overlap(shared.second, shared.first), refine)
    return found.reversed() if found else None


def _comes_first(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], shared: Overlap) -> bool:
    """Whether the first is finer where they overlap; where they are as fine, what they hold decides."""
    if abs(shared.first - shared.second) > _AS_FINE * max(shared):
        return shared.first > shared.second
    return (first.shape, first.tobytes()) >= (second.shape, second.tobytes())


def _judged(
    first: npt.NDArray[np.uint8],
    second: npt.NDArray[np.uint8],
    matrix: npt.NDArray[np.float64],
    shared: Overlap,
    refine: bool,
) -> Judgement | None:
    levels = gray(first), gray(second)
    if (comparison := Comparison.of(*levels, shared)) is None:
        return None
    if (best := comparison.by(matrix)) is None:
        return None
    hopeless, perfect = (_HOPELESS_NEAR, 1.0) if refine else (_HOPELESS, _PERFECT)
    if hopeless < best.evidence.agree <= perfect and (again := comparison.by(refined(*levels, matrix))):
        best = max(best, again, key=lambda one: one.evidence.agree + one.evidence.area)
    proof = best.evidence
    if (verdict := _verdict(proof)) is None:
        return None
    change, error = changed((first, second), levels, best, verdict)
    return Judgement(verdict, proof.agree, proof.sharp, proof.area, proof.inner, error, change)


def _verdict(found: Evidence) -> Verdict | None:
    if max(found.cover) < COVER:
        return None
    if found.agree >= AGREE or found.area >= AREA:
        return Verdict.COPY
    return Verdict.PART if found.sharp >= PART_SHARP and found.area >= PART_AREA else None
