"""An index in, the same out with rows that were never found in any file, and a right checksum on each."""

import contextlib
import sqlite3
import struct
from pathlib import Path
from zlib import crc32

import numpy as np

from difPy.clues import WHOLE
from difPy.match.remembered import WAY
from difPy.model import Picture
from difPy.store.rows import COLUMNS, as_rows, checked, pixels_crc, reason_crc, seed
from difPy.store.troubles import Damaged

PICTURE = COLUMNS.split(", ")


def forge_identical(index_path, digests):
    """Make an index say that contents look the same, in every pixel, and are of the same size.

    Parameters
    ----------
    index_path : path
        Nobody has it open.
    digests : sequence of bytes
        BLAKE3 of files that the index knows as pictures. All get the looks of the first, under every recipe.
    """
    with contextlib.closing(sqlite3.connect(index_path)) as connection, connection:
        for recipe, px_size, decoders in connection.execute("SELECT id, px_size, decoders FROM recipe").fetchall():
            looks = [_look(connection, recipe, px_size, digest) for digest in digests]
            if None not in looks:
                for number, digest in zip([look[0] for look in looks], digests, strict=True):
                    _write(connection, recipe, number, looks[0], digest, seed(px_size, decoders))


def forge_findings(index_path, method, change):
    """Have everything that a way of finding altered copies made be something else, and no answer be remembered.

    Parameters
    ----------
    index_path : path
        Nobody has it open.
    method : str
        Name of the way.
    change : callable
        What the index holds in, what it is to hold out.
    """
    with contextlib.closing(sqlite3.connect(index_path)) as connection, connection:
        rows = connection.execute(
            "SELECT finding.id, recipe, key, content FROM finding JOIN method ON method.id = finding.method "
            "WHERE name = ? AND length(content) > 0",
            (method,),
        ).fetchall()
        assert rows, method
        for number, recipe, key, content in rows:
            forged = change(content)
            crc = crc32(forged, crc32(key, crc32(f"{method} {recipe}".encode())))
            connection.execute("UPDATE finding SET content = ?, crc = ? WHERE id = ?", (forged, crc, number))
        connection.execute("DELETE FROM finding WHERE method = (SELECT id FROM method WHERE name = ?)", (WAY.name,))


def _look(connection, recipe, px_size, digest):
    query = f"SELECT {COLUMNS} FROM picture WHERE recipe = ? AND digest = ?"
    found = connection.execute(query, (recipe, digest)).fetchone()
    if found is None:
        return None
    facts = dict(zip(PICTURE, found, strict=True))
    number, vector = facts.pop("id"), np.frombuffer(facts.pop("vector"), "<f4")
    del facts["crc"], facts["digest"]
    facts["identity"] = facts["identity"] or bytes(WHOLE)
    facts["beside"] = facts["beside"] or ""
    facts["error"] = 0.0
    facts["tensor"], facts["views"] = (
        None if pixels is None else np.frombuffer(pixels[0], np.uint8).reshape(-1, px_size, px_size, 3)
        for pixels in (
            connection.execute(f"SELECT pixels FROM {table} WHERE id = ?", (number,)).fetchone()
            for table in ("tensor", "views")
        )
    )
    return number, facts, vector


def _write(connection, recipe, number, look, digest, start):
    _, facts, vector = look
    picture = Picture(**{**facts, "digest": digest, "tensor": facts["tensor"][0], "gps": bool(facts["gps"])})
    values = (recipe, *as_rows([number], [picture], [vector], start)[0])
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT OR REPLACE INTO picture (recipe, {COLUMNS}) VALUES ({marks})", values)
    for table, pixels in (("tensor", picture.tensor), ("views", picture.views)):
        connection.execute(f"DELETE FROM {table} WHERE id = ?", (number,))
        if pixels is not None:
            blob = pixels.tobytes()
            connection.execute(
                f"INSERT INTO {table} (id, crc, pixels) VALUES (?, ?, ?)", (number, pixels_crc(number, blob), blob)
            )


@contextlib.contextmanager
def forger(index_path):
    """A connection that may write anything: NULL, too, where the schema says NOT NULL. The schema is the same after."""
    for before, after in ((" NOT NULL", "/* NN */"), ("/* NN */", " NOT NULL")):
        with contextlib.closing(sqlite3.connect(index_path)) as connection, connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("UPDATE sqlite_master SET sql = replace(sql, ?, ?)", (before, after))
        if before == " NOT NULL":
            with contextlib.closing(sqlite3.connect(index_path)) as connection, connection:
                yield connection


def sign(connection, table):
    """Write right checksums into a table, but for rows that are so wrong that they can have none."""
    names = [column[1] for column in connection.execute(f"PRAGMA table_info({table})")]
    keys = [column[1] for column in connection.execute(f"PRAGMA table_info({table})") if column[5]]
    seeds = {id_: seed(px, decoders) for id_, px, decoders in connection.execute("SELECT * FROM recipe")}
    for found in connection.execute(f"SELECT * FROM {table}").fetchall():
        facts = dict(zip(names, found, strict=True))
        with contextlib.suppress(TypeError, ValueError, OverflowError, AttributeError):
            crc = _crc(table, facts, seeds)
            where = " AND ".join(f"{key} IS ?" for key in keys)
            connection.execute(f"UPDATE {table} SET crc = ? WHERE {where}", (crc, *(facts[key] for key in keys)))


def _crc(table, facts, seeds):
    if table == "picture":
        return _picture_crc([facts[name] for name in PICTURE], seeds.get(facts["recipe"], 0))
    if table in ("tensor", "views"):
        return pixels_crc(facts["id"], facts["pixels"])
    key = ("digest",) if table == "failure" else ("inode", "device", "path", "size", "mtime_ns")
    return reason_crc(facts["reason"], seeds.get(facts["recipe"], 0), *(facts[name] for name in key))


def _picture_crc(values, start):
    """What `checked` computes, which is all that it compares with."""
    computed = []

    class Any(int):
        def __eq__(self, other):
            computed.append(other)
            return True

        __hash__ = None

    with contextlib.suppress(Damaged):
        checked([(*values[:-1], Any())], start)
    return computed[0] if computed else 0


def forge_endless(index_path, table, levels=6):
    """Make a scan of a table come to no end: pages above its first leaf that all lead to it, again and again."""
    with contextlib.closing(sqlite3.connect(index_path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray(Path(index_path).read_bytes())

    def page(number):
        return content[(number - 1) * size : number * size]

    leaf = root
    while page(leaf)[0] == 5:  # an interior page: down to its last child
        leaf = struct.unpack(">I", page(leaf)[8:12])[0]
    assert page(leaf)[0] == 13
    if leaf == root:
        content += page(root)
        leaf = len(content) // size
    below = leaf
    for level in range(levels):
        cells = (size - 12) // 7
        body = b"".join(struct.pack(">IB", below, 1) for _ in range(cells))
        start = size - len(body)
        pointers = b"".join(struct.pack(">H", start + 5 * at) for at in range(cells))
        interior = struct.pack(">BHHHBI", 5, 0, cells, start, 0, below) + pointers
        interior += bytes(start - len(interior)) + body
        if level == levels - 1:
            content[(root - 1) * size : root * size] = interior
        else:
            content += interior
            below = len(content) // size
    content[28:32] = struct.pack(">I", len(content) // size)
    content[18:20] = b"\2\2"  # back to the write-ahead log
    content[92:96] = content[24:28]  # the size is valid
    Path(index_path).write_bytes(content)
