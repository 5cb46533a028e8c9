"""The bytes of a JPEG in; its segments, and where its pixels begin and end, out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from difPy.compiled import BYTES, COUNT, loop
from difPy.decode.refused import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOS = 0xDA
EOI = b"\xff\xd9"
"""What a JPEG ends with."""
_FILL = b"\xff\xff"
_APP1, _APP2 = 0xE1, 0xE2
_EXIF, _ICC = b"Exif\0\0", b"ICC_PROFILE\0"
_ARITHMETIC = frozenset({0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_STANDALONE = frozenset({0x01, *range(0xD0, 0xDA)})
_END = re.compile(EOI)  # which is found by a pattern three times as quickly as by `bytes.find`
_END_FROM = loop("marks_end", BYTES, COUNT, COUNT, result=COUNT)
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # in coded data 0xFF is followed by these, or marks its end


def coded_from(data: bytes, begin: int = 0) -> int:
    """Where the first scan of the JPEG begins that begins there."""
    return next(start for marker, start, _ in segments(data, begin) if marker == _SOS)


def frame_header(data: bytes) -> tuple[int, int]:
    """Marker and start of the first frame header (SOF): it says how the pixels are coded, and how many they are."""
    return next((marker, start) for marker, start, _ in segments(data) if marker in _FRAMES)


def has_end(data: bytes) -> bool:
    """Whether an end mark follows the last scan."""
    place = 0
    try:
        for marker, _, end in segments(data):
            place = end_of_code(data, end) if marker == _SOS else end
    except Damaged:
        pass
    return data.startswith(EOI, place)


def lacks_end(data: bytes) -> bool:
    """Whether there is no end mark anywhere behind the beginning of the first scan: quickly, for any JPEG."""
    try:
        return not data.endswith(EOI) and not end_behind(data, coded_from(data))
    except (Damaged, StopIteration):
        return False


def end_behind(data: bytes, start: int) -> int:
    """Where the first end mark from there on ends; 0 if there is none."""
    if _END_FROM is not None:
        place = _END_FROM(data, len(data), start)
        return 0 if place < 0 else int(place) + len(EOI)
    mark = _END.search(data, start)
    return mark.end() if mark else 0


def notes(data: bytes) -> dict[str, bytes]:
    """EXIF and colour profile, under the names that Pillow has for them (`Image.info`)."""
    found: dict[str, bytes] = {}
    profile: list[bytes] = []
    for marker, start, end in segments(data):
        content = data[start + 4 : end]
        if marker == _APP1 and content.startswith(_EXIF):
            found.setdefault("exif", content)
        elif marker == _APP2 and content.startswith(_ICC):
            profile.append(content[len(_ICC) :])
        elif marker == _SOS:
            break
    if profile:
        found["icc_profile"] = b"".join(part[2:] for part in sorted(profile))
    return found


def is_arithmetic(data: bytes) -> bool:
    """Whether these bytes are a JPEG with arithmetic coding, which can be decoded from a whole buffer only."""
    try:
        return data.startswith(b"\xff\xd8") and frame_header(data)[0] in _ARITHMETIC
    except (Damaged, StopIteration):
        return False


def segments(data: bytes, begin: int = 0) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment; behind that of a scan comes its code."""
    place = begin + 2
    while True:
        marker, start, end = segment(data, place)
        yield marker, start, end
        place = end_of_code(data, end) if marker == _SOS else end


def segment(data: bytes, place: int) -> tuple[int, int, int]:
    """Marker, start and end of the segment that begins there, or behind what fills up.

    Raises
    ------
    Damaged
        None does.
    """
    while data.startswith(_FILL, place):
        place += 1
    marker = data[place + 1 : place + 2]
    if data[place : place + 1] != b"\xff" or not marker or marker[0] in _STANDALONE:
        raise Damaged("no JPEG, or not a whole one")
    return marker[0], place, place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")


def end_of_code(data: bytes, start: int) -> int:
    """Where the code that begins there ends: at the next marker that is no restart mark."""
    marker = _MARKER.search(data, start)
    return marker.start() if marker else len(data)
