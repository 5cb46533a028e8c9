"""What two pictures say of themselves, beside what they show -> what one of them says and the other lacks."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_CHARACTERS = 1 << 16
"""Of a text: a longer one is nobody's."""
MOST_TEXTS = 1 << 10
"""Keywords, or names of people."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What a person gives a picture, or cannot get again.

    Examples
    --------
    >>> Notes(rating=5, keywords=("sea", "night")).in_words()
    'rating 5, keywords "sea" and "night"'
    """

    rating: int | None = None
    """From 0 to 5; -1 for a rejected picture."""
    keywords: tuple[str, ...] = ()
    title: str = ""
    description: str = ""
    creators: tuple[str, ...] = ()
    copyright: str = ""
    taken: str = ""
    """As XMP has it: ``2024-07-01T18:30:00+02:00``, the zone left out where nobody knows it; or only ``1965-07``."""
    place: tuple[float, ...] = ()
    """Degrees north and east; and metres above the sea, if that is known."""

    def __bool__(self) -> bool:
        return self != _NOTHING

    def in_words(self) -> str:
        """What it says, for a person."""
        said = [f"rating {self.rating}"] if self.rating is not None else []
        for name, values in (("keyword", self.keywords), ("creator", self.creators)):
            quoted = [f'"{shortened(value)}"' for value in values[:_SHOWN]]
            more = len(values) - len(quoted)
            quoted += [f"{more} more"] if more else []
            if quoted:
                listed = " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
                said += [f"{name}{'s' if len(values) > 1 else ''} {listed}"]
        for name in ("title", "description", "copyright"):
            said += [f'{name} "{shortened(value)}"'] if (value := getattr(self, name)) else []
        if self.taken:
            said.append(f"date taken {self.taken}")
        if self.place:
            said.append(f"place {self.place[0]:.5f}, {self.place[1]:.5f}")
        return ", ".join(said)


_NOTHING = Notes()
_SHOWN = 5  # keywords
_UNITED = ("keywords",)
"""What two pictures say of these adds up; of anything else, one of them is right."""


def joined(first: Notes, second: Notes) -> Notes:
    """What the first says, and what the second adds.

    Examples
    --------
    >>> joined(Notes(rating=3, keywords=("sea",)), Notes(rating=5, title="Dawn", keywords=("Sea", "sun"))).in_words()
    'rating 3, keywords "sea" and "sun", title "Dawn"'
    """
    added = lacking(first, second)
    changes = {one.name: getattr(added, one.name) for one in fields(Notes) if _is_said(added, one.name)}
    changes |= {name: getattr(first, name) + getattr(added, name) for name in _UNITED}
    return replace(first, **changes)


def lacking(kept: Notes, other: Notes) -> Notes:
    """What the other says and the kept one does not: of what both say, only keywords add up.

    Examples
    --------
    >>> lacking(Notes(rating=3, keywords=("sea",)), Notes(rating=5, keywords=("Sea", "sun"))).in_words()
    'keyword "sun"'
    """
    changes = {one.name: getattr(_NOTHING, one.name) for one in fields(Notes) if _is_said(kept, one.name)}
    for name in _UNITED:
        known = set(map(_plain, getattr(kept, name)))
        changes[name] = tuple(value for value in getattr(other, name) if _plain(value) not in known)
    return replace(other, **changes)


def contradicted(kept: Notes, other: Notes) -> Notes:
    """What the other says, and the kept one says otherwise.

    Examples
    --------
    >>> contradicted(Notes(rating=3, title="Dawn"), Notes(rating=5, title="Dawn")).in_words()
    'rating 5'
    """
    same = [
        one.name
        for one in fields(Notes)
        if one.name in _UNITED
        or not _is_said(kept, one.name)
        or _alike(one.name, getattr(kept, one.name), getattr(other, one.name))
    ]
    return replace(other, **{name: getattr(_NOTHING, name) for name in same})


def text(value: object) -> str:
    r"""A text as XML can have it, without blanks around it; none of a size that nobody writes.

    Examples
    --------
    >>> text(" Dawn\0 "), text("x" * (MOST_CHARACTERS + 1))
    ('Dawn', '')
    """
    clean = "".join(one for one in str(value) if one.isprintable() or one in "\n\t").strip()
    clean = clean.encode("utf-8", "ignore").decode()
    return clean if len(clean) <= MOST_CHARACTERS else ""


def texts(values: Iterable[object]) -> tuple[str, ...]:
    """Texts, each once and none empty."""
    found = {_plain(clean): clean for clean in reversed([text(value) for value in values]) if clean}
    return tuple(reversed(found.values()))[:MOST_TEXTS]


def shortened(value: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(value.split())
    return line if len(line) <= 60 else line[:57] + "..."


def _is_said(notes: Notes, name: str) -> bool:
    return bool(getattr(notes, name) != getattr(_NOTHING, name))


def _alike(name: str, one: object, other: object) -> bool:
    """Whether two values say the same, as far as they say it: 18:30, and 18:30 of some zone, and that day."""
    if name == "taken":
        known = min(16, len(str(one)), len(str(other)))
        return str(one)[:known] == str(other)[:known]
    if isinstance(one, tuple) and isinstance(other, tuple) and name == "place":
        return all(abs(a - b) < 1e-4 for a, b in zip(one[:2], other[:2], strict=False))
    return one == other


def _plain(value: str) -> str:
    return unicodedata.normalize("NFC", value).casefold()
