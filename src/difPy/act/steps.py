"""What a plan is made of: files as the scan saw them -> steps, what is held back, and the rules no plan may break."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING

from difPy.act import grounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from difPy.notes import Notes


class Action(StrEnum):
    """What may be done with a picture that is not kept."""

    TRASH = "trash"
    MOVE = "move"
    DELETE = "delete"
    HARDLINK = "hardlink"
    SYMLINK = "symlink"
    REFLINK = "reflink"

    @property
    def links(self) -> bool:
        """Whether the name stays and leads to the kept picture's bytes."""
        return self in (Action.HARDLINK, Action.SYMLINK, Action.REFLINK)


class Sidecars(StrEnum):
    """What becomes of the files that belong to a picture when it goes."""

    WITH = "with"
    """They go with it. Where they would be deleted, only if the kept picture has byte for byte the same beside it."""
    HOLD = "hold"
    """They hold it back."""
    LEAVE = "leave"
    """They stay where they are; the step says so."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as the scan saw it: what must still be true when it is acted on."""

    path: str
    size: int
    mtime_ns: int
    device: int
    inode: int
    digest: bytes | None = None
    """32 bytes: BLAKE3 of its bytes, where known."""
    root: str = ""
    """The given directory: no folder below it may be a symbolic link."""

    @property
    def identity(self) -> tuple[int, int] | str:
        """Equal for two names of one file; the path where a drive does not number its files."""
        return (self.device, self.inode) if self.inode else os.path.abspath(self.path)


@dataclass(frozen=True, slots=True)
class Companion:
    """A file that goes with a picture: another name of it (a hard link), or a sidecar."""

    seen: Seen
    to: str | None = None
    """Moving: the name it gets if that is free."""
    sidecar: bool = False
    twin: Seen | None = None
    """A sidecar's likeness beside the kept picture; deleting asks for one with the same bytes."""
    shared_with: tuple[str, ...] = ()
    """Other pictures it belongs to: it stays as long as one of them does."""


@dataclass(frozen=True, slots=True)
class Merge:
    """What a picture says of itself and the kept one lacks, and the XMP file beside the kept one that will say it."""

    path: str
    notes: Notes
    beside: Seen | None = None
    """The XMP file, where there is one already."""


@dataclass(frozen=True, slots=True)
class Step:
    """One picture that goes, the one that is kept for it, and how."""

    group: int
    action: Action
    file: Seen
    keeper: Seen
    distance: float
    """Mean squared error between the two; 0 for an identical picture."""
    why: str
    """In words: why it may go."""
    to: str | None = None
    """Moving: the path it gets if that is free, else a numbered one."""
    companions: tuple[Companion, ...] = ()
    px_size: int = 50
    """Width and height of the tensors of which `distance` is the error."""
    merge: Merge | None = None
    """What is written beside the kept picture before this one goes."""
    altered: str = ""
    """What was done to the kept picture to get this one, in words, if it is an altered copy."""

    @property
    def wishes(self) -> list[str | None]:
        """Moving: the paths that it and its companions get if they are free."""
        return [self.to, *(companion.to for companion in self.companions)]

    @property
    def identical(self) -> bool:
        """Whether the kept picture is known to have the same bytes."""
        return self.file.digest is not None and self.file.digest == self.keeper.digest

    @property
    def undoable(self) -> bool:
        """Whether `undo` brings it back."""
        return self.action is not Action.DELETE or self.identical

    @property
    def undo_in_words(self) -> str:
        """What undoing it means, to be read before it is done."""
        if self.action is Action.DELETE:
            return "can be made again from the kept picture" if self.identical else "CANNOT be undone"
        return _UNDO[self.action]


_UNDO = {
    Action.TRASH: "can be taken out of the trash",
    Action.MOVE: "can be moved back",
    Action.HARDLINK: "can be made a file of its own again",
    Action.SYMLINK: "can be made a file of its own again",
    Action.REFLINK: "is a file of its own still",
}


@dataclass(frozen=True, slots=True)
class Held:
    """A picture of a group that is not acted on, and why."""

    group: int
    path: str
    keeper: str
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done, as data: nothing has happened yet."""

    steps: tuple[Step, ...]
    held: tuple[Held, ...] = ()

    def refusals(self) -> dict[int, str]:
        """Index of a step -> why it breaks the rules. Empty for plans made by `plan`; an edited plan may have some."""
        return dict(_refusals(self.steps))

    def _repr_html_(self) -> str:
        """What a notebook shows. By name: whoever draws it imports this room, not the other way round."""
        return str(import_module("difPy.reporting.notebook").plan(self))

    @property
    def size(self) -> int:
        """Bytes of all files that go."""
        return sum(step.file.size for step in self.steps)

    @property
    def not_undoable(self) -> int:
        """How many steps cannot be undone."""
        return sum(not step.undoable for step in self.steps)


def _refusals(steps: tuple[Step, ...]) -> Iterator[tuple[int, str]]:
    """Rules that hold whatever a person wrote into a plan: what is kept for something stays, and nothing goes twice."""
    doomed: dict[object, int] = {}  # which step first acts on it as its picture; a number too high if none does
    for number, step in enumerate(steps):
        for key in _keys(step.file):
            doomed.setdefault(key, number)
    for step in steps:
        for companion in step.companions:
            for key in _keys(companion.seen):
                doomed.setdefault(key, len(steps))
    rewritten = {key for step in steps if step.merge and step.merge.beside for key in _keys(step.merge.beside)}
    for number, step in enumerate(steps):
        twins = [companion.twin for companion in step.companions if companion.twin]
        merged = [step.merge.beside] if step.merge and step.merge.beside else []
        kept = [step.keeper, *twins, *merged]
        if gone := next((seen.path for seen in kept if any(key in doomed for key in _keys(seen))), None):
            yield number, f'what is kept for it, "{gone}", is itself to go in this plan'
        elif step.action is Action.DELETE and any(key in rewritten for seen in twins for key in _keys(seen)):
            yield number, "what is kept for its sidecar is itself to be rewritten in this plan"
        elif any(doomed[key] < number for key in _keys(step.file)):
            yield number, "another step of this plan acts on it already"
        elif reason := _misplaced(step) or _misfit(step):
            yield number, reason


def _misplaced(step: Step) -> str | None:
    """What in a step lies where no picture is, or where nothing is kept."""
    for seen in (step.file, step.keeper):
        if reason := grounds.off(seen.path, seen.root):
            return f'"{seen.path}" {reason}'
    beside = [seen.path for part in step.companions for seen in (part.seen, part.twin) if seen]
    for path in (*beside, *filter(None, step.wishes)):
        if reason := grounds.off(path):
            return f'"{path}" {reason}'
    if (what := grounds.discards(step.keeper.path)) and not grounds.discards(step.file.path):
        return f'what is kept for it, "{step.keeper.path}", lies in {what}, and will not stay there'
    return None


def _misfit(step: Step) -> str | None:
    """What makes no sense in a step, as after its action was changed."""
    if step.action is Action.MOVE and not all(step.wishes):
        return "a move must say where to"
    if step.merge and (reason := _unmergeable(step, step.merge)):
        return reason
    for companion in step.companions:
        path = companion.seen.path
        if not companion.sidecar and companion.seen.identity != step.file.identity:
            return f'"{path}" is not another name of it'
        if companion.sidecar and step.action.links:
            return f'its sidecar "{path}" cannot become a link: plan anew'
        if companion.sidecar and step.action is Action.DELETE and companion.twin is None:
            return f'its sidecar "{path}" has no copy beside the kept picture and would be lost'
    return None


def _unmergeable(step: Step, merge: Merge) -> str | None:
    """Why what a picture says cannot be written where a step says."""
    folder, name = os.path.split(step.keeper.path)
    beside, noted = os.path.split(merge.path)
    names = {one.casefold() for one in (name + ".xmp", os.path.splitext(name)[0] + ".xmp")}
    if os.path.abspath(beside) != os.path.abspath(folder) or noted.casefold() not in names:
        return f'"{merge.path}" is not the XMP file of the kept picture'
    if merge.beside and os.path.abspath(merge.beside.path) != os.path.abspath(merge.path):
        return f'"{merge.beside.path}" is another file than "{merge.path}"'
    if step.action.links:
        return "a link leaves what the picture says to no other: plan anew"
    return None


def _keys(seen: Seen) -> tuple[object, object]:
    path = os.path.abspath(seen.path)
    return seen.path if path == seen.path else path, seen.identity  # of equal texts the one that is in memory anyway
