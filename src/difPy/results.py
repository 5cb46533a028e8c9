"""Groups in, one record each out, which holds all that is known of them; and a file of such records, or a plan, back.

A record is what ``difpy find --format json`` and ``jsonl`` write: for people and programs, and for `difpy review`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from difPy import change, orientation
from difPy.errors import UsageError
from difPy.files import File
from difPy.model import Group, Member

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from difPy.act import Plan


def record(group: Group) -> dict[str, Any]:
    """All that is known of a group, ready for JSON."""
    return {
        "kept": group.keeper.path,
        "why": group.why,
        "px_size": group.px_size,
        "keeper": _facts(group.keeper),
        "matches": [
            {
                "path": member.file.path,
                "mse": member.distance,
                "turns": member.orientation & 3,
                "mirrored": member.orientation >= orientation.MIRRORED,
                "more_metadata": list(member.more),
                "note": member.note,
                "holds": member.holds,
                "differs": member.differs,
                "verdict": member.verdict,
                "change": member.change.numbers() | {"words": member.change.words()} if member.change else None,
                "shows": member.shows,
            }
            | _facts(member.file)
            for member in group.members
        ],
    }


def read(path: str | os.PathLike[str]) -> Iterator[Group]:
    """Groups of a file that ``difpy find --format json``, ``--format jsonl`` or ``difpy plan`` wrote.

    Raises
    ------
    UsageError
        It cannot be read, or is none of these.
    """
    from difPy import act

    try:
        with open(path, encoding="utf-8") as stream:
            first = stream.readline()
            if first.lstrip().startswith('{"difPy": "plan"'):
                yield from planned(act.read_plan(path))
                return
            lines = [first, *stream] if first.strip() == "[" else None
            records = json.loads("".join(lines)) if lines else map(json.loads, _filled(first, stream))
            for one in records:
                yield _group(one)
    except OSError as error:
        raise UsageError(f'"{path}" cannot be read: {error.strerror}') from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(
            f'"{path}" is no result of difpy find --format json or jsonl, and no plan: make one, or name a directory'
        ) from None


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


def _filled(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from (line for line in rest if line.strip())


def _seen(seen: Any) -> File:
    return File(seen.path, seen.root, seen.size, seen.mtime_ns, seen.device, seen.inode, digest=seen.digest)


def _facts(file: File) -> dict[str, Any]:
    """What is known of a file beside its path: the figures last that no person reads."""
    facts: dict[str, Any] = {"bytes": file.size, "width": file.width or None, "height": file.height or None}
    facts |= {"format": file.format}
    facts |= {"taken": file.taken, "camera": file.camera}
    facts |= {"digest": file.digest.hex() if file.digest else None, "root": file.root}
    facts |= {name: getattr(file, name) for name in ("mtime_ns", "device", "inode")}
    if file.hard_links or file.symlinks or file.linked:
        facts |= {"hard_links": file.hard_links, "symlinks": file.symlinks, "linked": file.linked}
    return facts


def _group(one: dict[str, Any]) -> Group:
    members = tuple(
        Member(
            _file(match["path"], match),
            float(match["mse"]),
            int(match["turns"]) + orientation.MIRRORED * bool(match["mirrored"]),
            tuple(match["more_metadata"]),
            match["holds"],
            match["differs"],
            change.read(match["change"]) if match["change"] else None,
            match["shows"],
        )
        for match in one["matches"]
    )
    return Group(_file(one["kept"], one["keeper"]), members, one["why"], int(one["px_size"]))


def _file(path: str, facts: dict[str, Any]) -> File:
    digest = facts["digest"]
    return File(
        path,
        facts["root"],
        facts["bytes"],
        facts["mtime_ns"],
        facts["device"],
        facts["inode"],
        tuple(facts.get("hard_links", ())),
        tuple(facts.get("symlinks", ())),
        bool(facts.get("linked")),
        digest and bytes.fromhex(digest),
        facts["width"] or 0,
        facts["height"] or 0,
        facts["format"],
        facts["taken"],
        facts["camera"],
    )
