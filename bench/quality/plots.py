"""Scores in, a plot out as SVG: a field for each row and tool, the deeper its colour the more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

LABEL, COLUMN, ROW, GAP, HEAD, MARGIN = 190, 104, 26, 3, 92, 24
SECTION = 12
INK, QUIET = "#1d2733", "#6b7684"
FONT = "font-family='Inter, system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif'"
Colour = tuple[int, int, int]
GREEN: tuple[Colour, ...] = ((250, 236, 226), (245, 222, 179), (159, 208, 181), (24, 121, 103))
RED: tuple[Colour, ...] = ((246, 248, 247), (252, 214, 190), (238, 138, 98), (178, 34, 34))


@dataclass(frozen=True)
class Field:
    """One number: how deep its colour is, from 0 to 1, and what is written on it."""

    depth: float
    text: str


Section = list[tuple[str, list[Field]]]
"""Rows that belong together: names and fields."""


def heatmap(title: str, subtitle: str, tools: list[str], sections: list[Section], colours=GREEN) -> str:
    """A drawing of one field for each row and tool."""
    rows = [(number * SECTION, *row) for number, section in enumerate(sections) for row in section]
    width = 2 * MARGIN + LABEL + len(tools) * COLUMN
    height = 2 * MARGIN + HEAD + len(rows) * ROW + rows[-1][0]
    size = f"width='{width}' height='{height}'"
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' {size} {FONT}>",
        f"<title>{escape(title)}</title>",
        f"<rect x='.5' y='.5' width='{width - 1}' height='{height - 1}' rx='14' fill='#fff' stroke='#dfe3e8'/>",
        _text(MARGIN, MARGIN + 16, title, 18, INK, weight=650),
        _text(MARGIN, MARGIN + 37, subtitle, 12.5, QUIET),
    ]
    inner = f"width='{COLUMN - GAP}' height='{ROW - GAP}'"
    for column, tool in enumerate(tools):
        middle = MARGIN + LABEL + column * COLUMN + COLUMN / 2
        name, _, way = tool.partition(", ") if ", " in tool else tool.partition(" ")
        lines = [(name, INK, 600), (way, QUIET, 400)]
        for line, (text, colour, weight) in enumerate(lines):
            parts.append(_text(middle, MARGIN + HEAD - 25 + line * 15, text, 12.5, colour, "middle", weight))
    for line, (lower, name, fields) in enumerate(rows):
        top = MARGIN + HEAD + line * ROW + lower
        parts.append(_text(MARGIN + LABEL - 12, top + ROW / 2 + 3, name, 12.5, INK, "end"))
        for column, field in enumerate(fields):
            left = MARGIN + LABEL + column * COLUMN
            fill = _mixed(colours, field.depth)
            parts.append(f"<rect x='{left}' y='{top}' {inner} rx='5' fill='#{fill[0]:02x}{fill[1]:02x}{fill[2]:02x}'/>")
            ink = "#fff" if _light(fill) < 145 else INK
            middle = left + (COLUMN - GAP) / 2
            parts.append(_text(middle, top + ROW / 2 + 3, field.text, 12, ink, "middle", 500))
    return "\n".join([*parts, "</svg>\n"])


def _text(x: float, y: float, text: str, size: float, colour: str, anchor: str = "start", weight: int = 400) -> str:
    look = f"font-size='{size}' fill='{colour}' text-anchor='{anchor}' font-weight='{weight}'"
    return f"<text x='{x:g}' y='{y:g}' {look}>{escape(text)}</text>"


def _mixed(stops: tuple[Colour, ...], depth: float) -> Colour:
    """The colour at that depth, between the two stops beside it."""
    place = min(max(depth, 0), 1) * (len(stops) - 1)
    below = min(int(place), len(stops) - 2)
    mix: Callable[[int, int], int] = lambda a, b: round(a + (b - a) * (place - below))  # noqa: E731
    first, second = stops[below], stops[below + 1]
    return mix(first[0], second[0]), mix(first[1], second[1]), mix(first[2], second[2])


def _light(colour: Colour) -> float:
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]
