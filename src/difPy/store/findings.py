"""What methods made of contents: read from the index, written to it, each checked to be what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from difPy.store.reading import many
from difPy.store.rows import DIGEST
from difPy.store.troubles import Damaged

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Mapping

    from difPy.store.database import Database
    from difPy.store.values import Way


def held(database: Database, way: Way, keys: Collection[bytes]) -> set[bytes]:
    """Keys (perhaps others, too) of which something was found.

    Raises
    ------
    Damaged, IndexUnusable
    """
    chunks = database.matching(
        "SELECT key FROM finding", "method = ?", _number(database, way), "key", keys, whole=many(database, len(keys))
    )
    return {key for chunk in chunks for (key,) in chunk}


def recalled(database: Database, way: Way, keys: Collection[bytes]) -> dict[bytes, bytes]:
    """What was found, by key; keys of which nothing was found are missing.

    Raises
    ------
    Damaged, IndexUnusable
    """
    select, number = "SELECT key, crc, content FROM finding", _number(database, way)
    found = {}
    for chunk in database.matching(select, "method = ?", number, "key", keys, whole=False):
        for key, crc, content in chunk:
            if not isinstance(key, bytes) or not isinstance(content, bytes) or _crc(way, key, content) != crc:
                raise Damaged("what a method found is not what was written")
            found[key] = content
    return found


def write_findings(connection: sqlite3.Connection, way: Way, found: Mapping[bytes, bytes]) -> None:
    """Write what was found: the last word holds."""
    connection.execute("INSERT OR IGNORE INTO method (name, recipe) VALUES (?, ?)", (way.name, way.recipe))
    query = "SELECT id FROM method WHERE name = ? AND recipe = ?"
    (number,) = connection.execute(query, (way.name, way.recipe)).fetchone()
    connection.executemany(
        "INSERT OR REPLACE INTO finding (method, key, crc, content) VALUES (?, ?, ?, ?)",
        [(number, key, _crc(way, key, content), content) for key, content in found.items()],
    )


def keep_latest(connection: sqlite3.Connection, way: Way, length: int, most: int) -> None:
    """Remove all but the latest of what was found in a way: of keys that begin with the same bytes, all or none."""
    numbers = "SELECT id FROM method WHERE name = ? AND recipe = ?"
    latest = f"""
        SELECT substr(key, 1, {length}) FROM finding WHERE method IN ({numbers})
        GROUP BY substr(key, 1, {length}) ORDER BY max(id) DESC LIMIT {most}
    """
    connection.execute(
        f"DELETE FROM finding WHERE method IN ({numbers}) AND substr(key, 1, {length}) NOT IN ({latest})",
        (way.name, way.recipe) * 2,
    )


def forget_findings(connection: sqlite3.Connection, decoders: str) -> None:
    """Remove what other decoders saw, and what was made of contents that no file has."""
    connection.execute("DELETE FROM method WHERE substr(recipe, -length(?)) <> ?", (decoders, decoders))
    connection.execute("DELETE FROM finding WHERE method NOT IN (SELECT id FROM method)")
    for start in (1, 1 + DIGEST):
        connection.execute(
            f"DELETE FROM finding WHERE length(key) > {start} "
            f"AND substr(key, {start}, {DIGEST}) NOT IN (SELECT digest FROM file)"
        )


def _number(database: Database, way: Way) -> tuple[int]:
    rows = database.rows("SELECT id FROM method WHERE name = ? AND recipe = ?", (way.name, way.recipe))
    return (int(rows[0][0]) if rows else -1,)


def _crc(way: Way, key: bytes, content: bytes) -> int:
    return crc32(content, crc32(key, crc32(f"{way.name} {way.recipe}".encode())))
