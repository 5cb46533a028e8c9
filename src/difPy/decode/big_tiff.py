"""The bytes of a big-endian BigTIFF in, the same picture as a TIFF out: Pillow reads BigTIFF in the other order only.

Nothing that is read here is too large for a TIFF. Its directories are written anew behind the end of the file, so that
the pixels stay where they are.
"""

from __future__ import annotations

import struct

_SIGNATURE = b"MM\0+\0\x08\0\0"
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_LONG, _SIGNED_LONG = 4, 9
_NARROWED = {16: (_LONG, "Q", "I"), 17: (_SIGNED_LONG, "q", "i"), 18: (_LONG, "Q", "I")}
_DIRECTORIES = frozenset({34665, 34853, 40965})  # EXIF, GPS, interoperability
_MOST = 1 << 14  # pages: more of them are refused in any case

_GROWTH, _ROOM = 2, 1 << 16
"""A file that would become more than twice as large names the same bytes over and over."""


def as_tiff(data: bytes) -> bytes | None:
    """The same picture as a TIFF; None if it is no big-endian BigTIFF, or a damaged one."""
    if not data.startswith(_SIGNATURE):
        return None
    out = bytearray(data)
    try:
        _chain(data, out)
    except (struct.error, KeyError, OverflowError):
        return None
    return bytes(out)


def _chain(data: bytes, out: bytearray) -> None:
    """Write all pages anew, each behind a link to it; pages that lead to one that was there end the file."""
    out[:8] = b"MM\0*\0\0\0\0"
    (place,) = struct.unpack_from(">Q", data, 8)
    link, seen = 4, set[int]()
    while place and place not in seen and len(seen) < _MOST:
        seen.add(place)
        start, end, place = _directory(data, place, out, nested=False)
        struct.pack_into(">I", out, link, start)
        link = end


def _directory(data: bytes, place: int, out: bytearray, *, nested: bool) -> tuple[int, int, int]:
    """Write one directory anew: where it begins, where its link is, and where the next one was."""
    (count,) = struct.unpack_from(">Q", data, place)
    entries = []
    for at in range(place + 8, place + 8 + 20 * count, 20):
        tag, kind, number = struct.unpack_from(">HHQ", data, at)
        size = _SIZES[kind] * number
        (offset,) = struct.unpack_from(">Q", data, at + 12) if size > 8 else (at + 12,)
        value = data[offset : offset + size]
        if len(value) < size:
            raise struct.error("a value is not there")
        if tag in _DIRECTORIES and not nested:
            inner, _, _ = _directory(data, int.from_bytes(value, "big"), out, nested=True)
            kind, value = _LONG, struct.pack(">I", inner)
        elif kind in _NARROWED:
            kind, wide, narrow = _NARROWED[kind]
            value = struct.pack(f">{number}{narrow}", *struct.unpack(f">{number}{wide}", value))
        if len(value) > 4:
            value = struct.pack(">I", _append(data, out, value))
        entries.append(struct.pack(">HHI", tag, kind, number) + value.ljust(4, b"\0"))
    start = _append(data, out, struct.pack(">H", len(entries)) + b"".join(entries) + bytes(4))
    (following,) = struct.unpack_from(">Q", data, place + 8 + 20 * count)
    return start, len(out) - 4, following


def _append(data: bytes, out: bytearray, what: bytes) -> int:
    if len(out) + len(what) > _GROWTH * len(data) + _ROOM:
        raise OverflowError("its values overlap")
    out += b"\0" * (len(out) % 2)
    out += what
    return len(out) - len(what)
