"""Progress reports in; on a terminal, or in a notebook, a bar with count, rate and time left out."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
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
