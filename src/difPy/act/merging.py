"""A plan, and how to read what pictures say -> the plan in which each step tells what it leaves to the kept picture.

The kept picture's own word stays: it gets what it lacks, from the best of the others first; keywords add up. A picture
does not go that says what cannot be written down beside the kept one.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from difPy.act.belonging import RAWS
from difPy.act.sidecars import Beside
from difPy.act.steps import Held, Merge, Plan
from difPy.model import Failure
from difPy.notes import Notes, contradicted, joined, lacking
from difPy.protection import protected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from difPy.act.sidecars import Sidecar
    from difPy.act.steps import Seen, Step

    Read = Callable[[Sequence[tuple[str, tuple[str, ...]]]], Iterable[Notes | Failure]]


def merging(plan: Plan, read: Read, protect: Sequence[str] = ()) -> Plan:
    """Decide what is written beside each kept picture.

    Parameters
    ----------
    plan : Plan
        Steps that leave a link are left as they are: there, the name stays.
    read : callable
        Given pictures, each with the XMP files beside it, returns what each says: `Notes`, or a `Failure`.
    protect : sequence of str
        Folders, files or patterns that are never touched: nothing is written there.

    Returns
    -------
    Plan

    Examples
    --------
    >>> merging(Plan(()), lambda pictures: [])
    Plan(steps=(), held=())
    """
    going = [step for step in plan.steps if not step.action.links]
    pictures = {seen.path: seen for step in going for seen in (step.keeper, step.file)}
    beside = Beside(set(pictures))
    files = {path: _xmp_files(beside(path, seen.root)) for path, seen in pictures.items()}
    asked = [(path, tuple(sidecar.path for sidecar in files[path])) for path in pictures]
    said = dict(zip(pictures, read(asked), strict=True))
    by_keeper: defaultdict[str, list[Step]] = defaultdict(list)
    for step in going:
        by_keeper[step.keeper.path].append(step)
    decided: dict[Step, Step | str] = {}
    for path, steps in by_keeper.items():
        where = _xmp_file(steps[0].keeper, files[path], beside)
        decided |= _decided(steps, said, where, protected([path, where.path], protect))
    made = [decided.get(step, step) for step in plan.steps]
    held = [
        Held(step.group, step.file.path, step.keeper.path, why)
        for step, why in zip(plan.steps, made, strict=True)
        if isinstance(why, str)
    ]
    left = tuple(step for step in made if not isinstance(step, str))
    refused = Plan(left).refusals()
    held += [Held(left[at].group, left[at].file.path, left[at].keeper.path, why) for at, why in refused.items()]
    return Plan(tuple(step for at, step in enumerate(left) if at not in refused), (*plan.held, *held))


def _decided(
    steps: Sequence[Step], said: dict[str, Notes | Failure], where: Merge, pattern: str | None
) -> dict[Step, Step | str]:
    """What becomes of the steps of one kept picture: each with what it leaves, or why it is held back."""
    kept = said[steps[0].keeper.path]
    known = kept if isinstance(kept, Notes) else Notes()
    decided: dict[Step, Step | str] = {}
    for step in steps:
        own = said[step.file.path]
        if isinstance(own, Failure):
            decided[step] = replace(step, why=f"{step.why}; what it says cannot be read ({own.reason})")
            continue
        left, other = lacking(known, own), contradicted(known, own)
        why = step.why
        if left:
            lost = f'its {left.in_words()} would not be written to "{where.path}"'
            if isinstance(kept, Failure):
                decided[step] = f"{lost}: what the kept picture says cannot be read ({kept.reason})"
                continue
            if pattern:
                decided[step] = f'{lost}, which is protected by "{pattern}"'
                continue
            why += f'; its {left.in_words()} will be written to "{where.path}"'
        if other:
            why += f"; its {other.in_words()} will not, for another is known"
        decided[step] = replace(step, why=why, merge=replace(where, notes=left) if left else None)
        known = joined(known, left)
    return decided


def _xmp_files(sidecars: Iterable[Sidecar]) -> list[Sidecar]:
    """The XMP files of a picture: ``IMG_1.jpg.xmp``, which is of this one alone, before ``IMG_1.xmp``."""
    found = [sidecar for sidecar in sidecars if sidecar.kind == ".xmp"]
    return sorted(found, key=lambda sidecar: (-len(sidecar.path), sidecar.path))


def _xmp_file(keeper: Seen, files: Sequence[Sidecar], beside: Beside) -> Merge:
    """The XMP file to write: the picture's own, if it has one; else a new one."""
    for sidecar in files:
        if not sidecar.shared_with:
            return Merge(sidecar.path, Notes(), sidecar.seen)
    stem, extension = os.path.splitext(keeper.path)
    short = extension.lower() in RAWS and not beside.is_called_so_by_others(keeper.path)
    return Merge(f"{stem}.xmp" if short else f"{keeper.path}.xmp", Notes())
