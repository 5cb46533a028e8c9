"""Sentences, groups, causes, contents in; lines for a person, tables, questions, files and standard output, out."""

from __future__ import annotations

import os
import re
import stat
import sys
from typing import TYPE_CHECKING

from difPy.errors import UsageError, WrongValue
from difPy.terminal import printable
from difPy.terminal.lines import columns, hanging, plain, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from difPy.model import Group

FEW = 3
"""So many files of one cause are named one by one."""
_QUOTED = re.compile(r'"[^"]*"')


def tell(message: str) -> None:
    """Say something that is not the result."""
    _speak(f"difpy: {message}", "", sys.stderr)


def say(message: str, command: str = "") -> None:
    """Say something that is the result: a sentence, and what to type next."""
    _speak(message, command, sys.stdout)


def _speak(message: str, command: str, stream: TextIO) -> None:
    """On one line; on several if a terminal is narrower, but for what is to be copied: that stays whole."""
    line = printable(f"{message} {command}".rstrip())
    room = columns(stream) if stream.isatty() else sys.maxsize
    if width(line) <= room:
        print(line, file=stream)
        return
    for part in hanging(printable(message), room):
        print(part, file=stream)
    if command:
        print(f"  {printable(command)}", file=stream)


def show(groups: Sequence[Group], most: int | None = None) -> None:
    """Groups as a table, on a terminal; of each no more than so many pictures that are not kept."""
    from difPy import listing
    from difPy.terminal import table

    def shown(text: str) -> str:
        return printable(plain(sys.stdout, text))

    table.show(listing.listing(groups, columns(sys.stdout), shown, most), sys.stdout)


def gathered(causes: Iterable[tuple[str, str]], what: str, *, every: bool = False) -> list[str]:
    """Lines that say why things were not done: one for many of the same cause.

    Parameters
    ----------
    causes : iterable of (path, cause)
    what : str
        What became of them: "skipped", "held back".
    every : bool, optional
        Name every path.

    Examples
    --------
    >>> gathered([("a.jpg", "it has changed")], "skipped")
    ['skipped: a.jpg: it has changed']
    >>> gathered([(f"{n}.jpg", f'its keeper "{n}.png" is gone') for n in range(53)], "not restored")
    ['53 not restored: its keeper is gone; the first is 0.jpg (-v lists them)']
    """
    alike: dict[str, list[tuple[str, str]]] = {}
    for path, cause in causes:
        alike.setdefault(_without_names(cause), []).append((path, cause))
    lines = []
    for cause, some in alike.items():
        if every or len(some) <= FEW:
            lines += [f"{what}: {path}: {exactly}" for path, exactly in some]
        else:
            said = {exactly for _, exactly in some}
            words = said.pop() if len(said) == 1 else cause
            lines.append(f"{len(some):,} {what}: {words}; the first is {some[0][0]} (-v lists them)")
    return lines


def _without_names(cause: str) -> str:
    return re.sub(r" ,| +", lambda found: found[0].strip() or " ", _QUOTED.sub("", cause)).strip(" :")


def agreed(question: str, *, yes: bool) -> bool:
    """Whether a person says yes to what cannot be taken back: with --yes, or asked now.

    Raises
    ------
    UsageError
        Nobody is there to be asked.
    """
    if yes:
        return True
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        raise UsageError(f"{question} Nobody can be asked here: look at it, and say --yes")
    lines = hanging(printable(f"difpy: {question} Go on? [y/N]"), columns(sys.stderr) - 2)
    print("\n".join(lines), end=" ", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        return True
    tell("nothing was done")
    return False


def require_free(path: str | None, *, force: bool) -> None:
    """Refuse to write where a file is, unless it may go: before hours of searching.

    Raises
    ------
    WrongValue
        Something is there.
    """
    if path is not None and not force and os.path.lexists(path) and not _is_stream(path):
        raise _taken(path)


def write(path: str | None, content: str | bytes, *, force: bool = False) -> None:
    """To a file, whole or not at all, or to standard output; what a terminal would obey does not reach one."""
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
    if path is None:
        if sys.stdout.isatty():
            text = data.decode("utf-8", "surrogateescape")
            sys.stdout.write("\n".join(map(printable, text.split("\n"))))
            return
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    from difPy.act import write_new

    try:
        if _is_stream(path):
            with open(path, "wb") as stream:
                stream.write(data)
        else:
            write_new(path, data, over=force)
    except FileExistsError:
        raise _taken(path) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        raise WrongValue(f'"{path}" cannot be written: {error.strerror}. Nothing is left there') from None


def _is_stream(path: str) -> bool:
    """Whether it is no file that could be overwritten: a device, as /dev/null is, or a pipe."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    standard = os.path.abspath(path).startswith(("/dev/std", "/dev/fd/", "/proc/self/fd/"))
    return standard or stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _taken(path: str) -> UsageError:
    return WrongValue(f'"{path}" exists already: name another file, or say --force to write over it')
