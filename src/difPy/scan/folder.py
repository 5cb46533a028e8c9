"""A folder in; the names of what lies in it, and what the system says of each, out: in C, of many at once."""

from __future__ import annotations

import os
from array import array
from itertools import islice
from typing import TYPE_CHECKING, Any

from difPy import compiled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Status = tuple[int, int, int, int, int]
"""Mode, size in bytes, time of the last change in nanoseconds, device and inode."""

UNKNOWN: Status = (0, 0, 0, 0, 0)
"""Of what only a look at the path itself can tell, or why there is nothing to tell."""

_AT_ONCE = 64  # names: a network may take 0.01 s for each, and meanwhile no Ctrl-C is heard
_LOOK: Any = None
if os.scandir in os.supports_fd:  # not on Windows
    _LOOK = compiled.loop("folder_look", compiled.COUNT, compiled.BYTES, compiled.COUNT, compiled.ADDRESS)


def status_of(found: os.stat_result) -> Status:
    """What a scan wants to know of what the system has said.

    Examples
    --------
    >>> status_of(os.stat("."))[1] == os.path.getsize(".")
    True
    """
    return found.st_mode, found.st_size, found.st_mtime_ns, found.st_dev, found.st_ino


def entries(folder: str) -> Iterator[tuple[str, Status]]:
    """What lies in a folder, in no order. Symbolic links are not followed.

    Parameters
    ----------
    folder : str

    Yields
    ------
    tuple of str and Status
        The name, and what it is, or `UNKNOWN`.

    Raises
    ------
    OSError
        The folder cannot be read.

    Examples
    --------
    >>> sorted(entries(".")) == sorted((name, status_of(os.lstat(name))) for name in os.listdir("."))
    True
    """
    if os.scandir not in os.supports_fd:
        with os.scandir(folder) as found:
            yield from map(_asked, found)
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)  # what lies there is looked up from there: less work
    try:
        with os.scandir(descriptor) as found:
            if _LOOK is None:
                yield from map(_asked, found)
            while names := [entry.name for entry in islice(found, _AT_ONCE)]:
                yield from zip(names, _looked(descriptor, names), strict=True)
    finally:
        os.close(descriptor)


def _asked(entry: os.DirEntry[str]) -> tuple[str, Status]:
    try:
        status = status_of(entry.stat(follow_symlinks=False))
    except OSError:
        return entry.name, UNKNOWN
    return entry.name, status if status[-1] else UNKNOWN  # Windows: only a full stat knows the inode


def _looked(folder: int, names: list[str]) -> Iterable[Status]:
    numbers = array("q", bytes(len(UNKNOWN) * 8 * len(names)))
    _LOOK(folder, os.fsencode("\0".join(names)), len(names), numbers.buffer_info()[0])
    each = iter(numbers.tolist())
    return zip(each, each, each, each, each, strict=True)
