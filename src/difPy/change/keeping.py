"""A change from a kept picture to one that would go in, why the kept one does not show all of that one, out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from difPy.change.words import more_words, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from difPy.change.values import Change, Tone

BEYOND = 0.004
"""Share of the area of what goes that the kept one may lack."""
OVER = 0.003
"""Share of the common area that may differ."""
STRIP = 0.01
"""Share of the width, or height, of what goes, on one side: a line of text is less of the area than noise may be."""
MERGED = 0.01
"""Share of the common area whose shades or colours may be merged in the kept one: a strong compression merges some."""
PALER = 0.7
"""Of the saturation: a kept picture with less has lost colours."""


def shows_all(change: Change) -> str:
    """Why the first picture, the kept one, does not show all that the second shows; empty if it does.

    Examples
    --------
    >>> from difPy.change import Change, Showing, Sides
    >>> same = (1, 0, 0, 0, 1, 0, 0, 0, 1)
    >>> shows_all(Change(same, Showing((400, 300)), Showing((400, 300))))
    ''
    >>> shows_all(Change(same, Showing((400, 300)), Showing((400, 300), more=Sides(0.24, 0, 0, 0), beyond=0.24)))
    'shows more than the kept one: left, 24 %'
    """
    return "; ".join(_reasons(change))


def is_written_over(change: Change) -> bool:
    """Whether the first picture carries something over it that the second lacks."""
    return change.first.over > OVER


def _reasons(change: Change) -> Iterator[str]:
    if change.second.beyond > BEYOND or max(change.more) > STRIP:
        yield f"shows more than the kept one: {more_words(change)}"
    if change.first.over > OVER:
        yield f"shows what something covers in the kept one: {percent(change.first.over)}"
    if change.second.over > OVER:  # or the kept one has lost it: which of the two carries more is not told for sure
        yield f"shows what the kept one does not: {percent(change.second.over)}"
    if change.undecided > OVER:
        yield f"differs from the kept one in {percent(change.undecided)}"
    if _is_paler(change.first.tone) and not _is_paler(change.second.tone):
        yield "has colours that the kept one lacks"
    elif change.first.tone.saturation is not None and change.first.tone.saturation < -PALER:
        yield "has other colours than the kept one"
    elif change.second.shades > MERGED:
        yield f"has shades or colours that are one in the kept one: {percent(change.second.shades)}"
    if change.is_finer:
        finer, kept = (" x ".join(map(str, one.size)) for one in (change.second, change.first))
        yield f"has finer detail than the kept one: {finer} pixels where the kept one has {kept}"


def _is_paler(tone: Tone) -> bool:
    return tone.saturation is not None and abs(tone.saturation) < PALER
