"""An opened image in, which our decoders then decode where Pillow's go byte by byte in Python."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_OURS = {
    "qoi": ("qoi", "QOI"),
    "ppm": ("netpbm", "BINARY"),
    "ppm_plain": ("netpbm", "PLAIN"),
    "dds_rgb": ("masks", "DDS"),
}
"""Codec -> the module of ours, and what it calls the name of its own."""


def quicken(image: Any) -> None:
    """Have the pixels of an image decoded by us, where that is quicker: they will be the same."""
    tiles = getattr(image, "tile", [])
    if any(tile.codec_name in _OURS for tile in tiles):
        image.tile = [tile._replace(codec_name=_ours(tile.codec_name)) for tile in tiles]


def _ours(codec: str) -> str:
    if codec not in _OURS:
        return codec
    module, name = _OURS[codec]
    return str(getattr(import_module(f"difPy.decode.{module}"), name))
