"""Bytes that Pillow has no decoder for in, an image out by another one: JPEG of more than 8 bits, JPEG-LS, JPEG XR.

The home of imagecodecs. Whatever Pillow reads, it alone reads, so that a picture is the same with this decoder and
without.
"""

from __future__ import annotations

import io
import struct
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from PIL import Image

from difPy import memory
from difPy.decode import jpeg
from difPy.decode.refused import Refused

if TYPE_CHECKING:
    import numpy.typing as npt

_JPEG, _JPEG_XR = b"\xff\xd8", b"II\xbc\x01"
_LOSSLESS, _LS = 0xC3, 0xF7
_BYTES_PER_PIXEL = 32  # 16-bit samples, decoded, scaled and stored anew
_WIDTH, _HEIGHT, _OFFSET, _BYTES = 0xBC80, 0xBC81, 0xBCC0, 0xBCC1  # tags of JPEG XR
_SHORT = 3  # a TIFF's type of two bytes


class _Kind(NamedTuple):
    """What a file is, by its header."""

    name: str
    decoder: str
    """Its name in imagecodecs."""
    size: tuple[int, int]
    format: str = "JPEG"
    bits: int = 0
    """Of a sample; 0 if only the decoder knows."""
    is_whole: bool = True
    """All bytes are there that should be: these decoders fill up what is missing."""


def image(data: bytes) -> tuple[Image.Image, bytes, str] | None:
    """Image of a file that Pillow cannot read, bytes that Pillow reads it from, and its format; None if it is another.

    Raises
    ------
    Refused
        If imagecodecs is not installed, or it is of a kind that it cannot read either.
    EOFError
        If the file ends too early.
    Short
        It would take more memory than it may in this process.
    """
    kind = _kind(data)
    if kind is None:
        return None
    if find_spec("imagecodecs") is None:
        raise Refused(f"{kind.name} needs imagecodecs: pip install difPy[formats]")
    if not kind.is_whole:
        raise EOFError
    width, height = kind.size
    needed = width * height * _BYTES_PER_PIXEL + len(data)
    if needed > memory.MOST:
        raise Refused(f"too large: {width:,} x {height:,} pixels would take {needed / 2**30:.1f} GiB to decode")
    memory.require(needed)
    import imagecodecs

    try:
        samples = getattr(imagecodecs, f"{kind.decoder}_decode")(data)
    except MemoryError:
        raise
    except Exception:
        raise Refused(f"damaged {kind.name}: imagecodecs cannot read it") from None
    found, source = _as_image(samples, kind)
    if data.startswith(_JPEG):
        found.info |= jpeg.notes(data)
    return found, source, kind.format


def _kind(data: bytes) -> _Kind | None:
    try:
        if data.startswith(_JPEG):
            return _of_jpeg(data)
        if data.startswith(_JPEG_XR):
            return _of_jpeg_xr(data)
    except (jpeg.Damaged, IndexError, KeyError, struct.error):
        pass
    return None


def _of_jpeg(data: bytes) -> _Kind | None:
    """Kind of a JPEG, by the first frame header; None if it is one that Pillow knows, or nobody."""
    marker, start = jpeg.frame_header(data)
    bits, height, width = struct.unpack_from(">BHH", data, start + 4)
    if marker == _LS:
        return _Kind("JPEG-LS", "jpegls", (width, height), "JPEG-LS", bits, jpeg.has_end(data))
    if not 8 < bits <= 16:
        return None
    if marker == _LOSSLESS:
        return _Kind(
            f"lossless JPEG of {bits} bits (SOF3)", "jpegsof3", (width, height), "JPEG", bits, jpeg.has_end(data)
        )
    return _Kind(f"JPEG of {bits} bits", "jpeg8", (width, height), "JPEG", bits, jpeg.has_end(data))


def _of_jpeg_xr(data: bytes) -> _Kind:
    """Kind of a JPEG XR, by the tags of its container, which are those of a TIFF (ITU-T T.832, annex A)."""
    (first,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, first)
    found = {}
    for place in range(first + 2, first + 2 + 12 * count, 12):
        tag, kind, _, value = struct.unpack_from("<HHII", data, place)
        found[tag] = value & 0xFFFF if kind == _SHORT else value
    is_whole = found[_OFFSET] + found[_BYTES] <= len(data)
    return _Kind("JPEG XR", "jpegxr", (found[_WIDTH], found[_HEIGHT]), "JPEG XR", is_whole=is_whole)


def _as_image(samples: npt.NDArray[Any], kind: _Kind) -> tuple[Image.Image, bytes]:
    bands = 1 if samples.ndim == 2 else samples.shape[2]
    if samples.dtype == np.uint8 and bands in (1, 3, 4):
        return Image.fromarray(samples.reshape(samples.shape[:2]) if bands == 1 else samples), b""
    if samples.dtype != np.uint16 or bands not in (1, 3):
        raise Refused(f"unsupported: {kind.name} with {bands} samples a pixel, of {8 * samples.itemsize} bits each")
    if 8 < kind.bits < 16:
        most = (1 << kind.bits) - 1
        table = (np.arange(1 << 16) * 65535 + most // 2) // most
        samples = np.minimum(table, 65535).astype(np.uint16)[samples]
    if bands == 1:
        return Image.fromarray(samples.reshape(samples.shape[:2])), b""
    height, width = samples.shape[:2]
    retold = b"P6 %d %d 65535\n" % (width, height) + samples.astype(">u2").tobytes()
    return Image.open(io.BytesIO(retold)), retold
