"""A judgement in, bytes that the index remembers out; and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from difPy.change import Change, Showing, Sides, Tone, Verdict
from difPy.errors import IndexUnusable
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
    try:
        values = json.loads(data)
        change = values.pop("change")
        verdict = Verdict(values.pop("verdict"))
        first, second = _showing(change["first"]), _showing(change["second"])
        return Judgement(
            verdict=verdict,
            change=Change(tuple(map(float, change["between"])), first, second, change["undecided"]),  # type: ignore[arg-type]
            **values,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise IndexUnusable(f"the index holds a verdict that makes no sense ({error}): difPy cache clear") from None


def _showing(values: dict[str, Any]) -> Showing:
    return Showing(
        **values
        | {
            "size": tuple(values["size"]),
            "more": Sides(*values["more"]),
            "tone": Tone(**values["tone"]),
        }
    )
