"""A connection in, the same connection within bounds out: no statement without end, no value that nobody wrote.

A file of a few pages can hold rows without number, by pages that refer to themselves, and values of a gigabyte; a
damaged one does so by chance. An honest statement takes a step of SQLite's machine for every ten bytes of the file, or
fewer, so one that takes a step for each byte, and ten million besides, is ended.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

USUAL = 1 << 17
"""Bytes of a value other than long pixels: the longest path of any system fits, and `REASON` does."""

REASON = 1 << 15
"""Bytes of a reason that are remembered: nobody reads on."""

LARGEST = 1 << 29
"""Bytes of pixels: SQLite keeps no blob much larger."""

_EVERY = 100_000  # steps from one look to the next: a millisecond, so that the looks cost nothing
_FREE = 10_000_000


class Bounded(sqlite3.Connection):
    """A connection that ends what takes too long; see `bounded`."""

    steps: Steps

    def bind(self, path: str) -> None:
        """Set the bounds."""
        self.steps = Steps(path)
        self.set_progress_handler(self.steps.look, _EVERY)
        self.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, USUAL)
        self.setlimit(sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 0)
        self.execute("PRAGMA trusted_schema = OFF")
        self.execute("PRAGMA cell_size_check = ON")
        if sys.version_info >= (3, 12):
            self.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)

    @contextlib.contextmanager
    def admitting(self, length: int) -> Iterator[None]:
        """Take longer values for a while: pixels."""
        before = self.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, length + USUAL)
        try:
            yield
        finally:
            self.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, before)


class Steps:
    """What a connection computes: `with` counts it anew, for a statement or some that belong together.

    SQLite keeps for itself what is raised while it asks how long to go on, and says that it was interrupted. So Ctrl-C,
    which comes to us just then, would pass for a statement without end, and the index for a damaged one.

    Parameters
    ----------
    path : str
        The file.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self.__enter__()

    def __enter__(self) -> None:
        self._taken = 0
        self._too_much = False
        self._raised: BaseException | None = None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        interrupted = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
        if interrupted and not self._too_much:
            raise self._raised or KeyboardInterrupt() from None

    def look(self) -> bool:
        """Whether to end the statement."""
        try:
            self._taken += _EVERY
            self._too_much = self._taken > _FREE and self._taken > _FREE + _bytes(self._path)
        except BaseException as error:
            self._raised = error
            return True
        return self._too_much


def bounded(name: str, path: str, **options: Any) -> Bounded:
    """Open a file.

    Parameters
    ----------
    name : str
        As SQLite takes it: the path, or a URI.
    path : str
    **options
        As `sqlite3.connect` takes them.
    """
    connection = sqlite3.connect(name, factory=Bounded, **options)
    connection.bind(path)
    return connection


def _bytes(path: str) -> int:
    """What a file takes on disk: holes hold no rows."""
    found = 0
    for name in (path, path + "-wal"):
        with contextlib.suppress(OSError):
            status = os.stat(name)
            found += min(status.st_size, getattr(status, "st_blocks", status.st_size) * 512)
    return found
