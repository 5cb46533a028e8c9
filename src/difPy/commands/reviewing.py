"""Parsed arguments of a verb that shows what was found; a page, a file, or lines, and an exit code, out."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from difPy.commands.telling import require_free, tell, write
from difPy.commands.verbs import DONE, by_bytes, indexed, matched, searchable
from difPy.errors import UsageError
from difPy.terminal import printable, shown

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable

    from difPy.library import Library
    from difPy.model import Group


_FOUND = "directories; or a file of difpy find or difpy plan"
_FORCE = "write over a file that is there"


def add(to: Any, verb: Callable[..., argparse.ArgumentParser], *parents: argparse.ArgumentParser) -> None:
    """Add the verbs to a parser."""
    found = verb(to, "review", review, *parents)
    found.add_argument("found", nargs="+", metavar="PATH", help=_FOUND)
    deciding = found.add_argument_group("deciding").add_argument
    deciding("--to", metavar="DIRECTORY", help="where pictures are moved to; default: beside the directory")
    deciding("--protect", metavar="PATTERN", action="append", default=[], help="never touch this")
    found.add_argument("--no-browser", action="store_true", help="say the address instead of opening a browser")
    found.add_argument(
        "--idle",
        type=float,
        default=60.0,
        metavar="MINUTES",
        help="end when nobody has looked for so long; default: 60",
    )

    found = verb(to, "report", report, *parents)
    found.add_argument("found", nargs="+", metavar="PATH", help=_FOUND)
    found.add_argument("-o", "--output", metavar="FILE", required=True, help="the page: it ends in .html")
    found.add_argument("--force", action="store_true", help=_FORCE)

    found = verb(to, "calibrate", calibrate, *parents)
    found.add_argument("directory", nargs="+", help="directories, or single files")
    found.add_argument("-o", "--output", metavar="FILE", help="a page with the pairs nearest to it: it ends in .html")
    found.add_argument("--force", action="store_true", help=_FORCE)


def review(options: argparse.Namespace) -> int:
    """`difpy review`."""
    from difPy.page import review as show

    if not 0 < options.idle < 1e6:
        raise UsageError(f"--idle must be a number of minutes above 0, not {options.idle:g}")
    found, library = groups(options)
    try:
        show(
            found,
            browser=not options.no_browser,
            aside=options.to,
            protect=options.protect,
            references=options.reference,
            cache=False if options.no_cache else options.cache,
            processes=options.processes,
            idle=60 * options.idle,
            library=library,
            tell=tell,
        )
    except KeyboardInterrupt:
        tell("the review has ended; what you decided is saved")
    return DONE


def report(options: argparse.Namespace) -> int:
    """`difpy report`."""
    from difPy.reporting import report as written

    require_free(options.output, force=options.force)
    found = list(groups(options)[0])
    with shown(not options.quiet) as progress:
        files = written(
            found,
            options.output,
            write=partial(write, force=options.force),
            over=options.force,
            processes=options.processes,
            progress=progress,
        )
    for one in files:
        print(printable(one))
    return DONE


def calibrate(options: argparse.Namespace) -> int:
    """`difpy calibrate`."""
    from shutil import get_terminal_size

    from difPy.calibration import calibrate as calibrated
    from difPy.calibration.pages import page
    from difPy.calibration.words import text

    require_free(options.output, force=options.force)
    found = indexed(options, options.directory)
    with shown(not options.quiet) as progress:
        measured = calibrated(
            found,
            rotate=not options.no_rotate,
            mirror=bool(options.mirror),
            processes=options.processes,
            progress=progress,
        )
    print(text(measured, get_terminal_size().columns), end="")
    if options.output is not None:
        write(options.output, page(measured, processes=options.processes), force=options.force)
        print(printable(f"The pairs to look at: {options.output}"))
    return DONE


def groups(options: argparse.Namespace) -> tuple[Iterable[Group], Library | None]:
    """What was found: in directories now, or in a file that tells of it."""
    from difPy import results

    files = [path for path in options.found if os.path.isfile(path) and path.endswith((".json", ".jsonl"))]
    if files and len(options.found) > 1:
        raise UsageError(f'"{files[0]}" is a result: name it alone, or name only directories')
    if files:
        return results.opened(files[0]), None
    library = searchable(options, options.found)
    found = matched(options, library).groups
    return found, None if by_bytes(options) else library
