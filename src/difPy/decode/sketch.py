"""An opened picture in, a sketch out: a tensor by a short cut, and a proven bound on how far it is from the true one.

A large JPEG's code is read, but not transformed: most of a full decode's time goes into 64 cosines a block, pixels,
interpolation and their hash. What a tensor needs is in four numbers of each block (`entropy`); what the others may add,
and what rounding and clipping may change, is bounded from what is known of them (`bounds`). A sketch whose bound is too
wide is none: such pictures, and those of all other formats, are decoded in full. So are all where the loops that a
sketch takes are not compiled.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy import orientation
from difPy.compiled import is_there
from difPy.decode import jpeg
from difPy.decode.exif import metadata
from difPy.decode.opening import Opened, again
from difPy.decode.plain_jpeg import coded_from
from difPy.decode.refused import Damaged
from difPy.decode.turning import size_of
from difPy.model import Picture

if TYPE_CHECKING:
    import numpy.typing as npt

WORST_ERROR = 15.0
"""A sketch that may be worse says too little: the picture is decoded in full."""
LEAST_PIXELS = 2_000_000
"""A smaller picture is decoded in full in about the time that a sketch takes."""
MOST_BYTES = {"RGB": 0.4, "L": 0.04}
"""Bytes of code for each pixel, at most: more take as long to be read as to be decoded in full."""
LEAST_SCALE = 6
"""Pixels across a pixel of the tensor, at least: of finer ones, blocks of eight say too little."""
TALLEST = 1.8
"""Height of a picture, in widths, as it is shown: of taller ones Pillow 13 interpolates columns before rows."""

_SUBSAMPLINGS = ((1, 1), (2, 1), (1, 2), (2, 2))


def sketched(picture: Opened, digest: bytes, px_size: int) -> Picture | Opened:
    """Sketch of a picture; or the picture, for a full decode: where that is as quick or a sketch could be far off."""
    width, height = picture.image.size
    if not _may_gain(picture.image, px_size):
        return picture
    if _size_of_code(picture) > MOST_BYTES[picture.image.mode] * width * height:
        return picture
    about = metadata(picture.image)
    upright = about.orientation or picture.orientation
    shown = size_of((width, height), upright)
    if shown[1] > TALLEST * shown[0]:
        return picture
    found = _estimate(picture.data, (width, height), px_size, size_of((1, 2), upright) == (2, 1))
    if found is None:
        return picture._replace(image=again(picture, 0))
    tensor, error = found
    return Picture(
        width=shown[0],
        height=shown[1],
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


def _may_gain(image: Any, px_size: int) -> bool:
    """Whether it is a large JPEG of a usual kind, to be decoded by libjpeg-turbo, whose steps the proof follows."""
    width, height = image.size
    if width * height < LEAST_PIXELS or min(width, height) < LEAST_SCALE * px_size:
        return False
    if not is_there() or image.format not in ("JPEG", "MPO") or image.mode not in ("RGB", "L") or not _is_turbo():
        return False
    return _is_usual(image) and (image.mode == "L" or _is_ycbcr(image))


def _size_of_code(picture: Opened) -> int:
    """Bytes of a JPEG that are neither notes, which may be many times as many, nor behind its picture."""
    data = picture.data
    try:
        begin = coded_from(picture.image, data)
    except Damaged:
        return len(data)
    return (jpeg.end_behind(data, begin) or len(data)) - begin


@cache
def _is_turbo() -> bool:
    from PIL import features

    return bool(features.check_feature("libjpeg_turbo"))


def _estimate(
    data: bytes, size: tuple[int, int], px_size: int, is_turned: bool
) -> tuple[npt.NDArray[np.uint8], float] | None:
    """Tensor of a JPEG as it is stored, and its bound; None if a full decode says more.

    One that is shown turned by a quarter has been turned before it is interpolated.
    """
    from difPy.decode import bounds, scans

    try:
        components = scans.components(data)
        if is_turned:
            components, size = [component.turned() for component in components], size[::-1]
        found = bounds.estimate(components, size, px_size)
    except ValueError:  # it is unusual, or has other blocks than a picture of that size
        return None
    if found.error > WORST_ERROR:
        return None
    return found.tensor.swapaxes(0, 1) if is_turned else found.tensor, found.error


def _is_usual(image: Any) -> bool:
    """Whether a JPEG's colours are stored for each pixel, for each two, or for each two by two."""
    (_, across, down, _), *colours = image.layer
    return any(all((a * x, d * y) == (across, down) for _, a, d, _ in colours) for x, y in _SUBSAMPLINGS)


def _is_ycbcr(image: Any) -> bool:
    """Whether a JPEG of three components holds brightness and colours, by the rules of libjpeg."""
    if "jfif" in image.info:
        return True
    if "adobe" in image.info:
        return bool(image.info["adobe_transform"])
    return [name for name, *_ in image.layer] != list(b"RGB")
