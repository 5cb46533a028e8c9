"""Paths on which nothing is a symbolic link -> names in open folders, which stay in these folders whatever comes.

Between a look and an act a folder of the path can be renamed, or a symbolic link put in its place: then the path leads
elsewhere, and the open folder does not. So all of an act happens in folders that were opened once, without following a
link. (Windows has no such calls: there the names are paths, and the looks alone must do.)
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from difPy.act import disk

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A name in an open folder."""

    path: str
    """Absolute; for words, and for systems without open folders."""
    places: Places

    @property
    def name(self) -> str:
        """As the calls of the system take it, with `folder`."""
        return os.path.basename(self.path) if disk.BY_DESCRIPTOR else self.path

    @property
    def folder(self) -> int | None:
        """Descriptor of the folder, which is opened when it is first needed.

        Raises
        ------
        OSError
            It is not there, or a symbolic link is on the way to it.
        """
        return self.places.folder(os.path.dirname(self.path))

    def beside(self, name: str) -> Place:
        """Another name in the folder."""
        return Place(os.path.join(os.path.dirname(self.path), name), self.places)


@dataclass(slots=True)
class Places:
    """The folders of one act, open as long as it takes.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Places() as at:
    ...     place = at(os.path.join(os.path.realpath(folder), "new"))
    ...     disk.exists(place), disk.exists(place.beside("other"))
    (False, False)
    """

    _open: dict[str, int | None] = field(default_factory=dict)

    def __call__(self, path: str) -> Place:
        """The place with that path: absolute, and nothing above the name is a symbolic link."""
        return Place(path, self)

    def __enter__(self) -> Places:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._open.values():
            disk.close_folder(descriptor)
        self._open.clear()

    def folder(self, path: str) -> int | None:
        """Descriptor of a folder; None where a system knows no open folders.

        Raises
        ------
        OSError
            It is not there, or a symbolic link is on the way to it.
        """
        if path not in self._open:
            self._open[path] = disk.open_folder(path)
        return self._open[path]

    def make(self, path: str, tell: Callable[[str], None] = lambda folder: None, *, mode: int = 0o777) -> None:
        """Make a folder and those above it, telling of each before it is made; each is on the disk before the next.

        Raises
        ------
        OSError
            It cannot be made, or is no folder.
        """
        try:
            self.folder(path)
        except FileNotFoundError:
            above, place = os.path.dirname(path), self(path)
            self.make(above, tell, mode=mode)
            tell(path)
            try:
                disk.make_folder(place, mode)
            except FileExistsError:
                pass  # somebody else was faster
            else:
                disk.sync_folder(place)
            self.folder(path)


def make_folders(path: str, *, mode: int = 0o777) -> str:
    """Make a folder and those above it, where they are missing; symbolic links on the way are followed, once.

    Returns
    -------
    str
        The path without these links.
    """
    path = disk.real(path)
    with Places() as at:
        at.make(path, mode=mode)
    return path
