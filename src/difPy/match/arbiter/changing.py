"""Two pictures of the same and what was compared of them in, what was done to the one to get the other out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.change import Change, Showing, Verdict, between_units
from difPy.match.arbiter.beyond import beyond
from difPy.match.arbiter.common import coloured
from difPy.match.arbiter.levels import in_tone, middles, squares, tones
from difPy.match.arbiter.overlays import overlays
from difPy.match.arbiter.patches import ALIKE, GRID, STEP
from difPy.match.arbiter.shades import are_equal, shades
from difPy.match.arbiter.sharpness import blurred, blurs, share
from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.match.arbiter.comparing import Compared

    Pictures = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]


def changed(pictures: Pictures, levels: Pictures, compared: Compared, verdict: Verdict) -> tuple[Change, float]:
    """What was done to the first picture, and the mean squared error of the common area, equally sharp.

    Parameters
    ----------
    pictures : two ndarrays of uint8, shape (h, w, 3)
    levels : two ndarrays of uint8, shape (h, w)
        The same in grey.
    compared : Compared
        Of the two.
    verdict : Verdict
        What only shares a part never goes for the other: which shades it has as one is not looked at.
    """
    first, second = pictures
    grid, shared, found = compared.grid, compared.common, compared.patches
    agree = np.zeros(grid.first.shape, np.uint8)
    agree[GRID] = found.use & (found.correlation > ALIKE)
    same = np.asarray(cv2.dilate(agree, np.ones((STEP, STEP)))) > 0
    blur, blur_of_second = blurs(grid.first, shared.second, same)
    grey = blurred(grid.first, blur)
    grey_of_second = blurred(shared.second, blur_of_second)
    over = overlays(in_tone(grey, grey_of_second, same), grey_of_second.astype(np.float32), found)
    one, other = coloured(first, second, grid, shared)
    one, other = blurred(one, blur), blurred(other, blur_of_second)
    error = cv2.norm(one, other, cv2.NORM_L2SQR, shared.inside) / (3 * int(shared.inside.sum()))
    tone, tone_of_second = squares(one), squares(other)
    is_inside, is_same = middles(shared.inside > 0), middles(same)
    there, back = tones(tone, tone_of_second, is_same)
    lost = gained = 0.0
    if verdict is Verdict.COPY and not are_equal(tone, tone_of_second, is_inside):
        lost, gained = (shades(*pair, is_inside, is_same) for pair in ((tone_of_second, tone), (tone, tone_of_second)))

    back_again = np.asarray(np.linalg.inv(compared.map), np.float64)
    more, area = beyond(levels[1], first.shape, compared.map)
    less, cut = beyond(levels[0], second.shape, back_again)
    size, size_of_second = ((picture.shape[1], picture.shape[0]) for picture in pictures)
    detail, detail_of_second = (  # the one that had not to be blurred is the one that is blurred
        min(1.0, share(of_the_other) * pixels) if of_the_other else 1.0
        for of_the_other, pixels in ((blur_of_second, grid.first.shape[1] / size[0]), (blur, 1 / grid.zoom))
    )
    change = Change(
        between_units(compared.map, size, size_of_second),
        Showing(size, detail, over.first, lost, less, cut, back),
        Showing(size_of_second, detail_of_second, over.second, gained, more, area, there),
        over.undecided,
    )
    return change, error
