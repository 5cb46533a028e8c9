"""What a terminal shows: progress reports in, a bar with count, rate and time left out; any text in, one line out."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from difPy.model import silent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from difPy.model import Progress

_REDRAW = 0.1  # seconds between two looks at a count
_NOTEBOOKS = {"ipykernel", "marimo", "pyodide_kernel", "xeus_python_shell"}
"""Packages whose standard error is no terminal, and is shown to a person: Jupyter, VS Code, Colab, Spyder, ..."""


@contextmanager
def shown(show: bool) -> Iterator[Progress]:
    """A `Progress` that draws on standard error; silent if not asked for, or if nobody could see it.

    Parameters
    ----------
    show : bool
        Whether the user wants to see progress.
    """
    stream = sys.stderr
    if show and stream is not None and stream.isatty():
        with _bars() as progress:
            yield progress
    elif show and type(stream).__module__.partition(".")[0] in _NOTEBOOKS:
        with _line(stream) as progress:
            yield progress
    else:
        yield silent


@contextmanager
def _bars() -> Iterator[Progress]:
    """Bars of a terminal: that of the phase that goes on."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    bars = Bars(
        TextColumn("difPy {task.description:<17}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    tasks: dict[str, TaskID] = {}
    due = 0.0

    def progress(phase: str, done: int, total: int | None = None) -> None:
        nonlocal due
        now = time.monotonic()
        if phase in tasks and now < due and done != total:
            return
        due = now + _REDRAW
        if phase not in tasks:
            for task in tasks.values():
                bars.update(task, visible=False)
            tasks[phase] = bars.add_task(phase, total=total, rate="")
        speed = bars.tasks[tasks[phase]].speed
        bars.update(tasks[phase], completed=done, total=total, rate=f"{speed:,.0f}/s" if speed else "")

    with bars:
        yield progress


@contextmanager
def _line(stream: TextIO) -> Iterator[Progress]:
    """One line that is written over, of plain text: all that every notebook shows."""
    last, due, width = "", 0.0, 0

    def progress(phase: str, done: int, total: int | None = None) -> None:
        nonlocal last, due, width
        now = time.monotonic()
        if phase == last and now < due and done != total:
            return
        last, due = phase, now + _REDRAW
        text = f"difPy {phase} {done:,}" + ("" if total is None else f" of {total:,}")
        stream.write(f"\r{text:<{width}}")
        stream.flush()
        width = max(width, len(text))

    try:
        yield progress
    finally:
        stream.write(f"\r{'':{width}}\r")
        stream.flush()


def printable(text: str) -> str:
    r"""Text that stays on its line, whatever is in a file name.

    Examples
    --------
    >>> printable("a\nb \udcff")
    'a\\nb \\udcff'
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def short(path: str, most: int = 160) -> str:
    """A path on one line, its middle left out where it is too long to read.

    Examples
    --------
    >>> short("a/very/long/path/to/picture.jpg", most=20)
    'a/ver...icture.jpg'
    """
    shown = printable(path)
    return shown if len(shown) <= most else f"{shown[: most // 4]}...{shown[-most // 2 :]}"


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
