"""Two pictures of the same and a map in, what was done to the one to get the other, and how far they are apart, out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.change import Change, Showing, between_units
from difPy.match.arbiter.beyond import beyond
from difPy.match.arbiter.common import gray
from difPy.match.arbiter.levels import in_tone, tones
from difPy.match.arbiter.overlays import overlays
from difPy.match.arbiter.patches import ALIKE, STEP
from difPy.match.arbiter.sharpness import blurred, blurs, share
from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.match.arbiter.common import Common
    from difPy.match.arbiter.patches import Patches


def changed(
    first: npt.NDArray[np.uint8],
    second: npt.NDArray[np.uint8],
    matrix: npt.NDArray[np.float64],
    shared: Common,
    found: Patches,
) -> tuple[Change, float]:
    """What was done to the first picture, and the mean squared error of the common area.

    Parameters
    ----------
    first, second : ndarray of uint8, shape (h, w, 3)
    matrix : ndarray of float64, shape (3, 3)
        Takes the first's pixels to the second's.
    shared : Common
        Of the two in colour.
    found : Patches
        Of the two in grey, on the same grid.
    """
    one, other = shared.first.astype(np.float32), shared.second.astype(np.float32)
    agree = (found.use & (found.correlation > ALIKE)).astype(np.uint8)
    same = np.asarray(cv2.dilate(agree, np.ones((STEP, STEP)))) > 0
    there, back = tones(one, other, same)
    grey, grey_of_other = (gray(picture).astype(np.float32) for picture in (shared.first, shared.second))
    blur, blur_of_other = blurs(grey, grey_of_other, same)
    inside = shared.inside > 0
    one, other = blurred(one, blur), blurred(other, blur_of_other)
    error = float(((one - other) ** 2)[inside].mean())
    grey, grey_of_other = blurred(grey, blur), blurred(grey_of_other, blur_of_other)
    over = overlays(in_tone(grey, grey_of_other, same), grey_of_other, found)
    levels, levels_of_other = gray(first), gray(second)
    more, area = beyond(levels_of_other, first.shape, matrix)
    less, lost = beyond(levels, second.shape, np.linalg.inv(matrix))
    size, size_of_other = ((picture.shape[1], picture.shape[0]) for picture in (first, second))
    grid = shared.first.shape[1] / size[0], 1 / shared.zoom  # pixels of the grid for one of each picture
    detail, detail_of_other = (
        min(1.0, share(of_the_finer) * pixels) if of_the_finer else 1.0
        for of_the_finer, pixels in zip((blur_of_other, blur), grid, strict=True)
    )
    return (
        Change(
            between_units(matrix, size, size_of_other),
            Showing(size, detail, over.first, less, lost, back),
            Showing(size_of_other, detail_of_other, over.second, more, area, there),
            over.undecided,
        ),
        error,
    )
