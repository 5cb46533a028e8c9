"""A step -> the acts that carry it out, with the names they will use and the facts that an undo needs."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from difPy.act import disk
from difPy.act.acts import Act, Was, absolute
from difPy.act.steps import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from difPy.act.names import Names
    from difPy.act.steps import Companion, Seen, Step


def acts_of(step: Step, unit: int, names: Names, token: str, next_number: Callable[[], int]) -> list[Act]:
    """Acts in the order in which they are done: a picture is deleted after all that belongs to it, else it goes first.

    Parameters
    ----------
    step : Step
        One that has been compared with the disk.
    unit : int
        The number these acts have in common.
    names : Names
        Chooses free names for a move, and remembers them.
    token : str
        What tells this journal's temporary names from others'.
    next_number : callable
        Gives each act its number.

    Raises
    ------
    OSError
        If the files cannot be looked at.
    """
    others = [companion for companion in step.companions if not companion.sidecar]
    sidecars = [companion for companion in step.companions if companion.sidecar]
    places = _places(step, others, sidecars, names)

    def act(seen: Seen, was: Was, keeper: str, same: bool) -> Act:
        chosen = next_number()
        temporary = f".difpy-{token}-{chosen}"
        path = absolute(seen.path)
        return Act(chosen, unit, step.action, path, was, keeper, same, places.get(seen.path), temporary=temporary)

    digest = disk.digest(step.file.path) if step.action.links and step.file.digest is None else step.file.digest
    was = Was.of(step.file.path, digest)
    picture = act(step.file, was, absolute(step.keeper.path), step.action.links or step.identical)
    rest = [
        replace(act(other.seen, was, picture.keeper, picture.same), main=picture.path, main_to=picture.to)
        for other in others
    ]
    for sidecar in sidecars:
        doomed = step.action is Action.DELETE
        digest = disk.digest(sidecar.seen.path) if doomed else None
        twin = absolute(sidecar.twin.path) if sidecar.twin else ""
        rest.append(act(sidecar.seen, Was.of(sidecar.seen.path, digest), twin, doomed and bool(twin)))
    return [*rest, picture] if step.action is Action.DELETE else [picture, *rest]


def _places(step: Step, others: Sequence[Companion], sidecars: Sequence[Companion], names: Names) -> dict[str, str]:
    """Path -> where it moves to, or what the symbolic link in its place says."""
    if step.action is Action.SYMLINK:
        return {seen.path: _says(seen, step.keeper) for seen in (step.file, *(other.seen for other in others))}
    if step.action is not Action.MOVE:
        return {}
    together = [(step.file.path, step.to), *((sidecar.seen.path, sidecar.to) for sidecar in sidecars)]
    chosen = names.take([absolute(to or "") for _, to in together])
    places = {path: place for (path, _), place in zip(together, chosen, strict=True)}
    return places | {other.seen.path: names.take([absolute(other.to or "")])[0] for other in others}


def _says(seen: Seen, keeper: Seen) -> str:
    """What the link says: within a given directory the way from one to the other, so that all of it may be moved."""
    target = disk.real(keeper.path)
    if seen.root and seen.root == keeper.root:
        return os.path.relpath(target, disk.real(os.path.dirname(absolute(seen.path))))
    return target
