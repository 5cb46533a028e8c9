"""What `Change.numbers` said in; the change, as it was, out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from difPy.change.geometry import Sides
from difPy.change.values import Change, Showing, Tone

if TYPE_CHECKING:
    from collections.abc import Mapping


def read(numbers: Mapping[str, Any]) -> Change:
    """The change that has these numbers.

    Raises
    ------
    KeyError, TypeError, ValueError
        They are none of a change.

    Examples
    --------
    >>> half = Change((2, 0, 0, 0, 1, 0, 0, 0, 1), Showing((800, 600)), Showing((400, 600), 0.5, over=0.1))
    >>> read(half.numbers()) == half
    True
    """
    a, b, c, d, e, f, g, h, i = map(float, numbers["map"])
    sizes, details, over, shades = (numbers[name] for name in ("sizes", "details", "overlay", "shades"))
    first = _showing(sizes[0], details[0], over["first"], shades["first"], numbers["less"], numbers["tone_back"])
    second = _showing(sizes[1], details[1], over["second"], shades["second"], numbers["more"], numbers)
    return Change((a, b, c, d, e, f, g, h, i), first, second, float(over["undecided"]))


def _showing(
    size: tuple[int, int],
    detail: float,
    over: float,
    shades: float,
    more: Mapping[str, float],
    tone: Mapping[str, float],
) -> Showing:
    width, height = size
    sides = Sides(*(float(more[side]) for side in Sides._fields))
    levels = {name: float(tone[name]) for name in ("gain", "offset", "tint")}
    saturation = None if tone["saturation"] is None else float(tone["saturation"])
    known = Tone(saturation=saturation, **levels)
    return Showing(
        (int(width), int(height)), float(detail), float(over), float(shades), sides, float(more["area"]), known
    )
