"""Text and a width in; lines out that are no wider, with no word broken in two."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

_SPACES, _FOLDERS = "(?<= )(?<!MSE )(?!%)", f"(?<=[{re.escape('/' + os.sep)}])"
"""Where a text, and a path, may be broken: a number stays with what it is a number of, and what stands for a sign that
is not shown, as \\u200b, in one piece."""
_ELLIPSIS = "..."
_USUAL = 80
_PLAIN = str.maketrans({"\N{MULTIPLICATION SIGN}": "x", "\N{DEGREE SIGN}": " degrees"})
"""Our own words, where a terminal has no such signs."""


def columns(stream: TextIO) -> int:
    """How wide a terminal is; 80 where it does not say."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    for one in filter(None, (stream, sys.__stdout__)):
        with contextlib.suppress(OSError, ValueError):  # it is no terminal, or closed
            return os.get_terminal_size(one.fileno()).columns or _USUAL
    return _USUAL


def width(text: str) -> int:
    """How many columns of a terminal a text takes: two for a sign of Chinese, none for an accent.

    Examples
    --------
    >>> width("night"), width("夜景"), width("é")
    (5, 4, 1)
    """
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def elided(text: str, most: int) -> str:
    """A text without its middle, where it is too wide: what it begins with says least.

    Examples
    --------
    >>> elided("a very long name of a picture.jpg", 20)
    'a ver...picture.jpg'
    """
    if width(text) <= most:
        return text
    room = max(most - len(_ELLIPSIS), 2)
    start, end = text, text
    while width(start) > max(room // 3, 1):
        start = start[:-1]
    while width(end) > room - room // 3:
        end = end[1:]
    return f"{start.rstrip()}{_ELLIPSIS}{end.lstrip()}"


def wrapped(text: str, most: int) -> list[str]:
    """Lines of a text: broken between words, and a path that is longer than a line between folders.

    Examples
    --------
    >>> wrapped("Kept because it has more pixels.", 20)
    ['Kept because it has', 'more pixels.']
    """
    return _broken(text, most, (_SPACES, _FOLDERS))


def folded(path: str, most: int) -> list[str]:
    """Lines of a path: broken between folders; of a name that is longer than a line the middle is left out.

    Examples
    --------
    >>> folded("Summer 2024/Lake Garda/IMG_4221.jpg", 24)
    ['Summer 2024/Lake Garda/', 'IMG_4221.jpg']
    >>> folded("Summer 2024/a very long name of a picture.jpg", 20)
    ['Summer 2024/', 'a ver...picture.jpg']
    """
    return _broken(path, most, (_FOLDERS,))


def hanging(text: str, most: int, indent: int = 2) -> list[str]:
    """The same as `wrapped`, each line but the first a little to the right: a list of sentences is seen to be one.

    Examples
    --------
    >>> hanging("difpy: nothing was done", 16)
    ['difpy: nothing', '  was done']
    """
    first, *rest = wrapped(text, most) if width(text) <= most else wrapped(text, most - indent)
    return [first, *(" " * indent + line for line in rest)]


def plain(stream: TextIO, text: str) -> str:
    """Our own words as a terminal can show them."""
    try:
        text.encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return text.translate(_PLAIN)
    return text


def _broken(text: str, most: int, places: tuple[str, ...]) -> list[str]:
    if width(text) <= most:
        return [text]
    lines, line = [], ""
    for piece in re.split(places[0], text):
        if width((line + piece).rstrip()) <= most:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
        if width(piece.rstrip()) <= most:
            line = piece
        elif len(places) > 1:
            *before, line = _broken(piece.rstrip(), most, places[1:])
            lines += before
            line += " "
        else:
            line = elided(piece.rstrip(), most)
    return [*lines, line.rstrip()] if line.strip() or not lines else lines
