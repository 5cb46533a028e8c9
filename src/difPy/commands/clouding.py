"""Parsed arguments of a verb for pictures past one machine in; a run or groups, and an exit code, out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from difPy.commands.telling import gathered, require_free, tell, write
from difPy.commands.verbs import DONE, FOUND, kind_of
from difPy.errors import UsageError
from difPy.files import UNSUPPORTED
from difPy.terminal import number, printable, shown

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from difPy.cloud import Executor
    from difPy.model import Failure

PLACE = "where the run is kept: a folder that all machines see, or s3://bucket/run"
_FORMAT = "what is written; default: what the name of the output says, or text"


def add(to: Any, verb: Callable[..., argparse.ArgumentParser], *parents: argparse.ArgumentParser) -> None:
    """Add the verbs to a parser."""
    cloud = verb(to, "cloud", find)  # which each of the two replaces by its own
    what = cloud.add_subparsers(metavar="index|find", required=True)

    found = what.add_parser("index", help="list pictures, and decode them part by part", parents=parents)
    found.set_defaults(run=index)
    found.add_argument("pictures", nargs="+", help="directories, tars, Parquet files, lists; here or on a store")
    found.add_argument("--to", metavar="PLACE", required=True, help=PLACE)
    found.add_argument("--reference", metavar="PLACE", action="append", default=[], help="compare with this, too")
    found.add_argument("--px-size", type=int, default=50, metavar="N", help="size of comparison; default: 50")
    found.add_argument("--part", type=int, default=2048, metavar="N", help="files decoded in a step; default: 2048")
    found.add_argument("--all-files", action="store_true", help="try files of every extension")
    found.add_argument("--only-list", action="store_true", help="decode nothing: that is for difpy step decode")
    _who(found)

    found = what.add_parser("find", help="find pictures of a run that match", parents=parents)
    found.set_defaults(run=find)
    found.add_argument("place", help=PLACE)
    found.add_argument("-s", "--similarity", default="duplicates", help="duplicates (default), similar, or the MSE")
    found.add_argument("--no-rotate", action="store_true", help="turned copies do not match")
    found.add_argument("--mirror", action="store_true", help="mirrored copies match too")
    found.add_argument("--any-dimensions", action="store_true", help="duplicates may differ in dimensions")
    found.add_argument("--same-dimensions", action="store_true", help="similar pictures must not")
    found.add_argument("--in-folder", action="store_true", help="search each directory separately")
    found.add_argument("--keep", metavar="POLICY", action="append", default=[], help="as for difpy find")
    found.add_argument("--candidates", type=int, default=1000, metavar="N", help="most pairs to compare a picture")
    found.add_argument("--cluster", action="store_true", help="have the cluster join them, even if this machine could")
    found.add_argument("--format", choices=("text", "json", "jsonl", "csv", "parquet"), help=_FORMAT)
    found.add_argument("-o", "--output", metavar="FILE", help="write there instead of to standard output")
    found.add_argument("--force", action="store_true", help="write over a file that is there")
    found.add_argument("--fail-on-duplicates", action="store_true", help="exit with 1 if anything was found")
    found.add_argument("--only-order", action="store_true", help="join nothing: that is for difpy step")
    _who(found)


def _who(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("who does it").add_argument
    add("--ray", metavar="ADDRESS", nargs="?", const="auto", help="a Ray cluster; default: the one this machine is of")
    add("--wait", type=float, metavar="S", help="seconds that --ray local may take to start; default: 180")
    add("--workers", type=int, metavar="N", help="steps at a time on it; default: as many as it has cores")
    add("--processes", type=int, metavar="N", help="cores of each step, or of this machine; default: 1, or all")
    add("--quiet", action="store_true", help="show no progress")


def _executor(options: argparse.Namespace) -> Executor | None:
    if options.ray is None:
        return None
    from difPy.cloud.on_ray import WAIT, Ray

    wait = WAIT if options.wait is None else options.wait
    return Ray(options.ray, options.workers, options.processes or 1, wait=wait)


def index(options: argparse.Namespace) -> int:
    """`difpy cloud index`."""
    from difPy import cloud

    with shown(not options.quiet) as progress:
        run = cloud.index(
            *options.pictures,
            place=options.to,
            reference=options.reference,
            executor=_executor(options),
            px_size=options.px_size,
            part=options.part,
            processes=options.processes,
            limit_extensions=not options.all_files,
            only_list=options.only_list,
            progress=progress,
        )
    left = len(cloud.undone(run))
    state = f"{left:,} of them to be decoded" if left else "all decoded"
    print(printable(f"{number(run.count, 'file')} in {number(run.parts, 'part')}, {state}: {run.place}"))
    return DONE


def find(options: argparse.Namespace) -> int:
    """`difpy cloud find`."""
    from difPy import cloud, report

    asked = {
        "rotate": not options.no_rotate,
        "mirror": options.mirror,
        "lazy": not options.any_dimensions,
        "same_dim": True if options.same_dimensions else None,
        "in_folder": options.in_folder,
        "keep": options.keep,
    }
    if options.only_order:
        join = cloud.order(options.place, options.similarity, **asked, groups=options.workers or 1)
        print(printable("nothing to join" if join is None else f"{number(join.rows, 'picture')} in order: {join.name}"))
        return DONE
    kind = options.format or kind_of(options.output)
    if kind == "parquet" and options.output is None and sys.stdout.isatty():
        raise UsageError("Parquet is nothing to read: say where it goes, -o FILE")
    require_free(options.output, force=options.force)
    with shown(not options.quiet) as progress:
        found = cloud.find(
            options.place,
            options.similarity,
            **asked,
            executor=_executor(options),
            alone=False if options.cluster else None,
            processes=options.processes,
            candidates=options.candidates,
            progress=progress,
            warn=tell,
        )
    _tell_unread(found.failures)
    tell(f"compared {number(found.searched, 'picture')}")
    content = found.to_parquet() if kind == "parquet" else report.FORMATS[kind](found.groups)
    write(options.output, content, force=options.force)
    return FOUND if found.groups and options.fail_on_duplicates else DONE


def _tell_unread(failures: Sequence[Failure]) -> None:
    causes = [(failure.path, failure.reason) for failure in failures if failure.reason != UNSUPPORTED]
    for line in gathered(causes, "not compared"):
        tell(line)
