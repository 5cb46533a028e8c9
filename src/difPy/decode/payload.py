"""An opened picture in; what tells it from others beside the pixels that are shown, as a digest, out.

Some formats hold more than Pillow gives: 10, 12 and 16 bits a sample, a camera's raw samples. There the coded picture
decides, without the notes that are stored with it; where it cannot be told from these, all bytes of the file do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from blake3 import blake3

from difPy.decode import dng
from difPy.decode.boxes import boxes
from difPy.decode.depth import is_reduced
from difPy.decode.plain_jpeg import PlainJpeg
from difPy.decode.refused import Damaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from difPy.decode.opening import Opened

_CODESTREAM, _START_OF_TILE, _COMMENT = b"\xff\x4f\xff\x51", 0xFF90, 0xFF64


def hidden(picture: Opened, digest: bytes) -> bytes:
    """Digest of the coded picture where it holds more than is shown; nothing where pixels say it all.

    Parameters
    ----------
    picture : Opened
    digest : bytes
        Of the file: what is returned where notes cannot be told from the picture.
    """
    if isinstance(picture.image, PlainJpeg) or not (picture.raw or is_reduced(picture)):
        return b""
    pieces = dng.pieces if picture.raw else _PIECES.get(picture.format)
    if pieces is None:
        return digest
    state, empty = blake3(), True
    try:
        for piece in pieces(picture.raw or picture.data):
            state.update(len(piece).to_bytes(8, "big") + piece)
            empty = False
    except Damaged:
        return digest
    return digest if empty else state.digest()


def _items(data: bytes) -> Iterator[bytes]:
    from difPy.decode.items import items

    found = items(data)
    return found.code(found.primary)


def _jpeg_2000(data: bytes) -> Iterator[bytes]:
    """Its header, which may hold a palette, and the codestream without comments (ISO/IEC 15444-1, annex A)."""
    yield from (data[box.start : box.end] for box in boxes(data) if box.kind == b"jp2h")
    place = data.find(_CODESTREAM)
    if place < 0:
        raise Damaged("it has no codestream")
    place += 2
    while place + 4 <= len(data):
        marker, size = (
            int.from_bytes(data[place : place + 2], "big"),
            int.from_bytes(data[place + 2 : place + 4], "big"),
        )
        if marker == _START_OF_TILE:
            end = next((box.end for box in boxes(data) if box.kind == b"jp2c"), len(data))
            yield data[place:end]
            return
        if marker != _COMMENT:
            yield data[place : place + 2 + size]
        place += 2 + size
    raise Damaged("it has no tiles")


def _jpeg_xl(data: bytes) -> Iterator[bytes]:
    """Its codestream, bare or in boxes, whole or in parts."""
    if data.startswith(b"\xff\x0a"):
        yield data
        return
    parts = [(box.start + 4 * (box.kind == b"jxlp"), box.end) for box in boxes(data) if box.kind in (b"jxlc", b"jxlp")]
    yield b"".join(data[start:end] for start, end in parts)


_PIECES: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "HEIF": _items,
    "AVIF": _items,
    "JPEG2000": _jpeg_2000,
    "JXL": _jpeg_xl,
}
