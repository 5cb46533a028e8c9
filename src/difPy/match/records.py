"""A judgement, a change or a measure of detail in; what the index remembers of it out; and back, if it makes sense."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.change import Change, Showing, Sides, Tone, Verdict
from difPy.errors import IndexUnusable

if TYPE_CHECKING:
    from difPy.match.arbiter import Judgement

_LEVELS = 255.0**2
"""The largest mean squared error."""
_LEAST = 1e-6
"""Of detail: there is always some."""
_FAR = 1e9
"""Beyond any number of a map or a tone."""


def record(judgement: Judgement) -> bytes:
    """A judgement as JSON."""
    return json.dumps(asdict(judgement), separators=(",", ":")).encode()


def judgement(data: bytes) -> Judgement:
    """The judgement that was written.

    Raises
    ------
    IndexUnusable
        It is none: others have written it.
    """
    try:
        return _judgement(json.loads(data))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise senseless(f"verdict ({error})") from None


def record_detail(detail: float) -> bytes:
    """What `arbiter.detail` says, in eight bytes."""
    return np.float64(detail).tobytes()


def detail(data: bytes) -> float:
    """The detail that was written.

    Raises
    ------
    IndexUnusable
        It is none.
    """
    try:
        return _share(np.frombuffer(data, np.float64, 1).item(), least=_LEAST)
    except ValueError as error:
        raise senseless(f"measure of detail ({error})") from None


def senseless(what: str) -> IndexUnusable:
    """The error that the index holds something that no difPy has written."""
    return IndexUnusable(f"the index holds a {what} that makes no sense: difpy cache clear")


def _judgement(values: dict[str, Any]) -> Judgement:
    from difPy.match.arbiter import Judgement  # which needs OpenCV, and a change does not

    return Judgement(
        verdict=Verdict(values["verdict"]),
        agree=_share(values["agree"]),
        sharp=_share(values["sharp"]),
        area=_share(values["area"]),
        inner=int(_number(values["inner"], 0, _FAR)),
        mse=_number(values["mse"], 0, _LEVELS),
        change=change(values["change"]),
    )


def values(change: Change) -> dict[str, Any]:
    """A change, ready for JSON: all of it."""
    return asdict(change)


def change(values: dict[str, Any]) -> Change:
    """The change that such values are of."""
    sides = _showing(values["first"]), _showing(values["second"])
    return Change(_map(values["between"]), *sides, _share(values["undecided"]))


def _showing(values: dict[str, Any]) -> Showing:
    width, height = (int(_number(side, 1, _FAR)) for side in values["size"])
    tone = values["tone"]
    gain, offset, tint = (_number(tone[name], -_FAR, _FAR) for name in ("gain", "offset", "tint"))
    saturation = None if tone["saturation"] is None else _number(tone["saturation"], -_FAR, _FAR)
    return Showing(
        (width, height),
        _share(values["detail"], least=_LEAST),
        _share(values["over"]),
        _share(values["shades"]),
        Sides(*map(_share, values["more"])),
        _share(values["beyond"]),
        Tone(gain, offset, saturation, tint),
    )


def _map(values: list[Any]) -> tuple[float, float, float, float, float, float, float, float, float]:
    a, b, c, d, e, f, g, h, i = (_number(value, -_FAR, _FAR) for value in values)
    if abs(np.linalg.det([[a, b, c], [d, e, f], [g, h, i]])) < 1e-12 or min(i, g + i, h + i, g + h + i) <= 0:
        raise ValueError("no picture can be seen like that")
    return (a, b, c, d, e, f, g, h, i)


def _share(value: Any, least: float = 0.0) -> float:
    return _number(value, least, 1)


def _number(value: Any, least: float, most: float) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or not least <= value <= most:
        raise ValueError(f"{value!r} is no number from {least:g} to {most:g}")
    return float(value)
