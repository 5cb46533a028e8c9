"""A path -> why no picture is kept there or put there, by what the path says alone."""

from __future__ import annotations

import os
from functools import lru_cache

from difPy import discarded
from difPy.protection import below

_SYSTEM = ("/proc", "/sys", "/dev") if os.name == "posix" else ()
"""What Linux and its kin show under names that are no files of anybody's: what lies there is gone with a process."""
_MEMORY = "/dev/shm"
"""A disk in memory, for everybody."""


def off(path: str, root: str = "") -> str | None:
    """Why no step may name the path: it lies outside the directory it was found in, or where there are no pictures.

    Examples
    --------
    >>> off("/home/pictures/a.jpg", "/home") is None
    True
    >>> off("/home/pictures/../../etc/a.jpg", "/home/pictures")
    'does not lie in "/home/pictures", where it is said to have been found'
    """
    return _off(_folder(path), os.path.abspath(root) if root and path != root else "")


def discards(path: str) -> str | None:
    """What kind of trash, old versions or snapshot the path leads into; None where live files lie.

    Examples
    --------
    >>> discards(os.path.join(os.sep, "media", "stick", ".Trash-1000", "files", "a.jpg"))
    'the trash of a drive'
    """
    return discarded.of(os.path.abspath(path))


def _folder(path: str) -> str:
    return os.path.dirname(os.path.abspath(path))


@lru_cache(maxsize=4096)
def _off(folder: str, root: str) -> str | None:
    if root and not below(folder, root):
        return f'does not lie in "{root}", where it is said to have been found'
    for system in _SYSTEM:
        if below(folder, system) and not below(folder, _MEMORY):
            return f'lies in "{system}", where there are no files of anybody\'s'
    return None
