"""A file as the scan saw it -> the path to it on which nothing is a symbolic link; or that there is no such path."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from difPy.act import disk

if TYPE_CHECKING:
    from difPy.act.steps import Seen


class Straight:
    """Looks every folder up once: what takes its place later is not followed."""

    def __init__(self) -> None:
        self._real: dict[str, str] = {}
        self._below: dict[tuple[str, str], str | None] = {}

    def path(self, seen: Seen) -> str | None:
        """The path; None where a folder between the given directory and the file is a symbolic link."""
        folder, name = os.path.split(seen.path)
        key = (folder, seen.root)
        if key not in self._below:
            self._below[key] = self._straight(folder, seen)
        straight = self._below[key]
        return None if straight is None else os.path.join(straight, name)

    def wish(self, path: str) -> str:
        """The path for something new, whose folder may not be there yet."""
        folder, name = os.path.split(path)
        return os.path.join(self.folder(folder), name)

    def itself(self, path: str) -> str:
        """The path of the very file: what is kept may be known by a symbolic link into somewhere not given."""
        return disk.real(path) if stat.S_ISLNK(disk.lstat(path).st_mode) else self.wish(path)

    def folder(self, path: str) -> str:
        """The folder without symbolic links."""
        path = path or os.curdir
        if path not in self._real:
            self._real[path] = disk.real(path)
        return self._real[path]

    def _straight(self, folder: str, seen: Seen) -> str | None:
        top = os.path.dirname(seen.root) if seen.root == seen.path else seen.root
        below = os.path.relpath(folder or os.curdir, top or os.curdir)
        if not seen.root or below.split(os.sep)[0] == os.pardir:
            return self.folder(folder)
        expected = os.path.normpath(os.path.join(self.folder(top), below))
        return expected if self.folder(folder) == expected else None
