"""Bytes in, an opened Pillow image out: told by content, within the memory it may take, nothing decoded yet."""

from __future__ import annotations

import io
from importlib import import_module
from importlib.util import find_spec
from typing import IO, NamedTuple

from PIL import Image, ImageFile, UnidentifiedImageError

from difPy import memory
from difPy.decode import jpeg, named, plain_jpeg, raw, webp
from difPy.decode.depth import low_tiles, unpack_16_bit_colour
from difPy.decode.quick import quicken
from difPy.decode.refused import Refused, Unended, reason
from difPy.decode.rules import LEAST_BYTES, our_rules
from difPy.extensions import RAW, extension

_SHALLOW = ("JPEG", "MPO")  # that Pillow reads, with 8 bits a sample

# What decoding needs, bytes a pixel, as measured: Pillow's own 4, as many for a second picture (upright, or on a
# background), and what the codec keeps: 32-bit samples of JPEG 2000, canvases and a frame of WebP, planes of the video
# codecs.
_BYTES_PER_PIXEL = {"JPEG2000": 20, "WEBP": 26, "AVIF": 14, "HEIF": 14, "JXL": 20}
_BYTES_PER_PIXEL |= dict.fromkeys(_SHALLOW, LEAST_BYTES)
_BYTES_PER_PIXEL_ELSE = 12
_BYTES_PER_PIXEL_PROGRESSIVE = 14  # the coefficients of a progressive JPEG
_BYTES_PER_PIXEL_DEEP = 24  # high and low bytes

# Programs, not pictures: Pillow would hand them to Ghostscript, and neither its time nor its safety can be vouched for.
_POSTSCRIPT = (b"%!PS", b"\xc5\xd0\xd3\xc6", b"\x04%!PS")
_JPEG_XL_HEADER = 1 << 16
_JPEG_XL = (b"\xff\x0a", b"\x00\x00\x00\x0cJXL ")
_AVIF_BRANDS = (b"avif", b"avis")

# Formats without a signature: Pillow reads them only where it is told to.
_BY_NAME = {"gd": "PIL.GdImageFile", "gd2": "PIL.GdImageFile", "wal": "PIL.WalImageFile"}
_NEEDS = {"fpx": "olefile", "mic": "olefile"}


class Opened(NamedTuple):
    """A picture whose header is read and whose pixels are not."""

    image: Image.Image
    data: bytes
    """What `image` is decoded from: the file, or the preview in a camera's raw file."""
    format: str
    orientation: int = 0
    """What shows it upright, where EXIF does not say so."""
    needed: int = 0
    """Bytes of memory that it takes to decode it, at most, by its header."""
    raw: bytes = b""
    """The camera's raw file, of which `image` is only what viewers show."""
    crop: tuple[int, int, int, int] | None = None
    """The part of the picture that is shown, before it is turned: left, top, right, bottom; None for all of it."""


def opened(data: bytes, name: str) -> Opened:
    """Picture in these bytes, its header read.

    Parameters
    ----------
    data : bytes
        A whole file.
    name : str
        Its name: tells a camera's raw file from a TIFF, and what is missing for a format that cannot be read.

    Raises
    ------
    Refused
        If it is none of the formats that can be read, or would take too much memory.
    """
    if raw.is_raw(data, name):
        found, orientation = raw.picture(data, name)
        image = found if isinstance(found, Image.Image) else Image.open(io.BytesIO(found))
        needed = require_room(image, len(data))
        encoded = found if isinstance(found, bytes) else b""
        return Opened(image, encoded, "RAW", orientation, needed, raw=data)
    image, source, kind = _image(data, name)
    crop = None
    if kind == "AVIF":  # whose decoder leaves that to viewers
        from difPy.decode.items import aperture

        crop = aperture(source, image.size)
    return Opened(image, source, kind, needed=require_room(image, len(source)), crop=crop)


def again(picture: Opened, page: int) -> Image.Image:
    """The same picture opened a second time, at that frame or page, to be decoded otherwise."""
    image, _, _ = _image(picture.data, "")
    image.seek(page)
    return image


def _image(data: bytes, name: str) -> tuple[Image.Image, bytes, str]:
    """Image, what it is decoded from (these bytes, or others that say the same to Pillow), and its format."""
    if (plain := plain_jpeg.opened(data)) is not None:
        if jpeg.lacks_end(data):
            raise Unended
        return plain, data, "JPEG"
    try:
        image: Image.Image = _opened(io.BytesIO(data), name)
        source, kind = data, image.format or ""
        if kind in ("JPEG", "MPO") and jpeg.lacks_end(data):
            raise Unended  # of what disks and downloads put where nothing is yet, Pillow would make pixels
    except OSError:  # one that says why, or the one that says nothing
        from difPy.decode import rarer

        found = rarer.opened(data)
        if found is None:
            raise
        image, source, kind = found
    unpack_16_bit_colour(image)
    quicken(image)
    if jpeg.is_arithmetic(source):
        image.decodermaxblock = len(source)  # type: ignore[attr-defined]  # its decoder cannot wait for more
    return image, source, kind


def _opened(stream: IO[bytes], name: str) -> ImageFile.ImageFile:
    start = stream.read(webp.HEADER)
    stream.seek(0)
    if start.startswith(_POSTSCRIPT):
        raise Refused("unsupported: a PostScript program (EPS), which is not run; save it as PNG to have it compared")
    if start.startswith(_JPEG_XL):
        from difPy.decode import jpeg_xl

        if find_spec("pillow_jxl") is None:
            raise Refused("JPEG XL needs pillow-jxl-plugin: pip install difPy[jxl]")
        import_module("pillow_jxl")  # which makes itself known to Pillow, and decodes all of it to open it
        _require_room(jpeg_xl.header(stream.read(_JPEG_XL_HEADER))[:2], _BYTES_PER_PIXEL["JXL"], 0)
        stream.seek(0)
    if canvas := webp.size(start):
        _require_room(canvas, _BYTES_PER_PIXEL["WEBP"], 0)
    if start[4:8] == b"ftyp" and start[8:12] not in _AVIF_BRANDS:
        from pillow_heif import HeifImageFile

        try:
            image: ImageFile.ImageFile = HeifImageFile(stream)  # type: ignore[no-untyped-call]
            return image
        except SyntaxError:
            stream.seek(0)  # an AVIF that does not say so in its first brand, or no picture
    try:
        return Image.open(stream)
    except UnidentifiedImageError:
        if (suffix := extension(name)) in _BY_NAME:
            stream.seek(0)
            by_name: ImageFile.ImageFile = import_module(_BY_NAME[suffix]).open(stream)
            return by_name
        if suffix in _NEEDS and find_spec(_NEEDS[suffix]) is None:
            raise Refused(f"unsupported: .{suffix} needs {_NEEDS[suffix]}") from None
        raise


def require_picture(stream: io.FileIO, name: str) -> None:
    """Refuse a file whose beginning is not that of a picture, before all of it is read."""
    if extension(name) not in RAW:
        buffered = io.BufferedReader(stream, 1 << 16)
        start = buffered.peek(named.START)[: named.START]
        with our_rules():
            try:
                require_room(_opened(buffered, name), 0)
            except (Refused, MemoryError):
                raise
            except Exception as error:  # what it is may take all of it to tell
                if named.picture(start, name) is None:
                    raise Refused(reason(error, start=start)) from None
            finally:
                buffered.detach()  # or its end would close the stream


def require_room(image: Image.Image, size: int) -> int:
    """Bytes that decoding a picture takes, at most, with the `size` bytes of its file.

    Raises
    ------
    Refused
        It would take more than any picture may.
    Short
        It would take more than it may in this process.
    """
    if image.info.get("progressive"):
        per_pixel = _BYTES_PER_PIXEL_PROGRESSIVE
    elif image.format not in _SHALLOW and low_tiles(image) is not None:
        per_pixel = _BYTES_PER_PIXEL_DEEP
    else:
        per_pixel = _BYTES_PER_PIXEL.get(image.format or "", _BYTES_PER_PIXEL_ELSE)
    return _require_room(image.size, per_pixel, size)


def _require_room(shape: tuple[int, int], bytes_per_pixel: int, size: int) -> int:
    needed = shape[0] * shape[1] * bytes_per_pixel + size
    if needed > memory.MOST:
        raise Refused(f"too large: {shape[0]:,} x {shape[1]:,} pixels would take {needed / 2**30:.1f} GiB to decode")
    memory.require(needed)
    return needed
