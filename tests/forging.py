"""An index in, the same out with rows that were never found in any file, and a right checksum on each."""

import contextlib
import sqlite3

import numpy as np

from difPy.model import Picture
from difPy.store.rows import COLUMNS, pixels_crc, row, seed

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


def _look(connection, recipe, px_size, digest):
    query = f"SELECT {COLUMNS} FROM picture WHERE recipe = ? AND digest = ?"
    found = connection.execute(query, (recipe, digest)).fetchone()
    if found is None:
        return None
    facts = dict(zip(PICTURE, found, strict=True))
    number, vector = facts.pop("id"), np.frombuffer(facts.pop("vector"), "<f4")
    del facts["crc"], facts["digest"]
    facts["identity"] = facts["identity"] or bytes(32)
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
    values = (recipe, *row(number, picture, vector, start))
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT OR REPLACE INTO picture (recipe, {COLUMNS}) VALUES ({marks})", values)
    for table, pixels in (("tensor", picture.tensor), ("views", picture.views)):
        connection.execute(f"DELETE FROM {table} WHERE id = ?", (number,))
        if pixels is not None:
            blob = pixels.tobytes()
            connection.execute(
                f"INSERT INTO {table} (id, crc, pixels) VALUES (?, ?, ?)", (number, pixels_crc(number, blob), blob)
            )
