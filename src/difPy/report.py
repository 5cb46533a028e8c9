"""Groups in; the documented dictionaries, lists and statistics out, ready for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from difPy.model import cores

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from difPy.model import BuildOptions, Failure, Group, SearchOptions

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
                },
            },
        },
        "total_files": pictures + len(logs),
        "invalid_files": {"count": len(logs), "logs": logs},
    }


def search_stats(
    build: dict[str, Any],
    options: SearchOptions,
    groups: Iterable[Group],
    failures: Iterable[Failure],
    searched: int,
    start: datetime,
    end: datetime,
) -> dict[str, Any]:
    """Statistics of a search, those of its build included; `build` is left alone."""
    distances = [member.distance for group in groups for member in group.members]
    duplicates = distances.count(0.0)
    invalid = build["invalid_files"]["logs"] | {failure.path: failure.reason for failure in failures}
    search = {
        "duration": _duration(start, end),
        "parameters": {
            "similarity_mse": int(options.threshold) if options.threshold.is_integer() else options.threshold,
            "rotate": options.rotate,
            "lazy": options.lazy,
            "processes": options.processes or cores(),
            "chunksize": options.chunksize,
            "same_dim": options.only_same_dimensions,
            "mirror": options.mirror,
        },
        "files_searched": searched,
        "matches_found": {"duplicates": duplicates, "similar": len(distances) - duplicates},
    }
    return {
        "directory": list(build["directory"]),
        "process": {"build": build["process"]["build"], "search": search},
        "total_files": build["total_files"],
        "invalid_files": {"count": len(invalid), "logs": invalid},
    }


def _duration(start: datetime, end: datetime) -> dict[str, Any]:
    return {
        "start": start.isoformat(),
        "end": end.isoformat(),
        "seconds_elapsed": round((end - start).total_seconds(), 4),
    }
