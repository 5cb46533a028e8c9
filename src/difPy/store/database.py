"""A path in, an open index file out: statements go in, rows come out, from any thread."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, TypeVar

from difPy.errors import IndexUnusable
from difPy.store.opening import Connections, connect
from difPy.store.ours import take
from difPy.store.schema import Foreign
from difPy.store.troubles import CIRCUMSTANCES, TOO_LONG, Damaged, Unopenable, Unwritable, judged, patiently, waiting

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterator

    from difPy.store.bounds import Bounded

    Row = tuple[Any, ...]

T = TypeVar("T")

_CHUNK = 300  # parameters of an IN (...), rows of a fetch: too few to wake the collector of garbage


class Database:
    """An index file, opened.

    Parameters
    ----------
    path : str
        Absolute. Created if missing; set aside if it is an index of ours and damaged.
    warn : callable
        Told, in a sentence, what a person should know.
    patience : float
        Seconds to wait for another program that keeps the file locked.

    Raises
    ------
    Unopenable
        It can be neither opened nor created, or stays locked.
    IndexUnusable
        A newer difPy made it, others may have written it, or it is no index at all. It is left as it is.
    """

    def __init__(self, path: str, warn: Callable[[str], None], patience: float) -> None:
        self.path = path
        self.writable = True
        self.inode: tuple[int, int] | None = None
        self._warn = warn
        self._patience = patience
        self._writing = threading.RLock()
        self._reading = threading.RLock()
        self._connections = Connections()
        self._close: Callable[[], object] = self._connections.close
        try:
            self._open()
        except Damaged as damage:
            self._begin_anew(damage)

    def set_aside(self, damage: Damaged, inode: tuple[int, int] | None) -> None:
        """Rename the damaged file, tell so, and begin a new one.

        Parameters
        ----------
        damage : Damaged
        inode : tuple of int or None
            `inode` when the damage was met: another thread may have been faster since.

        Raises
        ------
        Unopenable
            It cannot be renamed, or no new one opened.
        """
        with self._writing, self._reading:
            if inode == self.inode:
                self._begin_anew(damage)

    def close(self) -> None:
        """Close the file; closing twice is harmless. It closes by itself when nobody refers to it."""
        with self._writing, self._reading:
            self._close()
            self._connections = Connections()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write: all that is done inside is in the file at the end, or none of it.

        Raises
        ------
        Damaged, Unwritable
        """
        with self._writing, judged(self.path, "written", Unwritable, CIRCUMSTANCES | TOO_LONG):
            connection = self._writer()
            self._patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
            try:
                with connection.steps:
                    yield connection
                    self._patiently(lambda: connection.execute("COMMIT"))
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def shrink(self) -> None:
        """Give the space of deleted rows back to the disk; needs as much free space as the file has rows.

        Raises
        ------
        Damaged, Unwritable
        """
        with self._writing, judged(self.path, "made smaller", Unwritable):
            connection = self._writer()
            with connection.steps:
                self._patiently(lambda: connection.execute("VACUUM"))
                self._patiently(lambda: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)"))

    def rows(self, query: str, parameters: Collection[Any] = ()) -> list[Row]:
        """All rows of a query.

        Raises
        ------
        Damaged, IndexUnusable
        """
        with self._reading, judged(self.path, "read", IndexUnusable):
            connection = self._reader()
            with connection.steps:
                return self._patiently(lambda: connection.execute(query, tuple(parameters)).fetchall())

    @contextlib.contextmanager
    def admitting(self, length: int) -> Iterator[None]:
        """Read pixels of so many bytes, which else may not be more than `bounds.USUAL`.

        Raises
        ------
        IndexUnusable
            It is closed.
        """
        with self._reading, self._reader().admitting(length):
            yield

    def chunks(self, query: str, parameters: Collection[Any] = ()) -> Iterator[list[Row]]:
        """Rows of a query, some at a time.

        Raises
        ------
        Damaged, IndexUnusable
        """
        with self._reading, judged(self.path, "read", IndexUnusable):
            connection = self._reader()
            with connection.steps:
                cursor = self._patiently(lambda: connection.execute(query, tuple(parameters)))
                while rows := cursor.fetchmany(_CHUNK):
                    yield rows

    def matching(
        self, select: str, where: str, parameters: Collection[Any], column: str, wanted: Collection[Any], *, whole: bool
    ) -> Iterator[list[Row]]:
        """Rows whose `column` is among the wanted: each looked up, or the table read in one pass, others and all.

        Parameters
        ----------
        select : str
            "SELECT ... FROM table".
        where, parameters
            A condition that holds besides.
        column : str
        wanted : collection
        whole : bool
            One pass, in the order on disk: faster where a good part of the rows is wanted.

        Raises
        ------
        Damaged, IndexUnusable
        """
        if whole:
            yield from self.chunks(f"{select} NOT INDEXED WHERE {where}", parameters)
            return
        values = list(wanted)
        for start in range(0, len(values), _CHUNK):
            some = values[start : start + _CHUNK]
            marks = ",".join("?" * len(some))
            yield self.rows(f"{select} WHERE {where} AND {column} IN ({marks})", [*parameters, *some])

    def _writer(self) -> Bounded:
        if not self.writable:
            raise Unwritable(f"the index {self.path} cannot be written: it is only read")
        return self._opened(self._connections.writer)

    def _reader(self) -> Bounded:
        return self._opened(self._connections.reader)

    def _opened(self, connection: Bounded | None) -> Bounded:
        if connection is None:
            raise IndexUnusable(f"the index {self.path} is closed")
        return connection

    def _patiently(self, action: Callable[[], T]) -> T:
        return patiently(action, self._patience, lambda: self._warn(waiting(self.path)))

    def _open(self) -> None:
        try:
            self.path, writable = take(self.path)
            self.inode = _inode(self.path)
        except OSError as error:
            raise Unopenable(f"the index {self.path} cannot be created: {error.strerror}") from None
        try:
            with judged(self.path, "opened", Unopenable):
                self._connections = connect(self.path, writable=writable, patience=self._patience, warn=self._warn)
        except Foreign as foreign:
            raise Damaged(str(foreign)) from None
        self.writable = self._connections.writer is not None
        self._close = weakref.finalize(self, self._connections.close)

    def _begin_anew(self, damage: Damaged) -> None:
        self.close()
        aside = self.path + time.strftime(".damaged-%Y%m%dT%H%M%S")
        while os.path.lexists(aside):
            aside += "x"
        try:
            if self.inode == _inode(self.path):  # otherwise another process was faster
                os.rename(self.path, aside)
                for suffix in ("-wal", "-journal"):  # what is left of transactions belongs to the damaged file
                    with contextlib.suppress(FileNotFoundError):
                        os.rename(self.path + suffix, aside + suffix)
                self._warn(f"the index {self.path} is damaged ({damage}): it is now {aside}, and a new one begins")
        except FileNotFoundError:
            pass  # nothing left to rename
        except OSError as error:
            raise Unopenable(
                f"the index {self.path} is damaged ({damage}) and cannot be renamed: {error.strerror}"
            ) from None
        try:
            self._open()
        except Damaged as again:
            raise Unopenable(f"the new index {self.path} is damaged at once: {again}") from None


def _inode(path: str) -> tuple[int, int]:
    status = os.stat(path)
    return status.st_dev, status.st_ino
