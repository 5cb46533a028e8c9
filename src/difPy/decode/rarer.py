"""Bytes that Pillow gives up in, an image of them out: rarer kinds of formats that it reads, by way of what it can."""

from __future__ import annotations

import io
from importlib import import_module
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from difPy.decode import avif, big_tiff, deep_jpeg

_JPEG = b"\xff\xd8"
_CLASSES = {b"BM": ("masks", "MaskedBmp"), b"8B": ("deep_psd", "DeepPsd")}
_REWRITTEN = {b"MM\0+": big_tiff.as_tiff, b"ftyp": avif.with_size_of_alpha}


class Rarer(NamedTuple):
    """An image whose header is read."""

    image: Image.Image
    source: bytes
    """What it is decoded from."""
    format: str


def opened(data: bytes) -> Rarer | None:
    """Image in these bytes; None if nothing can be made of them.

    Raises
    ------
    Refused
        If another decoder is needed, and not installed.
    Short
        It would take more memory than it may in this process.
    """
    if data[:2] in _CLASSES:
        module, name = _CLASSES[data[:2]]
        try:
            image: Image.Image = getattr(import_module(f"difPy.decode.{module}"), name)(io.BytesIO(data))
            return Rarer(image, data, image.format or "")
        except SyntaxError:
            return None
    rewrite = _REWRITTEN.get(data[:4]) or _REWRITTEN.get(data[4:8])
    rewritten = rewrite(data) if rewrite else None
    if rewritten is not None:
        try:
            image = Image.open(io.BytesIO(rewritten))
            return Rarer(image, rewritten, image.format or "")
        except UnidentifiedImageError:
            return None
    found = deep_jpeg.image(data) if data.startswith(_JPEG) else None
    return found and Rarer(*found, "JPEG")
