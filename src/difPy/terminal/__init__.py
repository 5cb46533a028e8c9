"""What a terminal shows: any text in, one line for people out.

progress: how far a run is; lines: text that fits a width; table: rows that do
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

from difPy.terminal.progress import shown

__all__ = ["line", "number", "printable", "shown", "since", "size"]


def printable(text: str) -> str:
    r"""Text that stays on its line, whatever is in a file name.

    Examples
    --------
    >>> printable("a\nb \udcff")
    'a\\nb \\udcff'
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def line(path: str) -> bytes:
    r"""A path as a line of a text file: its bytes as they are, or a JSON string where it holds control characters.

    Examples
    --------
    >>> line("a b.jpg"), line("two\nlines.jpg")
    (b'a b.jpg\n', b'"two\\nlines.jpg"\n')
    """
    if path.startswith('"') or any(ord(character) < 32 or ord(character) == 127 for character in path):
        path = json.dumps(path)
    return os.fsencode(path) + b"\n"


def number(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun.

    Examples
    --------
    >>> number(1, "picture"), number(1_000, "picture"), number(0, "match", "matches")
    ('1 picture', '1,000 pictures', '0 matches')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def since(moment: str) -> str:
    """How long ago something was that has an ISO date, in words.

    Examples
    --------
    >>> since("2020-01-31T12:00:00+00:00"), since(datetime.now(UTC).isoformat()), since("?")
    ('on 2020-01-31', 'just now', '')
    """
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return ""
    seconds = (datetime.now(UTC) - then.astimezone(UTC)).total_seconds()
    if not -60 < seconds < 30 * 86400:
        return f"on {moment[:10]}"
    for length, noun in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= length:
            return f"{number(int(seconds // length), noun)} ago"
    return "just now"


def size(count: float) -> str:
    """A number of bytes for people.

    Examples
    --------
    >>> size(999), size(1_234_567)
    ('999 B', '1.2 MB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
