"""Pillow images in any of the eight orientations, whole or in strips: as `difPy.orientation` does it for arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL.Image import Transpose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

_TRANSPOSE = {
    1: Transpose.ROTATE_90,
    2: Transpose.ROTATE_180,
    3: Transpose.ROTATE_270,
    4: Transpose.FLIP_LEFT_RIGHT,
    5: Transpose.TRANSPOSE,
    6: Transpose.FLIP_TOP_BOTTOM,
    7: Transpose.TRANSVERSE,
}
# Orientations whose first row is the last row or column of the picture.
_FROM_THE_END = {1, 2, 6, 7}

STRIP = 1 << 16
"""Pixels in a strip: so few that memory just used serves for the next one, enough to cost no time."""


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """Image in that orientation; itself for 0."""
    return image.transpose(_TRANSPOSE[orientation]) if orientation else image


def size_of(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Width and height of a picture of that size in that orientation."""
    return size[::-1] if orientation & 1 else size


def strips(image: Image.Image, orientation: int = 0) -> Iterator[Image.Image]:
    """Turned image, a few whole rows at a time, from the top: never a second one in memory.

    Two images of the same turned size come in strips of the same sizes.
    """
    for some in parts(image, orientation):
        yield turned(some, orientation)


def parts(image: Image.Image, orientation: int) -> Iterator[Image.Image]:
    """What the strips of a turned image are, as it lies in the image."""
    width, height = size_of(image.size, orientation)
    step = max(1, STRIP // max(width, 1))
    if step >= height:
        yield image
        return
    for top in range(0, height, step):
        bottom = min(top + step, height)
        first, last = (height - bottom, height - top) if orientation in _FROM_THE_END else (top, bottom)
        box = (first, 0, last, image.height) if orientation & 1 else (0, first, image.width, last)
        yield image.crop(box)
