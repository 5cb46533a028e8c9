"""The journal of one `apply`: an append-only file of JSON lines that says what will be done, and then what was done.

Intents of a block of steps are written and synced before the first of them is carried out; what became of each is
written as it happens. So whenever the process dies, the journal names every file that may have been touched.
"""

from __future__ import annotations

import datetime
import json
import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from difPy.act import disk
from difPy.act.acts import Act, Now, from_record, to_record
from difPy.errors import JournalBroken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

VERSION = 1
_STATES = frozenset({"dropped", "left", "undone", "lost"})
_SUFFIX = ".jsonl"


def state_folder() -> str:
    """Where journals and decisions live: ``$DIFPY_STATE_DIR``, or the user's folder for such things."""
    import platformdirs

    return os.environ.get("DIFPY_STATE_DIR") or platformdirs.user_state_dir("difPy", appauthor=False)


def encode(value: object) -> bytes:
    """One line of JSON. Bytes of a path that are not UTF-8 become escapes, which JSON readers give back."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace") + b"\n"


class Journal:
    """A journal open for writing.

    Raises
    ------
    JournalBroken
        From every method, when the journal cannot be written: then nothing further may be done.
    """

    def __init__(self, path: str, descriptor: int, token: str) -> None:
        self.path = path
        self.token = token
        """Tells the temporary names of this journal from those of others."""
        self._descriptor = descriptor

    @classmethod
    def create(cls, path: str | None = None, **about: object) -> Journal:
        """A new journal, at `path` or under a name of its own in the state folder."""
        now = datetime.datetime.now(datetime.UTC)
        token = secrets.token_hex(4)
        if path is None:
            name = f"{now:%Y-%m-%dT%H-%M-%S.%f}-{token}{_SUFFIX}"
            path = os.path.join(state_folder(), "journals", name)
        path = os.path.abspath(path)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            journal = cls(path, disk.append_to(path, new=True), token)
        except FileExistsError:
            raise JournalBroken(f'the journal "{path}" exists already: name a new one') from None
        except OSError as error:
            raise JournalBroken(_cannot(path, error)) from error
        journal._write([{"difPy": "journal", "version": VERSION, "at": now.isoformat(timespec="seconds"), **about}])
        journal.sync()
        try:
            disk.sync_folder(os.path.dirname(path))
        except OSError as error:
            raise JournalBroken(_cannot(path, error)) from error
        return journal

    @classmethod
    def resume(cls, path: str) -> Journal:
        """A journal that is there, to say more."""
        try:
            with open(path, "rb") as file:
                file.seek(0, os.SEEK_END)
                torn = bool(file.tell()) and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n"
            journal = cls(path, disk.append_to(path, new=False), "")
        except OSError as error:
            raise JournalBroken(_cannot(path, error)) from error
        journal._write([{"is": "resumed"}], before=b"\n" if torn else b"")
        return journal

    def intend(self, acts: Iterable[Act]) -> None:
        """Say what will be done, and wait until it is on the disk."""
        self._write([{"is": "intent", **to_record(act)} for act in acts])
        self.sync()

    def done(self, act: Act, now: Now) -> None:
        """Say that an act was carried out, and where the bytes are."""
        record: dict[str, Any] = {"is": "done", "n": act.number}
        if now.path is not None:
            record |= {"path": now.path, "size": now.size, "mtime_ns": now.mtime_ns}
        self._write([record])

    def note(self, state: str, act: Act, why: str = "") -> None:
        """Say what else became of an act; see `Story.states`."""
        self._write([{"is": state, "n": act.number} | ({"why": why} if why else {})])

    def folder(self, path: str) -> None:
        """Say that a folder will be made."""
        self._write([{"is": "folder", "path": path}])

    def sync(self) -> None:
        """Wait until all that was said is on the disk."""
        try:
            disk.sync(self._descriptor)
        except OSError as error:
            raise JournalBroken(_cannot(self.path, error)) from error

    def close(self) -> None:
        """Close it; what was said stays."""
        try:
            disk.sync(self._descriptor)
            disk.close(self._descriptor)
        except OSError as error:
            raise JournalBroken(_cannot(self.path, error)) from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def _write(self, records: Sequence[dict[str, Any]], before: bytes = b"") -> None:
        try:
            disk.write(self._descriptor, before + b"".join(map(encode, records)))
        except OSError as error:
            raise JournalBroken(_cannot(self.path, error)) from error


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

    def half_done(self) -> list[list[Act]]:
        """The done acts of each unit of which others were dropped."""
        dropped = {self.acts[number].unit for number, state in self.states.items() if state == "dropped"}
        units: dict[int, list[Act]] = {}
        for number, act in self.acts.items():
            if act.unit in dropped and self.states[number] == "done":
                units.setdefault(act.unit, []).append(act)
        return list(units.values())

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
    """Acts that a crash left undecided: run `recover`."""


def journals(folder: str | None = None) -> list[Entry]:
    """The journals in the state folder, oldest first; files that are none are left out."""
    folder = os.path.join(state_folder(), "journals") if folder is None else folder
    if not os.path.isdir(folder):
        return []
    entries = []
    for name in sorted(name for name in os.listdir(folder) if name.endswith(_SUFFIX)):
        try:
            story = read(os.path.join(folder, name))
        except JournalBroken:
            continue
        action = str(story.about.get("action", ""))
        entries.append(Entry(story.path, story.at, action, story.count("done"), story.count("undone"), len(story.open)))
    return entries


def _cannot(path: str, error: OSError) -> str:
    return f'the journal "{path}" cannot be written: {error.strerror or error}. Nothing is done that it does not tell'
