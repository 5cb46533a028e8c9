"""An index in; what it holds out, or the index without what no file leads to any more."""

from __future__ import annotations

import glob
import os
from typing import TYPE_CHECKING, Any

from difPy.files import ELSEWHERE
from difPy.store.facts import int64
from difPy.store.findings import forget_findings
from difPy.store.troubles import Damaged
from difPy.store.values import Info, Pruned

if TYPE_CHECKING:
    from collections.abc import Callable

    from difPy.store.database import Database
    from difPy.store.values import Recipe

    Elsewhere = Callable[[str, int | None], bool] | None

_BATCH = 1000  # files forgotten in one transaction: others may be waiting to write
_TABLES = ("picture", "tensor", "views", "failure", "file", "poison", "recipe", "method", "finding")


def info(database: Database) -> Info:
    """What the index holds.

    Raises
    ------
    Damaged, IndexUnusable
    """
    pictures = """
        SELECT px_size, decoders, count(picture.id) FROM recipe LEFT JOIN picture ON picture.recipe = recipe.id
        GROUP BY recipe.id ORDER BY px_size, decoders
    """
    findings = """
        SELECT name, count(*), sum(length(content)) FROM finding JOIN method ON finding.method = method.id
        GROUP BY name ORDER BY name
    """
    (failures,) = database.rows("SELECT (SELECT count(*) FROM failure) + (SELECT count(*) FROM poison)")[0]
    return Info(
        path=database.path,
        size=_size(database),
        schema=database.rows("PRAGMA user_version")[0][0],
        writable=database.writable,
        files=_count(database, "file"),
        pictures={(px_size, decoders): count for px_size, decoders, count in database.rows(pictures)},
        failures=failures,
        findings={name: (count, size) for name, count, size in database.rows(findings)},
        set_aside=tuple(sorted(glob.glob(glob.escape(database.path) + ".damaged-*"))),
    )


def prune(database: Database, recipe: Recipe, elsewhere: Elsewhere = None) -> Pruned:
    """Forget files that are gone, contents that no file has, and what other decoders saw; then shrink the file.

    A file on a device that is not there now (an unplugged disk) is not gone. Neither is a picture that is no file of
    its own, but if `elsewhere`, given its address and the number of its version, says so.

    Raises
    ------
    Damaged, Unwritable, IndexUnusable
    """
    size = _size(database)
    files, pictures, failures = (_count(database, table) for table in ("file", "picture", "failure"))
    for table in ("file", "poison"):
        _forget_gone(database, table, elsewhere)
    with database.transaction() as connection:
        others = "recipe IN (SELECT id FROM recipe WHERE decoders <> ?)"
        for table in ("picture", "failure", "poison"):
            connection.execute(f"DELETE FROM {table} WHERE {others}", (recipe.decoders,))
        connection.execute("DELETE FROM recipe WHERE decoders <> ?", (recipe.decoders,))
        for table in ("picture", "failure"):
            connection.execute(f"DELETE FROM {table} WHERE digest NOT IN (SELECT digest FROM file)")
        for table in ("tensor", "views"):
            connection.execute(f"DELETE FROM {table} WHERE id NOT IN (SELECT id FROM picture)")
        forget_findings(connection, recipe.decoders)
    database.shrink()
    return Pruned(
        files=files - _count(database, "file"),
        pictures=pictures - _count(database, "picture"),
        failures=failures - _count(database, "failure"),
        size=size - _size(database),
    )


def clear(database: Database) -> None:
    """Forget everything.

    Raises
    ------
    Damaged, Unwritable
    """
    with database.transaction() as connection:
        for table in _TABLES:
            connection.execute(f"DELETE FROM {table}")
    database.shrink()


def _forget_gone(database: Database, table: str, elsewhere: Elsewhere) -> None:
    gone: list[tuple[Any, ...]] = []
    folders: dict[str, int | None] = {}
    for rows in database.chunks(f"SELECT inode, device, path, size, mtime_ns FROM {table}"):
        gone += [row[:3] for row in rows if _gone(*row, folders=folders, elsewhere=elsewhere)]
    for start in range(0, len(gone), _BATCH):
        with database.transaction() as connection:
            connection.executemany(
                f"DELETE FROM {table} WHERE inode = ? AND device = ? AND path = ?", gone[start : start + _BATCH]
            )


def _gone(
    inode: int,
    device: int,
    path: bytes,
    size: int,
    mtime_ns: int | None,
    *,
    folders: dict[str, int | None],
    elsewhere: Elsewhere,
) -> bool:
    """Whether a file is no longer what the row says: gone, or changed. Its number may change with the device's."""
    if not isinstance(path, bytes) or b"\0" in path:
        raise Damaged(f"no file can be called {path!r}")
    name = os.fsdecode(path)
    if device == ELSEWHERE:
        return elsewhere is not None and elsewhere(name, mtime_ns)
    try:
        status = os.stat(name)
    except (FileNotFoundError, NotADirectoryError):
        return _device(os.path.dirname(name), folders) == device
    except OSError:
        return False
    same = (int64(status.st_ino), int64(status.st_dev)) == (inode, device)
    return status.st_size != size or (int64(status.st_mtime_ns) != mtime_ns and not (same and mtime_ns is None))


def _device(folder: str, folders: dict[str, int | None]) -> int | None:
    """Device of the folder, or of the nearest one above that is there."""
    way = [folder]
    while way[-1] not in folders:
        try:
            folders[way[-1]] = int64(os.stat(way[-1]).st_dev)
        except OSError:
            above = os.path.dirname(way[-1])
            if above == way[-1]:
                folders[above] = None
            else:
                way.append(above)
    for one in way:
        folders[one] = folders[way[-1]]
    return folders[folder]


def _count(database: Database, table: str) -> int:
    return int(database.rows(f"SELECT count(*) FROM {table}")[0][0])


def _size(database: Database) -> int:
    return sum(os.path.getsize(name) for name in (database.path, database.path + "-wal") if os.path.exists(name))
