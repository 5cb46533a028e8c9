"""Parsed arguments of a verb for pictures past one machine in; a run, groups or a step, and an exit code, out."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from difPy.commands.telling import gathered, require_free, tell, write
from difPy.commands.verbs import DONE, FOUND, kind_of
from difPy.errors import RunRefused, UsageError
from difPy.files import UNSUPPORTED
from difPy.terminal import number, printable, shown

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from difPy.cloud import Executor
    from difPy.model import Failure

_PLACE = "where the run is kept: a folder that all machines see, or s3://bucket/run"
_FORMAT = "what is written; default: what the name of the output says, or text"
_RANK = re.compile(r"(\d+)/(\d+)", re.ASCII)


def add(to: Any, verb: Callable[..., argparse.ArgumentParser], *parents: argparse.ArgumentParser) -> None:
    """Add the verbs to a parser."""
    cloud = verb(to, "cloud", find)  # which each of the two replaces by its own
    what = cloud.add_subparsers(metavar="index|find", required=True)

    found = what.add_parser("index", help="list pictures, and decode them part by part", parents=parents)
    found.set_defaults(run=index)
    found.add_argument("pictures", nargs="+", help="directories, tars, Parquet files, lists; here or on a store")
    found.add_argument("--to", metavar="PLACE", required=True, help=_PLACE)
    found.add_argument("--reference", metavar="PLACE", action="append", default=[], help="compare with this, too")
    found.add_argument("--px-size", type=int, default=50, metavar="N", help="size of comparison; default: 50")
    found.add_argument("--part", type=int, default=2048, metavar="N", help="files decoded in a step; default: 2048")
    found.add_argument("--all-files", action="store_true", help="try files of every extension")
    found.add_argument("--only-list", action="store_true", help="decode nothing: that is for difpy step decode")
    _who(found)

    found = what.add_parser("find", help="find pictures of a run that match", parents=parents)
    found.set_defaults(run=find)
    found.add_argument("place", help=_PLACE)
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
    _who(found)

    found = verb(to, "step", step)
    found.add_argument("name", choices=("decode",), help="decode: the parts of a run that are listed")
    found.add_argument("place", help=_PLACE)
    found.add_argument("--rank", metavar="K/N", required=True, help="which share of the work this is, from 0/N on")
    found.add_argument("--processes", type=int, metavar="N", help="cores it may use; default: all it is given")


def _who(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("who does it").add_argument
    add("--ray", metavar="ADDRESS", nargs="?", const="auto", help="a Ray cluster; default: the one this machine is of")
    add("--workers", type=int, metavar="N", help="steps at a time on it; default: as many as it has cores")
    add("--processes", type=int, metavar="N", help="cores of each step, or of this machine; default: 1, or all")
    add("--quiet", action="store_true", help="show no progress")


def _executor(options: argparse.Namespace) -> Executor | None:
    if options.ray is None:
        return None
    from difPy.cloud.on_ray import Ray

    return Ray(options.ray, options.workers, options.processes or 1)


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

    kind = options.format or kind_of(options.output)
    if kind == "parquet" and options.output is None and sys.stdout.isatty():
        raise UsageError("Parquet is nothing to read: say where it goes, -o FILE")
    require_free(options.output, force=options.force)
    with shown(not options.quiet) as progress:
        found = cloud.find(
            options.place,
            options.similarity,
            rotate=not options.no_rotate,
            mirror=options.mirror,
            lazy=not options.any_dimensions,
            same_dim=True if options.same_dimensions else None,
            in_folder=options.in_folder,
            keep=options.keep,
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


def step(options: argparse.Namespace) -> int:
    """`difpy step`."""
    from difPy import cloud
    from difPy.model import cores

    share = _RANK.fullmatch(options.rank)
    rank, count = map(int, share.groups()) if share else (0, 0)
    if rank >= count:
        raise UsageError(f"--rank must be K/N with K below N, as 3/1000, not {options.rank!r}")
    run = cloud.Run.read(options.place)
    mine = [part for part in cloud.undone(run) if part % count == rank]
    for part in mine:
        if (why := cloud.decoded(run, options.processes or cores(), part)) is not None:
            raise RunRefused(why)
    print(printable(f"{number(len(mine), 'part')} decoded: {run.place}"))
    return DONE


def _tell_unread(failures: Sequence[Failure]) -> None:
    causes = [(failure.path, failure.reason) for failure in failures if failure.reason != UNSUPPORTED]
    for line in gathered(causes, "not compared"):
        tell(line)
