"""Parsed arguments of a verb that looks; what it prints or writes, and an exit code, out."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from difPy.errors import UsageError, WrongValue
from difPy.files import UNSUPPORTED
from difPy.terminal import number, printable, shown, size

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from difPy.api import Library
    from difPy.match.settle import Settled
    from difPy.model import Failure

DONE, FOUND, FAILED = 0, 1, 3


def indexed(options: argparse.Namespace, directories: Sequence[str]) -> Library:
    """The pictures below some directories; what could not be read is told."""
    from difPy import api, report

    with shown(not options.quiet) as progress:
        library = api.index(
            *directories,
            reference=options.reference,
            recursive=not options.no_recursion,
            limit_extensions=not options.all_files,
            px_size=options.px_size,
            processes=options.processes,
            cache=False if options.no_cache else options.cache,
            exact=options.exact,
            progress=progress,
            warn=tell,
        )
    _tell_unread(failure for failure in library.failures if failure.reason != UNSUPPORTED)
    if library.left_out:
        tell(report.passed_over(library.left_out))
    return library


def _tell_unread(failures: Iterable[Failure]) -> None:
    for failure in failures:
        tell(f"{failure.path}: {failure.reason}")


def _matches(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "similarity": options.similarity,
        "rotate": not options.no_rotate,
        "lazy": not options.any_dimensions,
        "same_dim": True if options.same_dimensions else None,
        "mirror": options.mirror,
        "processes": options.processes,
    }


def searched(options: argparse.Namespace) -> Settled:
    """What a search finds; what it could not read is told."""
    if options.output is not None and os.path.lexists(options.output):
        raise taken(options.output)
    return matched(options, indexed(options, options.directory))


def matched(options: argparse.Namespace, library: Library) -> Settled:
    """What a search finds in a library; what can no longer be read is told."""
    from difPy import act, api

    with shown(not options.quiet) as progress:
        settled = api.find(
            library,
            **_matches(options),
            in_folder=options.in_folder,
            keep=options.keep,
            decisions=act.Decisions(),
            progress=progress,
            warn=tell,
        )
    _tell_unread(settled.failures)
    return settled


def index(options: argparse.Namespace) -> int:
    """`difpy index`."""
    library = indexed(options, options.directory)
    others = number(len(library.failures), "other file")
    print(f"{number(len(library), 'picture')}, {library.decoded:,} decoded; {others}.")
    return DONE


def find(options: argparse.Namespace) -> int:
    """`difpy find`."""
    from difPy import report
    from difPy.told import told

    groups = told(searched(options).groups, processes=options.processes)
    write(options.output, report.FORMATS[options.format](groups))
    return FOUND if groups and options.fail_on_duplicates else DONE


def query(options: argparse.Namespace) -> int:
    """`difpy query`."""
    from difPy import api

    directories = [path for path in options.path if os.path.isdir(path)]
    pictures = [path for path in options.path if not os.path.isdir(path)]
    if not directories or not pictures:
        raise UsageError("name at least one picture to look for and one directory to look in")
    library = indexed(options, directories)
    with shown(not options.quiet) as progress:
        found, failures = api.query(pictures, library, **_matches(options), progress=progress)
    for picture in pictures:
        near = [one for one in found if one.asked.path == os.path.normpath(picture)]
        print(printable(f"{picture}: {number(len(near), 'match', 'matches')}"))
        for one in near:
            likeness = "identical" if one.distance == 0 else f"MSE {one.distance:.2f}"
            print(printable(f"  {one.file.path}  ({size(one.file.size)}, {likeness})"))
    _tell_unread(failures)
    return FAILED if failures else DONE


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
        print(printable(f"  {count:,} pictures at px_size {px_size} ({decoders})"))
    for path in info.set_aside:
        print(printable(f"  set aside, damaged: {path}"))
    return DONE


def tell(message: str) -> None:
    """Say something that is not the result."""
    print(printable(f"difpy: {message}"), file=sys.stderr)


def write(path: str | None, content: str | bytes) -> None:
    """To a new file, or to standard output."""
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
    if path is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        from difPy.act import write_new

        try:
            write_new(path, data)
        except FileExistsError:
            raise taken(path) from None
        except OSError as error:
            raise WrongValue(f'"{path}" cannot be written: {error.strerror}. Nothing is left there') from None


def taken(path: str) -> UsageError:
    """What is said of a file that would be written over."""
    return WrongValue(f'"{path}" exists already: name another file')
