"""A change in, what was done in plain English out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from difPy.change.geometry import Sides
    from difPy.change.values import Change, Tone

NOTHING = "same framing (encoding, size or tone only)"
_TURNED = 0.7
"""Degrees."""
_SQUEEZED = 0.94
_LEANING = 0.02
_COVERED = 0.01
_SIDE = 0.01
_FRAMED = 0.97
"""Share of the second that the first fills, at most, where it has a frame."""
_BRIGHTER = 8
"""Levels, of a middle grey."""
_FLATTER, _STEEPER = 0.88, 1.14
_GREY, _PALER, _STRONGER = 0.12, 0.85, 1.18
_TINTED = 6
"""Levels."""
RESIZED = 1.08
"""Pixels for one, along a side: what is finer by less is no finer."""
FINER = 1.2
"""The same where detail was measured: it is known no better than that."""


def words(change: Change, *, beyond: bool = True) -> str:
    """What was done to the first picture to get the second; what the one shows and the other does not only if asked."""
    content = _content(change) if beyond else _frame(change)
    return ", ".join([*_geometry(change), *content, *_tone(change.tone), *_size(change)]) or NOTHING


def more_words(change: Change) -> str:
    """What the second shows beyond the first; empty for nothing.

    Examples
    --------
    >>> from difPy.change import Change, Showing, Sides
    >>> more = Showing((400, 600), more=Sides(0.24, 0, 0, 0.5), beyond=0.6)
    >>> more_words(Change((1, 0, 0, 0, 1, 0, 0, 0, 1), Showing((400, 600)), more))
    'left, 24 %; bottom, 50 %'
    """
    if change.second.beyond <= 0:
        return ""
    return sides(change.more) or f"at the corners, {percent(change.second.beyond)}"


def sides(shares: Sides) -> str:
    """Sides with more than next to nothing."""
    return "; ".join(f"{side}, {percent(share)}" for side, share in shares._asdict().items() if share >= _SIDE)


def percent(share: float) -> str:
    """A share as people write it.

    Examples
    --------
    >>> percent(0.237), percent(0.004)
    ('24 %', 'less than 1 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.005 else "less than 1 %"


def _geometry(change: Change) -> Iterator[str]:
    if change.mirrored:
        yield "mirrored"
    if (turned := abs(change.angle)) > 180 - _TURNED:
        yield "turned upside down"
    elif turned > _TURNED:
        yield f"turned {turned:.0f} degree{'s' * (round(turned) != 1)} to the {'left' if change.angle > 0 else 'right'}"
    if change.squeeze < _SQUEEZED:
        yield f"squeezed to {percent(change.squeeze)}"
    if change.perspective > _LEANING:
        yield "seen at an angle"
    if crop := change.crop:
        left, top, right, bottom = (round(100 * share) for share in crop)
        yield f"cut to {left}-{right} % across, {top}-{bottom} % down"


def _content(change: Change) -> Iterator[str]:
    if more := more_words(change):
        yield f"shows more ({more})"
    yield from _frame(change)
    if (over := change.second.over) > _COVERED:
        yield f"with something over {percent(over)}"
    if (over := change.first.over) > _COVERED:
        yield f"without what is over {percent(over)}"
    if change.undecided > _COVERED:
        yield f"{percent(change.undecided)} changed"


def _frame(change: Change) -> Iterator[str]:
    if not more_words(change) and change.shown[1] < _FRAMED:
        yield "with a border"


def _tone(tone: Tone) -> Iterator[str]:
    lighter = (tone.gain - 1) * 128 + tone.offset
    if abs(lighter) > _BRIGHTER:
        yield "brighter" if lighter > 0 else "darker"
    if not _FLATTER < tone.gain < _STEEPER:
        yield "more contrast" if tone.gain > 1 else "less contrast"
    if tone.saturation is None:
        return
    if tone.saturation < -_GREY:
        yield "in other colours"
    elif tone.saturation < _GREY:
        yield "in one tint" if tone.tint > _TINTED else "in grey"
    elif not _PALER < tone.saturation < _STRONGER:
        yield "more colour" if tone.saturation > 1 else "less colour"


def _size(change: Change) -> Iterator[str]:
    if change.scale > RESIZED:
        yield f"{'larger' if change.is_finer else 'enlarged'}, {percent(change.scale)}"
    elif change.scale < 1 / RESIZED:
        yield f"reduced to {percent(change.scale)}"
    elif change.finer < 1 / FINER:
        yield "blurred"
