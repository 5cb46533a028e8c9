"""Digests in, small pictures out: a file of bounded size, from which what was asked for least recently goes first.

It holds nothing that cannot be made again. Where it may not be used, or is damaged, all is kept in memory instead.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import suppress

from difPy.private import Untrusted, private_folder, trusted_file, user_folder

LIMIT = 256 << 20
"""Bytes that thumbnails take, by default."""
_IN_MEMORY = 32 << 20
_ROOM = 0.9
"""What is left when some had to go: else one would go for each that comes."""
_TABLE = """
CREATE TABLE IF NOT EXISTS thumbnail (
    digest BLOB NOT NULL,           -- 32 bytes: BLAKE3 of the picture's file
    side INTEGER NOT NULL,          -- pixels, of the longest side
    asked INTEGER NOT NULL,         -- nanoseconds since 1970: when it was asked for last
    bytes INTEGER NOT NULL,
    data BLOB NOT NULL,             -- JPEG
    PRIMARY KEY (digest, side)
);
CREATE INDEX IF NOT EXISTS thumbnail_by_asked ON thumbnail (asked, bytes);
"""


class Thumbnails:
    """Small pictures by the digest of their file, and their size. Its methods may be called from any thread.

    Parameters
    ----------
    path : path, optional
        The file; by default one in the user's cache folder.
    limit : int, optional
        Bytes that all of them take, at most.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cache = Thumbnails(os.path.join(folder, "thumbnails.sqlite"), limit=100)
    ...     for name in (b"a", b"b", b"c"):
    ...         cache.put(name, 256, name * 40)
    ...     [cache.get(name, 256) is not None for name in (b"a", b"b", b"c")]
    ...     cache.close()
    [False, True, True]
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, limit: int = LIMIT) -> None:
        self._lock = threading.Lock()
        self._asked: dict[tuple[bytes, int], int] = {}
        self.limit = limit
        try:
            self._open(_place(path))
        except (sqlite3.Error, OSError, Untrusted):
            self.limit = min(limit, _IN_MEMORY)
            self._open(":memory:")

    def _open(self, path: str) -> None:
        self._database = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA trusted_schema = OFF")
        if path != ":memory:":
            self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = OFF")  # what a power cut takes can be made again
        self._database.executescript(_TABLE)
        (self._size,) = self._database.execute("SELECT coalesce(sum(bytes), 0) FROM thumbnail").fetchone()

    @property
    def size(self) -> int:
        """Bytes that they take now."""
        return int(self._size)

    def get(self, digest: bytes, side: int) -> bytes | None:
        """A thumbnail, if it is there."""
        with self._lock, suppress(sqlite3.Error):
            row = self._database.execute(
                "SELECT data FROM thumbnail WHERE digest = ? AND side = ?", (digest, side)
            ).fetchone()
            if row is not None and isinstance(row[0], bytes):
                self._asked[digest, side] = time.time_ns()
                return row[0]
        return None

    def put(self, digest: bytes, side: int, data: bytes) -> None:
        """Keep a thumbnail; what was asked for least recently makes room for it."""
        with self._lock, suppress(sqlite3.Error):
            self._database.execute("BEGIN")
            try:
                self._note_asked()
                new = (digest, side, time.time_ns(), len(data), data)
                done = self._database.execute("INSERT OR IGNORE INTO thumbnail VALUES (?, ?, ?, ?, ?)", new)
                self._size += len(data) if done.rowcount > 0 else 0
                if self._size > self.limit:
                    self._make_room()
            finally:
                self._database.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        with self._lock, suppress(sqlite3.Error):
            self._note_asked()
            self._database.close()

    def _note_asked(self) -> None:
        """Write when those that are there were asked for, many at a time."""
        rows = [(asked, *key) for key, asked in self._asked.items()]
        self._database.executemany("UPDATE thumbnail SET asked = ? WHERE digest = ? AND side = ?", rows)
        self._asked.clear()

    def _make_room(self) -> None:
        goal, gone = self._size - self.limit * _ROOM, []
        for row, size in self._database.execute("SELECT rowid, bytes FROM thumbnail ORDER BY asked"):
            gone.append((row,))
            self._size -= size
            goal -= size
            if goal <= 0:
                break
        self._database.executemany("DELETE FROM thumbnail WHERE rowid = ?", gone)


def _place(path: str | os.PathLike[str] | None) -> str:
    if path is None:
        path = os.path.join(private_folder(user_folder("cache")), "thumbnails.sqlite")
    return trusted_file(os.path.abspath(path))
