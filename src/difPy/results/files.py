"""A file that `difpy find` or `difpy plan` wrote in; its groups out."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from difPy import orientation
from difPy.errors import UsageError
from difPy.files import File
from difPy.model import Group, Member
from difPy.results.lines import Lines, none
from difPy.results.records import group

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from difPy.act import Plan

_PLAN = '{"difPy": "plan"'
_LIST = "["


def read(path: str | os.PathLike[str]) -> Iterator[Group]:
    """Groups of a file that ``difpy find --format json``, ``--format jsonl`` or ``difpy plan`` wrote.

    Raises
    ------
    UsageError
        It cannot be read, or is none of these.
    """
    yield from opened(path)


def opened(path: str | os.PathLike[str]) -> Sequence[Group]:
    """The same, any of them: those of JSON lines are read when they are asked for.

    Raises
    ------
    UsageError
        It cannot be read, or is none of these.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            first = stream.readline()
            if first.lstrip().startswith(_PLAN):
                from difPy import act

                return list(planned(act.read_plan(path)))
            if not first and os.fspath(path).endswith(".jsonl"):
                return []  # so JSON lines say that nothing was found
            if first.startswith(_LIST):
                return [group(one) for one in json.loads(first + stream.read())]
        return Lines(path)
    except OSError as error:
        raise UsageError(f'"{path}" cannot be read: {error.strerror}') from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise none(path) from None


def planned(plan: Plan) -> Iterator[Group]:
    """The groups of a plan: what it would let go, and what it would keep for that.

    Raises
    ------
    UsageError
        It is one of altered copies, and does not hold what was done to them.
    """
    if any(step.altered for step in plan.steps):
        raise UsageError(
            "a plan of altered copies does not say all that was found of them: name a file of difpy find --format "
            "jsonl, or a directory"
        )
    by_group: dict[tuple[int, str], list[Any]] = {}
    for step in plan.steps:
        by_group.setdefault((step.group, step.keeper.path), []).append(step)
    for steps in by_group.values():
        members = tuple(Member(_seen(step.file), step.distance, orientation.SAME) for step in steps)
        yield Group(_seen(steps[0].keeper), members, "", steps[0].px_size)


def _seen(seen: Any) -> File:
    return File(seen.path, seen.root, seen.size, seen.mtime_ns, seen.device, seen.inode, digest=seen.digest)
