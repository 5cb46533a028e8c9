"""A connection in, the same connection with the tables of this version of difPy out; or why it cannot be."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from typing import TYPE_CHECKING

from difPy.errors import IndexUnusable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Shape = list[tuple[object, ...]]

APPLICATION = 0x64696650
"""`PRAGMA application_id` of an index: "difP"."""

VERSION = 3
"""`PRAGMA user_version` of an index. Raise it with the schema, and write the step up into `MIGRATIONS`.

1: before difPy 5.0
2: before difPy 5.0: what a file holds beside its picture, and what its metadata tell
3: difPy 5.0: what methods of finding altered copies made of pictures
"""

MIGRATIONS: dict[int, str] = {
    1: """
    ALTER TABLE picture ADD COLUMN beside TEXT;
    ALTER TABLE picture ADD COLUMN other_fields INTEGER;
    ALTER TABLE picture ADD COLUMN notes INTEGER;
    ALTER TABLE picture ADD COLUMN lossless INTEGER;
    """,
    2: """
    CREATE TABLE method (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        recipe TEXT NOT NULL,
        UNIQUE (name, recipe)
    );
    CREATE TABLE finding (
        id INTEGER PRIMARY KEY,
        method INTEGER NOT NULL,
        key BLOB NOT NULL,
        crc INTEGER NOT NULL,
        content BLOB NOT NULL,
        UNIQUE (method, key)
    );
    """,
}
"""Version -> the SQL that makes the next version of it. A version that is missing here is set aside, not migrated.

What the steps end in must read as `SCHEMA` does, but for comments and spaces: nothing of another shape is opened."""

SCHEMA = """
CREATE TABLE recipe (
    -- A row per way of looking at pictures. What one recipe saw says nothing under another: px_size shapes the tensor,
    -- and another version of a codec may differ by a level, which would tell two copies of one picture apart.
    id INTEGER PRIMARY KEY,
    px_size INTEGER NOT NULL,       -- width and height of the tensors
    decoders TEXT NOT NULL,         -- names and versions of all that decides the numbers
    UNIQUE (px_size, decoders)
);

CREATE TABLE picture (
    -- A row per content (the bytes of a file) and recipe. What is long or rarely asked for lies in other tables, so
    -- that a million of these rows are read without paging through their tensors.
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used twice: another process may still hold it
    recipe INTEGER NOT NULL,        -- recipe.id
    digest BLOB NOT NULL,           -- 32 bytes: BLAKE3 of the content
    identity BLOB,                  -- 40 bytes, or 8; NULL for a sketch, see model.Picture
    stance INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    frames INTEGER NOT NULL,
    views INTEGER NOT NULL,         -- rows of the views; 0 where the tensor says it all and table views has no row
    error REAL NOT NULL,            -- bound on the RMS error of the tensor, in levels; 0 for a full decode
    format TEXT NOT NULL,
    exif_fields INTEGER NOT NULL,
    gps INTEGER NOT NULL,           -- 0 or 1
    vector BLOB NOT NULL,           -- little-endian float32: what the join walks on
    crc INTEGER NOT NULL,           -- CRC-32 of the recipe and the other columns, see rows.py
    beside TEXT,                    -- what else the file holds, see parts.py; NULL for most
    other_fields INTEGER,           -- of XMP, IPTC and text; NULL, with the next two, in a row of version 1
    notes INTEGER,                  -- bit mask: traits.Notes
    lossless INTEGER,               -- 0, 1 or 2: traits.Lossless
    UNIQUE (recipe, digest)
);

CREATE TABLE tensor (
    id INTEGER PRIMARY KEY,         -- picture.id
    crc INTEGER NOT NULL,           -- CRC-32 of the digest and the pixels
    pixels BLOB NOT NULL            -- uint8, px_size * px_size * 3, not compressed: that would save an eighth
);

CREATE TABLE views (
    id INTEGER PRIMARY KEY,         -- picture.id
    crc INTEGER NOT NULL,
    pixels BLOB NOT NULL            -- uint8, picture.views * px_size * px_size * 3
);

CREATE TABLE failure (
    -- A row per content that is no picture, and recipe.
    recipe INTEGER NOT NULL,        -- recipe.id
    digest BLOB NOT NULL,
    reason BLOB NOT NULL,           -- UTF-8; bytes of a file name that are not, as they are
    crc INTEGER NOT NULL,
    PRIMARY KEY (recipe, digest)
) WITHOUT ROWID;

CREATE TABLE file (
    -- A row per file, whatever the number of its names; a path leads to one file. Path, device and inode are both
    -- unique, so what replaces a file, or the number of its device, replaces its row.
    inode INTEGER NOT NULL,
    device INTEGER NOT NULL,
    path BLOB NOT NULL UNIQUE,      -- absolute, without symbolic links but for the last part; bytes of os.fsencode
    size INTEGER NOT NULL,
    mtime_ns INTEGER,               -- NULL: so young when it was read that a later change may not show; never trusted
    digest BLOB NOT NULL,           -- BLAKE3 of its content
    PRIMARY KEY (inode, device)
) WITHOUT ROWID;

CREATE INDEX file_by_size ON file (size);   -- a size that is not here is a content that is not here: no need to digest

CREATE TABLE method (
    -- A row per way of finding altered copies, and per version of it and of all that decides its numbers.
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    recipe TEXT NOT NULL,
    UNIQUE (name, recipe)
);

CREATE TABLE finding (
    -- What a method made of a content, or of two: descriptors, verdicts.
    id INTEGER PRIMARY KEY,
    method INTEGER NOT NULL,        -- method.id
    key BLOB NOT NULL,              -- the digests of the contents, and what else tells findings apart
    crc INTEGER NOT NULL,           -- CRC-32 of the method, the key and the content
    content BLOB NOT NULL,
    UNIQUE (method, key)
);

CREATE TABLE poison (
    -- A row per recipe and file whose decoding ended before there was a digest: the worker died, time ran out.
    recipe INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    device INTEGER NOT NULL,
    path BLOB NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER,
    reason BLOB NOT NULL,
    crc INTEGER NOT NULL,
    PRIMARY KEY (recipe, inode, device)
) WITHOUT ROWID;
"""


class Foreign(Exception):
    """A sound database, but no index of ours, or one that has lost its shape."""


def prepare(
    connection: sqlite3.Connection,
    name: str,
    *,
    version: int = VERSION,
    migrations: Mapping[int, str] = MIGRATIONS,
) -> None:
    """Make the tables in an empty database, or bring those of an older version up to date, in one transaction.

    Parameters
    ----------
    connection : sqlite3.Connection
        In autocommit mode.
    name : str
        The file's, for messages.
    version, migrations
        What to end at, and the steps.

    Raises
    ------
    IndexUnusable
        A newer difPy made it.
    Foreign
        Something else made it, or a difPy so old that no step leads here.
    """
    shape = _shape_of(version, migrations)
    if not _steps(connection, name, version, migrations):
        _require(connection, shape)
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for script in _steps(connection, name, version, migrations):  # once more: another process may have been faster
            _run(connection, script)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {version}")
        _require(connection, shape)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _steps(connection: sqlite3.Connection, name: str, version: int, migrations: Mapping[int, str]) -> list[str]:
    """Scripts that lead from what there is to this version."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    if application != APPLICATION and not empty:
        raise Foreign("another program made it")
    if found > version:
        raise IndexUnusable(
            f"the index {name} was made by a newer difPy (its schema is {found}, this difPy knows {version}): "
            "upgrade difPy, or name another file as the cache"
        )
    if empty:
        return [SCHEMA]
    if any(step not in migrations for step in range(found, version)):
        raise Foreign(f"a difPy too old made it (its schema is {found})")
    return [migrations[step] for step in range(found, version)]


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Run statements inside the open transaction, which `executescript` would commit."""
    for statement in statements(script):
        connection.execute(statement)


def statements(script: str) -> Iterator[str]:
    r"""Statements of a script, each of which ends at the end of a line.

    Examples
    --------
    >>> list(statements("SELECT 1; -- one;\nSELECT\n2;"))
    ['SELECT 1; -- one;\n', 'SELECT\n2;']
    """
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _require(connection: sqlite3.Connection, shape: Shape) -> None:
    """Ask that there is what a new index has and nothing else: a trigger, a view or a check would be run as ours."""
    if _shape(connection) != shape:
        raise Foreign("its tables are not those of an index")


def _shape_of(version: int, migrations: Mapping[int, str]) -> Shape:
    """Shape of a new index, or of one that was made anew and then brought up to a later version."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        for script in (SCHEMA, *(migrations[step] for step in range(VERSION, version))):
            _run(fresh, script)
        return _shape(fresh)


def _shape(connection: sqlite3.Connection) -> Shape:
    """All that is in a database, by kind and name, with its SQL; without comments and spaces that say nothing.

    None of our statements has a quote, a bracket or a comment of the other kind, so what looks the same is the same.
    """
    found = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    return sorted(((*names, _plain(sql)) for *names, sql in found), key=repr)  # damage puts anything anywhere


def _plain(sql: object) -> object:
    r"""Statement on one line.

    Examples
    --------
    >>> _plain("CREATE TABLE name (-- one\n  first INTEGER, -- and\n  second\n);")
    'CREATE TABLE name(first INTEGER,second);'
    """
    if not isinstance(sql, str):
        return sql
    plain = re.sub(r"[ \t\n\f\r]+", " ", re.sub(r"--[^\n]*", "", sql))
    return re.sub(r" ?([(),]) ?", r"\1", plain)
