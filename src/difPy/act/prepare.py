"""A step -> the acts that carry it out, with the names they will use and the facts that an undo needs."""

from __future__ import annotations

import errno
import itertools
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from difPy.act import disk, freedesktop, xmp
from difPy.act.acts import Act, Refusal, Was, Writing, differs, facts_of
from difPy.act.names import Names, listed
from difPy.act.record import require_readable
from difPy.act.steps import Action, Companion

if TYPE_CHECKING:
    from collections.abc import Callable

    from difPy.act.steps import Merge, Seen, Step
    from difPy.act.straight import Straight
    from difPy.notes import Notes

    Write = Callable[[bytes | None, Notes], bytes | str]

_MOST_NOTED = 4 << 20  # bytes of an XMP file: the journal has them, too


class Preparer:
    """Gives every act its number, its temporary name and, where it moves, a name that is free.

    Parameters
    ----------
    token : str
        What tells the temporary names of this apply from others'.
    straight : Straight
        Tells the paths that no symbolic link can lead elsewhere.
    write : callable
        Given the bytes of an XMP file, or None, and notes: the bytes of one that says both, or why there are none.
    """

    def __init__(self, token: str, straight: Straight, write: Write) -> None:
        self._write = write
        self._token = token
        self._straight = straight
        self._names = {
            Action.MOVE: Names(listed),
            Action.TRASH: Names(freedesktop.names, freedesktop.LONGEST_NAME),
        }
        self._trash: dict[str, str] = {}
        self._numbers = itertools.count()
        self._units = itertools.count()

    def acts(self, step: Step) -> list[Act]:
        """Acts in the order in which they are done: the picture is deleted or replaced last, else it goes first.

        Raises
        ------
        OSError, Refusal
            If the files cannot be looked at, or the acts not be told so that they could be undone.
        """
        others = [companion for companion in step.companions if not companion.sidecar]
        sidecars = [companion for companion in step.companions if companion.sidecar]
        places = self._places(step, others, sidecars)
        unit = next(self._units)

        def act(part: Step | Companion, seen: Seen, kept: Seen | None, digest: bytes | None, same: bool) -> Act:
            number = next(self._numbers)
            path = self._path(seen)
            keeper = "" if kept is None else self._straight.itself(kept.path)
            shared_with = part.shared_with if isinstance(part, Companion) else ()
            return Act(
                number,
                unit,
                step.action,
                path,
                _was(path, seen, digest),
                keeper,
                same,
                places.get(seen.path),
                token=self._token,
                kept=kept,
                shared_with=shared_with,
            )

        digest = disk.digest(step.file.path) if step.action.links and step.file.digest is None else step.file.digest
        same = step.action.links or step.identical
        picture = act(step, step.file, step.keeper, digest, same)
        rest = [act(other, other.seen, step.keeper, digest, same) for other in others]
        if rest:
            picture, *rest = (_with_others(name, [picture, *rest]) for name in [picture, *rest])
        for sidecar in sidecars:
            replaceable = step.action is Action.DELETE and sidecar.twin is not None
            digest = disk.digest(sidecar.seen.path) if replaceable else None
            rest.append(act(sidecar, sidecar.seen, sidecar.twin, digest, replaceable))
        for one in (picture, *rest):
            require_readable(one)
        return [picture, *rest] if step.action in (Action.MOVE, Action.TRASH) else [*rest, picture]

    def note(self, step: Step, merge: Merge, unit: int) -> Act:
        """The act that writes what pictures say beside the one that is kept for them.

        Raises
        ------
        OSError, Refusal
            It cannot be written, or not be told so that it could be undone.
        """
        path, old, was = self._straight.wish(merge.path), None, None
        facts = facts_of(path)
        if (facts is None) != (merge.beside is None) or (facts and merge.beside and differs(merge.beside, facts)):
            raise Refusal(f'"{merge.path}" is not as it was when the plan was made')
        if merge.beside is not None:
            if merge.beside.size > _MOST_NOTED:
                raise Refusal(f'"{merge.path}" is too large to be an XMP file')
            old = b"".join(disk.chunks(path))
            was = _was(path, merge.beside, xmp.digest(old))
            if (was.size, was.mtime_ns) != (merge.beside.size, merge.beside.mtime_ns):
                raise Refusal(f'"{merge.path}" is being changed')
        new = self._write(old, merge.notes)
        if isinstance(new, str):
            raise Refusal(f'what it says cannot be written to "{merge.path}": {new}')
        if len(new) > _MOST_NOTED:
            raise Refusal(f'"{merge.path}" would be too large')
        keeper = self._straight.itself(step.keeper.path)
        act = Act(
            next(self._numbers),
            unit,
            Writing.NOTE,
            path,
            was or xmp.fresh(Was.of(keeper), new),
            keeper,
            token=self._token,
            kept=step.keeper,
            new=new,
            old=old,
        )
        require_readable(act)
        return act

    def look_again(self, acts: list[Act]) -> None:
        """Learn which names others have taken meanwhile in the folders that these acts move to."""
        for act in acts:
            if act.to is not None and act.action in (Action.MOVE, Action.TRASH):
                self._names[Action(act.action)].look_again(os.path.dirname(act.to))

    def _places(self, step: Step, others: list[Companion], sidecars: list[Companion]) -> dict[str, str]:
        """Path -> where it moves to, or what the symbolic link in its place says."""
        if step.action is Action.SYMLINK:
            return {seen.path: self._says(seen, step.keeper) for seen in (step.file, *(other.seen for other in others))}
        parts = [(step.file.path, step.to), *((part.seen.path, part.to) for part in (*sidecars, *others))]
        if step.action is Action.MOVE:
            wishes = [self._straight.wish(to or "") for _, to in parts]
        elif step.action is Action.TRASH and freedesktop.is_used():
            wishes = [self._in_trash(self._straight.wish(path)) for path, _ in parts]
        else:
            return {}
        together = 1 + len(sidecars)
        names = self._names[step.action]
        chosen = names.take(wishes[:together])
        for wish in wishes[together:]:
            chosen += names.take([wish])
        return dict(zip((path for path, _ in parts), chosen, strict=True))

    def _in_trash(self, path: str) -> str:
        """Where in the trash a file should be, if nothing else was there."""
        folder, name = os.path.split(path)
        if folder not in self._trash:
            self._trash[folder] = freedesktop.folder_for(folder)
        return os.path.join(self._trash[folder], name)

    def _says(self, seen: Seen, keeper: Seen) -> str:
        """What the link says: within a given directory the way from one to the other, so that it may be moved."""
        target = self._straight.itself(keeper.path)
        if seen.root and seen.root == keeper.root:
            return os.path.relpath(target, os.path.dirname(self._path(seen)))
        return target

    def _path(self, seen: Seen) -> str:
        path = self._straight.path(seen)
        if path is None:
            raise OSError(errno.ELOOP, "it is reached through a symbolic link", seen.path)
        return path


def _was(path: str, seen: Seen, digest: bytes | None) -> Was:
    """Facts that an undo needs, of the very file that the scan saw."""
    was = Was.of(path, digest)
    if (was.device, was.inode) != (seen.device, seen.inode):
        raise OSError(errno.ESTALE, "it is another file than the one the scan saw under this name", seen.path)
    return was


def _with_others(act: Act, names: list[Act]) -> Act:
    """The act, knowing of the other names of its file."""
    others = [name for name in names if name is not act]
    return replace(act, others=tuple(o.path for o in others), others_to=tuple(o.to for o in others if o.to is not None))
