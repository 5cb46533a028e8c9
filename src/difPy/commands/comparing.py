"""Parsed arguments of a verb that compares one side with another; what it prints or writes, and an exit code, out."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from difPy.commands.telling import require_free, tell, write
from difPy.commands.verbs import DONE, FAILED, FOUND, matched, matches, require_pictures, searchable, tell_unread
from difPy.errors import NothingCompared, UsageError
from difPy.orientation import MIRRORED
from difPy.tables import table
from difPy.terminal import line, number, printable, shown, size

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from difPy.files import File
    from difPy.match.settled import Near

    Answers = dict[str, list[Near]]
    """Path of a picture asked for -> what matches it."""


def query(options: argparse.Namespace) -> int:
    """`difpy query`."""
    from difPy import api

    require_free(options.output, force=options.force)
    asked, places = _sides(options)
    library = searchable(options, places, reference=())
    if options.fail_on_duplicates:
        require_pictures(library)
    with shown(not options.quiet) as progress:
        found, failures, files = api.asked(asked, library, **matches(options), progress=progress)
    tell_unread(failures, options)
    if options.fail_on_duplicates and not len(files):
        raise NothingCompared("no picture was found to look for: nothing was compared, and that is no pass")
    answers: Answers = {path: [] for path in files.paths}
    for one in found:
        answers[one.asked.path].append(one)
    write(options.output, _ANSWERS[options.format](answers), force=options.force)
    tell(f"compared {number(len(files), 'picture')} with {len(library):,}")
    if found and options.fail_on_duplicates:
        return FOUND
    return FAILED if failures else DONE


def _sides(options: argparse.Namespace) -> tuple[list[str], list[str]]:
    """What to look for, and where to look: in the references, if there are any, and else in the directories.

    Raises
    ------
    UsageError
        One of the two is missing.
    """
    if options.reference:
        return options.path, options.reference
    places = [path for path in options.path if _holds_pictures(path)]
    asked = [path for path in options.path if path not in places]
    if not places or not asked:
        raise UsageError(
            "name at least one picture to look for and one directory to look in; to look for all pictures of a "
            "directory, say where to look: --reference DIRECTORY"
        )
    return asked, places


def _holds_pictures(path: str) -> bool:
    from difPy import sources
    from difPy.extensions import EXTENSIONS

    is_picture = os.path.splitext(path)[1][1:].lower() in EXTENSIONS
    return os.path.isdir(path) or (sources.source(path) is not None and not is_picture)


def _answers_text(answers: Answers) -> str:
    lines = []
    for path, near in answers.items():
        if near or len(answers) <= _FEW:
            lines.append(printable(f"{path}: {number(len(near), 'match', 'matches')}"))
        lines += [printable(f"  {one.file.path}  ({size(one.file.size)}, {one.likeness})") for one in near]
    if len(answers) > _FEW:
        lines.append(f"{sum(map(bool, answers.values())):,} of {number(len(answers), 'picture')} have a match.")
    return "\n".join(lines) + "\n"


_FEW = 10
"""Of so many pictures that are looked for, those without a match are named, too."""


def _answers(answers: Answers) -> list[dict[str, Any]]:
    return [
        {"picture": path, "matches": [{"path": one.file.path, **_about(one)} for one in near]}
        for path, near in answers.items()
    ]


def _about(one: Near) -> dict[str, Any]:
    return {
        "mse": one.distance,
        "turns": one.orientation & 3,
        "mirrored": one.orientation >= MIRRORED,
        "verdict": one.verdict,
        "change": one.change.words() if one.change else "",
        "bytes": one.file.size,
    }


def _answers_csv(answers: Answers) -> str:
    header = ("picture", "match", "mse", "turns", "mirrored", "verdict", "change", "bytes")
    rows = [(path, one.file.path, *_about(one).values()) for path, near in answers.items() for one in near]
    return table(header, rows)


_ANSWERS: dict[str, Callable[[Answers], str]] = {
    "text": _answers_text,
    "json": lambda answers: json.dumps(_answers(answers), indent=1) + "\n",
    "jsonl": lambda answers: "".join(json.dumps(one) + "\n" for one in _answers(answers)),
    "csv": _answers_csv,
}


def new(options: argparse.Namespace) -> int:
    """`difpy new`."""
    from difPy import across

    if not options.reference:
        raise UsageError("say what they may be in already: --reference ARCHIVE")
    require_free(options.output, force=options.force)
    library = searchable(options, options.directory)
    settled = matched(options, library)
    found = across.new(library.pictures, library.file, settled.groups, library.references)
    write(options.output, _NEW[options.format](found), force=options.force)
    tell(f"{number(len(found), 'picture')} of them {'is' if len(found) == 1 else 'are'} not in the reference")
    return DONE


def _records(files: Sequence[File]) -> list[dict[str, Any]]:
    from difPy import results

    return [{"path": file.path, **results.facts(file)} for file in files]


def _new_csv(files: Sequence[File]) -> str:
    header = ("path", "bytes", "width", "height", "format")
    return table(header, [(file.path, file.size, file.width, file.height, file.format) for file in files])


_NEW: dict[str, Callable[[Sequence[File]], str | bytes]] = {
    "text": lambda files: b"".join(line(file.path) for file in files),
    "json": lambda files: json.dumps(_records(files), indent=1) + "\n",
    "jsonl": lambda files: "".join(json.dumps(one) + "\n" for one in _records(files)),
    "csv": _new_csv,
}
