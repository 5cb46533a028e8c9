"""A path in, open connections out: in the best way that the file, its folder and its file system allow."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from difPy.store.bounds import LARGEST, USUAL, Bounded, bounded
from difPy.store.schema import APPLICATION, VERSION, prepare
from difPy.store.troubles import BUSY, CIRCUMSTANCES, code, patiently, waiting

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_ATTEMPT = 1.0  # seconds SQLite waits for a lock by itself: as long as Ctrl-C may have to wait
_PAGE = 8192  # bytes: a tensor of 50 x 50 takes one
_WAL_PAGES = (16 << 20) // _PAGE  # at each checkpoint: pages of the digests' index are written often, at random
_WAL_LIMIT = 64 << 20


@dataclass(slots=True)
class Connections:
    """One to write, unless the file can only be read, and one to read."""

    writer: Bounded | None = None
    reader: Bounded | None = None

    def close(self) -> None:
        """Close both. The last one of all processes tidies up the file."""
        for connection in (self.reader, self.writer):
            if connection is not None:
                connection.close()


def connect(path: str, *, writable: bool, patience: float, warn: Callable[[str], None]) -> Connections:
    """Open a file that exists.

    Parameters
    ----------
    path : str
    writable : bool
        From `take`.
    patience, warn
        As `Database` takes them.

    Raises
    ------
    sqlite3.Error, Foreign, IndexUnusable
    """
    ways = (_Opening.share, _Opening.take_turns, _Opening.only_read) if writable else (_Opening.only_read,)
    first: sqlite3.Error | None = None
    for way in ways:
        opening = _Opening(path, patience, warn)
        try:
            way(opening)
            return opening.connections
        except BaseException as error:
            opening.connections.close()
            if not isinstance(error, sqlite3.OperationalError) or code(error) not in CIRCUMSTANCES - BUSY:
                raise
            first = first or error
    assert first is not None
    raise first


@dataclass(slots=True)
class _Opening:
    """One way to open a file, tried: its connections are to be closed if it fails."""

    path: str
    patience: float
    warn: Callable[[str], None]
    connections: Connections = field(default_factory=Connections)

    def share(self) -> None:
        """Let readers and a writer work at the same time."""
        writer = self.write()
        if not self.ask(writer, "page_count"):
            self.persist(lambda: writer.execute(f"PRAGMA page_size = {_PAGE}"))
            # Before all else whose it is: a file that does not say so is nobody's to take.
            self.persist(lambda: writer.execute(f"PRAGMA application_id = {APPLICATION}"))
            self.ask(writer, "journal_mode = WAL")
        # A file of this schema that is not in this mode was taken out of it, for want of shared memory. To try again
        # would pull the file from under those who work with it.
        settled = self.ask(writer, "user_version") == VERSION
        self.prepare(writer)
        if self.ask(writer, "journal_mode" if settled else "journal_mode = WAL") == "wal":
            writer.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last seconds, never the file
            writer.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
            writer.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT}")
            self.require_shared_memory(writer)
        else:
            self.tell_turns()
        self.read(self.path)

    def require_shared_memory(self, writer: sqlite3.Connection) -> None:
        """Where there is none, it only shows when one begins to write; a file that others keep locked has it."""
        try:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            if code(error) not in BUSY:
                raise

    def take_turns(self) -> None:
        """Do without shared memory, where there is none: readers and writers wait for one another."""
        self.persist(self.leave_shared_memory)
        writer = self.write()
        self.prepare(writer)
        self.read(self.path)
        self.tell_turns()

    def leave_shared_memory(self) -> None:
        """Take the file out of the other mode, as one can who is alone with it.

        A connection that fails keeps a lock, for which others would wait as it waits for theirs: so it is closed.
        """
        with contextlib.closing(self.connection(self.path)) as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = DELETE")

    def only_read(self) -> None:
        """Read a file that cannot be written, perhaps in a folder where nothing can."""
        from urllib.parse import quote

        uri = "file:" + quote(os.fsencode(self.path)) + "?mode=ro"
        reader = self.read(uri)
        try:
            self.persist(lambda: prepare(reader, self.path))
        except sqlite3.OperationalError as error:
            leftover = self.path + "-wal"
            if code(error) not in CIRCUMSTANCES - BUSY or (os.path.exists(leftover) and os.path.getsize(leftover)):
                raise
            # There is no place for shared memory. But nobody is writing, so read it as what cannot change.
            reader.close()
            prepare(self.read(uri + "&immutable=1"), self.path)
        self.warn(f"the index {self.path} cannot be written: it is only read")

    def prepare(self, writer: Bounded) -> None:
        self.persist(lambda: prepare(writer, self.path))
        writer.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST + USUAL)

    def write(self) -> Bounded:
        self.connections.writer = self.connection(self.path)
        return self.connections.writer

    def read(self, name: str) -> Bounded:
        self.connections.reader = self.connection(name)
        self.connections.reader.execute("PRAGMA query_only = ON")
        return self.connections.reader

    def connection(self, name: str) -> Bounded:
        uri = name.startswith("file:")
        return bounded(name, self.path, timeout=_ATTEMPT, isolation_level=None, check_same_thread=False, uri=uri)

    def ask(self, connection: Bounded, pragma: str) -> object:
        """What a pragma answers."""
        return self.persist(lambda: connection.execute(f"PRAGMA {pragma}").fetchone())[0]

    def persist(self, action: Callable[[], T]) -> T:
        return patiently(action, self.patience, lambda: self.warn(waiting(self.path)))

    def tell_turns(self) -> None:
        self.warn(
            f"the index {self.path} is on a file system without shared memory (a network drive?): it works, "
            "but slower, and programs that use it wait for one another"
        )
