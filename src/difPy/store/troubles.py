"""Errors of SQLite in, errors with one of four names out.

Damaged         the file is not what was written: set it aside
Unwritable      the run goes on without writing
IndexUnusable   it cannot be read either
└── Unopenable  not even opened: the run goes on without it
(any other)     a mistake of ours
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING, TypeVar

from difPy.errors import IndexUnusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
CIRCUMSTANCES = BUSY | {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL,
}
"""Codes that say nothing against the file. All others do: our statements are right for a sound one, and end soon."""

TOO_LONG = frozenset({sqlite3.SQLITE_TOOBIG})
"""Nothing against a file that is written: not every SQLite takes values as long as ours."""

_TELL = 5.0  # seconds after which a person is told what we wait for


class Damaged(Exception):
    """The file is not what was written; the text says how that showed."""


class Unwritable(Exception):
    """The file cannot be written now; the text says why."""


class Unopenable(IndexUnusable):
    """The file can be neither opened nor created now; the text says why."""


def code(error: sqlite3.Error) -> int:
    """Primary result code. An error without one (text that is not UTF-8) is one of the file."""
    extended: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    if extended in (sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS):
        return sqlite3.SQLITE_CORRUPT
    return extended & 0xFF


@contextlib.contextmanager
def judged(
    path: str, done: str, otherwise: type[Exception], circumstances: frozenset[int] = CIRCUMSTANCES
) -> Iterator[None]:
    """Give errors of SQLite their name.

    Parameters
    ----------
    path : str
        The index.
    done : str
        What is being done to it: "read", "written", ...
    otherwise : type
        What to raise if the file is not damaged.
    circumstances : frozenset of int
        Codes that say nothing against the file.
    """
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise
    except UnicodeDecodeError as error:
        raise Damaged(str(error)) from error
    except sqlite3.Error as error:
        if code(error) not in circumstances:
            raise Damaged(str(error)) from error
        why = "another program keeps it locked" if code(error) in BUSY else error
        raise otherwise(f"the index {path} cannot be {done}: {why}") from error


def patiently(action: Callable[[], T], patience: float, tell: Callable[[], None]) -> T:
    """Do it, again and again while another program keeps the file locked.

    Parameters
    ----------
    action : callable
    patience : float
        Seconds after which to give up, with SQLite's error.
    tell : callable
        Called once if it takes long.
    """
    began, told = time.monotonic(), False
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - began
            if code(error) not in BUSY or waited >= patience:
                raise
            if waited >= _TELL and not told:
                told = True
                tell()
            time.sleep(0.01)


def waiting(path: str) -> str:
    """What to tell a person whom we keep waiting."""
    return f"another program is using the index {path}: waiting for it"
