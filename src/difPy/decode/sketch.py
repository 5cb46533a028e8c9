"""An opened picture in, a sketch out: a tensor by a short cut, and a bound on how far it is from the true one.

A JPEG can be decoded to 1/2, 1/4 or 1/8 of its size for a fraction of the cost. Other formats are decoded in full, but
much is left to do then: interpolating from all pixels, and hashing them. Taking means of n x n pixels first, and no
hash, spares most of that. What is lost is of two kinds, and the claimed error is the sum of their bounds.

1. Interpolating from means of n x n pixels is not interpolating from the pixels. With `scale` sketched pixels across a
   pixel of the tensor, this and rounding cost `base + slope / scale` levels.
2. A full decode of a JPEG clips every pixel to 0..255; a sketch clips means. Where a mean is g levels from the end of
   the range and its pixels have the standard deviation s, clipping shifts their mean by (sqrt(s^2 + g^2) - g) / 2 or
   less (Scarf, 1958). s is not known, but it takes bits to store: s = 1.6 * sqrt(q) * (1 + b) is assumed, q being the
   step of quantization and b the bits a sample, counting half a sample of colour to each of brightness.

The constants were fitted, with a margin, on photographs and on what photographs are not: text, halftones, noise, on
each at all qualities. Regular patterns of saturated colour, pixel by pixel, go beyond them: they take few bits because
they repeat themselves. So does their code, unlike that of any photograph: such pictures are decoded in full.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from PIL import Image

from difPy import orientation
from difPy.decode import jpeg
from difPy.decode.depth import is_reduced, low_tiles
from difPy.decode.exif import metadata
from difPy.decode.frames import is_animated
from difPy.decode.opening import Opened, again
from difPy.decode.turning import size_of
from difPy.model import Picture

if TYPE_CHECKING:
    import numpy.typing as npt

LEAST_SCALE = 3.0
"""Sketched pixels across a pixel of the tensor, at least."""
LEAST_SIDE = 150
"""Sketched pixels across the picture, at least: there may be a border of one pixel."""
WORST_ERROR = 8.0
"""A sketch that may be worse says too little: the picture is decoded in full."""

# Where a sketch spares nothing worth the while.
_LEAST_PIXELS_OF_A_JPEG = 100_000
_LEAST_PIXELS = 1_000_000
_LEAST_SCALE_OF_MEANS = 8.0

_GREATEST_DEVIATION = 64.0
_FLAT = 0.6
"""Bits a sample, times the root of the step: where they are fewer, code repeats itself because nothing is there."""
_LEAST_DIFFERENT = 0.7
_LOOK = 6144
_GAP = np.minimum(np.arange(256.0), 255 - np.arange(256.0))
"""From each level to the nearer end of the range."""


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


SCALED = Recipe("JPEG, scaled", base=0.5, slope=6.5)
BLOCKS = Recipe("progressive JPEG, means of blocks", base=0.5, slope=6.5)
BLOCKS_OF_HALF_COLOUR = Recipe("progressive JPEG, means of blocks, colour of 2 x 2 blocks", base=0.5, slope=18.0)
MEANS = Recipe("means of pixels", base=0.5, slope=6.5)
SKETCH_ERRORS = (SCALED, BLOCKS, BLOCKS_OF_HALF_COLOUR, MEANS)


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
    if low_tiles(image) is not None or is_reduced(picture) or "transparency" in image.info:
        return picture
    image.load()
    if image.mode == "RGBA" and image.getchannel("A").getextrema() != (255, 255):
        return picture
    width, height = image.size
    tensor = _tensor(image.reduce(n).convert("RGB"), (width / n, height / n), px_size)
    return Tensor(tensor, MEANS.error(min(width, height) / (n * px_size)))


def _jpeg(picture: Opened, px_size: int) -> Tensor | Opened:
    """Tensor of a JPEG from 1/2, 1/4 or 1/8 of its size."""
    image: Any = picture.image
    width, height = image.size
    least = min(width, height)
    n = next((n for n in (8, 4, 2) if least >= n * max(LEAST_SCALE * px_size, LEAST_SIDE)), 1)
    if n == 1 or width * height < _LEAST_PIXELS_OF_A_JPEG or image.mode not in ("RGB", "L"):
        return picture
    colour_is_halved = max(across * down for _, across, down, _ in image.layer) > 1
    recipe = SCALED
    try:
        start = jpeg.coded_from(picture.data)
        if n == 8 and image.info.get("progressive") and (blocks := jpeg.only_means(picture.data)):
            image = Image.open(io.BytesIO(blocks))
            recipe = BLOCKS_OF_HALF_COLOUR if colour_is_halved else BLOCKS
    except jpeg.Damaged:
        return picture
    image.draft(None, (width // n, height // n))
    tensor = _tensor(image if image.mode == "RGB" else image.convert("RGB"), (width / n, height / n), px_size)
    bits = 8 * (len(picture.data) - start) / (width * height * (1 if image.mode == "L" else 1.5))
    step = _step(image)
    error = recipe.error(least / (n * px_size)) + _clipping(tensor, step, bits)
    is_flat = bits * math.sqrt(step) < _FLAT
    if error > WORST_ERROR or not (is_flat or _keeps_changing(memoryview(picture.data)[start:])):
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


def _keeps_changing(code: memoryview) -> bool:
    """Whether a picture's code does not say the same over and over: most of its strings of 4 bytes are different."""
    middle = max(0, len(code) - _LOOK) // 2
    count = min(len(code), _LOOK) // 4 - 1
    strings = np.concatenate([np.frombuffer(code[middle + i :], "<u4", max(0, count)) for i in range(4)])
    strings.sort()  # numpy.unique hashes, which takes twenty times as long here
    return bool(np.count_nonzero(strings[1:] != strings[:-1]) >= _LEAST_DIFFERENT * (strings.size - 1))


def _step(image: Any) -> float:
    """Step of quantization of a JPEG's brightness, as the root mean square over its 64 frequencies."""
    steps = image.quantization[image.layer[0][3]]
    return math.sqrt(sum(step * step for step in steps) / len(steps))


def _clipping(tensor: npt.NDArray[np.uint8], step: float, bits: float) -> float:
    """Root mean square of what clipping may have shifted the samples of a tensor by."""
    deviation = min(_GREATEST_DEVIATION, 1.6 * math.sqrt(step) * (1 + bits))
    shift = (np.sqrt(deviation**2 + _GAP**2) - _GAP) / 2
    return math.sqrt(np.bincount(tensor.ravel(), minlength=256) @ shift**2 / tensor.size)
