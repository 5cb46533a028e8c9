"""Files, or digests of their contents, in; what is known of them out. Nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.store.facts import absolute, int64, unchanged
from difPy.store.rows import reason_crc
from difPy.store.troubles import Damaged
from difPy.store.values import EXACT, FAILED, LIKELY, NEW, SKETCH, Known

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from difPy.model import File
    from difPy.store.database import Database
    from difPy.store.values import Recipe

    Place = tuple[int, int, bytes, int, int | None, bytes]  # a row of the table file

_PASS = 8


def many(database: Database, wanted: int) -> bool:
    """Whether so many rows are faster found by reading all: from one row in eight."""
    held: int = database.rows("SELECT coalesce(max(id), 0) FROM picture")[0][0]
    return wanted * _PASS > held


def known(database: Database, recipe: Recipe, files: Sequence[File]) -> tuple[Known, list[Place]]:
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
    places = absolute(file.path for file in files)
    rows: dict[int, dict[int, int]] = {}  # device -> inode -> row
    for row, file in enumerate(files):
        rows.setdefault(int64(file.device), {})[int64(file.inode)] = row
    digests: list[bytes | None] = [None] * len(files)
    moved: list[Place] = []
    for device, inodes in rows.items():
        select = "SELECT inode, path, size, mtime_ns, digest FROM file"
        whole = many(database, len(inodes))
        for chunk in database.matching(select, "device = ?", (device,), "inode", inodes, whole=whole):
            for inode, path, size, mtime_ns, digest in chunk:
                at = inodes.get(inode)
                if at is not None and _same(files[at], places[at], path, size, mtime_ns):
                    digests[at] = digest
                    if path != places[at]:
                        moved.append((inode, device, places[at], size, mtime_ns, digest))
    found = by_digest(digests, *recognised(database, recipe, {digest for digest in digests if digest is not None}))
    _mark_poison(database, recipe, files, places, rows, found)
    _mark_likely(database, files, found)
    return found, moved


def recognised(
    database: Database, recipe: Recipe, digests: Collection[bytes]
) -> tuple[dict[bytes, int], dict[bytes, str]]:
    """States of the digests that are known, and the reasons of those that FAILED.

    Raises
    ------
    Damaged, IndexUnusable
    """
    number = (recipe.number(database),)
    states: dict[bytes, int] = {}
    reasons: dict[bytes, str] = {}
    whole = many(database, len(digests))
    select = "SELECT digest, identity IS NOT NULL FROM picture"
    for chunk in database.matching(select, "recipe = ?", number, "digest", digests, whole=whole):
        states |= {digest: EXACT if exact else SKETCH for digest, exact in chunk if digest in digests}
    select = "SELECT digest, reason, crc FROM failure"
    for chunk in database.matching(select, "recipe = ?", number, "digest", digests, whole=whole):
        for digest, reason, crc in chunk:
            if digest in digests:
                states[digest] = FAILED
                reasons[digest] = _reason(reason, crc, recipe.seed, digest)
    return states, reasons


def by_digest(digests: Sequence[bytes | None], states: dict[bytes, int], reasons: dict[bytes, str]) -> Known:
    """What `recognised` says, for each of these digests."""
    column = np.array([NEW if digest is None else states.get(digest, NEW) for digest in digests], np.uint8)
    held = [digest if digest in states else None for digest in digests]
    return Known(column, held, {at: reasons[held[at] or b""] for at in np.flatnonzero(column == FAILED).tolist()})


def _same(file: File, place: bytes, path: object, size: object, mtime_ns: object) -> bool:
    return unchanged(place, file.size, int64(file.mtime_ns), (path, size, mtime_ns))


def _mark_poison(
    database: Database,
    recipe: Recipe,
    files: Sequence[File],
    places: Sequence[bytes],
    rows: dict[int, dict[int, int]],
    found: Known,
) -> None:
    query = "SELECT inode, device, path, size, mtime_ns, reason, crc FROM poison WHERE recipe = ?"
    for chunk in database.chunks(query, (recipe.number(database),)):
        for inode, device, path, size, mtime_ns, reason, crc in chunk:
            at = rows.get(device, {}).get(inode)
            if at is not None and _same(files[at], places[at], path, size, mtime_ns):
                found.states[at] = FAILED
                found.digests[at] = None
                found.reasons[at] = _reason(reason, crc, recipe.seed, inode, device, path, size, mtime_ns)


def _mark_likely(database: Database, files: Sequence[File], found: Known) -> None:
    unknown = np.flatnonzero(found.states == NEW).tolist()
    sizes = {files[at].size for at in unknown}
    if many(database, len(sizes)):
        chunks = database.chunks("SELECT DISTINCT size FROM file")
    else:
        chunks = database.matching("SELECT size FROM file", "true", (), "size", sizes, whole=False)
    held = {size for chunk in chunks for (size,) in chunk}
    for at in unknown:
        if files[at].size in held:
            found.states[at] = LIKELY


def _reason(reason: bytes, crc: int, *key: object) -> str:
    if not isinstance(reason, bytes) or reason_crc(reason, *key) != crc:
        raise Damaged("the reason of a failure is not what was written")
    return reason.decode("utf-8", "surrogateescape")
