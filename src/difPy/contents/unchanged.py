"""How a file is opened to be read, and whether what was opened is still the file that the scan saw."""

from __future__ import annotations

import os
import stat

# O_NONBLOCK: opening a FIFO that has taken the file's place must not wait for a writer.
FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY"))
EMPTY = "not a picture: the file is empty"
CHANGED = "changed since it was scanned"
LARGE = 64 << 20
"""Bytes above which a file is looked at before it is read: a sparse one costs nothing to make."""
LARGEST = 2 << 30
"""Bytes above which none is read."""


def changed(now: os.stat_result, size: int, mtime_ns: int, inode: int) -> str | None:
    """What has become of a file since the scan saw it, in words; None if it is what it was."""
    if not stat.S_ISREG(now.st_mode):
        return "changed since it was scanned: it is no regular file any more"
    if (now.st_size, now.st_mtime_ns, now.st_ino) != (size, mtime_ns, inode):
        return CHANGED
    return None


def short(came: int, size: int) -> str:
    """Why so few bytes are no content."""
    return f"cannot be read: {came:,} of {size:,} bytes came"


def words(error: Exception) -> str:
    """What the system said."""
    return getattr(error, "strerror", None) or str(error)
