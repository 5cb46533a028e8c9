"""Groups and the width of a terminal in; a table for people out: what is kept, why, and what differs."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from difPy.difference import basics, differs
from difPy.terminal import printable, size
from difPy.terminal.lines import folded, hanging, width, wrapped
from difPy.terminal.table import Column, Row, fitted, lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from difPy.files import File
    from difPy.model import Group, Member
    from difPy.terminal.table import Line

_COLUMNS = (
    Column("", style="green"),
    Column("picture", folded, 24),
    Column("size", spare=True, right=True),
    Column("pixels", spare=True),
    Column("taken", spare=True),
    Column("camera", spare=True),
    Column("what differs", wrapped, 16),
)
_PATH, _FACTS = 1, slice(2, 6)
"""What of these is known of each picture by itself, and said below it where there is no column for it."""
_KEPT, _ASIDE, _WARNS = "bold", "dim", "yellow"


def listing(
    groups: Sequence[Group], room: int, say: Callable[[str], str] = printable, most: int | None = None
) -> Iterator[Line]:
    """The table, line by line.

    Parameters
    ----------
    groups : sequence of Group
    room : int
        Columns of the terminal.
    say : callable, optional
        Makes what may be shown of a text.
    most : int, optional
        So many pictures of each group are shown that are not kept.

    Examples
    --------
    >>> from difPy.files import File
    >>> from difPy.model import Group, Member
    >>> one, two = (File(name, "", 2_100_000, 0, 1, 1, format="PNG") for name in ("a.png", "b.png"))
    >>> for line in listing([Group(one, (Member(two, 0.25, 2),), "Kept because it is older.")], 60):
    ...     print("".join(text for text, style in line))
          picture     size  what differs
    keep  a.png     2.1 MB
          Kept because it is older.
          b.png     2.1 MB  upside down, MSE 0.25
    """
    facts = _Facts(say, most)
    rows = facts.rows(groups)
    widths = fitted(_COLUMNS, rows, room)
    if any(width(row.cells[_PATH]) > widths[_PATH] for row in rows) and (above := _common(groups)):
        yield from ([(line, _ASIDE)] for line in hanging(say(f"In {above}:"), room))
        rows = replace(facts, above=above).rows(groups)
        widths = fitted(_COLUMNS, rows, room)
    yield from lines(_COLUMNS, list(_with_facts(rows, [not wide for wide in widths[_FACTS]])), room)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the table says."""

    say: Callable[[str], str]
    most: int | None
    above: str = ""
    """A folder that no path says."""

    def rows(self, groups: Sequence[Group]) -> list[Row]:
        """A row for each picture."""
        return [row for group in groups for row in self._group(group)]

    def _group(self, group: Group) -> Iterator[Row]:
        why = ((self.say(group.why), _ASIDE),) if group.why else ()
        yield Row(("keep", *self._cells(group.keeper), ""), _KEPT, why, first=True)
        shown = group.members[: self.most]
        for member in shown:
            words = self.say(differs(group.keeper, member, formats=False, notes=False))
            notes = [*_notes(member, self.say)]
            if member is shown[-1] and len(shown) < len(group.members):
                notes.append((f"... and {len(group.members) - len(shown):,} more", _ASIDE))
            yield Row(("", *self._cells(member.file), words), "", tuple(notes))

    def _cells(self, file: File) -> tuple[str, ...]:
        path = file.path[len(self.above) :].lstrip(os.sep) if self.above else file.path
        return tuple(map(self.say, (path, size(file.size), basics(file), file.taken, file.camera)))


def _notes(member: Member, say: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    if member.note:
        yield say(f"It {member.note}."), _WARNS
    if member.more:
        yield say(f"Only it tells: {', '.join(member.more)}."), _WARNS


def _with_facts(rows: Iterable[Row], left_out: Sequence[bool]) -> Iterator[Row]:
    """Rows that say below themselves what there is no column for: of those that go, only what the kept one has not."""
    kept: tuple[str, ...] = ()
    for row in rows:
        facts = row.cells[_FACTS]
        kept = () if row.first else kept
        told = [fact for at, fact in enumerate(facts) if fact and left_out[at] and not (kept and kept[at] == fact)]
        kept = kept or facts
        below = ((f"{', '.join(told)}.", _ASIDE), *row.below) if told else row.below
        yield replace(row, below=below)


def _common(groups: Iterable[Group]) -> str:
    """The folder that all of them lie in, as far as their paths say."""
    try:
        return os.path.commonpath({os.path.dirname(file.path) for group in groups for file in group.files})
    except ValueError:  # some absolute and some not
        return ""
