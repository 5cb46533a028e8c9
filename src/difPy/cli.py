"""The `difPy` command: arguments in; files with the result, a summary to read and an exit code out."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from difPy import __version__, commands
from difPy.commands import completion, process
from difPy.commands.parsing import Parser, meant
from difPy.commands.telling import say, show, tell
from difPy.errors import DifPyError, UsageError, WrongValue
from difPy.files import UNSUPPORTED
from difPy.options import FILES
from difPy.terminal import line, number, printable, size
from difPy.terminal.lines import elided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from difPy import dif
    from difPy.model import Group

DONE, WRONG_USAGE, FAILED = 0, 2, 3
_SHOWN_GROUPS = 10
_LONGEST = 160
"""Signs of a path, in lines."""
_NOUNS = {"duplicates": "duplicate", "similar": "similar picture", "altered": "altered copy"}
_PLURALS = {"altered": "altered copies"}
BROKEN_PIPE = 141  # as a shell says of a program that wrote to nobody
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9]+://")
_EPILOG = """\
exit codes: 0 done, whether or not anything was found; 2 wrong usage; 3 failed; 130 interrupted

examples:
  difpy Pictures                           the same as difpy find Pictures
  difpy -D Pictures                        duplicates below Pictures, with files that tell of them
  difpy -D Pictures Archive -s similar     similar pictures, in both together
  difpy -D Pictures -mv Duplicates         move all but the best of each group to Duplicates
"""


def main_exit() -> NoReturn:
    """Run the command with the arguments of this process, and exit: with 1 only if it is what a gate says."""
    process.open_streams()
    process.end_when_asked()
    # Where products of matrices gain by threads, they are ours. Those that numpy's BLAS would start take 0.04 s.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        code = main(sys.argv[1:])
    except SystemExit as said:  # the help, the version, or what is wrong with the arguments
        code = said.code if isinstance(said.code, int) else DONE
    except Exception:  # a mistake of ours: nobody may take it for something found, which is what Python's own 1 says
        sys.excepthook(*sys.exc_info())
        code = FAILED
    process.end(code)


def main(arguments: Sequence[str]) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str
        Without the name of the program.

    Returns
    -------
    int
        The exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a name that a console cannot show must not stop the run
    if completion.is_asked():
        completion.answer(documented, commands.parser)
    try:
        return _run(arguments)
    except BrokenPipeError:  # nobody reads any more, which is nobody's fault
        return BROKEN_PIPE
    except DifPyError as error:
        tell(str(error))
        return error.exit_code
    except OSError as error:
        tell(str(error))
        return FAILED
    except MemoryError:
        tell("this takes more memory than there is: end other programs, or raise what limits it here (ulimit)")
        return FAILED
    except KeyboardInterrupt as asked:
        tell("stopped")
        return process.code_of(asked)


def _run(arguments: Sequence[str]) -> int:
    """Run a verb, or the documented command, and hand over what it said."""
    try:
        code = _of_a_verb(arguments) if arguments and not arguments[0].startswith("-") else _run_documented(arguments)
    except SystemExit:  # the help, or the version, has been said
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.flush()
        raise
    sys.stdout.flush()
    return code


def _of_a_verb(arguments: Sequence[str]) -> int:
    """Run a verb; a folder or file in its place is to be searched."""
    first = arguments[0]
    if list(arguments) == ["help"]:
        return _run_documented(["--help"])
    if first in commands.NAMES:
        return commands.run(arguments, _documented_options)
    if os.path.lexists(first) or _REMOTE.match(first):
        return commands.run(["find", *arguments], _documented_options)
    there = [name for name in os.listdir() if not name.startswith(".")]
    raise UsageError(
        f"there is no verb {first!r}, and no such folder{meant(first, [*commands.NAMES, *there])} (difpy --help lists "
        "what there is)"
    )


def _documented_options() -> list[str]:
    return documented().all_options()


def documented() -> Parser:
    """Parser of the documented command: of all that begins with no verb."""
    verbs = "\n".join(f"  {name:<11} {words}" for name, words in commands.VERBS.items())
    parser = Parser(
        prog="difpy",
        description="Find duplicate and similar pictures.",
        epilog=f"verbs (difpy VERB --help says more):\n{verbs}\n\n{_EPILOG}",
        usage="difpy [options]\n       difpy VERB ...",
    )
    flag: dict[str, Any] = {"type": _boolean, "metavar": "{True,False}"}
    add = parser.add_argument
    add(
        "-D",
        "--directory",
        nargs="+",
        action="extend",
        default=None,
        help="directories (or files) to search; default: working directory",
    )
    add("-Z", "--output_directory", default=os.curdir, help="where the result files go; default: working directory")
    add("-r", "--recursive", default=True, help="search the subdirectories too; default: True", **flag)
    add("-i", "--in_folder", default=False, help="search each directory separately; default: False", **flag)
    add("-le", "--limit_extensions", default=True, help="only files named as pictures; default: True", **flag)
    add("-px", "--px_size", type=_number, default=50, help="size in pixels at which pictures are compared; default: 50")
    add(
        "-s",
        "--similarity",
        default="duplicates",
        help="files, duplicates, similar, copies, deep, or the greatest MSE; default: duplicates",
    )
    add("-ro", "--rotate", default=True, help="find turned copies; default: True", **flag)
    add("-la", "--lazy", default=True, help="duplicates have the same dimensions; default: True", **flag)
    add("-dim", "--same_dim", default=None, help="matches have the same dimensions; default: as --lazy says", **flag)
    add("-mi", "--mirror", default=None, help="find mirrored copies; default: True for copies and deep", **flag)
    add("-ex", "--exact", default=False, help="decode every picture in full, not only what may match", **flag)
    add("-proc", "--processes", type=_number, default=None, help="number of worker processes; default: all cores")
    add("-ch", "--chunksize", type=_number, default=None, help="for compatibility; the result does not depend on it")
    add("-k", "--keep", metavar="POLICY", action="append", default=[], help="what to keep, in order; default: size")
    add("--exclude", metavar="PATTERN", action="append", default=[], help="leave this out, by the rules of .gitignore")
    add("--no-default-excludes", action="store_true", help="look into thumbnails and other programs' libraries, too")
    add("--reference", metavar="DIR", action="append", default=[], help="compare with this too; it is never touched")
    add("-mv", "--move_to", default=None, help="move the lower quality pictures to this directory")
    add("-d", "--delete", default=False, help="delete the lower quality pictures; default: False", **flag)
    add("-sd", "--silent_del", default=False, help="delete without asking; default: False", **flag)
    add("-p", "--show_progress", default=True, help="show progress; default: True", **flag)
    add("-V", "--version", action="version", version=f"difPy {__version__}")
    return parser


def _boolean(text: str) -> bool:
    answers = dict.fromkeys(("true", "t", "yes", "y", "1"), True) | dict.fromkeys(("false", "f", "no", "n", "0"), False)
    if text.lower() not in answers:
        raise argparse.ArgumentTypeError(f"True or False expected, not {text!r}")
    return answers[text.lower()]


def _number(text: str) -> int | None:
    if text.lower() == "none":
        return None
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a whole number expected, not {text!r}") from None


def _run_documented(arguments: Sequence[str]) -> int:
    options = documented().parse(arguments)
    if options.move_to is not None and options.delete:
        raise UsageError("-mv/--move_to and -d/--delete exclude each other: choose one")
    _make_directory(options.output_directory)
    from difPy.dif import build, search

    start = time.monotonic()
    process.keep_memory()
    if options.similarity != FILES:
        process.have_workers(options.processes, None)
    dif = build(
        options.directory or [os.curdir],
        recursive=options.recursive,
        in_folder=options.in_folder,
        limit_extensions=options.limit_extensions,
        px_size=options.px_size,
        show_progress=options.show_progress,
        processes=options.processes,
        exact=options.exact,
        exclude=options.exclude,
        reference=options.reference,
        default_excludes=not options.no_default_excludes,
        decode=options.similarity != FILES,
    )
    found = search(
        dif,
        similarity=options.similarity,
        rotate=options.rotate,
        lazy=options.lazy,
        show_progress=options.show_progress,
        processes=options.processes,
        chunksize=options.chunksize,
        same_dim=options.same_dim,
        mirror=options.mirror,
        keep=options.keep,
    )
    seconds = time.monotonic() - start
    written = _write(found, options.output_directory)
    _summarise(found, seconds)
    if options.move_to is not None:
        found.move_to(options.move_to)
    elif options.delete:
        found.delete(silent_del=options.silent_del)
    elif found.lower_quality:
        print()
        say("Nothing was changed. To act on it: -mv DIRECTORY moves all but the kept pictures, -d True deletes them.")
    print("\n" + "\n".join(written) + "\n")
    say(f"saved in '{os.path.abspath(options.output_directory)}'.")
    return DONE


def _make_directory(path: str) -> None:
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise WrongValue(f"the output directory {path!r} cannot be used: {error.strerror}") from None


def _write(found: dif.search, directory: str) -> list[str]:
    """Write the three result files; their common timestamp is numbered where it is taken."""
    from difPy.act import write_new

    contents = {
        "results.json": json.dumps(found.result, indent=1).encode(),
        "lower_quality.txt": b"".join(map(line, found.lower_quality)),
        "stats.json": json.dumps(found.stats, indent=1).encode(),
    }
    timestamp = datetime.now().strftime("%Y%m%d%H%M%S")
    number = 1
    while True:
        stamp = timestamp if number == 1 else f"{timestamp}-{number}"
        names = {f"difPy_{stamp}_{name}": content for name, content in contents.items()}
        if not any(os.path.lexists(os.path.join(directory, name)) for name in names):
            break
        number += 1
    for name, content in names.items():
        write_new(os.path.join(directory, name), content)
    return list(names)


def _summarise(found: dif.search, seconds: float) -> None:
    stats = found.stats
    search = stats["process"]["search"]
    from difPy import report

    invalid = stats["invalid_files"]["logs"]
    groups = found._groups
    say(f"Compared {number(search['files_searched'], 'picture')} in {seconds:,.1f} s.")
    if invalid:
        unsupported = sum(reason == UNSUPPORTED for reason in invalid.values())
        unreadable = len(invalid) - unsupported
        kinds = [number(unsupported, "file of another type", "files of other types")] if unsupported else []
        kinds += [number(unreadable, "unreadable one" if unsupported else "unreadable file")] if unreadable else []
        say(f"Left out {' and '.join(kinds)} (the stats say why).")
    if left_out := stats["process"]["build"]["left_out"]:
        say(f"{report.passed_over(left_out)} The stats say where.")
    if not groups:
        say("No matches." if search["files_searched"] else "No pictures were found: look at -D, -r and -le.")
        return
    freed = size(sum(member.file.size for group in groups for member in group.members))
    counts = search["matches_found"].items()
    found_words = " and ".join(number(count, _NOUNS[name], _PLURALS.get(name, "")) for name, count in counts if count)
    say(f"Found {found_words} of {number(len(groups), 'picture')} to keep: {freed} can be freed.")
    print()
    _show(groups[:_SHOWN_GROUPS])
    if len(groups) > _SHOWN_GROUPS:
        say(f"  ... and {number(len(groups) - _SHOWN_GROUPS, 'more group')}, all in the results file")
    if warning := report.more_to_go(groups):
        print()
        say(f"{warning} To keep such: --keep metadata, or --keep best")


def _show(groups: Sequence[Group]) -> None:
    """Some groups, not too many of each: a table on a terminal, and lines elsewhere."""
    if sys.stdout.isatty():
        show(groups, _SHOWN_GROUPS)
        return
    for group in groups:
        print(f"  keep {elided(printable(group.keeper.path), _LONGEST)}  ({size(group.keeper.size)})")
        for member in group.members[:_SHOWN_GROUPS]:
            path = elided(printable(member.file.path), _LONGEST)
            print(f"       {path}  ({size(member.file.size)}, {member.likeness})")
        if len(group.members) > _SHOWN_GROUPS:
            print(f"       ... and {len(group.members) - _SHOWN_GROUPS:,} more")
