"""Two pictures in, their distance at full resolution out: where tensors are too small to tell them apart."""

from __future__ import annotations

import math
from itertools import zip_longest
from typing import TYPE_CHECKING

from PIL import ImageChops

from difPy.decode.colour import in_srgb, profile
from difPy.decode.frames import frames
from difPy.decode.turning import size_of, strips
from difPy.decode.views import backgrounds, on

if TYPE_CHECKING:
    from PIL import Image

    from difPy.decode.colour import Profile
    from difPy.decode.opening import Opened

    Looks = tuple[Profile | None, Profile | None]

_SQUARES = [level * level for level in range(256)] * 3


def least_distance(a: Opened, b: Opened, orientations: tuple[int, ...]) -> float:
    """Least mean squared error of two pictures' pixels over orientations of the second; inf if none fits.

    Frames are compared one by one, in sRGB, on white and, where something shines through, on black; the greatest error
    counts. What is equal in all of them, in pictures known not to be identical, differs in what is not seen (colour
    under full transparency, the low bytes of 16 bits, inks, a film behind it): that counts as one level in one sample.
    """
    errors = dict.fromkeys(orientations, 0.0)
    pixels, looks = 0, (profile(a), profile(b))
    for frame_a, frame_b in zip_longest(frames(a), frames(b)):
        if frame_a is None or frame_b is None:
            return math.inf
        image_a, image_b = frame_a.shown, frame_b.shown
        pixels = pixels or image_a.width * image_a.height
        for o in errors:
            errors[o] = max(errors[o], _error(image_a, image_b, o, looks))
        errors = {o: error for o, error in errors.items() if error < math.inf}
        if not errors:
            return math.inf
    return min(errors.values(), default=math.inf) or 1 / (pixels * 3)


def _error(a: Image.Image, b: Image.Image, orientation: int, looks: Looks) -> float:
    if a.size != size_of(b.size, orientation):
        return math.inf
    sums = dict.fromkeys(backgrounds(a, b), 0)
    for strip_a, strip_b in zip(strips(a), strips(b, orientation), strict=True):
        for level in sums:
            shown = (in_srgb(on(strip, level), look) for strip, look in zip((strip_a, strip_b), looks, strict=True))
            counts = ImageChops.difference(*shown).histogram()
            sums[level] += sum(count * square for count, square in zip(counts, _SQUARES, strict=True))
    return max(sums.values()) / (a.width * a.height * 3)
