"""Rows of cells in; a table out that fits a terminal, of columns as wide as they need and lines that are whole."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from difPy.terminal.lines import width, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TextIO

Line = list[tuple[str, str]]
"""Pieces of a line, each with its style, as rich names it."""
_GAP = 2
_NARROWEST = 8
_DIM = "dim"


@dataclass(frozen=True, slots=True)
class Column:
    """What the cells of a column have in common."""

    title: str
    breaks: Callable[[str, int], list[str]] | None = None
    """Makes lines of a cell that is too wide: see `lines`. None: it is never narrower than its cells."""
    least: int = 0
    """So wide it is, if its cells are, before a column gets in that can be spared."""
    spare: bool = False
    """It is left out where there is no room for it."""
    right: bool = False
    """Its cells stand at its right side."""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row."""

    cells: tuple[str, ...]
    """One for each column."""
    style: str = ""
    below: tuple[tuple[str, str], ...] = ()
    """Sentences that stand below it, each with its style."""
    first: bool = False
    """It begins something: an empty line comes before it, if a row does."""


def fitted(columns: Sequence[Column], rows: Sequence[Row], room: int) -> list[int]:
    """How wide each column is to be: 0 for one that is left out.

    Examples
    --------
    >>> columns = [Column("name", wrapped, 6), Column("size", spare=True), Column("camera", spare=True)]
    >>> fitted(columns, [Row(("a long name", "4.2 MB", "Leica"))], 20)
    [11, 6, 0]
    """
    needs = [max([width(row.cells[at]) for row in rows], default=0) for at in range(len(columns))]
    needs = [need and max(need, width(column.title)) for need, column in zip(needs, columns, strict=True)]
    widths = [
        0 if column.spare else min(need, column.least) if column.breaks else need
        for need, column in zip(needs, columns, strict=True)
    ]
    left = room - sum(widths) - _GAP * (sum(map(bool, widths)) - 1)
    for at, column in enumerate(columns):
        if column.spare and 0 < needs[at] + _GAP <= left:
            widths[at] = needs[at]
            left -= needs[at] + _GAP
    elastic = [at for at, column in enumerate(columns) if widths[at] and column.breaks]
    for share, at in zip(
        range(len(elastic), 0, -1), sorted(elastic, key=lambda at: needs[at] - widths[at]), strict=True
    ):
        more = max(min(needs[at] - widths[at], left // share), _NARROWEST - widths[at])
        widths[at] += more
        left -= more
    return widths


def lines(columns: Sequence[Column], rows: Sequence[Row], room: int) -> Iterator[Line]:
    """The table, line by line, its titles first.

    Examples
    --------
    >>> columns = [Column("name", wrapped, 6), Column("size", right=True)]
    >>> for line in lines(columns, [Row(("a", "4 MB")), Row(("a long name", "12 MB"))], 15):
    ...     print("".join(text for text, style in line))
    name       size
    a          4 MB
    a long    12 MB
    name
    """
    widths = fitted(columns, rows, room)
    indent = widths[0] + _GAP if widths[0] else 0
    yield from _row(columns, widths, Row(tuple(column.title for column in columns), _DIM), "")
    for at, row in enumerate(rows):
        if at and row.first:
            yield []
        yield from _row(columns, widths, row, None)
        for text, style in row.below:
            for line in wrapped(text, max(room - indent, _NARROWEST)):
                yield [(" " * indent + line, style)]


def _row(columns: Sequence[Column], widths: Sequence[int], row: Row, style: str | None) -> Iterator[Line]:
    shown = [(column, cell, wide) for column, cell, wide in zip(columns, row.cells, widths, strict=True) if wide]
    cells = [column.breaks(cell, wide) if column.breaks else [cell] for column, cell, wide in shown]
    for parts in zip_longest(*cells, fillvalue=""):
        line: Line = []
        for (column, _, wide), text in zip(shown, parts, strict=True):
            space = " " * (wide - width(text))
            styled = f"{row.style} {column.style if style is None else style}".strip()
            line.append((space + text if column.right else text + space, styled))
            line.append((" " * _GAP, ""))
        yield _trimmed(line)


def _trimmed(line: Line) -> Line:
    """Without spaces at the end, which a terminal that is made narrower would put on a line of their own."""
    while line and not line[-1][0].strip():
        line.pop()
    return [*line[:-1], (line[-1][0].rstrip(), line[-1][1])] if line else line


def show(table: Iterable[Line], stream: TextIO) -> None:
    """Write a table to a terminal, in colours where it shows any."""
    from rich.console import Console
    from rich.segment import Segment, Segments
    from rich.style import Style

    styles: dict[str, Style] = {}
    segments = []
    for line in table:
        for text, style in line:
            if style not in styles:
                styles[style] = Style.parse(style)
            segments.append(Segment(text, styles[style]))
        segments.append(Segment.line())
    console = Console(file=stream, color_system=None if os.environ.get("NO_COLOR") else "auto")
    console.print(Segments(segments), end="", soft_wrap=True)
