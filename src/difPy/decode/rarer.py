"""Bytes that Pillow gives up in, an image of them out: rarer kinds of formats that it reads, by way of what it can."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any, NamedTuple

from PIL import Image, UnidentifiedImageError

_JPEG = b"\xff\xd8"
_CLASSES = {b"BM": ("masks", "MaskedBmp"), b"8B": ("deep_psd", "DeepPsd")}
_REWRITTEN = {b"MM\0+": ("big_tiff", "as_tiff"), b"ftyp": ("avif", "with_size_of_alpha")}


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
        try:
            image: Image.Image = _ours(*_CLASSES[data[:2]])(io.BytesIO(data))
            return Rarer(image, data, image.format or "")
        except SyntaxError:
            return None
    rewrite = _REWRITTEN.get(data[:4]) or _REWRITTEN.get(data[4:8])
    rewritten = _ours(*rewrite)(data) if rewrite else None
    if rewritten is not None:
        try:
            image = Image.open(io.BytesIO(rewritten))
            return Rarer(image, rewritten, image.format or "")
        except UnidentifiedImageError:
            return None
    found: tuple[Image.Image, bytes] | None = None
    if data.startswith(_JPEG):
        found = _ours("deep_jpeg", "image")(data)
    return found and Rarer(*found, "JPEG")


def _ours(module: str, name: str) -> Any:
    """What one of our modules offers, loaded for the few files that need it."""
    return getattr(import_module(f"difPy.decode.{module}"), name)
