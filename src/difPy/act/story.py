"""A journal, read: every act it tells of, and what became of it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from difPy.act.acts import Act, Now, from_record
from difPy.act.journal import SUFFIX, VERSION, state_folder
from difPy.errors import JournalBroken

if TYPE_CHECKING:
    from collections.abc import Container

_STATES = frozenset({"dropped", "left", "undone", "lost"})


@dataclass(slots=True)
class Story:
    """What a journal tells."""

    path: str
    at: str = ""
    about: dict[str, Any] = field(default_factory=dict)
    acts: dict[int, Act] = field(default_factory=dict)
    states: dict[int, str] = field(default_factory=dict)
    """Number of an act -> 'intent' (not known whether it was done), 'done', 'dropped' (it was not, so neither may the
    others of its step be), 'left' (it was not, on purpose), 'undone', or 'lost' (the file is at no place we know)."""
    now: dict[int, Now] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)
    """Lines that cannot be read."""

    @property
    def open(self) -> list[Act]:
        """Acts of which the journal does not say whether they were done."""
        return [act for number, act in self.acts.items() if self.states[number] == "intent"]

    def half_done(self, cut_off: Container[int]) -> list[list[Act]]:
        """The done acts of each unit that was not done as a whole.

        Parameters
        ----------
        cut_off : container of int
            Units that a crash cut off: there, acts that have been taken back speak against the others too.
        """
        units: dict[int, list[Act]] = {}
        for act in self.acts.values():
            units.setdefault(act.unit, []).append(act)
        half_done = []
        for unit, acts in units.items():
            states = {self.states[act.number] for act in acts}
            if "done" in states and ("dropped" in states or ("undone" in states and unit in cut_off)):
                half_done.append([act for act in acts if self.states[act.number] == "done"])
        return half_done

    @property
    def cut_off(self) -> int:
        """How many acts a crash left undecided, or alone of their unit."""
        return len(self.open) + sum(map(len, self.half_done(())))

    def count(self, state: str) -> int:
        """How many acts are in this state."""
        return sum(value == state for value in self.states.values())


def read(path: str) -> Story:
    """Read a journal.

    Raises
    ------
    JournalBroken
        If it cannot be read, or is no journal of difPy's, or a later version's.
    """
    try:
        with open(path, "rb") as file:
            lines = file.read().split(b"\n")
    except OSError as error:
        raise JournalBroken(f'the journal "{path}" cannot be read: {error.strerror}') from error
    story = Story(path)
    torn = lines.pop()  # what a crash cut off in the middle; empty otherwise
    parsed = [_parse(line) for line in lines]
    head = parsed[0] if parsed else _parse(torn)
    if head is None or head.get("difPy") != "journal":
        raise JournalBroken(f'"{path}" is not a journal of difPy\'s')
    if head.get("version") != VERSION:
        raise JournalBroken(f'the journal "{path}" was written by a later difPy: update difPy to read it')
    story.at, story.about = str(head.get("at", "")), head
    for number, record in enumerate(parsed[1:], 2):
        following = parsed[number] if number < len(parsed) else None
        understood = record is not None and _take(story, record)
        cut_off = following is not None and following.get("is") == "resumed"
        if not understood and not cut_off:
            story.damaged.append(number)
    return story


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _take(story: Story, record: dict[str, Any]) -> bool:
    """Add a line to the story; False if it makes no sense."""
    try:
        kind = record["is"]
        if kind == "intent":
            act = from_record(record)
            story.acts[act.number] = act
            story.states[act.number] = "intent"
        elif kind == "folder":
            story.folders.append(record["path"])
        elif kind == "done":
            number = story.acts[record["n"]].number
            story.states[number] = "done"
            story.now[number] = Now(record.get("path"), record.get("size", -1), record.get("mtime_ns", -1))
        elif kind in _STATES:
            story.states[story.acts[record["n"]].number] = kind
    except (KeyError, TypeError, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal in the list of journals."""

    path: str
    at: str
    action: str
    done: int
    undone: int
    open: int
    """Acts that a crash left undecided, or of which only a part was done: run `recover`."""


def journals(folder: str | None = None) -> list[Entry]:
    """The journals in the state folder, oldest first; files that are none are left out."""
    folder = os.path.join(state_folder(), "journals") if folder is None else folder
    if not os.path.isdir(folder):
        return []
    entries = []
    for name in sorted(name for name in os.listdir(folder) if name.endswith(SUFFIX)):
        try:
            story = read(os.path.join(folder, name))
        except JournalBroken:
            continue
        action = str(story.about.get("action", ""))
        entries.append(Entry(story.path, story.at, action, story.count("done"), story.count("undone"), story.cut_off))
    return entries
