"""The bytes of an ordinary JPEG in, an opened image of it out; none of what Pillow is to make something of.

Nearly all pictures are JPEGs, and nearly all of these are plain: of 8 bits, grey or of three colours, one segment right
behind the other. Pillow finds out what a file is by trying, reads a header byte by byte, and hands its decoder 64 KiB
at a time, each copied twice, after each of which the decoder begins a row anew. Here all it gets is all there is.
"""

from __future__ import annotations

import io
import struct
from typing import Any

from PIL import Image, ImageFile, JpegImagePlugin

from difPy.decode import jpeg

_START = b"\xff\xd8\xff"
_SEGMENT = struct.Struct(">HH")
"""What a segment begins with: its marker, and how many bytes follow that."""
_FRAMES = (0xFFC0, 0xFFC1, 0xFFC2)  # baseline, extended, progressive: with Huffman's code
_TELLING = (*_FRAMES, *range(0xFFE0, 0xFFF0), 0xFFFE)
"""Markers of segments that say something of the picture: its frame, of programs, comments."""
_SCAN, _QUANTIZATION = 0xFFDA, 0xFFDB
_TABLES = (0xFFC4, _QUANTIZATION, 0xFFDD)
"""Of those that say how to decode it."""
_HANDLERS = {marker: JpegImagePlugin.MARKER[marker][2] for marker in _TELLING} | dict.fromkeys((_SCAN, *_TABLES))
"""Of all that an ordinary JPEG has before its code: what Pillow makes something of it with, if it does."""
_MODES = ("RGB", "L")
_NOTES = ("exif", "xmp", "photoshop", "comment")
"""Names that Pillow has for what a JPEG may tell of its picture."""


class PlainJpeg(JpegImagePlugin.JpegImageFile):
    """A JPEG as Pillow opens it, but for the tables of its decoder, which are not kept."""

    fp: io.BytesIO | None
    coded_from: int
    """Where its first scan begins."""

    def _open(self) -> None:
        """Read the header as Pillow does it: what is unusual raises SyntaxError, or whatever Pillow says of it."""
        self.bits = self.layers = self._exif_offset = 0
        self.layer, self.quantization, self.app, self.applist, self.icclist = [], {}, {}, [], []
        self._huffman_dc, self._huffman_ac = {}, {}
        assert self.fp is not None
        data, place = self.fp.getvalue(), 2
        while True:
            marker, size = _SEGMENT.unpack_from(data, place)
            handler, end = _HANDLERS[marker], place + 2 + size
            if size < 2 or end > len(data):
                raise SyntaxError
            if handler is not None:
                self.fp.seek(place + 2)
                handler(self, marker)
            elif marker == _SCAN:
                break
            elif marker == _QUANTIZATION and not _is_sound(data[place + 4 : end]):
                raise SyntaxError
            place = end
        self.coded_from = place
        if self.mode not in _MODES or "mp" in self.info or self.width * self.height > (Image.MAX_IMAGE_PIXELS or 0):
            raise SyntaxError  # of several pictures, or of a size to be refused
        self.tile = [ImageFile._Tile("jpeg", (0, 0, *self.size), 0, (self.mode, ""))]
        self._read_dpi_from_exif()

    def load(self) -> Any:
        """Decode it, in one go. What is damaged Pillow decodes once more, to say what is wrong."""
        if self.tile and self.fp is not None:
            self.load_prepare()
            extents = self.tile[0].extents
            core: Any = Image.core  # type: ignore[attr-defined]
            decoder = core.jpeg_decoder(self.mode, self.mode, "", *self.decoderconfig)
            try:
                decoder.setimage(self.im, extents)
                left, error = decoder.decode(self.fp.getvalue())
            finally:
                decoder.cleanup()
            if left < 0 <= error:
                self.tile, self.fp, self.readonly = [], None, 0
        return super().load()


def opened(data: bytes) -> Image.Image | None:
    """A plain JPEG, its header read; None for all else, and for what is damaged."""
    if not data.startswith(_START):
        return None
    try:
        return PlainJpeg(io.BytesIO(data))
    except MemoryError:
        raise
    except Exception:  # whatever Pillow's handlers make of it: Pillow itself is asked again
        return None


def coded_from(image: Image.Image, data: bytes) -> int:
    """Where the first scan of a JPEG begins, which a plain one knows.

    Raises
    ------
    Damaged
        It has none.
    """
    return image.coded_from if isinstance(image, PlainJpeg) else jpeg.coded_from(data)


def is_without_notes(image: Image.Image) -> bool:
    """Whether it is an ordinary JPEG of which nothing is told but how it is to be decoded, and its resolution."""
    return isinstance(image, PlainJpeg) and image.info.keys().isdisjoint(_NOTES)


def _is_sound(tables: bytes) -> bool:
    """Whether these are quantization tables: each of 64 numbers, of one byte or two, behind a byte that says which."""
    place = 0
    while place < len(tables):
        place += 129 if tables[place] > 15 else 65
    return place == len(tables)
