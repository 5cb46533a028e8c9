"""Groups -> the files that belong to each picture: notes, raws, films and recordings beside it.

Each folder is listed once. What belongs to whom, `belonging` says by the names; of a film, the film itself must.
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from difPy.act import disk
from difPy.act.belonging import APPLE_DOUBLE, FILMS, NOTES, PICTURES, RAWS, Pictures
from difPy.act.films import is_of_a_picture
from difPy.act.steps import Seen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from difPy.model import Group

_MOST_COMPARED = 2 << 30  # bytes: a greater file has no likeness, for to know that, all of it would have to be read


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A file that belongs to a picture."""

    path: str
    seen: Seen | None
    """Its facts; None if it is not a regular file."""
    shared_with: tuple[str, ...] = ()
    """Other pictures it belongs to as well."""
    twin: Seen | None = None
    """The kept picture's sidecar of the same kind and size, if there is one."""

    @property
    def kind(self) -> str:
        """Its extension; whether it is a note of macOS's of another file, too."""
        name = os.path.basename(self.path)
        return (APPLE_DOUBLE if name.startswith(APPLE_DOUBLE) else "") + os.path.splitext(name)[1].lower()


def find(groups: Sequence[Group]) -> dict[str, tuple[Sidecar, ...]]:
    """Sidecars of every picture that is not kept.

    Parameters
    ----------
    groups : sequence of Group
        Pictures in them are never sidecars of each other.

    Returns
    -------
    dict
        Path of a picture -> its sidecars; pictures without any are left out.

    Examples
    --------
    >>> find([])
    {}
    """
    pictures = {file.path for group in groups for file in (group.keeper, *(member.file for member in group.members))}
    beside = Beside(pictures)
    found = {}
    for group in groups:
        kept: dict[tuple[str, int], Seen] | None = None
        for member in group.members:
            sidecars = list(beside(member.file.path, member.file.root))
            if not sidecars:
                continue
            if kept is None:
                own = beside(group.keeper.path, group.keeper.root)
                kept = {(sidecar.kind, sidecar.seen.size): sidecar.seen for sidecar in own if sidecar.seen}
            found[member.file.path] = tuple(_with_twin(sidecar, kept) for sidecar in sidecars)
    return found


def _with_twin(sidecar: Sidecar, kept: dict[tuple[str, int], Seen]) -> Sidecar:
    """The sidecar, paired with the kept picture's likeness of it."""
    seen = sidecar.seen
    twin = kept.get((sidecar.kind, seen.size)) if seen else None
    if seen is None or twin is None or twin.identity == seen.identity or twin.size > _MOST_COMPARED:
        return sidecar
    return replace(sidecar, twin=twin)


class Beside:
    """What lies beside pictures and belongs to them.

    Parameters
    ----------
    pictures : set of str
        Paths of the pictures that were searched: none is a sidecar of another.
    """

    def __init__(self, pictures: set[str]) -> None:
        self._pictures = pictures
        self._folders: dict[str, _Folder] = {}

    def __call__(self, path: str, root: str) -> Iterator[Sidecar]:
        """Sidecars of a picture, which was found below this given directory."""
        return self._folder(path).sidecars(os.path.basename(path), root)

    def is_called_so_by_others(self, path: str) -> bool:
        """Whether other pictures have the name of this one, up to the extension."""
        name = os.path.basename(path)
        return self._folder(path).known.of(os.path.splitext(name)[0] + ".xmp") != [name]

    def _folder(self, path: str) -> _Folder:
        where = os.path.dirname(path)
        if where not in self._folders:
            self._folders[where] = _Folder(where, self._pictures)
        return self._folders[where]


class _Folder:
    """What belongs to each picture of one folder.

    Parameters
    ----------
    path : str
    pictures : set of str
        Paths of the pictures that were searched. A raw that was not belongs to the picture that it was made with, and
        so does what belongs to it.
    """

    def __init__(self, path: str, pictures: set[str]) -> None:
        self.path = path
        self.attached: defaultdict[str, list[str]] = defaultdict(list)
        self.owners: dict[str, list[str]] = {}
        self.known = Pictures(())
        try:
            names = sorted(disk.names(path or os.curdir))
        except OSError:
            return  # whoever acts on the picture will say what is wrong with the folder
        searched, owning, others = set(), [], []
        for name in names:
            extension = os.path.splitext(name)[1].lower()
            if os.path.join(path, name) in pictures:
                searched.add(name)
            elif name.startswith(APPLE_DOUBLE) or extension in NOTES | FILMS | RAWS:
                others.append(name)
            if name in searched or (extension in PICTURES | RAWS and not name.startswith(APPLE_DOUBLE)):
                owning.append(name)
        known = self.known = Pictures(owning)
        for name in others:
            owners: dict[str, None] = {}
            for owner in known.of(name):
                is_raw = owner not in searched and os.path.splitext(owner)[1].lower() in RAWS
                owners |= dict.fromkeys(known.of(owner) if is_raw else [owner])
            self.owners[name] = list(owners)
            for owner in owners:
                self.attached[owner].append(name)

    def sidecars(self, picture: str, root: str) -> Iterator[Sidecar]:
        """Sidecars of one picture in this folder."""
        attached = self.attached.get(picture, ())
        films = [name for name in attached if self._is_film_of_its_own(name)]
        called = Pictures(films)
        for name in attached:
            if name in films:
                continue
            path = os.path.join(self.path, name)
            try:
                facts = disk.lstat(path)
            except OSError:
                facts = None
            seen = None
            if facts is not None and stat.S_ISREG(facts.st_mode):
                seen = Seen(path, facts.st_size, facts.st_mtime_ns, facts.st_dev, facts.st_ino, root=root)
            others = [other for other in [*self.owners[name], *called.of(name)] if other != picture]
            yield Sidecar(path, seen, tuple(os.path.join(self.path, other) for other in others))

    def _is_film_of_its_own(self, name: str) -> bool:
        """Whether it is a film that only has the name of a picture, or what macOS knows of one."""
        if os.path.splitext(name)[1].lower() not in FILMS:
            return False
        try:
            return not is_of_a_picture(os.path.join(self.path, name.removeprefix(APPLE_DOUBLE)))
        except OSError:
            return False
