"""An opened picture in, a sketch out: a tensor by a short cut, and a bound on how far it is from the true one.

A JPEG can be decoded to 1/2, 1/4 or 1/8 of its size for a fraction of the cost. Other formats are decoded in full, but
much is left to do then: interpolating from all pixels, and hashing them. Taking means of n x n pixels first, and no
hash, spares most of that. What is lost is of two kinds, and the claimed error is the sum of their bounds.

1. Interpolating from means of n x n pixels is not interpolating from the pixels. With `scale` sketched pixels across a
   pixel of the tensor, this and rounding cost `base + slope / scale` levels.
2. A full decode of a JPEG clips every pixel to 0..255; a sketch clips means. By how much that shifts them depends on
   the standard deviation s of their pixels (`clipping`), and that takes bits: s = 1.6 * sqrt(q) * (1 + b) is assumed, q
   being the step of quantization and b the bits a sample, counting half a sample of colour to each of brightness. That
   is what quantization does. Where colour is stored at half the resolution, pixels leave the range as far as colours
   differ within 2 x 2 of them, and such variety takes bits, too: s = q * (2**b - 1) / 2 or more (after Gish and Pierce,
   1968: at high rates b is log2(s / q) + 2). But bits can be in a part of the picture; where that is, its colours tell.

The constants were fitted, with a margin, on photographs and on what photographs are not: text, halftones, noise,
mosaics, each of saturated colours, too, at all qualities, and one within another. Regular patterns, stripes and
gratings, go beyond them: they take few bits for all that they hold, and what is lost of them all falls into one place
of the spectrum. They repeat themselves, and so does their code, unlike that of a photograph: such pictures are decoded
in full. Not covered are colours that were never RGB before they were saved. Of made-up patches of single pixels in
saturated colours, at half the resolution, one in 800 went beyond its claim, 1.9 times at most: sharp edges hid it.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from PIL import Image

from difPy import orientation
from difPy.decode import clipping, jpeg
from difPy.decode.depth import is_reduced, low_tiles
from difPy.decode.exif import metadata
from difPy.decode.frames import is_animated
from difPy.decode.opening import Opened, again
from difPy.decode.refused import Damaged
from difPy.decode.turning import size_of
from difPy.model import Picture

if TYPE_CHECKING:
    import numpy.typing as npt

LEAST_SCALE = 1.8
"""Sketched pixels across a pixel of the tensor, at least."""
LEAST_SIDE = 90
"""Sketched pixels across the picture, at least: there may be a border of one pixel."""
WORST_ERROR = 10.0
"""A sketch that may be worse says too little: the picture is decoded in full."""

# Where a sketch spares little: of smaller JPEGs that share colours it takes 0.8 to 0.95 of a full decode.
_LEAST_PIXELS_OF_A_JPEG = 160_000
_LEAST_PIXELS = 1_000_000
_LEAST_SCALE_OF_MEANS = 8.0

_SUBSAMPLINGS = ((1, 1), (2, 1), (1, 2), (2, 2))
_FLAT = 0.6
"""Bits a sample, times the root of the step: where they are fewer, code repeats itself because nothing is there."""
_MOST_AGAIN = 0.2
"""Part of the strings of a code that come again: 0.1 or less in photographs, 0.4 or more in gratings."""
_ROWS = 80
"""Rows of pixels whose code is looked at: five of blocks, so that a pattern has room to come again."""
_LOOK = 2048, 65536
"""Bytes of it, at least and at most."""
_WORD = 8  # bytes: what a string and the bits before it lie in
_MARK = 0b01101
"""The five bits before a string that is looked at: any that do not end a block would do."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A way to sketch, and the bound on what it loses by interpolating: see the module's text."""

    name: str
    base: float
    slope: float

    def error(self, scale: float) -> float:
        """Bound, in levels, at that many sketched pixels across a pixel of the tensor."""
        return self.base + self.slope / scale


class Tensor(NamedTuple):
    """A sketched tensor and the bound on its error."""

    tensor: npt.NDArray[np.uint8]
    error: float


SCALED = Recipe("JPEG, scaled", base=0.5, slope=8.0)
BLOCKS = Recipe("progressive JPEG, means of blocks", base=0.5, slope=6.5)
MEANS = Recipe("means of pixels", base=0.5, slope=50.0)


def sketched(picture: Opened, digest: bytes, px_size: int) -> Picture | Opened:
    """Sketch of a picture; or the picture, for a full decode: where that is as quick or a sketch could be far off."""
    size = picture.image.size
    is_jpeg = picture.image.format in ("JPEG", "MPO")
    found = _jpeg(picture, px_size) if is_jpeg else _means(picture, px_size)
    if isinstance(found, Opened):
        return found
    tensor, error = found
    about = metadata(picture.image)
    upright = about.orientation or picture.orientation
    width, height = size_of(size if is_jpeg else picture.image.size, upright)  # a TIFF turns itself while it loads
    return Picture(
        width=width,
        height=height,
        frames=1,
        tensor=np.ascontiguousarray(orientation.apply(upright, tensor)),
        views=None,
        identity=None,
        stance=0,
        error=error,
        format=picture.format,
        exif_fields=about.fields,
        gps=about.gps,
        digest=digest,
    )


def _means(picture: Opened, px_size: int) -> Tensor | Opened:
    """Tensor from the means of n x n pixels."""
    image: Any = picture.image
    width, height = image.size
    n = int(min(width, height) / (_LEAST_SCALE_OF_MEANS * px_size))
    if n < 2 or width * height < _LEAST_PIXELS or image.mode not in ("RGB", "RGBA") or is_animated(image):
        return picture
    if low_tiles(image) is not None or is_reduced(picture) or "transparency" in image.info or picture.crop:
        return picture
    image.load()
    width, height = image.size
    if image.mode == "RGBA":
        if image.getchannel("A").getextrema() != (255, 255):
            return picture
        image = image.convert("RGB")  # a mean of RGBA is weighted with the transparency: that takes three times as long
    tensor = _tensor(image.reduce(n), (width / n, height / n), px_size)
    return Tensor(tensor, MEANS.error(min(width, height) / (n * px_size)))


def _jpeg(picture: Opened, px_size: int) -> Tensor | Opened:
    """Tensor of a JPEG from 1/2, 1/4 or 1/8 of its size."""
    image: Any = picture.image
    width, height = image.size
    if width * height < _LEAST_PIXELS_OF_A_JPEG or image.mode not in ("RGB", "L"):
        return picture
    if image.info.get("progressive"):  # what is wrong with scans that are left out is not seen
        return picture
    colour = _pixels_of_a_colour(image)
    if colour is None or not (colour == (1, 1) or _is_ycbcr(image)):
        return picture
    least = max(LEAST_SCALE * px_size, LEAST_SIDE)
    most = width / least, height / least  # pixels that may become one, across and down
    recipe, (across, down) = SCALED, (1, 1) if colour == (2, 2) else colour  # 2 x 2: colour is scaled half as much
    n = next((n for n in (8, 4, 2) if n * across <= most[0] and n * down <= most[1]), 1)
    if n == 1:
        return picture
    try:
        start = jpeg.coded_from(picture.data)
        is_large = 8 * colour[0] <= most[0] and 8 * colour[1] <= most[1]
        if is_large and image.info.get("progressive") and (blocks := jpeg.only_means(picture.data)):
            image = Image.open(io.BytesIO(blocks))
            recipe, (across, down) = BLOCKS, colour
    except Damaged:
        return picture
    image.draft(None if colour == (1, 1) else "YCbCr", (width // n, height // n))
    # Brightness as coarse as colour: with that of one pixel and the colour of several it might be beyond the range.
    coarse = image if across == down == 1 else image.reduce((across, down))
    scaled = coarse if coarse.mode == "RGB" else coarse.convert("RGB")
    size = width / (n * across), height / (n * down)
    tensor = _tensor(scaled, size, px_size)
    bits = 8 * (len(picture.data) - start) / (width * height * (1 if image.mode == "L" else 1.5))
    step = _step(image)
    deviation = 1.6 * math.sqrt(step) * (1 + bits)
    if colour == (1, 1):
        clipped = clipping.anywhere(tensor, deviation)
    else:
        clipped = math.hypot(
            clipping.anywhere(tensor, max(deviation, step * (2.0**bits - 1) / 2)),
            clipping.where_colours_vary(coarse, (n * across, n * down)),
        )
    error = recipe.error(min(size) / px_size) + clipped
    is_flat = bits * math.sqrt(step) < _FLAT
    if error > WORST_ERROR or not (is_flat or _keeps_changing(picture.data[start:], height)):
        return replace(picture, image=again(picture, 0))
    return Tensor(tensor, error)


def _tensor(scaled: Image.Image, size: tuple[float, float], px_size: int) -> npt.NDArray[np.uint8]:
    """Tensor of a picture of that size, whose last column and row may be only a part of a pixel.

    Interpolation knows no such pixels; a mixture with the one before gives it the right weight.
    """
    width, height = scaled.size
    for part, last, before in (
        (size[0] + 1 - width, (width - 1, 0, width, height), (width - 2, 0, width - 1, height)),
        (size[1] + 1 - height, (0, height - 1, width, height), (0, height - 2, width, height - 1)),
    ):
        if part < 1:
            scaled.paste(Image.blend(scaled.crop(before), scaled.crop(last), part), last)
    return np.asarray(scaled.resize((px_size, px_size), Image.Resampling.BICUBIC, (0.0, 0.0, *size)))


def _keeps_changing(code: bytes, height: int) -> bool:
    """Whether a picture's code does not say the same over and over: few of its strings of 32 bits come again.

    Looked at is the middle, as many bytes as some rows of blocks take on average, from any bit on: what is below one
    another in the picture is never a whole number of bytes apart in its code. The strings behind five certain bits
    stand for all: one in 32, where code keeps changing.
    """
    length = min(len(code), max(_LOOK[0], _ROWS * len(code) // height), _LOOK[1])
    first = (len(code) - length) // 2
    places = length - _WORD + 1
    if places < 1:
        return False
    some = code[first : first + length]
    pairs = np.ndarray(places, ">u2", some, strides=(1,))
    marks = _marks()[pairs.astype(np.intp)]
    at = np.flatnonzero(marks != 0)
    bits = np.flatnonzero(np.unpackbits(marks[at]).view(np.bool_))
    words = np.ndarray(places, ">u8", some, strides=(1,))[at[bits >> 3]].astype(np.uint64)
    strings = (words >> (24 - (bits & 7)).astype(np.uint64)).astype(np.uint32)
    strings.sort()
    same = strings[1:] == strings[:-1]
    again = np.count_nonzero(same) + np.count_nonzero(same[1:] < same[:-1])
    return bool(again < _MOST_AGAIN * len(strings) and len(strings) > places / 16)


@cache
def _marks() -> npt.NDArray[np.uint8]:
    """For any two bytes the places, as the bits of one, where the marked bits end a byte that begins in the first."""
    pairs, found = np.arange(1 << 16), np.zeros(1 << 16, np.uint8)
    for bit in range(8):
        found |= np.where(pairs >> (8 - bit) & 31 == _MARK, 128 >> bit, 0).astype(np.uint8)
    return found


def _pixels_of_a_colour(image: Any) -> tuple[int, int] | None:
    """Pixels of a JPEG, across and down, that have a sample of colour in common; None where that is uncommon."""
    (_, across, down, _), *colours = image.layer
    return next(
        ((x, y) for x, y in _SUBSAMPLINGS if all((a * x, d * y) == (across, down) for _, a, d, _ in colours)), None
    )


def _is_ycbcr(image: Any) -> bool:
    """Whether a JPEG of three components holds brightness and colours, by the rules of libjpeg."""
    if "jfif" in image.info:
        return True
    if "adobe" in image.info:
        return bool(image.info["adobe_transform"])
    return [name for name, *_ in image.layer] != list(b"RGB")


def _step(image: Any) -> float:
    """Step of quantization of a JPEG's brightness, as the root mean square over its 64 frequencies."""
    steps = image.quantization[image.layer[0][3]]
    return math.sqrt(sum(step * step for step in steps) / len(steps))
