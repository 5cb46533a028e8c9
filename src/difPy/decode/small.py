"""An opened picture in, what a person sees of its first frame out: small, upright, on white, in sRGB.

For methods that look at shapes, not at pixels: a JPEG is decoded at the scale that is just enough, which is quicker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from difPy.decode.colour import in_srgb, profile
from difPy.decode.frames import frames
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
    look = profile(picture)
    if picture.format in ("JPEG", "MPO"):
        picture.image.draft(None, (side * _SPARE, side * _SPARE))
    shown = on(next(frames(picture)).shown, WHITE)
    scale = min(side / max(shown.size), ENLARGED)
    width, height = (max(1, round(length * scale)) for length in shown.size)
    how = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    return np.ascontiguousarray(in_srgb(shown.resize((width, height), how), look))
