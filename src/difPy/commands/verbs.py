"""Parsed arguments of a verb in; what it prints or writes, and an exit code, out."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from difPy.errors import UsageError
from difPy.terminal import number, printable, shown, size

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from difPy import act
    from difPy.api import Library
    from difPy.settle import Settled

DONE, FOUND, FAILED = 0, 1, 3


def _library(options: argparse.Namespace, directories: Sequence[str]) -> Library:
    from difPy import api

    with shown(not options.quiet) as progress:
        return api.index(
            *directories,
            reference=options.reference,
            recursive=not options.no_recursion,
            limit_extensions=not options.all_files,
            px_size=options.px_size,
            processes=options.processes,
            cache=False if options.no_cache else options.cache,
            progress=progress,
            warn=tell,
        )


def _matches(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "similarity": options.similarity,
        "rotate": not options.no_rotate,
        "lazy": not options.any_dimensions,
        "same_dim": True if options.same_dimensions else None,
        "mirror": options.mirror,
        "processes": options.processes,
    }


def _found(options: argparse.Namespace) -> Settled:
    from difPy import act, api

    library = _library(options, options.directory)
    with shown(not options.quiet) as progress:
        return api.find(
            library,
            **_matches(options),
            in_folder=options.in_folder,
            keep=options.keep,
            decisions=act.Decisions(),
            progress=progress,
        )


def index(options: argparse.Namespace) -> int:
    """`difpy index`."""
    library = _library(options, options.directory)
    others = number(len(library.failures), "other file")
    print(f"{number(len(library), 'picture')}, {library.decoded:,} new to the index; {others}.")
    return DONE


def find(options: argparse.Namespace) -> int:
    """`difpy find`."""
    from difPy import report

    found = _found(options)
    _write(options.output, report.FORMATS[options.format](found.groups))
    for failure in found.failures:
        tell(f"{failure.path}: {failure.reason}")
    return FOUND if found.groups and options.fail_on_duplicates else DONE


def query(options: argparse.Namespace) -> int:
    """`difpy query`."""
    from difPy import api

    directories = [path for path in options.path if os.path.isdir(path)]
    pictures = [path for path in options.path if not os.path.isdir(path)]
    if not directories or not pictures:
        raise UsageError("name at least one picture to look for and one directory to look in")
    library = _library(options, directories)
    with shown(not options.quiet) as progress:
        found, failures = api.query(pictures, library, **_matches(options), progress=progress)
    for picture in pictures:
        near = [one for one in found if one.asked.path == os.path.normpath(picture)]
        print(printable(f"{picture}: {number(len(near), 'match', 'matches')}"))
        for one in near:
            likeness = "identical" if one.distance == 0 else f"MSE {one.distance:.2f}"
            print(printable(f"  {one.file.path}  ({size(one.file.size)}, {likeness})"))
    for failure in failures:
        tell(f"{failure.path}: {failure.reason}")
    return FAILED if failures else DONE


def plan(options: argparse.Namespace) -> int:
    """`difpy plan`."""
    from difPy import act, api

    made = api.plan(
        _found(options).groups,
        options.action,
        destination=options.to,
        keep_structure=options.keep_structure,
        protect=options.protect,
        sidecars=options.sidecars,
        decisions=act.Decisions(),
    )
    formats: dict[str, Callable[[act.Plan], str | bytes]] = {"json": act.to_json, "csv": act.to_csv, "sh": act.to_shell}
    _write(options.output, formats[options.format](made))
    last = f"; {made.not_undoable:,} CANNOT be undone" if made.not_undoable else ""
    steps = f"{number(len(made.steps), 'picture')} to {options.action} ({size(made.size)})"
    tell(f"{steps}, {len(made.held):,} held back{last}")
    if options.format == "json" and options.output and made.steps:
        tell(f"nothing was changed: look at it, then difpy apply {options.output}")
    return DONE


def apply(options: argparse.Namespace) -> int:
    """`difpy apply`."""
    from difPy import act

    with open(options.plan, "rb") as file:
        made = act.from_json(file.read())
    with shown(True) as progress:
        outcome = act.apply(made, options.journal, dry_run=options.dry_run, progress=progress)
    would = "would be " if outcome.dry_run else ""
    print(f"{number(len(outcome.done), 'step')} {would}done, {size(outcome.bytes_freed)} {would}freed.")
    for title, left in (("Skipped", outcome.skipped), ("Failed", outcome.failed)):
        for one in left:
            print(printable(f"{title}: {one.step.file.path}: {one.why}"))
    if outcome.journal and outcome.done:
        print(printable(f"To take it back: difpy undo {outcome.journal}"))
    return FAILED if outcome.failed else DONE


def undo(options: argparse.Namespace) -> int:
    """`difpy undo`."""
    from difPy import act

    path = options.journal
    if path is None:
        done = [entry for entry in act.journals() if entry.done]
        if not done:
            raise UsageError("there is nothing to undo: no journal tells of anything done (`difpy journal` lists them)")
        path = done[-1].path
    with shown(True) as progress:
        undone = act.undo(path, progress=progress)
    print(f"Restored: {number(len(undone.restored), 'file')}.")
    for failure in undone.failed:
        print(printable(f"Not restored: {failure.path}: {failure.reason}"))
    return FAILED if undone.failed else DONE


def journal(options: argparse.Namespace) -> int:
    """`difpy journal`."""
    from difPy import act

    failed = False
    for entry in act.journals():
        state = f"{entry.done:,} done, {entry.undone:,} undone" + (f", {entry.open:,} cut off" if entry.open else "")
        print(printable(f"{entry.at}  {entry.action:<8}  {state}  {entry.path}"))
        if options.recover and entry.open:
            mended = act.recover(entry.path)
            print(f"  {len(mended.ended):,} had been done, {len(mended.rolled_back):,} were taken back.")
            for failure in mended.failed:
                failed = True
                print(printable(f"  Not clear: {failure.path}: {failure.reason}"))
        elif entry.open:
            print("  A crash cut it off: difpy journal --recover")
    return FAILED if failed else DONE


def distinct(options: argparse.Namespace) -> int:
    """`difpy distinct`."""
    from difPy import act, decode
    from difPy.scan import given, scan

    if len(set(options.picture)) < 2 and not options.forget:
        raise UsageError("name at least two pictures")
    digests = []
    for file in scan(given(options.picture)).files:
        digest = decode.digest_of(file)
        if not isinstance(digest, bytes):
            raise UsageError(f"{digest.path}: {digest.reason}")
        digests.append(digest)
    decisions = act.Decisions()
    (decisions.forget if options.forget else decisions.remember)(digests)
    print("Forgotten." if options.forget else "Remembered: they are left out until another picture joins them.")
    return DONE


def cache(options: argparse.Namespace) -> int:
    """`difpy cache`."""
    from difPy import decode, store

    with store.open_index(options.cache, px_size=options.px_size, decoders=decode.decoders(), warn=tell) as opened:
        if options.what == "prune":
            gone = opened.prune()
            print(f"Forgotten: {gone.files:,} files, {gone.pictures:,} pictures, {gone.failures:,} failures.")
            print(f"{size(gone.size)} freed.")
        elif options.what == "clear":
            opened.clear()
            print("The index is empty.")
        info = opened.info()
    print(printable(f"{info.path}: {size(info.size)}, {info.files:,} files, {info.failures:,} that are no pictures"))
    for (px_size, decoders), count in info.pictures.items():
        print(f"  {count:,} pictures at px_size {px_size} ({decoders})")
    for path in info.set_aside:
        print(printable(f"  set aside, damaged or not ours: {path}"))
    return DONE


def tell(message: str) -> None:
    """Say something that is not the result."""
    print(printable(f"difpy: {message}"), file=sys.stderr)


def _write(path: str | None, content: str | bytes) -> None:
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
    if path is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        with open(path, "xb") as file:
            file.write(data)
