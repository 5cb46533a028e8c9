"""The verbs of the command (`difpy find`, `plan`, `apply`, `undo`, ...): their arguments and what they run."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from difPy.commands import acting, reviewing, verbs

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = frozenset(
    {"apply", "cache", "calibrate", "distinct", "find", "index", "journal", "plan", "query", "report", "review", "undo"}
)
"""A first argument that is none of these belongs to the documented command."""
_ACTIONS = ("trash", "move", "delete", "hardlink", "symlink", "reflink")
_POLICIES = (
    "best, documented, resolution, lossless, metadata, oldest, newest, shortest, size, folder=PATH or path=PATTERN"
)


def parser() -> argparse.ArgumentParser:
    """Parser of all verbs; each sets `run`, which takes the arguments and returns the exit code."""
    top = argparse.ArgumentParser(prog="difpy", description="Find duplicate and similar pictures, and act on them.")
    to = top.add_subparsers(metavar="VERB", required=True)
    where = argparse.ArgumentParser(add_help=False)
    where.add_argument("directory", nargs="+", help="directories, or single files")
    output = argparse.ArgumentParser(add_help=False)
    output.add_argument("-o", "--output", metavar="FILE", help="write there instead of to standard output")
    look, match = _looking(), _matching()

    _verb(to, "index", verbs.index, "look at pictures, and remember them", where, look)

    verb = _verb(to, "find", verbs.find, "find pictures that match", where, look, match, output)
    formats = ("text", "json", "jsonl", "csv", "junit")
    verb.add_argument("--format", choices=formats, default="text", help="what is written; default: text")
    verb.add_argument("--fail-on-duplicates", action="store_true", help="exit with 1 if anything was found")

    verb = _verb(to, "query", verbs.query, "find what matches some pictures", look, match)
    verb.add_argument("path", nargs="+", help="pictures to look for, and directories to look in")

    verb = _verb(to, "plan", acting.plan, "decide what becomes of what is not kept", where, look, match, output)
    verb.add_argument("-a", "--action", choices=_ACTIONS, required=True, help="what to do with them")
    verb.add_argument("--to", metavar="DIRECTORY", help="where to move them")
    verb.add_argument("--keep-structure", action="store_true", help="keep the folders when moving")
    verb.add_argument("--protect", metavar="PATTERN", action="append", default=[], help="never touch this")
    sidecars = ("with", "hold", "leave")
    verb.add_argument("--sidecars", choices=sidecars, default="with", help="what becomes of .xmp files and such")
    merge = "write what the others say (rating, keywords, place, ...) to an XMP file beside the kept picture"
    verb.add_argument("--merge-metadata", action="store_true", help=merge)
    verb.add_argument("--format", choices=("json", "sh", "csv"), default="json", help="json is what apply reads")

    reviewing.add(to, _verb, look, match)

    verb = _verb(to, "apply", acting.apply, "carry out a plan")
    verb.add_argument("plan", help="a file that difpy plan wrote")
    verb.add_argument("--dry-run", action="store_true", help="compare all with the disk, and change nothing")
    verb.add_argument("--journal", metavar="FILE", help="the journal to write; default: one in the state folder")

    verb = _verb(to, "undo", acting.undo, "take back what a plan did")
    verb.add_argument("journal", nargs="?", help="default: the last one")

    verb = _verb(to, "journal", acting.journal, "list what was done, or mend what a crash cut off")
    verb.add_argument("--recover", action="store_true", help="end, or take back, what was cut off")

    verb = _verb(to, "distinct", acting.distinct, "remember that these pictures are no duplicates")
    verb.add_argument("picture", nargs="+", help="all pictures of a group")
    verb.add_argument("--forget", action="store_true", help="take that back")

    verb = _verb(to, "cache", verbs.cache, "the index: what it holds; make it smaller; empty it", look)
    verb.add_argument("what", choices=("info", "prune", "clear"))
    return top


def _verb(
    to: Any, name: str, run: Callable[[argparse.Namespace], int], words: str, *parents: argparse.ArgumentParser
) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = to.add_parser(
        name, help=words, description=words.capitalize() + ".", parents=parents
    )
    verb.set_defaults(run=run)
    return verb


def _looking() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False)
    add = options.add_argument_group("looking at pictures").add_argument
    add("--reference", metavar="DIR", action="append", default=[], help="compare with this too; it is never touched")
    add("--no-recursion", action="store_true", help="leave subdirectories out")
    add("--all-files", action="store_true", help="try files of every extension")
    add("--px-size", type=int, default=50, metavar="N", help="size at which pictures are compared; default: 50")
    add("--processes", type=int, metavar="N", help="worker processes; default: all cores")
    add("--exact", action="store_true", help="decode every picture in full, not only those that may match another")
    add("--cache", metavar="PATH", help="the index; default: the user's")
    add("--no-cache", action="store_true", help="remember nothing")
    add("--quiet", action="store_true", help="show no progress")
    return options


def _matching() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False)
    add = options.add_argument_group("matching").add_argument
    add("-s", "--similarity", default="duplicates", help="duplicates (default), similar, or the greatest MSE")
    add("--no-rotate", action="store_true", help="turned copies do not match")
    add("--mirror", action="store_true", help="mirrored copies match too")
    add("--any-dimensions", action="store_true", help="duplicates may differ in dimensions")
    add("--same-dimensions", action="store_true", help="similar pictures must not")
    add("--in-folder", action="store_true", help="search each directory separately")
    add("--keep", metavar="POLICY", action="append", default=[], help=f"what to keep, in order: {_POLICIES}")
    return options
