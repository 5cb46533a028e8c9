"""A judgement, or a change, in; bytes, or values for JSON, that the index remembers out; and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from difPy.change import Change, Showing, Sides, Tone, Verdict
from difPy.errors import IndexUnusable

if TYPE_CHECKING:
    from difPy.match.arbiter import Judgement


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
    from difPy.match.arbiter import Judgement  # which needs OpenCV, and a change does not

    try:
        values = json.loads(data)
        return Judgement(verdict=Verdict(values.pop("verdict")), change=change(values.pop("change")), **values)
    except (ValueError, KeyError, TypeError) as error:
        raise IndexUnusable(f"the index holds a verdict that makes no sense ({error}): difPy cache clear") from None


def values(change: Change) -> dict[str, Any]:
    """A change, ready for JSON: all of it."""
    return asdict(change)


def change(values: dict[str, Any]) -> Change:
    """The change that such values are of."""
    first, second = _showing(values["first"]), _showing(values["second"])
    return Change(tuple(map(float, values["between"])), first, second, values["undecided"])  # type: ignore[arg-type]


def _showing(values: dict[str, Any]) -> Showing:
    return Showing(
        **values
        | {
            "size": tuple(values["size"]),
            "more": Sides(*values["more"]),
            "tone": Tone(**values["tone"]),
        }
    )
