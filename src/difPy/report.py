"""Groups in; the documented dictionaries, lists and statistics out, or text, JSON, CSV and JUnit XML."""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any

from difPy import orientation, results
from difPy.difference import basics
from difPy.model import Verdict, cores
from difPy.options import FILES
from difPy.tables import table
from difPy.terminal import number, printable, size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from difPy.files import File
    from difPy.model import Failure, Group, Shared
    from difPy.options import BuildOptions, SearchOptions
    from difPy.policy import Policy

Result = dict[str, list[list[Any]]]


def result(groups: Iterable[Group]) -> Result:
    """``{kept: [[match, mean squared error], ...], ...}``."""
    return {group.keeper.path: [[member.file.path, member.distance] for member in group.members] for group in groups}


def result_in_folder(groups: Iterable[Group]) -> dict[str, Result]:
    """The same, for each given directory that has matches: ``{directory: {kept: [...]}, ...}``."""
    by_root: dict[str, list[Group]] = {}
    for group in groups:
        by_root.setdefault(group.keeper.root, []).append(group)
    return {root: result(by_root[root]) for root in sorted(by_root)}


def lower_quality(groups: Iterable[Group]) -> list[str]:
    """Paths of all pictures in the groups but the kept ones."""
    return [member.file.path for group in groups for member in group.members]


def build_stats(
    roots: Sequence[str],
    options: BuildOptions,
    failures: Sequence[Failure],
    left_out: Mapping[str, str],
    pictures: int,
    start: datetime,
    end: datetime,
) -> dict[str, Any]:
    """Statistics of a build."""
    logs = {failure.path: failure.reason for failure in failures}
    return {
        "directory": sorted(roots),
        "process": {
            "build": {
                "duration": _duration(start, end),
                "parameters": {
                    "recursive": options.recursive,
                    "in_folder": options.in_folder,
                    "limit_extensions": options.limit_extensions,
                    "px_size": options.px_size,
                    "processes": options.processes or cores(),
                    "exact": options.exact,
                },
                "left_out": dict(left_out),
            },
        },
        "total_files": pictures + len(logs),
        "invalid_files": {"count": len(logs), "logs": logs},
    }


def passed_over(left_out: Mapping[str, str]) -> str:
    """What was left out, in a sentence.

    Examples
    --------
    >>> passed_over({"a/.zfs": "snapshots of ZFS", ".trashed-1-a.jpg": "the trash of Android"})
    'Left out 2 folders or files: snapshots of ZFS (1), the trash of Android (1).'
    """
    kinds = ", ".join(f"{what} ({count:,})" for what, count in sorted(Counter(left_out.values()).items()))
    return f"Left out {number(len(left_out), 'folder or file', 'folders or files')}: {kinds}."


def search_stats(
    build: dict[str, Any],
    options: SearchOptions,
    keep: Sequence[str | Policy],
    groups: Sequence[Group],
    failures: Iterable[Failure],
    searched: int,
    start: datetime,
    end: datetime,
) -> dict[str, Any]:
    """Statistics of a search, those of its build included; `build` is left alone."""
    found = Counter(member.verdict for group in groups for member in group.members)
    invalid = build["invalid_files"]["logs"] | {failure.path: failure.reason for failure in failures}
    search = {
        "duration": _duration(start, end),
        "parameters": {
            "similarity_mse": int(options.threshold) if options.threshold.is_integer() else options.threshold,
            **({"method": method} if (method := options.method or (FILES if options.by_bytes else None)) else {}),
            "rotate": options.rotate,
            "lazy": options.lazy,
            "processes": options.processes or cores(),
            "chunksize": options.chunksize,
            "same_dim": options.only_same_dimensions,
            "mirror": options.mirrored,
            "keep": [one if isinstance(one, str) else one.name for one in keep],
        },
        "files_searched": searched,
        "matches_found": {
            "duplicates": found[Verdict.IDENTICAL],
            "similar": found[Verdict.SAME],
            **({"altered": found[Verdict.ALTERED]} if options.method else {}),
        },
        "more_metadata_than_kept": sum(bool(member.more) for group in groups for member in group.members),
    }
    return {
        "directory": list(build["directory"]),
        "process": {"build": build["process"]["build"], "search": search},
        "total_files": build["total_files"],
        "invalid_files": {"count": len(invalid), "logs": invalid},
    }


def more_to_go(groups: Iterable[Group]) -> str:
    """How many of those to go hold metadata that the kept ones lack, a sentence; empty where none does.

    Examples
    --------
    >>> more_to_go([])
    ''
    """
    more = [member.more for group in groups for member in group.members if member.more]
    if not more:
        return ""
    kinds = ", ".join(f"{what} ({count:,})" for what, count in Counter(chain.from_iterable(more)).most_common())
    of_those = "1 of those to go holds" if len(more) == 1 else f"{len(more):,} of those to go hold"
    return f"{of_those} metadata that the kept one lacks: {kinds}."


def _duration(start: datetime, end: datetime) -> dict[str, Any]:
    return {
        "start": start.isoformat(),
        "end": end.isoformat(),
        "seconds_elapsed": round((end - start).total_seconds(), 4),
    }


def text(groups: Sequence[Group]) -> str:
    """Groups to read: each kept picture, why it is kept, and what matches it."""
    lines = []
    for group in groups:
        lines.append(printable(f"{group.keeper.path}  ({_about(group.keeper)})  {group.why}"))
        for member in group.members:
            more = f"; only this one tells: {', '.join(member.more)}" if member.more else ""
            about = ", ".join(filter(None, (_about(member.file), member.likeness, member.note)))
            lines.append(printable(f"    {member.file.path}  ({about}{more})"))
    return "\n".join([*lines, *totals(groups)]) + "\n"


def totals(groups: Sequence[Group]) -> list[str]:
    """What was found in all, and what is to be known before it is acted on, in sentences.

    Examples
    --------
    >>> totals([])
    ['No matches.']
    """
    if not groups:
        return ["No matches."]
    count = sum(len(group.members) for group in groups)
    freed = sum(member.file.size for group in groups for member in group.members)
    kept = number(len(groups), "kept picture")
    said = [f"{number(count, 'match', 'matches')} of {kept}: {size(freed)} can be freed."]
    warning = more_to_go(groups)
    return [*said, f"{warning} To keep such: --keep metadata"] if warning else said


def _about(file: File) -> str:
    """What people ask of a picture first."""
    return ", ".join(filter(None, (basics(file), size(file.size), file.taken, file.camera)))


def shared_parts(shared: Sequence[Shared]) -> str:
    """Pairs beside the groups that show the same in part or all, to read."""
    lines = [
        f"{printable(one.first.path)}\n    {printable(one.second.path)}  ({one.verdict}: {one.change.words()})"
        for one in shared
    ]
    count = number(len(shared), "pair")
    return "\n".join([*lines, f"{count} beside the groups: nobody acts on these."]) + "\n"


def as_json(groups: Sequence[Group]) -> str:
    """Groups as one JSON list."""
    return json.dumps([results.record(group) for group in groups], indent=1) + "\n"


def jsonl(groups: Sequence[Group]) -> str:
    """Groups as JSON lines, one a group."""
    return "".join(json.dumps(results.record(group)) + "\n" for group in groups)


_FACTS = ("width", "height", "format", "taken", "camera")
"""Of a file, for people."""


def as_csv(groups: Sequence[Group]) -> str:
    """Groups as CSV with a header, one row for each match."""
    header = (
        "group",
        "kept",
        "match",
        "mse",
        "turns",
        "mirrored",
        "kept_bytes",
        "match_bytes",
        "why",
        "more_metadata",
        *(f"{which}_{fact}" for which in ("kept", "match") for fact in _FACTS),
        "note",
        "verdict",
        "change",
        "shows_more",
    )
    rows: list[tuple[object, ...]] = []
    for row, group in enumerate(groups, 1):
        for member in group.members:
            about = (member.distance, member.orientation & 3, member.orientation >= orientation.MIRRORED)
            sizes = (group.keeper.size, member.file.size)
            facts = (getattr(file, fact) or "" for file in (group.keeper, member.file) for fact in _FACTS)
            change = member.change.words() if member.change else ""
            words = (member.note, member.verdict, change, member.shows)
            more = ", ".join(member.more)
            rows.append((row, group.keeper.path, member.file.path, *about, *sizes, group.why, more, *facts, *words))
    return table(header, rows)


def junit(groups: Sequence[Group]) -> str:
    """Groups as JUnit XML: a failed test case for each group, one that passes where there is none."""
    from xml.etree import ElementTree

    suite = ElementTree.Element("testsuite", name="difPy", tests=str(len(groups) or 1), failures=str(len(groups)))
    for group in groups:
        case = ElementTree.SubElement(suite, "testcase", classname="difPy", name=printable(group.keeper.path))
        failure = ElementTree.SubElement(case, "failure", message=number(len(group.members), "match", "matches"))
        failure.text = "\n".join(
            printable(f"{member.file.path} ({', '.join(filter(None, (member.likeness, member.note)))})")
            for member in group.members
        )
    if not groups:
        ElementTree.SubElement(suite, "testcase", classname="difPy", name="no duplicates")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suite, "unicode") + "\n"


FORMATS: dict[str, Callable[[Sequence[Group]], str]] = {
    "text": text,
    "json": as_json,
    "jsonl": jsonl,
    "csv": as_csv,
    "junit": junit,
}
