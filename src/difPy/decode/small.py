"""An opened picture in, what a person sees of its first frame out: small, upright, on white, in sRGB.

For methods that look at shapes, not at pixels: a JPEG is decoded at the scale that is just enough, which is quicker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from difPy.decode.colour import in_srgb, profile
from difPy.decode.frames import frames
from difPy.decode.turning import size_of
from difPy.decode.views import WHITE, on

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.decode.opening import Opened

ENLARGED = 2
"""A tiny picture is enlarged by no more than that: it would have nothing but what interpolation makes of it."""
_SPARE = 2
"""Pixels decoded for each that is wanted, along a side, at least."""


def small(picture: Opened, side: int) -> npt.NDArray[np.uint8]:
    """Picture of shape (h, w, 3), its longest side `side` pixels long, or less for a tiny one.

    Parameters
    ----------
    picture : Opened
    side : int
        Pixels.
    """
    look, stored = profile(picture), picture.image.size
    if picture.format in ("JPEG", "MPO"):
        picture.image.draft(None, (side * _SPARE, side * _SPARE))
    is_reduced = picture.image.size != stored
    frame = next(frames(picture))
    shown = on(frame.shown, WHITE)
    full = size_of(stored, frame.metadata.orientation or picture.orientation) if is_reduced else shown.size
    size = small_size(full, side)
    how = Image.Resampling.BOX if max(size) < max(shown.size) else Image.Resampling.BICUBIC
    return np.ascontiguousarray(in_srgb(shown.resize(size, how), look))


def small_size(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Width and height of the small picture of one of that width and height.

    Examples
    --------
    >>> small_size((4000, 3000), 400), small_size((30, 20), 400)
    ((400, 300), (60, 40))
    """
    scale = min(side / max(size), ENLARGED)
    width, height = (max(1, round(length * scale)) for length in size)
    return width, height
