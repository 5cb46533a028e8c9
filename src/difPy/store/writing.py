"""What files turned out to be in; rows of the index out, in the transaction that is open."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from difPy.errors import WrongValue
from difPy.files import Files
from difPy.store.bounds import REASON
from difPy.store.facts import int64, places, trusted_time
from difPy.store.rows import COLUMNS, as_rows, pixels_crc, reason_crc
from difPy.store.troubles import Damaged

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence

    import numpy as np
    import numpy.typing as npt

    from difPy.files import File, Files
    from difPy.model import Picture
    from difPy.store.values import Found, Recipe

    Place = tuple[int, int, bytes, int, int | None, bytes]  # a row of the table file


def write(connection: sqlite3.Connection, recipe: Recipe, found: Sequence[Found], since: int) -> None:
    """Write what files turned out to be: a word holds until more is known.

    Parameters
    ----------
    connection : sqlite3.Connection
        In a transaction.
    recipe : Recipe
    found : sequence of Found
    since : int
        Time in nanoseconds: no file was read earlier.

    Raises
    ------
    Damaged
    WrongValue
        A tensor is not of the recipe's size.
    """
    number = _recipe(connection, recipe)
    shape = (recipe.px_size, recipe.px_size, 3)
    for one in found:
        if one.picture is not None and one.picture.tensor.shape != shape:
            raise WrongValue(
                f"the tensor of {one.file.path!r} must be of shape {shape}, not {one.picture.tensor.shape}"
            )
    _write_pictures(connection, number, recipe, found)
    _write_failures(connection, number, recipe, found)
    _write_files(connection, number, recipe, found, since)


def write_places(connection: sqlite3.Connection, places: Sequence[Place]) -> None:
    """Write rows of the table `file`; what was known of the same paths, or of the same inodes, goes."""
    connection.executemany(_insert("file", "inode, device, path, size, mtime_ns, digest"), places)


def rows_of(files: Files, digests: Sequence[bytes], since: int) -> list[Place]:
    """Rows of the table `file` for files that were read since a time in nanoseconds, all of them."""
    until = time.time_ns()
    return [
        (int64(inode), int64(device), path, size, trusted_time(mtime_ns, since, until), digest)
        for inode, device, path, size, mtime_ns, digest in zip(
            files.inodes.tolist(),
            files.devices.tolist(),
            places(files),
            files.sizes.tolist(),
            files.times.tolist(),
            digests,
            strict=True,
        )
    ]


def forget(connection: sqlite3.Connection, number: int, digests: Collection[bytes]) -> None:
    """Remove pictures and failures of a recipe."""
    keys = [(number, digest) for digest in digests]
    for table in ("tensor", "views"):
        _remove(connection, table, "id = (SELECT id FROM picture WHERE recipe = ? AND digest = ?)", keys)
    for table in ("picture", "failure"):
        _remove(connection, table, "recipe = ? AND digest = ?", keys)


def knowledge(picture: Picture) -> int:
    """How much is known of a picture: the bytes of its identity, of which a sketch has none."""
    return len(picture.identity or b"")


def _recipe(connection: sqlite3.Connection, recipe: Recipe) -> int:
    """Id of the recipe: looked up each time, for another process may have removed it."""
    key = (recipe.px_size, recipe.decoders)
    connection.execute("INSERT OR IGNORE INTO recipe (px_size, decoders) VALUES (?, ?)", key)
    return int(connection.execute("SELECT id FROM recipe WHERE px_size = ? AND decoders = ?", key).fetchone()[0])


def _write_pictures(connection: sqlite3.Connection, number: int, recipe: Recipe, found: Sequence[Found]) -> None:
    best: dict[bytes, tuple[Picture, npt.NDArray[np.float32]]] = {}
    for one in found:
        if one.picture is not None and one.vector is not None:
            had = best.get(one.picture.digest)
            if had is None or knowledge(one.picture) >= knowledge(had[0]):
                best[one.picture.digest] = (one.picture, one.vector)
    marks = ",".join("?" * len(best))
    query = f"SELECT digest, id, coalesce(length(identity), 0) FROM picture WHERE recipe = ? AND digest IN ({marks})"
    held = {digest: (id_, known) for digest, id_, known in connection.execute(query, [number, *best])}
    fresh = _next_id(connection)
    numbers: list[int] = []
    pictures: list[Picture] = []
    vectors: list[npt.NDArray[np.float32]] = []
    for digest, (picture, vector) in best.items():
        id_, known = held.get(digest, (fresh, -1))
        if known >= knowledge(picture):
            continue
        fresh += digest not in held
        numbers.append(id_)
        pictures.append(picture)
        vectors.append(vector)
    connection.executemany(
        _insert("picture", f"recipe, {COLUMNS}"),
        [(number, *row) for row in as_rows(numbers, pictures, vectors, recipe.seed)],
    )
    pixels = [_pixels(id_, one.tensor) for id_, one in zip(numbers, pictures, strict=True)]
    views = [_pixels(id_, one.views) for id_, one in zip(numbers, pictures, strict=True) if one.views is not None]
    flat = [(id_,) for id_, one in zip(numbers, pictures, strict=True) if one.views is None and one.digest in held]
    connection.executemany(_insert("tensor", "id, crc, pixels"), pixels)
    connection.executemany(_insert("views", "id, crc, pixels"), views)
    _remove(connection, "views", "id = ?", flat)
    _remove(connection, "failure", "recipe = ? AND digest = ?", [(number, digest) for digest in best])


def _write_failures(connection: sqlite3.Connection, number: int, recipe: Recipe, found: Sequence[Found]) -> None:
    failures = {one.digest: one.reason for one in found if one.digest is not None and one.reason is not None}
    forget(connection, number, failures)
    rows = []
    for digest, text in failures.items():
        reason = _short(text)
        rows.append((number, digest, reason, reason_crc(reason, recipe.seed, digest)))
    connection.executemany(_insert("failure", "recipe, digest, reason, crc"), rows)


def _write_files(
    connection: sqlite3.Connection, number: int, recipe: Recipe, found: Sequence[Found], since: int
) -> None:
    until = time.time_ns()
    rows, poison = [], []
    for one, path in zip(found, places(Files.of(one.file for one in found)), strict=True):
        key = (int64(one.file.inode), int64(one.file.device))
        facts = (*key, path, one.file.size, _time(one.file, since, until))
        if one.digest is not None:
            rows.append((*facts, one.digest))
        elif one.reason is not None:
            reason = _short(one.reason)
            poison.append((number, *facts, reason, reason_crc(reason, recipe.seed, *facts)))
    write_places(connection, rows)
    _remove(connection, "poison", "recipe = ? AND inode = ? AND device = ?", [(number, *row[:2]) for row in rows])
    connection.executemany(_insert("poison", "recipe, inode, device, path, size, mtime_ns, reason, crc"), poison)


def _time(file: File, since: int, until: int) -> int | None:
    """The time by which a file is known again; None if it does not vouch for its content."""
    if file.address is not None:
        return file.mtime_ns if file.address.version else None
    return trusted_time(file.mtime_ns, since, until)


def _next_id(connection: sqlite3.Connection) -> int:
    """One more than any picture ever had."""
    query = """
        SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'picture'), 0),
                   coalesce((SELECT max(id) FROM picture), 0))
    """
    (last,) = connection.execute(query).fetchone()
    if not isinstance(last, int) or not 0 <= last < 1 << 62:
        raise Damaged(f"the last picture cannot have the number {last!r}")
    return last + 1


def _pixels(id_: int, pixels: npt.NDArray[np.uint8]) -> tuple[int, int, bytes]:
    blob = pixels.tobytes()
    return id_, pixels_crc(id_, blob), blob


def _short(reason: str) -> bytes:
    """A reason as it is remembered; what is cut off may be within a letter, which any reader of the rest survives."""
    return reason.encode("utf-8", "surrogateescape")[:REASON]


def _remove(connection: sqlite3.Connection, table: str, which: str, keys: Sequence[tuple[Any, ...]]) -> None:
    """Remove what there is of some keys. Most tables of failures, and of views, are empty: then none is looked for."""
    if keys and connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():
        connection.executemany(f"DELETE FROM {table} WHERE {which}", keys)


def _insert(table: str, columns: str) -> str:
    return f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({', '.join('?' * (columns.count(',') + 1))})"
