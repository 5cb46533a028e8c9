"""Groups -> a plan: what may go, what is held back and why. Nothing is changed here."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from difPy.act import grounds
from difPy.act.sidecars import find
from difPy.act.steps import Action, Companion, Held, Plan, Seen, Sidecars, Step
from difPy.errors import WrongValue
from difPy.model import error_words
from difPy.protection import below, protected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from difPy.act.decisions import Decisions
    from difPy.act.sidecars import Sidecar
    from difPy.files import File
    from difPy.model import Group, Member

_APART = {
    False: "it is an altered copy: these are planned apart (altered=True, --altered)",
    True: "it is the same picture as the kept one: these are planned apart (without altered=True, --altered)",
}
_Choice = TypeVar("_Choice", Action, Sidecars)


def plan(
    groups: Sequence[Group],
    action: Action | str,
    *,
    destination: str | os.PathLike[str] | None = None,
    keep_structure: bool = False,
    protect: Sequence[str] = (),
    sidecars: Sidecars | str = Sidecars.WITH,
    found: Mapping[str, Sequence[Sidecar]] | None = None,
    digests: Mapping[str, bytes] | None = None,
    decisions: Decisions | None = None,
    altered: bool = False,
    even: Sequence[str] = (),
) -> Plan:
    """Decide what becomes of every picture that is not kept.

    Parameters
    ----------
    groups : sequence of Group
        Kept pictures and those that match them.
    action : Action or str
        'trash', 'move', 'delete', 'hardlink', 'symlink' or 'reflink'.
    destination : path, optional
        Where 'move' moves to; made when the plan is applied.
    keep_structure : bool, optional
        Keep the folders below the given directory, instead of moving all into one folder.
    protect : sequence of str, optional
        Folders, files, or patterns with ``*``, ``?`` and ``[...]`` for paths or names that are never touched.
    sidecars : Sidecars or str, optional
        Whether the files that belong to a picture (.xmp, .json, film, raw, ...) go 'with' it, 'hold' it back or
        'leave' it. A link keeps the picture's name, so then sidecars stay.
    found : mapping, optional
        Sidecars by path of their picture; looked for on the disk where not given.
    digests : mapping, optional
        BLAKE3 digests (32 bytes) by path, where the files do not have them. A file whose digest is known is read again
        before it is deleted or linked, and a deleted one with its keeper's digest can be had back.
    decisions : Decisions, optional
        What a person said is no duplicate of its keeper is held back.
    altered : bool, optional
        Act on altered copies, and on nothing else. They are never acted on together with pictures that are the same.
    even : sequence of str, optional
        Folders, files or patterns of altered copies that may go although they show more than what is kept.

    Returns
    -------
    Plan
        Data: print it, store it, or hand it to `apply`.

    Raises
    ------
    WrongValue
        For an unknown action, for a move without destination, and where a picture is no file of its own on this disk.

    Examples
    --------
    >>> plan([], "trash")
    Plan(steps=(), held=())
    """
    action = _choice(Action, "action", action)
    if elsewhere := next((file.path for group in groups for file in group.files if file.address), None):
        raise WrongValue(
            f'"{elsewhere}" is no file of its own on this disk, and is never acted on: use the keep mask, which '
            "difpy find --format parquet and Found.keep give"
        )
    if (action is Action.MOVE) != (destination is not None):
        raise WrongValue("move needs a destination" if destination is None else f"{action} takes no destination")
    if found is None:
        found = {} if action.links else find(groups)
    layout = None if destination is None else _Layout(os.fspath(destination), keep_structure, _roots(groups))
    policy = _choice(Sidecars, "sidecars", sidecars)
    rules = _Rules(groups, action, layout, protect, policy, found, digests or {}, decisions, altered, even)
    steps: list[Step] = []
    held: list[Held] = []
    for number, group in enumerate(groups):
        for member in group.members:
            decided = rules.decide(number, group, member)
            if isinstance(decided, Step):
                steps.append(decided)
            else:
                held.append(Held(number, member.file.path, group.keeper.path, decided))
    return Plan(tuple(steps), tuple(held))


@dataclass
class _Rules:
    """What a step must satisfy; asked member by member, so that nothing is planned twice."""

    groups: Sequence[Group]
    action: Action
    layout: _Layout | None
    protect: Sequence[str]
    sidecars: Sidecars
    found: Mapping[str, Sequence[Sidecar]]
    digests: Mapping[str, bytes]
    decisions: Decisions | None
    altered: bool
    even: Sequence[str]
    planned: set[tuple[int, int] | str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.kept = {self.seen(group.keeper).identity for group in self.groups}
        self.roots = _roots(self.groups)
        self.members = {member.file.path for group in self.groups for member in group.members}

    def decide(self, number: int, group: Group, member: Member) -> Step | str:
        """The step, or why there is none."""
        file, kept = self.seen(member.file), self.seen(group.keeper)
        reason = self.hold(member, file, kept)
        if reason:
            return reason
        to = self.layout.path(file.path) if self.layout else None
        companions = self.companions(member.file, to)
        if isinstance(companions, str):
            return companions
        self.planned.add(file.identity)
        why = _why(file, kept, member)
        if member.differs:
            why += f", though it differs in {member.differs}"
        if group.why:
            why += f", which is {group.why[0].lower()}{group.why[1:].removesuffix('.')}"
        if self.sidecars is Sidecars.LEAVE and (left := [sidecar.path for sidecar in self.own_sidecars(member.file)]):
            why += f"; its sidecars stay: {', '.join(left)}"
        words = member.change.words(beyond=not member.shows) if member.change else ""
        what = "; ".join(filter(None, (words, member.shows)))
        return Step(number, self.action, file, kept, member.distance, why, to, companions, group.px_size, altered=what)

    def hold(self, member: Member, file: Seen, kept: Seen) -> str | None:
        """Why the picture itself is held back."""
        if (member.change is not None) != self.altered:
            return _APART[self.altered]
        if file.identity == kept.identity:
            return "it is the kept picture under another name"
        if file.identity in self.kept:
            return "it is kept in another group"
        if file.identity in self.planned:
            return "another step acts on it already"
        if (what := grounds.discards(kept.path)) and not grounds.discards(file.path):
            return f"the kept picture lies in {what}, and will not stay there"
        if member.holds:
            return f"it holds {member.holds} that the kept picture does not"
        if member.shows and not protected([file.path, *member.file.hard_links], self.even):
            return f"it {member.shows}"
        if member.file.linked:
            return "it is reached through a symbolic link"
        if self.decisions and file.digest and kept.digest and self.decisions.suppressed([file.digest, kept.digest]):
            return "you said that it is no duplicate of the kept picture"
        paths = [file.path, *member.file.hard_links, *(s.path for s in self.own_sidecars(member.file))]
        if pattern := protected(paths, self.protect):
            return f'it is protected by "{pattern}"'
        if self.action.links:
            return self.hold_link(member, file, kept)
        if member.file.symlinks:
            return f'the symbolic link "{member.file.symlinks[0]}" leads to it and would lead nowhere'
        if self.layout and self.layout.has(file.path):
            return "it is in the destination already"
        return None

    def hold_link(self, member: Member, file: Seen, kept: Seen) -> str | None:
        """Why it cannot become a link: that would replace its bytes."""
        alike = file.digest == kept.digest if file.digest and kept.digest else file.size == kept.size
        if member.distance > 0 or not alike:
            return "it has not the same bytes as the kept picture, and a link would replace them"
        if self.action is not Action.SYMLINK and file.device != kept.device:
            return f"the kept picture is on another file system, where a {self.action} cannot lead"
        return None

    def own_sidecars(self, file: File) -> list[Sidecar]:
        """Its sidecars, without those that another picture needs which stays."""
        return [
            sidecar
            for sidecar in self.found.get(file.path, ())
            if all(path in self.members for path in sidecar.shared_with)
        ]

    def companions(self, file: File, to: str | None) -> tuple[Companion, ...] | str:
        """Its other names and its sidecars, or why they hold it back."""
        names = [
            Companion(self.seen(file, name), self.layout.path(name) if self.layout else None)
            for name in file.hard_links
            if not (self.layout and self.layout.has(name))
        ]
        sidecars = self.own_sidecars(file)
        if self.sidecars is Sidecars.LEAVE or self.action.links or not sidecars:
            return tuple(names)
        if self.sidecars is Sidecars.HOLD:
            return f'its sidecar "{sidecars[0].path}" holds it back'
        for sidecar in sidecars:
            if sidecar.seen is None:
                return f'its sidecar "{sidecar.path}" is not a regular file'
            if self.action is Action.DELETE and sidecar.twin is None:
                return f'its sidecar "{sidecar.path}" has no copy beside the kept picture and would be lost'
            beside = os.path.join(os.path.dirname(to), os.path.basename(sidecar.path)) if to else None
            names.append(Companion(sidecar.seen, beside, True, sidecar.twin, sidecar.shared_with))
        return tuple(names)

    def seen(self, file: File, name: str | None = None) -> Seen:
        """The file as the scan saw it, under this one of its names."""
        digest = self.digests.get(file.path, file.digest)
        root = file.root if name is None else next((root for root in self.roots if below(name, root)), "")
        return Seen(name or file.path, file.size, file.mtime_ns, file.device, file.inode, digest, root)


class _Layout:
    """Where a move puts things."""

    def __init__(self, destination: str, keep_structure: bool, roots: Sequence[str]) -> None:
        self.destination = destination
        self.roots = roots if keep_structure else ()

    def has(self, path: str) -> bool:
        """Whether the path is in the destination already."""
        return below(path, self.destination)

    def path(self, path: str) -> str:
        """Where the path goes if its name is free there."""
        root = next((root for root in self.roots if below(path, root)), None)
        way = os.curdir if root is None else os.path.relpath(path, root)
        return os.path.join(self.destination, os.path.basename(path) if way == os.curdir else way)


def _roots(groups: Sequence[Group]) -> list[str]:
    """The given directories, longest first."""
    files = (file for group in groups for file in (group.keeper, *(member.file for member in group.members)))
    return sorted({file.root for file in files if file.root}, key=lambda root: len(os.path.abspath(root)), reverse=True)


def _choice(kind: type[_Choice], name: str, value: str) -> _Choice:
    try:
        return kind(value)
    except ValueError:
        raise WrongValue(f"{name} must be one of {', '.join(kind)}, not {value!r}") from None


def _why(file: Seen, kept: Seen, member: Member) -> str:
    """Why it may go, in words."""
    if member.change is not None:
        return f'an altered copy of "{kept.path}" ({member.change.words()})'
    distance = member.distance
    if file.digest and file.digest == kept.digest:
        return f'byte for byte the same as "{kept.path}"'
    return f'{"identical to" if distance == 0 else f"like ({error_words(distance)})"} "{kept.path}"'
