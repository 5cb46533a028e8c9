"""One change of one name, as the journal tells it before it is made and as it can be taken back."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from difPy.act import disk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from difPy.act.disk import Where
    from difPy.act.places import Place
    from difPy.act.steps import Action, Seen


class Writing(StrEnum):
    """What is done with a file that is no picture, and goes nowhere."""

    NOTE = "note"
    """An XMP file is made, or replaced by one that says more."""


class Refusal(Exception):
    """A step is not done, or not undone, because of what is on the disk; the text says what."""


@dataclass(frozen=True, slots=True)
class Was:
    """A file as it was: enough to make it again from its bytes."""

    size: int
    mtime_ns: int
    atime_ns: int
    mode: int
    user: int
    group: int
    device: int
    inode: int
    digest: bytes | None = None
    attributes: Mapping[str, bytes] = field(default_factory=dict)
    ctime_ns: int | None = None
    """When any of its facts changed last; nothing that could be brought back, so the journal need not know."""

    @classmethod
    def of(cls, path: str, digest: bytes | None = None) -> Was:
        """Facts of a file on the disk."""
        facts = disk.lstat(path)
        return cls(
            facts.st_size,
            facts.st_mtime_ns,
            facts.st_atime_ns,
            stat.S_IMODE(facts.st_mode) & ~(stat.S_ISUID | stat.S_ISGID),  # nothing that we make runs as somebody else
            facts.st_uid,
            facts.st_gid,
            facts.st_dev,
            facts.st_ino,
            digest,
            disk.attributes(path),
            facts.st_ctime_ns,
        )

    def fits(self, facts: os.stat_result) -> bool:
        """Whether these are facts of the very file, with the same size and time of change."""
        known = (self.device, self.inode, self.size, self.mtime_ns)
        return known == (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Act:
    """One change of one name."""

    number: int
    unit: int
    """Acts of one unit are done together, or not at all."""
    action: Action | Writing
    path: str
    """Absolute and without symbolic links, like all paths here: an undo may be run from anywhere, and follows none."""
    was: Was
    keeper: str
    same: bool = False
    """Whether the keeper is known to have the same bytes."""
    to: str | None = None
    """Moving: the new path. Symbolic link: what it says."""
    others: tuple[str, ...] = ()
    """Other names (hard links) of the file in this unit: where one of them is as it was, this can be made from it."""
    others_to: tuple[str, ...] = ()
    """Moving: where these names go."""
    new: bytes | None = None
    """Writing: what the file will be."""
    old: bytes | None = None
    """Writing: what it was; None if there was none, and then `was` tells what it will be."""
    token: str = ""
    """Tells the names of one apply from those of others."""
    kept: Seen | None = None
    """The keeper as the scan saw it; only for doing it, the journal need not know."""
    shared_with: tuple[str, ...] = ()
    """Other pictures it belongs to: it stays as long as one of them does. The journal need not know."""

    @property
    def temporary(self) -> str:
        """A file name that is ours in any folder: what bears it is never the only copy of anything."""
        return f".difpy-{self.token}-{self.number}"

    @property
    def aside(self) -> str:
        """A file name that is ours in any folder: a file bears it between the last look at it and its removal."""
        return f"{self.temporary}-aside"


@dataclass(frozen=True, slots=True)
class Now:
    """Where the bytes are after an act, and how to know them again."""

    path: str | None = None
    size: int = -1
    mtime_ns: int = -1


def words(error: OSError | Refusal) -> str:
    """What went wrong, for a person."""
    if isinstance(error, Refusal) or not error.strerror:
        return str(error)
    named = [path for path in (error.filename, error.filename2) if isinstance(path, (str, bytes, os.PathLike))]
    paths = [f'"{os.fsdecode(path)}"' for path in named]
    return ": ".join([error.strerror, *([" -> ".join(paths)] if paths else [])])


def absolute(path: str) -> str:
    """The path from the root on; `..` is left alone, because behind a symbolic link it means something else."""
    return path if os.path.isabs(path) else os.path.join(os.getcwd(), path)


def facts_of(where: Where) -> os.stat_result | None:
    """Facts of what bears this name; None if nothing does."""
    try:
        return disk.lstat(where)
    except (FileNotFoundError, NotADirectoryError):
        return None


def nearest(folder: str) -> os.stat_result:
    """Facts of the folder, or of the first one above it that is there."""
    while True:
        try:
            return disk.stat(folder)
        except FileNotFoundError:
            folder = os.path.dirname(folder)


def is_same(one: Where, other: Where) -> bool:
    """Whether both are names of one file (symbolic links are not followed); no, where a drive does not number files."""
    return are_same(facts_of(one), facts_of(other))


def are_same(one: os.stat_result | None, other: os.stat_result | None) -> bool:
    """Whether both are facts of one file; no, where a drive does not number files."""
    return one is not None and other is not None and one.st_ino != 0 and os.path.samestat(one, other)


def unchanged(one: os.stat_result, other: os.stat_result) -> bool:
    """Whether both are facts of one file, with the same size, time of change and mode."""
    first, second = (
        (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_mode) for facts in (one, other)
    )
    return first == second


def still(where: Where, was: Was) -> bool:
    """Whether the very file bears this name. A disk may have another number after a restart; then its facts must do."""
    facts = facts_of(where)
    if facts is None or facts.st_ino != was.inode:
        return False
    return facts.st_dev == was.device or (facts.st_size, facts.st_mtime_ns) == (was.size, was.mtime_ns)


def resembles(where: Where, size: int, mtime_ns: int, digest: bytes | None) -> bool:
    """Whether a regular file with these facts bears this name. Its device and number may be others after a restart."""
    facts = facts_of(where)
    if facts is None or not stat.S_ISREG(facts.st_mode) or facts.st_size != size:
        return False
    return facts.st_mtime_ns == mtime_ns if digest is None else disk.digest(where) == digest


def first_like(places: Iterable[Place], was: Was, keeper: Place | None = None) -> Place | None:
    """The first of the names that bears the file as it was, or was made again; None if none does."""
    for place in places:
        facts = facts_of(place)
        alike = facts is not None and facts.st_mtime_ns == was.mtime_ns
        if alike and not (keeper and is_same(place, keeper)) and resembles(place, was.size, was.mtime_ns, was.digest):
            return place
    return None


def differs(seen: Seen, facts: os.stat_result) -> str | None:
    """How a file on the disk differs from the one the scan saw, in words."""
    if stat.S_ISLNK(facts.st_mode):
        return "is a symbolic link now"
    if not stat.S_ISREG(facts.st_mode):
        return "is not a regular file any more"
    if facts.st_size != seen.size:
        return f"has changed since the scan ({seen.size} bytes then, {facts.st_size} now)"
    if facts.st_mtime_ns != seen.mtime_ns:
        return "has changed since the scan (its time of change says so)"
    if (facts.st_dev, facts.st_ino) != (seen.device, seen.inode):
        return "is another file than the one the scan saw under this name"
    return None
