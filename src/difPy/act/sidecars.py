"""Groups -> the files that belong to each picture: notes, raws and Live Photo films beside it, found by their names.

``IMG_1.jpg`` owns ``IMG_1.jpg.xmp``, ``IMG_1.jpg.json`` and Takeout's other spellings; it shares ``IMG_1.xmp``,
``IMG_1.aae``, ``IMG_1.json``, its raw and its film with every other picture called ``IMG_1``.
"""

from __future__ import annotations

import os
import re
import stat
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from difPy.act import disk
from difPy.act.films import is_live
from difPy.act.steps import Seen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from difPy.model import Group

NOTES = frozenset({".xmp", ".aae", ".json"})
RAWS = frozenset(
    {".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dng", ".erf", ".iiq", ".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw"}
    | {".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f"}
)
FILMS = frozenset({".mov"})
PICTURES = frozenset(
    {".avif", ".bmp", ".gif", ".heic", ".heif", ".hif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".jxl", ".png"}
    | {".tif", ".tiff", ".webp"}
)
_MOST_COMPARED = 2 << 30  # bytes: a greater file has no likeness, for to know that, all of it would have to be read
_NUMBER = re.compile(r"\(\d+\)$")


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A file that belongs to a picture."""

    path: str
    tail: str
    """What follows the picture's stem in its name: ``.xmp``, ``.jpg.json``."""
    seen: Seen | None
    """Its facts; None if it is not a regular file."""
    shared_with: tuple[str, ...] = ()
    """Other pictures it belongs to as well."""
    twin: Seen | None = None
    """The kept picture's sidecar with the same tail and size, if there is one."""


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
    folders: dict[str, _Folder] = {}

    def beside(path: str, root: str) -> Iterator[Sidecar]:
        where, name = os.path.split(path)
        folder = folders.get(where)
        if folder is None:
            folder = folders[where] = _Folder(where)
        yield from folder.sidecars(name, root, pictures)

    found = {}
    for group in groups:
        kept: dict[str, Seen] | None = None
        for member in group.members:
            sidecars = list(beside(member.file.path, member.file.root))
            if not sidecars:
                continue
            if kept is None:
                kept = {s.tail: s.seen for s in beside(group.keeper.path, group.keeper.root) if s.seen}
            found[member.file.path] = tuple(_with_twin(sidecar, kept) for sidecar in sidecars)
    return found


def _with_twin(sidecar: Sidecar, kept: dict[str, Seen]) -> Sidecar:
    """The sidecar, paired with the kept picture's likeness of it."""
    twin, seen = kept.get(sidecar.tail), sidecar.seen
    if twin is None or seen is None or twin.size != seen.size or twin.identity == seen.identity:
        return sidecar
    if twin.size > _MOST_COMPARED:
        return sidecar
    return Sidecar(sidecar.path, sidecar.tail, seen, sidecar.shared_with, twin)


class _Folder:
    """Names in one folder, by the picture name or stem they belong to."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.attached: defaultdict[str, list[str]] = defaultdict(list)
        self.pictures: defaultdict[str, list[str]] = defaultdict(list)
        try:
            names = sorted(disk.names(path or os.curdir))
        except OSError:
            return  # whoever acts on the picture will say what is wrong with the folder
        for name in names:
            stem, extension = os.path.splitext(name)
            extension = extension.lower()
            if extension in PICTURES:
                self.pictures[stem].append(name)
            elif extension in NOTES | RAWS | FILMS:
                self.attached[stem].append(name)
                if extension == ".json" and (takeout := _takeout(stem)) and takeout != stem:
                    self.attached[takeout].append(name)

    def sidecars(self, picture: str, root: str, pictures: set[str]) -> Iterator[Sidecar]:
        """Sidecars of one picture in this folder."""
        stem, extension = os.path.splitext(picture)
        others = tuple(os.path.join(self.path, name) for name in self.pictures[stem] if name != picture)
        for name in self.attached.get(stem, ()):
            tail = os.path.splitext(name)[1]
            if tail.lower() in RAWS and extension.lower() in RAWS:
                continue  # a raw is no sidecar of a raw
            yield from self._sidecar(name, tail, root, pictures, others)
        for name in self.attached.get(picture, ()):
            yield from self._sidecar(name, extension + os.path.splitext(name)[1], root, pictures, ())

    def _sidecar(
        self, name: str, tail: str, root: str, pictures: set[str], others: tuple[str, ...]
    ) -> Iterator[Sidecar]:
        path = os.path.join(self.path, name)
        if path in pictures:
            return
        try:
            facts = disk.lstat(path)
            if os.path.splitext(name)[1].lower() in FILMS and not is_live(path):
                return
        except OSError:
            facts = None
        regular = facts is not None and stat.S_ISREG(facts.st_mode)
        seen = (
            Seen(path, facts.st_size, facts.st_mtime_ns, facts.st_dev, facts.st_ino, root=root)
            if facts is not None and regular
            else None
        )
        yield Sidecar(path, tail, seen, others)


def _takeout(base: str) -> str | None:
    """Name of the picture that a Takeout note belongs to.

    Examples
    --------
    >>> _takeout("a.jpg.supplemental-metadata(1)"), _takeout("a.jpg.suppl"), _takeout("a.jpg(2)"), _takeout("a")
    ('a(1).jpg', 'a.jpg', 'a(2).jpg', None)
    """
    counted = _NUMBER.search(base)
    number = counted[0] if counted else ""
    name = base.removesuffix(number)
    stem, last = os.path.splitext(name)
    if last not in ("", ".") and ".supplemental-metadata".startswith(last):
        name = stem
    stem, extension = os.path.splitext(name)
    return stem + number + extension if extension else None
