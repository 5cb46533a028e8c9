"""Pictures of our own making: a number in, a picture out, the same one every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pictures.patterns import PATTERNS
from pictures.scenes import SCENES

if TYPE_CHECKING:
    from PIL import Image

KINDS = SCENES + PATTERNS


def draw(number: int) -> Image.Image:
    """The picture of that number: each kind in turn, then each kind in its next colours.

    Parameters
    ----------
    number : int
        0 or more.

    Returns
    -------
    Image
        RGB.
    """
    return KINDS[number % len(KINDS)](np.random.default_rng(number), number // len(KINDS))


def name(number: int) -> str:
    """What the picture of that number is called: its kind and a count from 1."""
    return f"{KINDS[number % len(KINDS)].__name__}-{number // len(KINDS) + 1}"
