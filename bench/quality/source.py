"""What an alteration is given: a photo as it lies on the disk and as it is seen, chance, and other photos to add."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from quality.drawing import Made


@dataclass(frozen=True)
class Source:
    """One photo to be altered."""

    data: bytes
    extension: str
    picture: Image.Image
    """Upright, RGB."""
    rng: random.Random
    photo: Callable[[], Image.Image]
    """Another photo at every call, that nothing else is made of."""


Alteration = Callable[[Source], Made]
Family = dict[str, Alteration]
"""Alterations of one kind, by name."""
