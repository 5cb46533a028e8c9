"""Wished paths -> paths that are free: numbered names, the same number for a picture and its sidecars."""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING

from difPy.act import disk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LONGEST = 255
"""Bytes of a name, on nearly every file system."""


class Names:
    """The names that are taken in the folders moved to.

    Names that differ only in case, or in how an accent is written, count as the same: on some systems they are, and an
    archive is carried from one to another.

    Parameters
    ----------
    listed : callable
        Lists the names that are taken in a folder.
    longest : int, optional
        Bytes of a name, at most.
    """

    def __init__(self, listed: Callable[[str], list[str]], longest: int = LONGEST) -> None:
        self._listed = listed
        self._longest = longest
        self._taken: dict[str, set[str]] = {}
        self._last: dict[tuple[str, str], int] = {}

    def take(self, wishes: Sequence[str]) -> list[str]:
        """Free paths for files that keep together: the first wish is a picture, the others its sidecars.

        They are taken from now on, whether used or not.
        """
        folder, name = os.path.split(wishes[0])
        stem = os.path.splitext(name)[0]
        key = (folder, _plain(name))
        number = self._last.get(key, 1)
        while True:
            paths = [numbered(wish, stem, number, self._longest) for wish in wishes]
            if all(self._is_free(path) for path in paths):
                break
            number += 1
        self._last[key] = number
        for path in paths:
            self.refuse(path)
        return paths

    def refuse(self, path: str) -> None:
        """Never give this path to anybody."""
        folder, name = os.path.split(path)
        self._names(folder).add(_plain(name))

    def look_again(self, folder: str) -> None:
        """Learn which names others have taken meanwhile."""
        self._names(folder).update(self._there(folder))

    def _is_free(self, path: str) -> bool:
        folder, name = os.path.split(path)
        return _plain(name) not in self._names(folder)

    def _names(self, folder: str) -> set[str]:
        if folder not in self._taken:
            self._taken[folder] = self._there(folder)
        return self._taken[folder]

    def _there(self, folder: str) -> set[str]:
        return {_plain(name) for name in self._listed(folder)}


def listed(folder: str) -> list[str]:
    """Names in a folder; none, if it is not there."""
    try:
        return disk.names(folder)
    except FileNotFoundError:
        return []


def numbered(path: str, stem: str, number: int, longest: int = LONGEST) -> str:
    """The path with a number behind the stem, cut where the name would be too long.

    Examples
    --------
    >>> numbered("to/IMG_1.jpg", "IMG_1", 2), numbered("to/IMG_1.jpg.json", "IMG_1", 3)
    ('to/IMG_1 (2).jpg', 'to/IMG_1 (3).jpg.json')
    """
    folder, name = os.path.split(path)
    if not name.startswith(stem):
        stem = os.path.splitext(name)[0]
    tail = (f" ({number})" if number > 1 else "") + name[len(stem) :]
    return os.path.join(folder, _cut(stem, longest - len(os.fsencode(tail))) + tail)


def _cut(stem: str, room: int) -> str:
    """As much of the beginning as fits into `room` bytes."""
    while stem and len(os.fsencode(stem)) > room:  # the longest of endings leave no room: the system will say so
        stem = stem[:-1]
    return stem


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
