"""A path -> why no picture is kept there or put there, by what the path says alone."""

from __future__ import annotations

import os
import re
from functools import lru_cache

from difPy.protection import TRASH, below

_SYSTEM = ("/proc", "/sys", "/dev") if os.name == "posix" else ()
"""What Linux and its kin show under names that are no files of anybody's: what lies there is gone with a process."""
_MEMORY = "/dev/shm"
"""A disk in memory, for everybody."""
_OF_A_USER = re.compile(rf"{re.escape(os.sep)}Trash{re.escape(os.sep)}files({re.escape(os.sep)}|$)")


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


def in_trash(path: str) -> bool:
    """Whether the path leads into the trash of a user or of a drive.

    Examples
    --------
    >>> in_trash(os.path.join(os.sep, "media", "stick", ".Trash-1000", "files", "a.jpg"))
    True
    """
    return _in_trash(_folder(path))


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


@lru_cache(maxsize=4096)
def _in_trash(folder: str) -> bool:
    return _OF_A_USER.search(folder) is not None or any(TRASH.fullmatch(part) for part in folder.split(os.sep))
