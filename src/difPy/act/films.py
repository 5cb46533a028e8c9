"""A film's path in, whether it belongs to a Live Photo out: only the box that says so is read, however long the film.

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
_MOST_BOXES = 1 << 10
_MOST_BYTES = 64 << 20  # of a box: what is said of three seconds takes some kilobytes


def is_live(path: str) -> bool:
    """Whether a film says that it belongs to a Live Photo: a film that merely shares a picture's name does not.

    Parameters
    ----------
    path : str
        What is no regular file itself, or no film, does not either.

    Raises
    ------
    OSError
        It cannot be read.
    """
    if not stat.S_ISREG(disk.lstat(path).st_mode):  # a device is not even opened
        return False
    with disk.opened(path) as descriptor:
        for kind, start, end in _boxes(descriptor, disk.facts(descriptor).st_size):
            if kind == b"moov":
                return _says(descriptor, start, end)
    return False


def _boxes(descriptor: int, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind of each box of a film, and where what it holds begins and ends."""
    place = 0
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
