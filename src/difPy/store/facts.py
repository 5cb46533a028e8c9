"""Files in; their names and numbers as the index keeps them out, and whether these still speak for the content."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SECOND = 1_000_000_000
_YOUNG = 2 * SECOND  # the coarsest clock of a file system: FAT


def int64(number: int) -> int:
    """A number as SQLite can keep it: inodes may have 128 bits, and files may come from the year 2400."""
    return number if -(1 << 63) <= number < 1 << 63 else number % ((1 << 63) - 25)


def absolute(paths: Iterable[str]) -> list[bytes]:
    """Paths as bytes, without symbolic links but for the last part: the same from wherever they are seen."""
    encoding, errors = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()
    folders: dict[str, str] = {}
    found = []
    for path in paths:
        folder, separator, name = path.rpartition(os.sep)
        real = folders.get(folder)
        if real is None:
            real = folders[folder] = os.path.join(os.path.realpath(folder + separator), "")
        found.append((real + name).encode(encoding, errors))
    return found


def trusted_time(mtime_ns: int, since: int, until: int) -> int | None:
    """The time of a file that was read between `since` and `until`; None if it was so young that it proves nothing.

    A file that changes twice within a tick of the clock has the same time after both changes. If it was read in
    between, its time would vouch for a content that is gone. (Git calls such an entry of its index racily clean.) A
    time in the future is no worse than one in the past: a change would set it to now.
    """
    return None if since - _YOUNG < mtime_ns < until + _YOUNG else int64(mtime_ns)


def unchanged(path: bytes, size: int, mtime_ns: int, row: tuple[object, object, object]) -> bool:
    """Whether a file of the same inode and device as a row (path, size, mtime_ns) can be believed to be that file.

    Under another name only if its time has a fraction of a second. Archives, cameras and FAT give many files one whole
    second; of those, another file of the same size may have come by the inode of a deleted one.
    """
    return (size, mtime_ns) == row[1:] and (path == row[0] or mtime_ns % SECOND != 0)
