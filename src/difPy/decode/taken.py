"""An opened picture in, what people ask first of it out: when it was taken, and with which camera."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from PIL import ExifTags

from difPy.decode.tasks import Told

if TYPE_CHECKING:
    from PIL import Image

_BASE = ExifTags.Base
_LONGEST = 60  # characters of a camera's name
_TIME = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d)")


def told(image: Image.Image) -> Told:
    """What a picture says of itself; a damaged one says nothing.

    Examples
    --------
    >>> from PIL import Image
    >>> picture = Image.new("RGB", (1, 1))
    >>> picture.getexif()[272] = "Model 5"
    >>> told(picture)
    Told(taken='', camera='Model 5')
    """
    try:
        exif = image.getexif()
        details = exif.get_ifd(ExifTags.IFD.Exif)
    except MemoryError:
        raise
    except Exception:
        return Told()
    times = (details.get(_BASE.DateTimeOriginal), details.get(_BASE.DateTimeDigitized), exif.get(_BASE.DateTime))
    make, model = _text(exif.get(_BASE.Make)), _text(exif.get(_BASE.Model))
    named = model if model.lower().startswith(make.lower()) else f"{make} {model}".strip()
    return Told(next(filter(None, map(_time, times)), ""), named[:_LONGEST])


def _text(value: Any) -> str:
    text = value.decode("latin-1") if isinstance(value, bytes) else value if isinstance(value, str) else ""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _time(value: Any) -> str:
    found = _TIME.match(_text(value))
    if not found or found[1] == "0000":
        return ""
    return "{}-{}-{} {}:{}".format(*found.groups())
