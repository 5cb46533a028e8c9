"""Files, or digests of their contents, in; what is known of them out. Nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.store.facts import Sought
from difPy.store.rows import DIGEST, reason_crc
from difPy.store.tensors import Pixels
from difPy.store.troubles import Damaged
from difPy.store.values import FAILED, LIKELY, NEW, PICTURE, Known

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt

    from difPy.files import Files
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
    digests, sizes, moved = contents(database, files, sought)
    found = by_digest(digests, *recognised(database, recipe, [digest for digest in digests if digest is not None]))
    found.sizes.update(sizes)
    _mark_poison(database, recipe, sought, found)
    _mark_likely(database, files, found)
    return found, moved


def contents(
    database: Database, files: Files, sought: Sought
) -> tuple[list[bytes | None], dict[int, int], list[Place]]:
    """Digests of files that are unchanged, known pictures or not; sizes, by row, that were not known; as in `known`.

    Raises
    ------
    Damaged, IndexUnusable
    """
    places = sought.places
    digests: list[bytes | None] = [None] * len(files)
    unsized, sizes = files.unsized(), dict[int, int]()
    moved: list[Place] = []
    for device, inodes in sought.inodes().items():
        select = "SELECT inode, size, mtime_ns, path, digest FROM file"
        # The plus keeps SQLite from going through the index by size, which holds the device too: that is slower.
        where, whole = "+device = ? AND mtime_ns IS NOT NULL", many(database, len(inodes))
        for chunk in database.matching(select, where, (device,), "inode", inodes.tolist(), whole=whole):
            for at, (inode, size, mtime_ns, path, digest) in sought.unchanged(device, chunk):
                if not isinstance(digest, bytes) or len(digest) != DIGEST:
                    raise Damaged("a file's digest is none")
                digests[at] = digest
                if unsized[at]:
                    sizes[at] = size
                if path != places[at]:
                    moved.append((inode, device, places[at], size, mtime_ns, digest))
    return digests, sizes, moved


def recognised(database: Database, recipe: Recipe, digests: Collection[bytes]) -> tuple[set[bytes], dict[bytes, str]]:
    """Digests (perhaps of others, too) of known pictures; and those of no pictures, with the reasons.

    Raises
    ------
    Damaged, IndexUnusable
    """
    number = (recipe.number(database),)
    pictures: set[bytes] = set()
    reasons: dict[bytes, str] = {}
    whole = many(database, len(digests))
    select = "SELECT digest FROM picture"
    if whole:  # nothing but digests: the index by these has all there is to read
        chunks = database.chunks(f"{select} WHERE recipe = ?", number)
    else:
        chunks = database.matching(select, "recipe = ?", number, "digest", digests, whole=False)
    for chunk in chunks:
        pictures.update(digest for (digest,) in chunk)
    select = "SELECT digest, reason, crc FROM failure"
    for chunk in database.matching(select, "recipe = ?", number, "digest", digests, whole=whole):
        reasons.update((digest, _reason(reason, crc, recipe.seed, digest)) for digest, reason, crc in chunk)
    return pictures, reasons


def identities(database: Database, recipe: Recipe, digests: Collection[bytes]) -> list[bytes]:
    """Identities of known pictures, some only begun, in no order; unchecked: nothing but speed may hang on them.

    Raises
    ------
    Damaged, IndexUnusable
    """
    wanted, number = set(digests), (recipe.number(database),)
    select, whole = "SELECT digest, identity FROM picture", many(database, len(wanted))
    return [
        identity
        for chunk in database.matching(select, "recipe = ?", number, "digest", wanted, whole=whole)
        for digest, identity in chunk
        if digest in wanted and isinstance(identity, bytes)
    ]


def tensors(database: Database, recipe: Recipe, digests: Collection[bytes]) -> dict[bytes, npt.NDArray[np.uint8]]:
    """Tensors of known pictures, by digest.

    Raises
    ------
    Damaged, IndexUnusable
    """
    number = (recipe.number(database),)
    select, numbers = "SELECT digest, id FROM picture", dict[bytes, int]()
    for chunk in database.matching(select, "recipe = ?", number, "digest", digests, whole=False):
        numbers.update(chunk)
    read = Pixels(database, recipe.px_size).read("tensor", numbers.values(), 1)
    return {digest: read[number][0] for digest, number in numbers.items()}


def by_digest(digests: Sequence[bytes | None], pictures: set[bytes], reasons: dict[bytes, str]) -> Known:
    """What `recognised` says, for each of these digests."""
    states = np.where([digest in pictures for digest in digests], PICTURE, NEW).astype(np.uint8)
    known = Known(states, list(digests), {}, {})
    for at in np.flatnonzero(states == NEW).tolist():
        reason = reasons.get(digests[at] or b"")
        if reason is None:
            known.digests[at] = None
        else:
            states[at], known.reasons[at] = FAILED, reason
    return known


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
    unknown = np.flatnonzero((found.states == NEW) & ~files.unsized())
    sizes = set(files.sizes[unknown].tolist())
    if many(database, len(sizes)):
        chunks = database.chunks("SELECT DISTINCT size FROM file")
    else:
        chunks = database.matching("SELECT size FROM file", "true", (), "size", sizes, whole=False)
    held = {size for chunk in chunks for (size,) in chunk}
    found.states[unknown[[size in held for size in files.sizes[unknown].tolist()]]] = LIKELY


def _reason(reason: bytes, crc: int, *key: object) -> str:
    if not isinstance(reason, bytes) or reason_crc(reason, *key) != crc:
        raise Damaged("the reason of a failure is not what was written")
    return reason.decode("utf-8", "surrogateescape")
