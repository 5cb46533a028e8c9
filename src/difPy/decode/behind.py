"""The bytes of a file and where the picture in it ends in, what lies behind that out, part by part.

That is what begins as a JPEG or with a film's `ftyp` box, and what is unknown if it is `LEAST_UNKNOWN` or more; zeros
and less than that are none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from difPy.decode import jpeg
from difPy.decode.refused import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    Part = tuple[str, bytes]  # its name, and bytes of it

LEAST_UNKNOWN = 1 << 14
"""Bytes behind a picture that count whatever they are: notes that phones leave there are shorter."""
MOST_PICTURES = 64
"""Further pictures that are told one from the other."""

FILM, GAIN, DEPTH, UNKNOWN = "a film", "a gain map", "a depth map", "data behind the picture"

_JPEG, _EOI, _FTYP = b"\xff\xd8\xff", b"\xff\xd9", b"ftyp"
_GAIN = re.compile(rb"hdrgm|urn:iso:std:iso:ts:21496|HDRGainMap|hdrgainmap")
_DEPTH = re.compile(rb"[dD](epth|isparity)|hevc:2015:auxid:2")


def behind(data: bytes, place: int, previews: frozenset[int] = frozenset()) -> Iterator[Part]:
    """Parts behind the end of a picture, which is the place.

    Parameters
    ----------
    data : bytes
        The file.
    place : int
    previews : frozenset of int, optional
        Where small copies of the picture begin, which are no parts.
    """
    number = 1
    while place < len(data):
        film = data.find(_FTYP, place) - 4
        photo = data.find(_JPEG, place, film if film >= place else len(data))
        stop = photo if photo >= 0 else film if film >= place else len(data)
        if len(data[place:stop].strip(b"\0")) >= LEAST_UNKNOWN:
            yield UNKNOWN, data[place:stop]
        if photo < 0:
            if stop < len(data):
                yield FILM, data[stop:]
            return
        header = _header(data, photo)
        place = data.find(_EOI, photo + len(header)) + 2 if number < MOST_PICTURES else len(data)
        place = place if place > 1 else len(data)
        if photo not in previews:
            number += 1
            yield kind_of(header) or f"picture {number}", data[photo:place]


def _header(data: bytes, start: int) -> bytes:
    """A JPEG in a file up to its coded pixels: with them where it has no sound header."""
    try:
        return data[start : jpeg.coded_from(data, start)]
    except (Damaged, StopIteration):
        return data[start : start + 2]


def kind_of(about: bytes) -> str | None:
    """What a picture is that says this of itself, if it is no picture to look at."""
    return GAIN if _GAIN.search(about) else DEPTH if _DEPTH.search(about) else None


def end_of_gif(data: bytes) -> int:
    """Blocks one behind the other, up to the one that is the end (GIF89a, appendix A)."""
    place = 13 + _colours(data[10])
    while data[place : place + 1] in (b"!", b","):
        place += 2 if data[place] == ord("!") else 11 + _colours(data[place + 9])
        while data[place]:
            place += 1 + data[place]
        place += 1
    return place + 1 if data[place : place + 1] == b";" else len(data)


def _colours(flags: int) -> int:
    """Bytes of a GIF's table of colours."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def end_of_bmp(data: bytes, size: tuple[int, int]) -> int:
    """What its header says, or where its pixels end: many headers say nothing."""
    said, start = (int.from_bytes(data[at : at + 4], "little") for at in (2, 10))
    bits = int.from_bytes(data[28:30], "little")
    return max(said, start + (size[0] * bits + 31) // 32 * 4 * size[1])
