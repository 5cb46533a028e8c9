"""An opened picture in, whether its file keeps every pixel that was saved to it out, by what its header says.

A container does not tell: a TIFF may hold a JPEG, a WebP may be one or the other. What no header tells is `MAYBE`: that
a palette holds all colours there were, that JPEG 2000 with the reversible transform was not cut short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from difPy.traits import Lossless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from difPy.decode.opening import Opened

_KEEP = frozenset({"BMP", "CUR", "DCX", "DIB", "FITS", "ICO", "IM", "MSP", "PCX", "PNG", "PPM", "PSD", "QOI", "RAW",
                   "SGI", "SPIDER", "SUN", "TGA", "XBM"})  # fmt: skip
_LOSE = frozenset({"JPEG", "MPO"})
_TIFF = {
    **dict.fromkeys(("jpeg", "tiff_jpeg", "tiff_sgilog", "tiff_sgilog24"), Lossless.NO),
    **dict.fromkeys(("raw", "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "packbits", "zstd", "lzma", "tiff_raw_16",
                     "group3", "group4", "tiff_ccitt"), Lossless.YES),
}  # fmt: skip
_MATRICES_WITHOUT_LOSS = (0, 8, 16, 17)
"""Of ITU-T H.273: RGB itself, and YCgCo in integers. All others round."""
_BOXES = 1 << 16
"""Bytes in which the boxes before the pixels of an AVIF or HEIF are looked for."""
_COD = b"\xff\x52"
_SOD = b"\xff\x93"


def lossless(picture: Opened) -> Lossless:
    """Whether a file keeps every pixel. The picture may be decoded already."""
    image: Any = picture.image
    name, data = picture.format, picture.data
    if name in _LOSE:
        return Lossless.NO
    if name == "TIFF":
        found = _TIFF.get(image.info.get("compression", ""), Lossless.MAYBE)
    elif name == "WEBP":
        found = _webp(data)
    elif name == "JPEG2000":
        found = _jpeg_2000(data)
    elif name in ("AVIF", "HEIF"):
        found = _video(data)
    elif name == "DDS":
        found = Lossless.NO if data[84:88].strip(b"\0") else Lossless.YES  # a name of a compression
    elif name == "JXL":
        from difPy.decode.jpeg_xl import header

        found = Lossless.NO if getattr(image, "jpeg", False) or header(data).is_xyb else Lossless.MAYBE
    else:
        found = Lossless.YES if name in _KEEP else Lossless.MAYBE
    return min(found, Lossless.MAYBE) if image.mode in ("P", "PA") else found


def _webp(data: bytes) -> Lossless:
    """VP8L is lossless, VP8 is not; an animation is what its least frame is."""
    kinds = set(_webp_chunks(data, 12))
    if b"VP8 " in kinds:
        return Lossless.NO
    return Lossless.YES if b"VP8L" in kinds else Lossless.MAYBE


def _webp_chunks(data: bytes, place: int) -> Iterator[bytes]:
    while place + 8 <= len(data):
        kind, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        if kind == b"ANMF":
            place += 24  # into the frame: its own chunks follow where it begins
            continue
        yield kind
        place += 8 + size + size % 2


def _jpeg_2000(data: bytes) -> Lossless:
    """By the transform that the marker COD names: 1 is the reversible one, of integers (ITU-T T.800, annex A)."""
    place = data.find(_COD, 0, data.find(_SOD))
    return Lossless.MAYBE if place >= 0 and data[place + 13 : place + 14] == b"\1" else Lossless.NO


def _video(data: bytes) -> Lossless:
    """Codecs of films convert colours by a matrix that the box `colr` names; nearly all of these round."""
    place = data.find(b"colrnclx", 0, _BOXES)
    matrix = int.from_bytes(data[place + 12 : place + 14], "big") if place >= 0 else -1
    return Lossless.MAYBE if matrix in _MATRICES_WITHOUT_LOSS else Lossless.NO
