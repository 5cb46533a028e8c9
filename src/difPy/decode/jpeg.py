"""The bytes of a JPEG in; where its pixels begin, and the part of a progressive one that 1/8 of its size needs, out.

A progressive JPEG stores its coefficients in scans: the means of all blocks (DC) first, 3% of its bytes, often without
their last bit, which a small scan farther back adds. These scans are kept and the others left out. Because libjpeg
would smooth a picture whose other coefficients are not known yet, a scan of a few bytes then says that they are zero.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, NamedTuple

from difPy.decode.refused import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOF2, _SOS, _DHT, _DRI = 0xC2, 0xDA, 0xC4, 0xDD
EOI = b"\xff\xd9"
"""What a JPEG ends with."""
_APP1, _APP2 = 0xE1, 0xE2
_EXIF, _ICC = b"Exif\0\0", b"ICC_PROFILE\0"
_ARITHMETIC = frozenset({0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_STANDALONE = frozenset({0x01, *range(0xD0, 0xDA)})
_NOT_NEEDED = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})  # comments, and applications' data but JFIF's and Adobe's
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # in coded data 0xFF is followed by these, or marks its end

# A Huffman table of fifteen codes of four bits: code n says that 2**n blocks, and as many more as n bits say, are zero.
_RUNS = bytes([0x10, *[0, 0, 0, 15], *[0] * 12, *range(0x00, 0xF0, 0x10)])
_LONGEST_RUN = 0x7FFF


class _Frame(NamedTuple):
    """What a JPEG's header says."""

    width: int
    height: int
    factors: dict[int, tuple[int, int]]
    """Component -> samples across and down, relative to the others."""


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
        return not data.endswith(EOI) and data.find(EOI, coded_from(data)) < 0
    except (Damaged, StopIteration):
        return False


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


def only_means(data: bytes) -> bytes | None:
    """A JPEG of nothing but the means of blocks; None if this one is not progressive, or has no end: is truncated.

    The syntax is that of ITU-T T.81, annexes B and G.

    Raises
    ------
    Damaged
        If it lacks what every whole JPEG has.
    """
    if EOI not in data[-1024:]:
        return None
    frame: _Frame | None = None
    wanted: set[int] = set()
    kept = [data[:2]]
    for marker, start, end in segments(data):
        if marker == _SOS:
            if frame is None:
                return None
            count = data[start + 4]
            components = data[start + 5 : start + 5 + 2 * count : 2]
            first, last, precision = data[start + 5 + 2 * count : start + 8 + 2 * count]
            if first == last == 0:
                kept.append(data[start : end_of_code(data, end)])
                if precision & 15 == 0:  # the last bit of these means
                    wanted -= set(components)
            if not wanted:
                return b"".join([*kept, _all_else_is_zero(frame), EOI])
        elif marker == _SOF2:
            frame = _frame(data[start:end])
            wanted = set(frame.factors)
            kept.append(data[start:end])
        elif marker not in _NOT_NEEDED:
            kept.append(data[start:end])
    raise Damaged("no JPEG, or not a whole one")


def segments(data: bytes, begin: int = 0) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment; behind that of a scan comes its code."""
    place = begin + 2
    while True:
        marker = data[place + 1 : place + 2]
        if data[place : place + 1] != b"\xff" or not marker or marker[0] in _STANDALONE:
            raise Damaged("no JPEG, or not a whole one")
        if marker[0] == 0xFF:  # fill
            place += 1
            continue
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        yield marker[0], place, end
        place = end_of_code(data, end) if marker[0] == _SOS else end


def end_of_code(data: bytes, start: int) -> int:
    """Where the code that begins there ends: at the next marker that is no restart mark."""
    marker = _MARKER.search(data, start)
    return marker.start() if marker else len(data)


def _frame(segment: bytes) -> _Frame:
    height, width, count = struct.unpack(">HHB", segment[5:10])
    parts = [segment[10 + 3 * i : 13 + 3 * i] for i in range(count)]
    return _Frame(width, height, {part[0]: (part[1] >> 4, part[1] & 15) for part in parts})


def _all_else_is_zero(frame: _Frame) -> bytes:
    """Scans, one a component, of blocks in which all coefficients but the mean are zero."""
    across, down = (max(factors) for factors in zip(*frame.factors.values(), strict=True))
    scans = [struct.pack(">BBHH", 0xFF, _DRI, 4, 0), struct.pack(">BBH", 0xFF, _DHT, 2 + len(_RUNS)), _RUNS]
    for component, (h, v) in frame.factors.items():
        blocks = -(-frame.width * h // (8 * across)) * -(-frame.height * v // (8 * down))
        scans.append(struct.pack(">BBHBBBBBB", 0xFF, _SOS, 8, 1, component, 0x00, 1, 63, 0))
        scans.append(_coded_runs(blocks))
    return b"".join(scans)


def _coded_runs(blocks: int) -> bytes:
    bits = ""
    while blocks:
        run = min(blocks, _LONGEST_RUN)
        exponent = run.bit_length() - 1
        bits += f"{exponent:04b}" + (f"{run - (1 << exponent):0{exponent}b}" if exponent else "")
        blocks -= run
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
