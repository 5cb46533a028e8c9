"""The journal of one `apply`: an append-only file of JSON lines that says what will be done, and then what was done.

Intents of a block of steps are written and synced before the first of them is carried out; what became of each is
written as it happens. So whenever the process dies, the journal names every file that may have been touched.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import secrets
from typing import TYPE_CHECKING, Any

from difPy.act import disk
from difPy.act.chain import end_of, sealed
from difPy.act.names import listed
from difPy.act.places import make_folders
from difPy.act.record import to_record
from difPy.errors import JournalBroken
from difPy.private import Untrusted, private_folder, trusted_file, user_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from difPy.act.acts import Act, Now

VERSION = 2
SUFFIX = ".jsonl"
_NUMBERED = re.compile(r"(\d{1,12})-")


def state_folder() -> str:
    """Where journals and decisions live, for this person alone: ``$DIFPY_STATE_DIR``, or the system's place for such.

    Raises
    ------
    JournalBroken
        Others could write there, or it cannot be made.
    """
    try:
        return private_folder(user_folder("state"))
    except Untrusted as error:
        why = f"{error}; or set DIFPY_STATE_DIR to a folder of your own"
        raise JournalBroken(
            f"what difPy does, and what you decide, is not kept where others may write: {why}"
        ) from None
    except OSError as error:
        raise JournalBroken(
            f'the folder for journals cannot be written: {error.strerror}: "{error.filename}"'
        ) from error


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
        self._seal = b""

    @classmethod
    def create(cls, path: str | None = None, **about: object) -> Journal:
        """A new journal, at `path` or under a name of its own in the state folder."""
        now = datetime.datetime.now(datetime.UTC)
        token = secrets.token_hex(4)
        sequence = 0
        if path is None:
            folder = os.path.join(state_folder(), "journals")
            sequence = next_number(folder)
            path = os.path.join(folder, f"{sequence:06}-{now:%Y-%m-%dT%H-%M-%S.%f}-{token}{SUFFIX}")
        path = os.path.abspath(path)
        try:
            make_folders(os.path.dirname(path), mode=0o700)
            trusted_file(path, sticky=True)
            journal = cls(path, _opened(path, new=True), token)
        except Untrusted as error:
            why = f"{error}. What is told there could not be undone: name one elsewhere"
            raise JournalBroken(f'the journal "{path}" is not begun: {why}') from None
        except FileExistsError:
            raise JournalBroken(f'the journal "{path}" exists already: name a new one') from None
        except OSError as error:
            raise JournalBroken(_cannot(path, error)) from error
        head = {"difPy": "journal", "version": VERSION, "at": now.isoformat(timespec="seconds"), "token": token}
        try:
            journal._begin({**head, "sequence": sequence, **about})
        except JournalBroken:
            with contextlib.suppress(OSError):  # it tells nothing, for nothing was done
                disk.unlink(path)
            raise
        return journal

    @classmethod
    def resume(cls, path: str) -> Journal:
        """A journal that is there, to say more."""
        try:
            path = trusted_file(path, sticky=True)
            journal = cls(path, _opened(path, new=False), "")
        except Untrusted as error:
            raise JournalBroken(f'the journal "{path}" is not trusted: {error}') from error
        except OSError as error:
            raise JournalBroken(_cannot(path, error)) from error
        try:
            end = end_of(path)
        except OSError as error:
            disk.close(journal._descriptor)
            raise JournalBroken(_cannot(path, error)) from error
        journal._seal = end.seal
        journal._begin({"is": "resumed", "torn": end.torn}, end.before)
        return journal

    def _begin(self, record: dict[str, Any], before: bytes = b"") -> None:
        """Say the first thing; what cannot even do that is closed."""
        try:
            self._write([record], before)
            self.sync()
        except JournalBroken:
            self.close()
            raise

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
            try:
                disk.sync(self._descriptor)
            finally:
                disk.close(self._descriptor)
        except OSError as error:
            raise JournalBroken(_cannot(self.path, error)) from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def _write(self, records: Sequence[dict[str, Any]], before: bytes = b"") -> None:
        told = [before]
        for record in records:
            line, self._seal = sealed(record, self._seal)
            told.append(line)
        try:
            disk.write(self._descriptor, b"".join(told))
        except OSError as error:
            raise JournalBroken(_cannot(self.path, error)) from error


def next_number(folder: str) -> int:
    """One more than the highest with which a name in the folder begins: the order of journals, whatever clocks say."""
    found = map(_NUMBERED.match, listed(folder))
    return 1 + max((int(number[1]) for number in found if number), default=0)


def _opened(path: str, *, new: bool) -> int:
    """The journal, open to append to, and ours alone until it is closed or the process ends."""
    descriptor = disk.append_to(path, new=new)
    try:
        with contextlib.suppress(OSError):  # a file system without locks keeps nobody out
            _lock(path, descriptor)
        if new:
            disk.sync_folder(path)
    except (OSError, JournalBroken):
        disk.close(descriptor)
        raise
    return descriptor


def _lock(path: str, descriptor: int) -> None:
    try:
        disk.lock(descriptor)
    except BlockingIOError:
        raise JournalBroken(f'the journal "{path}" is being written by another difPy: wait until it is done') from None


def _cannot(path: str, error: OSError) -> str:
    return f'the journal "{path}" cannot be written: {error.strerror or error}. Nothing is done that it does not tell'
