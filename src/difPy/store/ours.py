"""A path in, a file that may be opened as the index out: nobody else can have written it, and it is an index of ours.

Whoever can write an index decides which pictures look alike. And what SQLite finds beside a file it obeys: the pages
of a `-wal` take the place of the file's own, and a `-journal` can name a file that is to be deleted.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat

from difPy.errors import IndexUnusable
from difPy.private import Untrusted, private_folder, trusted_file
from difPy.store.schema import APPLICATION

_COMPANIONS = ("-wal", "-shm", "-journal")
_WAY_OUT = "name another one as the cache (--cache), or do without (--no-cache)"
_MAGIC = b"SQLite format 3\0"
_APPLICATION = slice(68, 72)  # where a SQLite file says whose it is
_SUPER_JOURNAL = bytes.fromhex("d9d505f920a163d7")  # the end of a journal that names another


def take(path: str) -> tuple[str, bool]:
    """Take the file as an index, or make an empty one, with its folder, where there is none: for nobody else.

    Returns
    -------
    str
        The path without symbolic links.
    bool
        Whether the file can be written.

    Raises
    ------
    IndexUnusable
        Others may have written it, or it is another program's. It has not been touched.
    OSError
        It cannot be made or looked at.
    """
    path = _trusted(path)
    with contextlib.suppress(FileExistsError):
        # Never open one that exists: closing it would drop the locks that other connections of this process hold.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise IndexUnusable(f"the index {path} is not a regular file: {_WAY_OUT}")
    if status.st_size and not _is_ours(path):
        raise IndexUnusable(f"{path} is no index of difPy, and is left as it is: {_WAY_OUT}")
    if _names_another(path + "-journal"):
        raise IndexUnusable(f"{path}-journal is none of difPy's, and names a file to be deleted: {_WAY_OUT}")
    return path, os.access(path, os.W_OK) and os.access(os.path.dirname(path), os.W_OK)


def _trusted(path: str) -> str:
    try:
        private_folder(os.path.dirname(path))
        path = trusted_file(path)
        for companion in _COMPANIONS:
            trusted_file(path + companion)
    except Untrusted as doubt:
        raise IndexUnusable(f"the index {path} is not trusted, for {doubt}; or {_WAY_OUT}") from None
    return path


def _is_ours(path: str) -> bool:
    """Whether a file says so, in bytes that no damage is likely to make.

    SQLite reads them, as it never drops a lock. Told that the file cannot change, it reads no other file and writes
    none: it would otherwise end what another program has begun.
    """
    from urllib.parse import quote

    uri = "file:" + quote(os.fsencode(path)) + "?mode=ro&immutable=1"
    try:
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
            return bool(connection.execute("PRAGMA application_id").fetchone() == (APPLICATION,))
    except sqlite3.DatabaseError:  # nobody has it open, as it cannot be
        with open(path, "rb") as file:
            header = file.read(_APPLICATION.stop)
        return header.startswith(_MAGIC) and header[_APPLICATION] == APPLICATION.to_bytes(4, "big")


def _names_another(journal: str) -> bool:
    """Whether a journal names a journal of several files, which SQLite deletes at the end: ours never do."""
    if not os.path.isfile(journal):
        return False
    with open(journal, "rb") as file:
        file.seek(-min(len(_SUPER_JOURNAL), file.seek(0, os.SEEK_END)), os.SEEK_END)
        return file.read() == _SUPER_JOURNAL
