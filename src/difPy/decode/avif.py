"""The bytes of an AVIF in, the same with the size of its transparency noted out: libavif refuses it without.

Early encoders left it out, because it is the size of the picture. Browsers read these files. The boxes that say what
the file holds are written anew behind its end, so that whatever they point to stays where it is.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER = 8  # bytes: length and kind
_FULL = 4  # bytes of version and flags


class _Box(NamedTuple):
    """A box of ISO/IEC 14496-12: its kind, where it begins, where its content does, and where it ends."""

    kind: bytes
    start: int
    content: int
    end: int


def with_size_of_alpha(data: bytes) -> bytes | None:
    """The file with what it lacks; None if that is not what is wrong with it."""
    meta = _find(data, b"meta", 0, len(data))
    if meta is None:
        return None
    properties = _find(data, b"iprp", meta.content + _FULL, meta.end)
    if properties is None:
        return None
    kinds = _find(data, b"ipco", properties.content, properties.end)
    associations = _find(data, b"ipma", properties.content, properties.end)
    if kinds is None or associations is None:
        return None
    names = [box.kind for box in _boxes(data, kinds.content, kinds.end)]
    if b"ispe" not in names or b"auxC" not in names:
        return None
    try:
        completed = _completed(data[associations.content : associations.end], names)
    except (IndexError, struct.error):
        return None
    if completed is None:
        return None
    ipma = _box(b"ipma", completed)
    iprp = _box(b"iprp", data[properties.content : associations.start] + ipma + data[associations.end : properties.end])
    whole = _box(b"meta", data[meta.content : properties.start] + iprp + data[properties.end : meta.end])
    kind = meta.start + 4
    return data[:kind] + b"free" + data[kind + 4 :] + whole


def _completed(ipma: bytes, names: list[bytes]) -> bytes | None:
    """Which properties each item has, with the first size for whatever is auxiliary and has none."""
    version, wide = ipma[0], ipma[3] & 1
    out = bytearray(ipma[:8])
    at, changed = 8, False
    for _ in range(*struct.unpack(">I", ipma[4:8])):
        item = 2 if version < 1 else 4
        count, start = ipma[at + item], at + item + 1
        end = start + count * (2 if wide else 1)
        stored = struct.unpack(f">{count}{'H' if wide else 'B'}", ipma[start:end])
        has = {names[index - 1] for value in stored if 0 < (index := value & (0x7FFF if wide else 0x7F)) <= len(names)}
        out += ipma[at : at + item]
        if b"auxC" in has and b"ispe" not in has:
            size = names.index(b"ispe") + 1
            out += bytes([count + 1]) + size.to_bytes(2 if wide else 1, "big")
            changed = True
        else:
            out += bytes([count])
        out += ipma[start:end]
        at = end
    return bytes(out) if changed else None


def _boxes(data: bytes, start: int, end: int) -> Iterator[_Box]:
    while start + _HEADER <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        content = start + _HEADER
        if size == 1 and start + 16 <= end:
            (size,), content = struct.unpack_from(">Q", data, start + _HEADER), start + 16
        size = size or end - start
        if size < content - start or start + size > end:
            return
        yield _Box(kind, start, content, start + size)
        start += size


def _find(data: bytes, kind: bytes, start: int, end: int) -> _Box | None:
    return next((box for box in _boxes(data, start, end) if box.kind == kind), None)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", _HEADER + len(content), kind) + content
