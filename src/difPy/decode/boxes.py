"""The bytes of a file made of boxes (HEIF, AVIF, JPEG XL, JPEG 2000, MP4: ISO/IEC 14496-12) in, its boxes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Box(NamedTuple):
    """A box: what is in it lies from `start` to `end`."""

    kind: bytes
    start: int
    end: int


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    r"""Boxes one behind the other; what is none ends them.

    Parameters
    ----------
    data : bytes
        A whole file.
    start, end : int, optional
        Where they lie in it: in another box, where not everywhere.

    Examples
    --------
    >>> list(boxes(b"\0\0\0\x0cmpvdfilm" + b"\0\0\0\0free"))
    [Box(kind=b'mpvd', start=8, end=12), Box(kind=b'free', start=20, end=20)]
    """
    end = len(data) if end is None else min(end, len(data))
    while start + 8 <= end:
        size, kind, content = int.from_bytes(data[start : start + 4], "big"), data[start + 4 : start + 8], start + 8
        if size == 1:
            size, content = int.from_bytes(data[content : content + 8], "big"), content + 8
        stop = start + size if size else end
        if not kind.isascii() or stop < content or stop > end:
            return
        yield Box(kind, content, stop)
        start = stop


def inside(data: bytes, *path: bytes) -> Iterator[Box]:
    r"""Boxes of the kind that the path ends with, each in a box of the kind before.

    Examples
    --------
    >>> next(inside(b"\0\0\0\x10moov" + b"\0\0\0\x08trak", b"moov", b"trak"))
    Box(kind=b'trak', start=16, end=16)
    """
    found = boxes(data)
    for depth, kind in enumerate(path):
        chosen = [box for box in found if box.kind == kind]
        if depth == len(path) - 1:
            yield from chosen
        found = (inner for box in chosen for inner in boxes(data, box.start, box.end))
