"""Parsed arguments of a verb that looks; what it prints or writes, and an exit code, out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from difPy.commands.telling import gathered, require_free, tell, write
from difPy.errors import UsageError
from difPy.files import UNSUPPORTED
from difPy.options import FILES
from difPy.terminal import number, printable, shown, size

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from difPy.library import Library
    from difPy.match.settled import Settled
    from difPy.model import Failure

DONE, FOUND, FAILED = 0, 1, 3


def indexed(options: argparse.Namespace, directories: Sequence[str], *, decode: bool = True) -> Library:
    """The pictures below some directories, or the files, if none is to be decoded; what could not be read is told."""
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
            exclude=options.exclude,
            default_excludes=not options.no_default_excludes,
            min_size=options.min_size,
            min_pixels=options.min_pixels,
            max_depth=options.max_depth,
            newer_than=options.newer_than,
            decode=decode,
            progress=progress,
            warn=tell,
        )
    _tell_unread([failure for failure in library.failures if failure.reason != UNSUPPORTED], options)
    if library.left_out:
        tell(report.passed_over(library.left_out))
    return library


def by_bytes(options: argparse.Namespace) -> bool:
    """Whether only bytes are compared."""
    return bool(options.similarity == FILES)


def searchable(options: argparse.Namespace, directories: Sequence[str]) -> Library:
    """What is below some directories, looked at as closely as the search needs it."""
    return indexed(options, directories, decode=not by_bytes(options) or options.min_pixels not in (0, "0"))


def _tell_unread(failures: Sequence[Failure], options: argparse.Namespace) -> None:
    causes = [(failure.path, failure.reason) for failure in failures]
    for line in gathered(causes, "not compared", every=options.verbose):
        tell(line)


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
    require_free(options.output, force=options.force)
    library = searchable(options, options.directory)
    if getattr(options, "fail_on_duplicates", False):
        _require_pictures(library)
    return matched(options, library)


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
    _tell_unread(settled.failures, options)
    tell(f"compared {number(settled.searched, 'file' if by_bytes(options) else 'picture')}")
    return settled


def _require_pictures(library: Library) -> None:
    """Refuse to let pass what was not compared."""
    from difPy.protection import empty

    files = library.pictures
    for one in empty((*library.roots, *library.references), files.roots, files.links.values()):
        raise UsageError(f'no picture was found in "{one}": nothing there was compared, and that is no pass')


def index(options: argparse.Namespace) -> int:
    """`difpy index`."""
    library = indexed(options, options.directory)
    others = number(len(library.failures), "other file")
    print(f"{number(len(library), 'picture')}, {library.decoded:,} decoded; {others}.")
    return DONE


def find(options: argparse.Namespace) -> int:
    """`difpy find`."""
    from difPy import report

    settled = searched(options)
    groups = settled.groups
    if not by_bytes(options):  # which opens no picture
        from difPy.told import told

        groups = told(groups, processes=options.processes)
    write(options.output, report.FORMATS[options.format](groups), force=options.force)
    if options.parts:
        write(options.parts if options.parts != "-" else None, report.shared_parts(settled.shared), force=options.force)
    elif settled.shared:
        tell(f"{number(len(settled.shared), 'pair')} beside the groups show the same, at least in part (--parts -)")
    return FOUND if groups and options.fail_on_duplicates else DONE


def query(options: argparse.Namespace) -> int:
    """`difpy query`."""
    from difPy import api

    directories = [path for path in options.path if os.path.isdir(path)]
    pictures = [path for path in options.path if not os.path.isdir(path)]
    if not directories or not pictures:
        raise UsageError("name at least one picture to look for and one directory to look in")
    library = searchable(options, directories)
    with shown(not options.quiet) as progress:
        found, failures = api.query(pictures, library, **_matches(options), progress=progress)
    for picture in pictures:
        near = [one for one in found if one.asked.path == os.path.normpath(picture)]
        print(printable(f"{picture}: {number(len(near), 'match', 'matches')}"))
        for one in near:
            print(printable(f"  {one.file.path}  ({size(one.file.size)}, {one.likeness})"))
    _tell_unread(failures, options)
    return FAILED if failures else DONE


def cache(options: argparse.Namespace) -> int:
    """`difpy cache`."""
    from difPy import decode, store

    with store.open_index(options.cache, px_size=50, decoders=decode.decoders(), warn=tell) as opened:
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
    for method, (count, held) in info.findings.items():
        print(f"  {method}: {count:,} entries, {size(held)}")
    for path in info.set_aside:
        print(printable(f"  set aside, damaged: {path}"))
    return DONE
