"""A step -> the acts that carry it out, with the names they will use and the facts that an undo needs."""

from __future__ import annotations

import itertools
import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

from difPy.act import disk, freedesktop
from difPy.act.acts import Act, Was, absolute
from difPy.act.names import Names, listed
from difPy.act.steps import Action

if TYPE_CHECKING:
    from difPy.act.steps import Companion, Seen, Step


class Preparer:
    """Gives every act its number, its temporary name and, where it moves, a name that is free.

    Parameters
    ----------
    token : str
        What tells the temporary names of this apply from others'.
    """

    def __init__(self, token: str) -> None:
        self._token = token
        self._names = {
            Action.MOVE: Names(listed),
            Action.TRASH: Names(freedesktop.names, freedesktop.LONGEST_NAME),
        }
        self._trash: dict[str, str] = {}
        self._numbers = itertools.count()
        self._units = itertools.count()
        self._real: dict[str, str] = {}

    def acts(self, step: Step) -> list[Act]:
        """Acts in the order in which they are done: the picture is deleted or replaced last, else it goes first.

        Raises
        ------
        OSError
            If the files cannot be looked at.
        """
        others = [companion for companion in step.companions if not companion.sidecar]
        sidecars = [companion for companion in step.companions if companion.sidecar]
        places = self._places(step, others, sidecars)
        unit = next(self._units)

        def act(seen: Seen, was: Was, keeper: str, same: bool) -> Act:
            number = next(self._numbers)
            ours = f".difpy-{self._token}-{number}"
            to = places.get(seen.path)
            return Act(number, unit, step.action, absolute(seen.path), was, keeper, same, to, temporary=ours)

        digest = disk.digest(step.file.path) if step.action.links and step.file.digest is None else step.file.digest
        same = step.action.links or step.identical
        was, keeper = Was.of(step.file.path, digest), _itself(step.keeper.path)
        picture, *rest = (act(seen, was, keeper, same) for seen in (step.file, *(other.seen for other in others)))
        if rest:
            picture, *rest = (_with_others(name, [picture, *rest]) for name in [picture, *rest])
        for sidecar in sidecars:
            replaceable = step.action is Action.DELETE and sidecar.twin is not None
            digest = disk.digest(sidecar.seen.path) if replaceable else None
            twin = _itself(sidecar.twin.path) if sidecar.twin else ""
            rest.append(act(sidecar.seen, Was.of(sidecar.seen.path, digest), twin, replaceable))
        return [picture, *rest] if step.action in (Action.MOVE, Action.TRASH) else [*rest, picture]

    def look_again(self, acts: list[Act]) -> None:
        """Learn which names others have taken meanwhile in the folders that these acts move to."""
        for act in acts:
            if act.to is not None and act.action in self._names:
                self._names[act.action].look_again(os.path.dirname(act.to))

    def _places(self, step: Step, others: list[Companion], sidecars: list[Companion]) -> dict[str, str]:
        """Path -> where it moves to, or what the symbolic link in its place says."""
        if step.action is Action.SYMLINK:
            return {seen.path: self._says(seen, step.keeper) for seen in (step.file, *(other.seen for other in others))}
        parts = [(step.file.path, step.to), *((part.seen.path, part.to) for part in (*sidecars, *others))]
        if step.action is Action.MOVE:
            wishes = [absolute(to or "") for _, to in parts]
        elif step.action is Action.TRASH and freedesktop.is_used():
            wishes = [self._in_trash(absolute(path)) for path, _ in parts]
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
        folder, name = os.path.split(_itself(keeper.path))
        target = os.path.join(self._folder(folder), name)
        if seen.root and seen.root == keeper.root:
            return os.path.relpath(target, self._folder(os.path.dirname(absolute(seen.path))))
        return target

    def _folder(self, path: str) -> str:
        """The folder without symbolic links; looked up once, because the link is tried before it is put in place."""
        if path not in self._real:
            self._real[path] = disk.real(path)
        return self._real[path]


def _with_others(act: Act, names: list[Act]) -> Act:
    """The act, knowing of the other names of its file."""
    others = [name for name in names if name is not act]
    return replace(act, others=tuple(o.path for o in others), others_to=tuple(o.to for o in others if o.to is not None))


def _itself(path: str) -> str:
    """The path of the very file: what is kept may be known by a symbolic link into somewhere not given."""
    return disk.real(path) if stat.S_ISLNK(disk.lstat(path).st_mode) else absolute(path)
