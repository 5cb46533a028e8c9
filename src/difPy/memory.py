"""The memory of the machine in; how much of it one picture, and all workers together, may take, out."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 4 << 30
"""Bytes that one picture may take, on any machine."""
_EACH = 1 << 29  # bytes a worker, where the machine has them: so most pictures need not wait for each other
_UNKNOWN = 8 << 30  # of a system that does not say
ROOM = "DIFPY_WORKER_ROOM"
"""Variable of the environment of a worker process: bytes that a picture decoded there may take, by its header, and
bytes that it may take in another one."""

_THRESHOLDS = {-3: "MALLOC_MMAP_THRESHOLD_", -1: "MALLOC_TRIM_THRESHOLD_"}
"""Of glibc, and how a person sets them: what is as large as the one, or free beyond the other, is given back."""
_ARENAS = -8, "MALLOC_ARENA_MAX"


def keep(size: int, arenas: int | None = None) -> None:
    """Keep so many bytes of what this process frees, if its C library is glibc: to get them anew from the system costs.

    What a person has set in the environment stays.

    Parameters
    ----------
    size : int
        Bytes.
    arenas : int, optional
        Of so many threads, at most, each keeps as much for itself; by default, of eight for each core.

    Examples
    --------
    >>> keep(1 << 24)
    """
    if sys.platform == "linux":
        import ctypes

        wanted = [(*threshold, size) for threshold in _THRESHOLDS.items()]
        if arenas is not None:
            wanted.append((*_ARENAS, arenas))
        with contextlib.suppress(AttributeError):  # another C library
            for setting, name, value in wanted:
                if name not in os.environ:
                    ctypes.CDLL(None).mallopt(setting, value)


@contextlib.contextmanager
def garbage_left() -> Iterator[None]:
    """While a million small things are made, none of which is garbage, nobody need look for garbage among them.

    Examples
    --------
    >>> with garbage_left():
    ...     gc.isenabled()
    False
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Short(MemoryError):
    """A picture needs more than it may take in this process; in another one it may have that."""

    def __init__(self, needed: int) -> None:
        super().__init__(f"{needed} bytes are needed")
        self.needed = needed


def require(needed: int) -> None:
    """Make sure, before a picture is decoded, that it may take so many bytes here.

    Raises
    ------
    Short
        It may not: what no worker process may take by itself is tried again where it may.

    Examples
    --------
    >>> require(1 << 20)
    """
    if needed > allowed():
        raise Short(needed)


def allowed() -> int:
    """Bytes that a picture may take in this process, by its header."""
    return _room()[0]


def is_all() -> bool:
    """Whether no process may take more for a picture than this one."""
    room, most = _room()
    return room >= most


def _room() -> tuple[int, int]:
    return _said(os.environ.get(ROOM, "")) or (for_one(), for_one())


@cache
def _said(text: str) -> tuple[int, int] | None:
    room, _, most = text.partition("/")
    return (int(room), int(most)) if room.isdecimal() and most.isdecimal() else None


def for_one() -> int:
    """Bytes that one picture may take on this machine: half of its memory, at most 4 GiB."""
    return min(MOST, of_machine() // 2)


def for_all(workers: int) -> int:
    """Bytes that so many workers may take together, beside what each needs to run: half of the machine's, at most.

    No more than 4 GiB, or than half a GiB for each worker, so that sixteen need not wait for each other all the time.

    Examples
    --------
    >>> for_all(1) == for_one() <= for_all(16) <= of_machine() // 2
    True
    """
    return min(max(MOST, workers * _EACH), of_machine() // 2)


@cache
def of_machine() -> int:
    """Bytes of memory that there are for this process: the machine's, or as many as its control groups leave it."""
    return min([_installed(), *_of_control_groups()])


def _installed() -> int:
    if sys.platform == "win32":
        import ctypes

        kilobytes = ctypes.c_ulonglong()
        found = ctypes.windll.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes))
        return kilobytes.value << 10 if found else _UNKNOWN
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return _UNKNOWN


def _of_control_groups(root: str = "/sys/fs/cgroup", mine: str = "/proc/self/cgroup") -> list[int]:
    """What the control groups that this process is in, and those around them, may take."""
    limits = []
    try:
        with open(mine, encoding="utf-8", errors="surrogateescape") as file:
            groups = [line.rstrip("\n").split(":", 2) for line in file]
    except OSError:  # no Linux
        return []
    for _, controllers, path in (group for group in groups if len(group) == 3):
        if controllers and "memory" not in controllers.split(","):
            continue
        folder, name = ("memory", "memory.limit_in_bytes") if controllers else ("", "memory.max")
        while True:
            try:
                with open(os.path.join(root, folder, path.strip("/"), name), encoding="ascii") as file:
                    limits.append(int(file.read()))
            except (OSError, ValueError):  # none at this level: the file is not there, or says "max"
                pass
            if path.strip("/") == "":
                break
            path = os.path.dirname(path.rstrip("/"))
    return limits
