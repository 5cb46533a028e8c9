"""Parsed arguments of a verb that looks; what it prints or writes, and an exit code, out."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from difPy.commands.process import have_workers, keep_memory
from difPy.commands.telling import gathered, require_free, say, show, tell, write
from difPy.errors import NothingCompared, UsageError
from difPy.files import UNSUPPORTED
from difPy.options import FILES
from difPy.private import DECISIONS, user_folder
from difPy.terminal import number, shown, size

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from difPy.act import Decisions
    from difPy.found import Found
    from difPy.library import Library
    from difPy.model import Failure, Group

DONE, FOUND, FAILED = 0, 1, 3


def indexed(
    options: argparse.Namespace,
    directories: Sequence[str],
    reference: Sequence[str] | None = None,
    *,
    decode: bool = True,
) -> Library:
    """The pictures below some directories, or the files, if none is to be decoded; what could not be read is told.

    References are those asked for, or these.
    """
    from difPy import api, report

    cache = False if options.no_cache else options.cache
    keep_memory()
    if decode:
        have_workers(options.processes, cache)
    with shown(not options.quiet) as progress:
        library = api.index(
            *directories,
            reference=options.reference if reference is None else reference,
            recursive=not options.no_recursion,
            limit_extensions=not options.all_files,
            px_size=options.px_size,
            processes=options.processes,
            cache=cache,
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
    tell_unread([failure for failure in library.failures if failure.reason != UNSUPPORTED], options)
    if library.left_out:
        tell(report.passed_over(library.left_out))
    return library


def by_bytes(options: argparse.Namespace) -> bool:
    """Whether only bytes are compared."""
    return bool(options.similarity == FILES)


def searchable(
    options: argparse.Namespace, directories: Sequence[str], reference: Sequence[str] | None = None
) -> Library:
    """What is below some directories, looked at as closely as the search needs it."""
    decode = not by_bytes(options) or options.min_pixels not in (0, "0")
    return indexed(options, directories, reference, decode=decode)


def tell_unread(failures: Sequence[Failure], options: argparse.Namespace) -> None:
    """Name what could not be read, and why."""
    causes = [(failure.path, failure.reason) for failure in failures]
    for line in gathered(causes, "not compared", every=options.verbose):
        tell(line)


def matches(options: argparse.Namespace) -> dict[str, Any]:
    """What says when two pictures match."""
    return {
        "similarity": options.similarity,
        "rotate": not options.no_rotate,
        "lazy": not options.any_dimensions,
        "same_dim": True if options.same_dimensions else None,
        "mirror": options.mirror,
        "processes": options.processes,
    }


def searched(options: argparse.Namespace) -> Found:
    """What a search finds; what it could not read is told."""
    require_free(options.output, force=options.force)
    library = searchable(options, options.directory)
    if getattr(options, "fail_on_duplicates", False):
        require_pictures(library)
    return matched(options, library)


def matched(options: argparse.Namespace, library: Library) -> Found:
    """What a search finds in a library; what can no longer be read is told."""
    from difPy import api
    from difPy.group import is_reference

    with shown(not options.quiet) as progress:
        settled = api.find(
            library,
            **matches(options),
            in_folder=options.in_folder,
            only_reference=getattr(options, "only_reference", False),
            keep=options.keep,
            decisions=_decisions(),
            progress=progress,
            warn=tell,
        )
    tell_unread(settled.failures, options)
    referred = int(is_reference(library.pictures, library.references).sum())
    beside = f", {referred:,} of them of the reference" if library.references else ""
    tell(f"compared {number(settled.searched, 'file' if by_bytes(options) else 'picture')}{beside}")
    return settled


def _decisions() -> Decisions | None:
    """What a person has decided. Most have decided nothing: then the room that acts need not be loaded."""
    if not os.path.lexists(os.path.join(user_folder("state"), DECISIONS)):
        return None
    from difPy.act import Decisions

    return Decisions()


def require_pictures(library: Library) -> None:
    """Refuse to let pass what was not compared.

    Raises
    ------
    NothingCompared
    """
    from difPy.protection import empty

    files = library.pictures
    links = [((*hard, *symbolic), (), linked) for hard, symbolic, linked in files.links.values()]
    for one in empty((*library.roots, *library.references), files.roots, links):
        raise NothingCompared(f'no picture was found in "{one}": nothing there was compared, and that is no pass')


def index(options: argparse.Namespace) -> int:
    """`difpy index`."""
    library = indexed(options, options.directory)
    others = number(len(library.failures), "other file")
    say(f"{number(len(library), 'picture')}, {library.decoded:,} decoded; {others}.")
    return DONE


def find(options: argparse.Namespace) -> int:
    """`difpy find`."""
    from difPy import columns, report

    kind = options.format or kind_of(options.output)
    if options.only_reference and not options.reference:
        raise UsageError("--only-reference says to compare with a reference alone: name it with --reference DIRECTORY")
    if kind == "parquet":
        if options.output is None and sys.stdout.isatty():
            raise UsageError("Parquet is nothing to read: say where it goes, -o FILE")
        columns.require()
    found = searched(options)
    if kind == "parquet":
        write(options.output, found.to_parquet(), force=options.force)
    elif by_bytes(options):
        _put(options, kind, found.groups)
    else:
        from difPy.told import told

        _put(options, kind, told(found.groups, processes=options.processes))
    if options.parts:
        write(options.parts if options.parts != "-" else None, report.shared_parts(found.shared), force=options.force)
    elif found.shared:
        tell(f"{number(len(found.shared), 'pair')} beside the groups show the same, at least in part (--parts -)")
    return FOUND if found.groups and options.fail_on_duplicates else DONE


def kind_of(output: str | None) -> str:
    """The format that the name of a file asks for."""
    extension = os.path.splitext(output or "")[1][1:].lower()
    return extension if extension in ("json", "jsonl", "csv", "parquet") else "text"


def _put(options: argparse.Namespace, kind: str, groups: Sequence[Group]) -> None:
    """Groups in a format, to a file or standard output; as tables where a person looks at them."""
    from difPy import report

    if kind != "text" or options.output is not None or not sys.stdout.isatty():
        write(options.output, report.FORMATS[kind](groups), force=options.force)
        return
    if groups:
        show(groups)
        say("")
    for line in report.totals(groups):
        say(line)


def cache(options: argparse.Namespace) -> int:
    """`difpy cache`."""
    from difPy import decode, sources, store

    with store.open_index(options.cache, px_size=50, decoders=decode.decoders(), warn=tell) as opened:
        if options.what == "prune":
            gone = opened.prune(sources.Gone() if options.remote else None)
            say(f"Forgotten: {gone.files:,} files, {gone.pictures:,} pictures, {gone.failures:,} failures.")
            say(f"{size(gone.size)} freed.")
        elif options.what == "clear":
            opened.clear()
            say("The index is empty.")
        info = opened.info()
    say(f"{info.path}: {size(info.size)}, {info.files:,} files, {info.failures:,} that are no pictures")
    for (px_size, decoders), count in info.pictures.items():
        say(f"  {count:,} pictures at px_size {px_size} ({decoders})")
    for method, (count, held) in info.findings.items():
        say(f"  {method}: {count:,} entries, {size(held)}")
    for path in info.set_aside:
        say(f"  set aside, damaged: {path}")
    return DONE
