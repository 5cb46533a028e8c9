"""A file in, bytes that a browser shows out: a thumbnail, or the picture itself, upright either way."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from difPy.decode.exif import metadata
from difPy.model import Failure

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from difPy.decode.opening import Opened

LARGEST = 4096
"""Longest side, in pixels, of a picture that is decoded for a browser."""
_SHOWN = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
_UPRIGHT_BY_EXIF = ("JPEG", "MPO")
"""Formats that browsers turn upright as we do. Of others they heed what EXIF says, or not."""
_QUALITY = {"JPEG": {"quality": 82}, "WEBP": {"quality": 42, "method": 4}, "PNG": {"compress_level": 1}}
_TYPES = {"JPEG": "image/jpeg", "WEBP": "image/webp", "PNG": "image/png"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a browser is given."""

    kind: str
    """Its media type."""
    data: bytes
    width: int
    height: int


def encoded(pixels: npt.NDArray[np.uint8] | Failure, kind: str) -> Shown | Failure:
    """Pixels as a file.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (h, w, 3), or Failure
        A failure stays one.
    kind : {'JPEG', 'WEBP', 'PNG'}

    Examples
    --------
    >>> import numpy as np
    >>> shown = encoded(np.zeros((4, 6, 3), np.uint8), "PNG")
    >>> shown.kind, shown.width, shown.height
    ('image/png', 6, 4)
    """
    if isinstance(pixels, Failure):
        return pixels
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **_QUALITY[kind])
    return Shown(_TYPES[kind], stream.getvalue(), pixels.shape[1], pixels.shape[0])


def as_it_is(picture: Opened, data: bytes) -> Shown | None:
    """The file itself, where a browser shows it as we do."""
    if picture.format not in _SHOWN or picture.orientation or picture.raw:
        return None
    image = picture.image
    if picture.format not in _UPRIGHT_BY_EXIF and metadata(image).orientation:
        return None
    return Shown(_SHOWN[picture.format], data, image.width, image.height)
