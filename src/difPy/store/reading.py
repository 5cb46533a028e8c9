"""Files, or digests of their contents, in; what is known of them out. Nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.store.facts import Sought
from difPy.store.rows import reason_crc
from difPy.store.troubles import Damaged
from difPy.store.values import EXACT, FAILED, LIKELY, NEW, SKETCH, Known

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from difPy.model import Files
    from difPy.store.database import Database
    from difPy.store.values import Recipe

    Place = tuple[int, int, bytes, int, int | None, bytes]  # a row of the table file

_PASS = 8


def many(database: Database, wanted: int) -> bool:
    """Whether so many rows are faster found by reading all: from one row in eight."""
    held: int = database.rows("SELECT coalesce(max(id), 0) FROM picture")[0][0]
    return wanted * _PASS > held


def known(database: Database, recipe: Recipe, files: Files) -> tuple[Known, list[Place]]:
    """What is known of files without opening them.

    Returns
    -------
    Known
    list of tuple
        Rows of the table `file` as they should be, for files that have another name now.

    Raises
    ------
    Damaged, IndexUnusable
    """
    sought = Sought(files)
    digests: list[bytes | None] = [None] * len(files)
    moved: list[Place] = []
    for device, inodes in sought.inodes().items():
        select = "SELECT inode, size, mtime_ns, path, digest FROM file"
        # The plus keeps SQLite from going through the index by size, which holds the device too: that is slower.
        where, whole = "+device = ? AND mtime_ns IS NOT NULL", many(database, len(inodes))
        for chunk in database.matching(select, where, (device,), "inode", inodes.tolist(), whole=whole):
            for at, (inode, size, mtime_ns, path, digest) in sought.unchanged(device, chunk):
                digests[at] = digest
                if path != sought.places[at]:
                    moved.append((inode, device, sought.places[at], size, mtime_ns, digest))
    found = by_digest(digests, *recognised(database, recipe, [digest for digest in digests if digest is not None]))
    _mark_poison(database, recipe, sought, found)
    _mark_likely(database, files, found)
    return found, moved


def recognised(
    database: Database, recipe: Recipe, digests: Collection[bytes]
) -> tuple[dict[bytes, int], dict[bytes, str]]:
    """States of the digests that are known (and perhaps of others), and the reasons of those that FAILED.

    Raises
    ------
    Damaged, IndexUnusable
    """
    number = (recipe.number(database),)
    states: dict[bytes, int] = {}
    reasons: dict[bytes, str] = {}
    whole = many(database, len(digests))
    select = f"SELECT digest, iif(identity IS NULL, {SKETCH}, {EXACT}) FROM picture"
    for chunk in database.matching(select, "recipe = ?", number, "digest", digests, whole=whole):
        states.update(chunk)
    select = "SELECT digest, reason, crc FROM failure"
    for chunk in database.matching(select, "recipe = ?", number, "digest", digests, whole=whole):
        for digest, reason, crc in chunk:
            states[digest] = FAILED
            reasons[digest] = _reason(reason, crc, recipe.seed, digest)
    return states, reasons


def by_digest(digests: Sequence[bytes | None], states: dict[bytes, int], reasons: dict[bytes, str]) -> Known:
    """What `recognised` says, for each of these digests."""
    column = np.array([states.get(digest or b"", NEW) for digest in digests], np.uint8)
    held = [digest if digest in states else None for digest in digests]
    return Known(column, held, {at: reasons[held[at] or b""] for at in np.flatnonzero(column == FAILED).tolist()})


def _mark_poison(database: Database, recipe: Recipe, sought: Sought, found: Known) -> None:
    query = """
        SELECT inode, size, mtime_ns, path, reason, crc FROM poison
        WHERE recipe = ? AND device = ? AND mtime_ns IS NOT NULL
    """
    number = recipe.number(database)
    for device in sought.inodes():
        for chunk in database.chunks(query, (number, device)):
            for at, (inode, size, mtime_ns, path, reason, crc) in sought.unchanged(device, chunk):
                found.states[at] = FAILED
                found.digests[at] = None
                found.reasons[at] = _reason(reason, crc, recipe.seed, inode, device, path, size, mtime_ns)


def _mark_likely(database: Database, files: Files, found: Known) -> None:
    unknown = np.flatnonzero(found.states == NEW).tolist()
    sizes = {files.sizes[at] for at in unknown}
    if many(database, len(sizes)):
        chunks = database.chunks("SELECT DISTINCT size FROM file")
    else:
        chunks = database.matching("SELECT size FROM file", "true", (), "size", sizes, whole=False)
    held = {size for chunk in chunks for (size,) in chunk}
    for at in unknown:
        if files.sizes[at] in held:
            found.states[at] = LIKELY


def _reason(reason: bytes, crc: int, *key: object) -> str:
    if not isinstance(reason, bytes) or reason_crc(reason, *key) != crc:
        raise Damaged("the reason of a failure is not what was written")
    return reason.decode("utf-8", "surrogateescape")
