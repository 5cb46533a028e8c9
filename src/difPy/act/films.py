"""A film's path in, whether it belongs to a picture out: only the box that says so is read, however long the film.

A QuickTime film is a row of boxes, each with its size in front, or none where it reaches to the end. What there is
to say of the film is in the box `moov`; the film itself, in `mdat`, is stepped over.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from difPy.act import disk

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIVE = b"com.apple.quicktime.content.identifier"
_LONGEST = 10  # seconds: Live and Motion Photos last three, some a little longer
_MOST_BOXES = 1 << 10
_MOST_BYTES = 64 << 20  # of a box: what is said of three seconds takes some kilobytes


def is_of_a_picture(path: str) -> bool:
    """Whether a film belongs to the picture that bears its name.

    A QuickTime film (``.mov``) must say that it belongs to a Live Photo. The films of Motion Photos, and those that
    Google made of Live Photos, say nothing of the kind: they do, unless they last longer than such films.

    Parameters
    ----------
    path : str
        What is no regular file itself does not: a device is not even opened.

    Raises
    ------
    OSError
        It cannot be read.
    """
    if not stat.S_ISREG(disk.lstat(path).st_mode):
        return False
    must_say = path.lower().endswith(".mov")
    with disk.opened(path) as descriptor:
        for kind, start, end in _boxes(descriptor, 0, disk.facts(descriptor).st_size):
            if kind == b"moov":
                return _says(descriptor, start, end) or not (must_say or _is_long(descriptor, start, end))
    return not must_say


def _is_long(descriptor: int, start: int, end: int) -> bool:
    """Whether a film says, in the box `mvhd` of its `moov`, that it lasts longer than those of pictures."""
    for kind, inner, _ in _boxes(descriptor, start, end):
        if kind == b"mvhd":
            os.lseek(descriptor, inner, os.SEEK_SET)
            header = os.read(descriptor, 32)
            wide = header[:1] == b"\1"  # times and length in 64 bits
            scale, length = (header[20:24], header[24:32]) if wide else (header[12:16], header[16:20])
            return int.from_bytes(length, "big") > _LONGEST * int.from_bytes(scale, "big")
    return False


def _boxes(descriptor: int, place: int, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind of each box between two places of a film, and where what it holds begins and ends."""
    for _ in range(_MOST_BOXES):
        os.lseek(descriptor, place, os.SEEK_SET)
        header = os.read(descriptor, 16)
        if len(header) < 8:
            return
        length, kind, start = int.from_bytes(header[:4], "big"), header[4:8], place + 8
        if length == 1:  # the size follows, in 64 bits
            length, start = int.from_bytes(header[8:], "big"), place + 16
        end = min(place + length, size) if length else size
        if end < start:
            return
        yield kind, start, end
        place = end


def _says(descriptor: int, start: int, end: int) -> bool:
    """Whether what lies between two places of a film says that it belongs to a Live Photo."""
    os.lseek(descriptor, start, os.SEEK_SET)
    left, carry = min(end - start, _MOST_BYTES), b""
    while left and (chunk := os.read(descriptor, min(left, disk.CHUNK))):
        if _LIVE in carry + chunk:
            return True
        left -= len(chunk)
        carry = chunk[-len(_LIVE) :]
    return False
