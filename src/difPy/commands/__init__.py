"""The verbs of the command (`difpy find`, `plan`, `apply`, `undo`, ...): their arguments and what they run."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from difPy.commands import acting, clouding, comparing, completion, reviewing, settings, stepping, verbs
from difPy.commands.parsing import Asked, Parser, Replacing
from difPy.commands.telling import tell

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

VERBS = {
    "find": "find pictures that match",
    "new": "list what an archive does not have yet",
    "index": "look at pictures, and remember them",
    "query": "find what matches some pictures",
    "review": "look at what was found, decide, and have it done: in the browser",
    "report": "write a page to keep of what was found, with the pictures in it",
    "calibrate": "say which threshold fits these pictures, if one does",
    "plan": "decide what becomes of what is not kept",
    "apply": "carry out a plan",
    "undo": "take back what a plan did",
    "journal": "list what was done, or mend what a crash cut off",
    "distinct": "remember that these pictures are no duplicates",
    "cloud": "look at more pictures than one machine holds, and find those that match",
    "step": "one share of a run of many machines, for Slurm and such",
    "cache": "the index: what it holds; make it smaller; empty it",
    "config": "what you have set once for all, and where",
    "completion": "what a shell needs to complete this command",
    "help": "say more of a verb",
}
NAMES = frozenset(VERBS)
"""A first argument that is none of these is a folder, an option of the documented command, or a mistake."""
_EXAMPLES = {
    "find": """\
  difpy find Pictures
  difpy find Pictures --reference Archive -s similar      what the archive has already
  difpy find Pictures --exclude '*.tif' -o found.csv
  difpy find train --reference test --only-reference --fail-on-duplicates
  difpy find s3://bucket/shard-*.tar -o groups.parquet    data sets, too: tars, Parquet, object stores
""",
    "index": "  difpy index Pictures                                    later searches only look at what is new\n",
    "new": "  difpy new Phone --reference Archive -s similar\n",
    "query": """\
  difpy query IMG_1.jpg IMG_2.jpg Archive -s similar
  difpy query Phone --reference Archive --format csv      all pictures of a directory
""",
    "review": """\
  difpy review Pictures -s similar
  difpy review found.jsonl                                what difpy find --format jsonl has written
""",
    "report": "  difpy report Pictures -s similar -o found.html\n",
    "calibrate": "  difpy calibrate Pictures -o near.html                   and a page with the pairs nearest to it\n",
    "plan": """\
  difpy plan Pictures -a trash -o plan.json
  difpy plan Pictures Archive -a move --to Duplicates --keep folder=Archive -o plan.json
  difpy plan Pictures -a delete --format csv              a table, to look at
""",
    "apply": "  difpy apply plan.json --dry-run\n  difpy apply plan.json\n",
    "undo": "  difpy undo                                              the newest job; it asks first\n",
    "journal": "  difpy journal\n  difpy journal --recover\n",
    "distinct": "  difpy distinct Pictures/a.jpg Pictures/b.jpg\n",
    "cloud": """\
  difpy cloud index 's3://bucket/shards/*.tar' --to s3://bucket/run --ray
  difpy cloud find s3://bucket/run -s similar --ray -o groups.parquet
""",
    "step": """\
  difpy cloud index Pictures --to /shared/run --only-list
  difpy step decode /shared/run --rank 3/1000
  difpy cloud find /shared/run -s similar --only-order --workers 1000
  difpy step rows /shared/run --rank 3/1000               then cut, scatter, fill, plan
  difpy step join /shared/run --rank 3/1000
  difpy cloud find /shared/run -s similar -o groups.parquet
""",
    "cache": "  difpy cache info\n  difpy cache prune\n",
    "config": "  difpy config --show\n",
    "completion": """\
  difpy completion bash > ~/.local/share/bash-completion/completions/difpy
  difpy completion zsh > ~/.zfunc/_difpy                  a folder of your fpath
  difpy completion fish > ~/.config/fish/completions/difpy.fish
""",
    "help": "  difpy help find\n",
}
_ACTIONS = ("trash", "move", "delete", "hardlink", "symlink", "reflink")
_POLICIES = (
    "best, documented, resolution, lossless, metadata, oldest, newest, shortest, whole, size, folder=PATH, path=PATTERN"
)


def run(arguments: Sequence[str], elsewhere: Callable[[], Container[str]] = tuple) -> int:
    """Run a verb; returns the exit code.

    Parameters
    ----------
    arguments : sequence of str
        The verb first.
    elsewhere : callable, optional
        Makes the names of the options of the documented command.
    """
    name = arguments[0]
    found = settings.read() if "--no-config" not in arguments and name in _SET else {}
    known = by_name(parser(_SET if found else (name,)))
    if found:
        _set(found, known)
    options = known[name].parse(arguments[1:], elsewhere)
    return int(options.run(options))


def _set(found: dict[str, settings.Setting], known: dict[str, Parser]) -> None:
    """Make what is set the defaults; what somebody else may have written into a project is said."""
    settings.apply(found, {name: known[name] for name in _SET})
    theirs = [name for name, setting in found.items() if setting.where != settings.own_file()]
    if theirs:
        tell(f'"{found[theirs[0]].where}" sets {", ".join(theirs)} (--no-config passes over it)')


def parser(names: Container[str] = NAMES) -> Parser:
    """Parser of verbs; each sets `run`, which takes the arguments and returns the exit code."""
    top = Parser(prog="difpy", description="Find duplicate and similar pictures, and act on them.")
    to = Asked(top.add_subparsers(metavar="VERB", required=True), names)
    where = Parser(add_help=False)
    where.add_argument("directory", nargs="+", help="directories, or single files")
    output = Parser(add_help=False)
    output.add_argument("-o", "--output", metavar="FILE", help="write there instead of to standard output")
    output.add_argument("--force", action="store_true", help="write over a file that is there")
    gate = "exit with 1 if anything was found, and with 3 if there was nothing to compare"
    every = Parser(add_help=False)
    every.add_argument("-v", "--verbose", action="store_true", help="name every file, also where many have one cause")
    look, match = _looking(), _matching()

    verb = _verb(to, "find", verbs.find, where, look, match, output, every)
    formats = ("text", "json", "jsonl", "csv", "junit", "parquet")
    verb.add_argument("--format", choices=formats, help="what is written; default: as the file's name ends, or text")
    parts = (
        "write pairs beside the groups that share a part, or all, there (- is standard output): with -s copies or deep"
    )
    verb.add_argument("--parts", metavar="FILE", help=parts)
    verb.add_argument("--only-reference", action="store_true", help="only what matches a picture of a reference")
    verb.add_argument("--fail-on-duplicates", action="store_true", help=gate)

    verb = _verb(to, "new", comparing.new, where, look, match, output, every)
    verb.add_argument("--format", choices=("text", "json", "jsonl", "csv"), default="text", help="default: text")

    _verb(to, "index", verbs.index, where, look, every)

    verb = _verb(to, "query", comparing.query, look, match, output, every)
    verb.add_argument("path", nargs="+", help="pictures to look for, and directories to look in, if no --reference is")
    verb.add_argument("--format", choices=("text", "json", "jsonl", "csv"), default="text", help="default: text")
    verb.add_argument("--fail-on-duplicates", action="store_true", help=gate)

    reviewing.add(to, _verb, look, match, every)

    verb = _verb(to, "plan", acting.plan, where, look, match, _deciding(), output, every)
    verb.add_argument("--format", choices=("json", "sh", "csv"), default="json", help="json is what apply reads")

    verb = _verb(to, "apply", acting.apply, every)
    verb.add_argument("plan", help="a file that difpy plan wrote")
    verb.add_argument("--dry-run", action="store_true", help="compare all with the disk, and change nothing")
    verb.add_argument("--yes", action="store_true", help="do not ask before what cannot be undone")
    verb.add_argument("--journal", metavar="FILE", help="the journal to write; default: one in the state folder")

    verb = _verb(to, "undo", acting.undo, every)
    verb.add_argument("journal", nargs="?", help="default: the newest")
    verb.add_argument("--yes", action="store_true", help="do not ask whether the newest is meant")

    verb = _verb(to, "journal", acting.journal)
    verb.add_argument("--recover", action="store_true", help="end, or take back, what was cut off")

    verb = _verb(to, "distinct", acting.distinct)
    verb.add_argument("picture", nargs="+", help="all pictures of a group")
    verb.add_argument("--forget", action="store_true", help="take that back")

    clouding.add(to, _verb, every)
    stepping.add(to, _verb)

    verb = _verb(to, "cache", verbs.cache)
    verb.add_argument("what", choices=("info", "prune", "clear"))
    verb.add_argument("--cache", metavar="PATH", help="the index; default: the user's")
    verb.add_argument("--remote", action="store_true", help="of prune: ask tars, Parquet and stores, too")

    verb = _verb(to, "config", _config)
    verb.add_argument("--show", action="store_true", help="what is set, and where: as without it")

    verb = _verb(to, "completion", completion.script)
    verb.add_argument("shell", choices=completion.SHELLS)

    verb = _verb(to, "help", _help)
    verb.add_argument("verb", choices=sorted(NAMES), metavar="VERB", help="one of the verbs")
    return top


def by_name(top: Parser) -> dict[str, Parser]:
    """The parser of each verb."""
    (verbs,) = (action.choices for action in top._actions if isinstance(action.choices, dict))
    return verbs


_SET = ("find", "new", "index", "query", "review", "report", "calibrate", "plan")
"""Verbs whose options may be set in a file."""


def _config(options: argparse.Namespace) -> int:
    """`difpy config`."""
    for line in settings.lines(settings.read()):
        print(line)
    known = by_name(parser())
    print(f"\nYour own file: {settings.own_file()}\nOf a project: the table [tool.difpy] in its pyproject.toml")
    print(f"What can be set: {', '.join(settings.names(known[name] for name in _SET))}")
    settings.apply(settings.read(), {name: known[name] for name in _SET})
    return verbs.DONE


def _help(options: argparse.Namespace) -> int:
    """`difpy help VERB`."""
    by_name(parser((options.verb,)))[options.verb].print_help()
    return verbs.DONE


def _verb(
    to: Any, name: str, run: Callable[[argparse.Namespace], int], *parents: argparse.ArgumentParser
) -> argparse.ArgumentParser:
    words = VERBS[name]
    verb: argparse.ArgumentParser = to.add_parser(
        name, help=words, description=words.capitalize() + ".", parents=parents, examples=_EXAMPLES[name]
    )
    verb.set_defaults(run=run)
    return verb


def _looking() -> argparse.ArgumentParser:
    options = Parser(add_help=False)
    add = options.add_argument_group("looking at pictures").add_argument
    add("--reference", metavar="DIR", action="append", default=[], help="compare with this too; it is never touched")
    add("--no-recursion", action="store_true", help="leave subdirectories out")
    add("--exclude", metavar="PATTERN", action="append", default=[], help="leave this out, by the rules of .gitignore")
    add("--no-default-excludes", action="store_true", help="look into thumbnails and other programs' libraries, too")
    add("--min-size", metavar="BYTES", default=0, help="leave smaller files out: 10k, 1.5MB")
    add("--min-pixels", metavar="N", default=0, help="leave smaller pictures out: 300000, 640x480")
    add("--max-depth", type=int, metavar="N", help="how deep to look: 1 is what lies directly in a directory")
    add("--newer-than", metavar="WHEN", help="only what was changed since: 2026-01-31, or 12h, 30d, 2w, 6m, 1y")
    add("--all-files", action="store_true", help="try files of every extension")
    add("--px-size", type=int, default=50, metavar="N", help="size at which pictures are compared; default: 50")
    add("--processes", type=int, metavar="N", help="worker processes; default: all cores")
    add("--exact", action="store_true", help="decode every picture in full, not only those that may match another")
    add("--cache", metavar="PATH", help="the index; default: the user's")
    add("--no-cache", action="store_true", help="remember nothing")
    add("--no-config", action="store_true", help="as if nothing were set: see difpy config")
    add("--quiet", action="store_true", help="show no progress")
    return options


def _matching() -> argparse.ArgumentParser:
    options = Parser(add_help=False)
    add = options.add_argument_group("matching").add_argument
    kinds = (
        "duplicates (default), similar, or the greatest MSE; copies or deep: similar, and altered copies; "
        "files: those of the same bytes, for which no picture is decoded"
    )
    add("-s", "--similarity", default="duplicates", help=kinds)
    add("--no-rotate", action="store_true", help="turned copies do not match")
    mirror = "mirrored copies match too; default: for copies and deep"
    add("--mirror", action=argparse.BooleanOptionalAction, default=None, help=mirror)
    add("--any-dimensions", action="store_true", help="duplicates may differ in dimensions")
    add("--same-dimensions", action="store_true", help="similar pictures must not")
    add("--in-folder", action="store_true", help="search each directory separately")
    add("--keep", metavar="POLICY", action=Replacing, default=[], help=f"what to keep, in order: {_POLICIES}")
    return options


def _deciding() -> argparse.ArgumentParser:
    options = Parser(add_help=False)
    add = options.add_argument_group("deciding").add_argument
    add("-a", "--action", choices=_ACTIONS, required=True, help="what to do with them")
    add("--to", metavar="DIRECTORY", help="where to move them")
    add("--keep-structure", action="store_true", help="keep the folders when moving")
    add("--protect", metavar="PATTERN", action="append", default=[], help="never touch this")
    sidecars = ("with", "hold", "leave")
    add("--sidecars", choices=sidecars, default="with", help="what becomes of .xmp files and such")
    merge = "write what the others say (rating, keywords, place, ...) to an XMP file beside the kept picture"
    add("--merge-metadata", action="store_true", help=merge)
    add = options.add_argument_group("altered copies").add_argument  # no file sets what says that more may go
    altered = "act on altered copies, and nothing else: those of which the kept one shows all"
    add("--altered", action="store_true", help=altered)
    even = "with --altered: this may go although it shows more than the kept one"
    add("--even", metavar="PATTERN", action="append", default=[], help=even)
    return options
