"""A journal, read: every act it tells of, and what became of it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from difPy.act.chain import lines
from difPy.act.journal import SUFFIX, VERSION, state_folder
from difPy.act.names import listed
from difPy.act.record import from_record, now_from, straight_path
from difPy.errors import JournalBroken

if TYPE_CHECKING:
    from collections.abc import Container

    from difPy.act.acts import Act, Now

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
    story = Story(path)
    told = lines(path)
    head = next(told, None)
    about = head.record if head and head.record else None
    if about is None or about.get("difPy") != "journal" or not isinstance(about.get("token"), str):
        raise JournalBroken(f'"{path}" is not a journal of difPy\'s, or its beginning is damaged')
    if about.get("version") != VERSION:
        raise JournalBroken(f'the journal "{path}" was written by another difPy: use that one to read it')
    story.at, story.about = str(about.get("at", "")), about
    doubtful: int | None = None  # a line that says nothing: cut off by a crash, if difPy says so when it comes back
    for line in told:
        record = line.record
        if doubtful is not None and not (record and record.get("is") == "resumed" and record.get("torn")):
            story.damaged.append(doubtful)
        understood = record is not None and _take(story, record)
        doubtful = None if understood or not line.whole else line.number
    if doubtful is not None:
        story.damaged.append(doubtful)
    return story


def _take(story: Story, record: dict[str, Any]) -> bool:
    """Add a line to the story; False if it makes no sense."""
    try:
        kind = record["is"]
        if kind == "intent":
            act = from_record(record, story.about["token"])
            if act.number in story.acts:
                return False
            story.acts[act.number] = act
            story.states[act.number] = "intent"
        elif kind == "folder":
            story.folders.append(straight_path(record, "path"))
        elif kind == "done":
            number = story.acts[record["n"]].number
            story.now[number] = now_from(record)
            story.states[number] = "done"
        elif kind in _STATES:
            story.states[story.acts[record["n"]].number] = kind
        elif kind != "resumed":
            return False
    except (KeyError, TypeError, ValueError, AttributeError):
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
    trouble: str = ""
    """Why it cannot be read, or trusted, in whole or in part."""
    folder: str = ""
    """The folder that all its files were in."""


def journals(folder: str | None = None) -> list[Entry]:
    """The journals in the state folder, oldest first, also those that cannot be read: these say why."""
    folder = os.path.join(state_folder(), "journals") if folder is None else folder
    entries = []
    for name in sorted(name for name in listed(folder) if name.endswith(SUFFIX)):
        path = os.path.join(folder, name)
        if os.path.lexists(path) and not os.lstat(path).st_size:
            continue  # a crash cut it off before anything was done
        try:
            story = read(path)
        except JournalBroken as error:
            entries.append(Entry(path, "", "", 0, 0, 0, str(error)))
            continue
        action = str(story.about.get("action", ""))
        counts = story.count("done"), story.count("undone"), story.cut_off
        trouble = f'the journal "{path}" is damaged: line {story.damaged[0]}' if story.damaged else ""
        folders = {os.path.dirname(act.path) for act in story.acts.values()}
        entries.append(Entry(story.path, story.at, action, *counts, trouble, _common(folders)))
    return entries


def _common(folders: set[str]) -> str:
    try:
        return os.path.commonpath(folders) if folders else ""
    except ValueError:  # several drives
        return ""
