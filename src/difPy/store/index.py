"""The index as its users see it: files in, what is known of them out; whatever happens to the file, the run goes on."""

from __future__ import annotations

import os
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from difPy.errors import IndexUnusable
from difPy.files import Files
from difPy.private import user_folder
from difPy.store import maintenance, reading
from difPy.store.bounds import LARGEST
from difPy.store.database import Database
from difPy.store.facts import Sought, all_trusted
from difPy.store.findings import held, keep_latest, recalled, write_findings
from difPy.store.galleries import gallery
from difPy.store.troubles import Damaged, Unopenable, Unwritable
from difPy.store.values import NEW, Known, Recipe
from difPy.store.writing import knowledge, rows_of, write, write_places

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Mapping, Sequence
    from types import TracebackType
    from typing import NoReturn, Self

    import numpy.typing as npt

    from difPy.files import File
    from difPy.model import Gallery
    from difPy.store.values import Found, Info, Pruned, Way
    from difPy.store.writing import Place

T = TypeVar("T")

FILE_NAME = "index.sqlite"
_BATCH = 500  # files written in one transaction: others may be waiting to write ...
_PLACES = 4000  # ... and where so many are takes as long
_DAMAGES = 3  # a file that is damaged more often in one run is not tried again


def default_path() -> str:
    """Where the index is if nobody says: in `DIFPY_CACHE_DIR`, or in the user's cache folder.

    Raises
    ------
    WrongValue
        That folder is relative.
    """
    return os.path.join(user_folder("cache"), FILE_NAME)


def place(cache: str | os.PathLike[str] | bool | None) -> str | None:
    """The file of the index that `open_index` opens or begins; None for none.

    Examples
    --------
    >>> os.path.basename(place(os.curdir))
    'index.sqlite'
    """
    if cache is False:
        return None
    path = default_path() if cache is None or cache is True else os.path.abspath(os.fsdecode(cache))
    return os.path.join(path, FILE_NAME) if os.path.isdir(path) else path


def open_index(
    cache: str | os.PathLike[str] | bool | None = None,
    *,
    px_size: int,
    decoders: str,
    warn: Callable[[str], None],
    width: int | None = None,
    patience: float = 600.0,
) -> Index:
    """Open the index, or begin one.

    An index that is damaged is renamed, never deleted, and a new one begins. One that cannot be written is only read.
    One that can be neither opened nor created, or stays locked, is done without, as with `cache=False`. All this is
    told by `warn`. Any other file is left as it is.

    Parameters
    ----------
    cache : path or bool, optional
        The file, or an existing folder for it. None and True: `default_path`. False: no file; all is kept in memory and
        forgotten at the end.
    px_size : int
        Width and height of the tensors.
    decoders : str
        Names and versions of all that decides what is found in a file. What was found with others does not count.
    warn : callable
        Told, in a sentence, what a person should know.
    width : int, optional
        Numbers in the vector of a picture; without it, any are believed.
    patience : float, optional
        Seconds to wait for another program that keeps the file locked.

    Raises
    ------
    IndexUnusable
        A newer difPy made the file; others may have written it, or what SQLite reads beside it; or it is no index.
    WrongValue
        The user's cache folder is relative.

    Examples
    --------
    >>> with open_index(False, px_size=50, decoders="none", warn=print) as index:
    ...     index.known([]).states.tolist()
    []
    """
    recipe = Recipe(px_size, decoders, width)
    path = place(cache)
    if path is None:
        return Index(None, recipe, warn)
    try:
        return Index(Database(path, warn, patience), recipe, warn)
    except Unopenable as trouble:
        warn(f"{trouble}; what is found is not remembered")
        return Index(None, recipe, warn)


class Index:
    """What is known of pictures: see `open_index`.

    Its methods may be called from any thread. Close it, or leave its `with`, when galleries are no longer needed.
    What cannot be written (the disk is full, say) is kept in memory until then.
    """

    def __init__(self, database: Database | None, recipe: Recipe, warn: Callable[[str], None]) -> None:
        self.recipe = recipe
        self._database = database
        self._warn = warn
        self._since = time.time_ns()
        self._damages = 0
        self._kept: dict[bytes, Found] = {}
        self._findings: dict[Way, dict[bytes, bytes]] = {}
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Tensors of its galleries cannot be read any more."""
        if self._database is not None:
            self._database.close()

    @property
    def path(self) -> str | None:
        """The file; None if all is kept in memory."""
        return None if self._database is None else self._database.path

    def known(self, files: Sequence[File]) -> Known:
        """What is known of files, none of which is opened.

        A file is known by device, inode, size and time of change, under its old name or a new one (then only if the
        time has a fraction of a second); not if it was so young when it was read that a change might not show.

        Parameters
        ----------
        files : sequence of File
            As the scan found them.

        Returns
        -------
        Known
        """
        with self._lock:
            self._since = time.time_ns()
            nothing = Known(np.full(len(files), NEW, np.uint8), [None] * len(files), {}, {})
            known, moved = self._read(
                lambda database: reading.known(database, self.recipe, Files.of(files)), lambda: (nothing, [])
            )
            self._put_places(moved)
            return known

    def contents(self, files: Files) -> list[bytes | None]:
        """Digests of files that are unchanged, none of which is opened; None of those of which none is known.

        Parameters
        ----------
        files : Files
            As the scan found them. Sizes that are not known, and that the index knows, are filled in.
        """
        with self._lock:
            self._since = time.time_ns()
            nothing: list[bytes | None] = [None] * len(files)
            digests, sizes, moved = self._read(
                lambda database: reading.contents(database, files, Sought(files)), lambda: (nothing, {}, [])
            )
            for row, size in sizes.items():
                files.sizes[row] = size
            self._put_places(moved)
            return digests

    def vouches(self, files: Files) -> bool:
        """Whether the times of all files, read since `known` or `contents` was asked, prove that they are unchanged."""
        return not files.addresses and all_trusted(files.times, self._since, time.time_ns())

    def put_contents(self, files: Files, digests: Sequence[bytes]) -> None:
        """Remember the contents of files that were read, whatever they turn out to be.

        Parameters
        ----------
        files : Files
            Read since `contents` was asked.
        digests : sequence of bytes
            BLAKE3 of the bytes of each.
        """
        if self._database is not None:
            with self._lock:
                self._put_places(rows_of(files, digests, self._since))

    def recognise(self, digests: Sequence[bytes]) -> Known:
        """What is known of contents: for files that had to be read.

        Parameters
        ----------
        digests : sequence of bytes
            BLAKE3 of the files' bytes.

        Returns
        -------
        Known
            With the digests of those that are known.
        """
        with self._lock:
            pictures, reasons = self._read(
                lambda database: reading.recognised(database, self.recipe, digests), lambda: (set(), {})
            )
            for digest in self._kept.keys() & set(digests):
                if (one := self._kept[digest]).picture is not None:
                    pictures.add(digest)
                else:
                    pictures.discard(digest)
                    reasons[digest] = one.reason or ""
        return reading.by_digest(digests, pictures, reasons)

    def identities(self, digests: Collection[bytes]) -> list[bytes]:
        """Identities that the file holds of these contents, some only begun, in no order.

        They are not checked as those of a gallery are: a guess may rest on them, and no answer.
        """
        with self._lock:
            return self._read(
                lambda database: reading.identities(database, self.recipe, digests), lambda: list[bytes]()
            )

    def put(self, found: Sequence[Found]) -> None:
        """Remember what files turned out to be. It is in the file when this returns: a kill costs nothing that was put.

        Parameters
        ----------
        found : sequence of Found
            The last word holds, but a sketch, say, never replaces a picture of which more is known.
        """
        with self._lock:
            for start in range(0, len(found), _BATCH):
                self._put(found[start : start + _BATCH])

    def gallery(self, files: Sequence[File], digests: Sequence[bytes]) -> Gallery:
        """Columns of pictures that are known; their tensors and views are read when they are asked for.

        Parameters
        ----------
        files : sequence of File
        digests : sequence of bytes
            What each file is: a PICTURE.

        Raises
        ------
        IndexUnusable
            Pictures are not there any more: the index was damaged, and has been set aside; or another program removed
            them. Ask again what is `known`, and decode the rest.
        """
        with self._lock:

            def columns(database: Database | None = None) -> Gallery:
                return gallery(database, self.recipe, self._kept, Files.of(files), digests)

            return self._read(columns, columns)

    def tensors(self, digests: Collection[bytes]) -> dict[bytes, npt.NDArray[np.uint8]]:
        """Tensors of those contents that are known pictures: a few, to be looked at.

        Parameters
        ----------
        digests : collection of bytes

        Returns
        -------
        dict of bytes to ndarray of uint8, shape (px_size, px_size, 3)

        Raises
        ------
        IndexUnusable
            As for `gallery`.
        """
        with self._lock:
            found = self._read(
                lambda database: reading.tensors(database, self.recipe, digests),
                lambda: dict[bytes, "npt.NDArray[np.uint8]"](),
            )
            for digest in self._kept.keys() & set(digests):
                if (picture := self._kept[digest].picture) is not None:
                    found[digest] = picture.tensor
            return found

    def holds(self, way: Way, keys: Collection[bytes]) -> set[bytes]:
        """Those of the keys under which a method found something.

        Parameters
        ----------
        way : Way
        keys : collection of bytes
            Digests of contents; or two, and what else tells findings apart.
        """
        with self._lock:
            found = self._read(lambda database: held(database, way, keys), lambda: set[bytes]())
            return (found | self._findings.get(way, {}).keys()) & set(keys)

    def recall(self, way: Way, keys: Collection[bytes]) -> dict[bytes, bytes]:
        """What a method found, by key; keys under which it found nothing are missing."""
        with self._lock:
            kept = self._findings.get(way, {})
            found = self._read(lambda database: recalled(database, way, keys), lambda: dict[bytes, bytes]())
            return found | {key: kept[key] for key in keys if key in kept}

    def remember(self, way: Way, found: Mapping[bytes, bytes]) -> None:
        """Keep what a method found. It is in the file when this returns."""
        with self._lock:
            items = list(found.items())
            for start in range(0, len(items), _BATCH):
                some = dict(items[start : start + _BATCH])
                if not self._write(partial(write_findings, way=way, found=some)):
                    self._findings.setdefault(way, {}).update(some)

    def keep_latest(self, way: Way, length: int, most: int) -> None:
        """Forget all but the latest of what was found in a way.

        Parameters
        ----------
        way : Way
        length : int
            Bytes: what was found under keys that begin alike belongs together.
        most : int
            So many are kept.
        """
        with self._lock:
            self._write(partial(keep_latest, way=way, length=length, most=most))

    def info(self) -> Info:
        """What the file holds.

        Raises
        ------
        IndexUnusable
            There is no file.
        """
        return self._maintain(maintenance.info)

    def prune(self, elsewhere: Callable[[str, int | None], bool] | None = None) -> Pruned:
        """Forget files that are gone, contents that no file has, and what other decoders saw; then shrink the file.

        A file on a device that is not there now (an unplugged disk) is not gone.

        Parameters
        ----------
        elsewhere : callable, optional
            Whether a picture that is no file of its own is gone, by its address and the number of its version; without
            it, none is.

        Raises
        ------
        IndexUnusable
            There is no file, it cannot be written, or not made smaller.
        """
        return self._maintain(lambda database: maintenance.prune(database, self.recipe, elsewhere))

    def clear(self) -> None:
        """Forget everything.

        Raises
        ------
        IndexUnusable
            There is no file, or it cannot be written.
        """
        self._maintain(maintenance.clear)

    def _put_places(self, rows: Sequence[Place]) -> None:
        for start in range(0, len(rows), _PLACES):
            self._write(partial(write_places, places=rows[start : start + _PLACES]))

    def _put(self, found: Sequence[Found]) -> None:
        large = [one for one in found if _pixels(one) > LARGEST]
        small = [one for one in found if _pixels(one) <= LARGEST]
        written = self._write(partial(write, recipe=self.recipe, found=small, since=self._since))
        for one in large if written else found:
            held = self._kept.get(one.digest or b"")
            had = None if held is None else held.picture
            is_less = had is not None and one.picture is not None and knowledge(one.picture) < knowledge(had)
            if one.digest is not None and (one.reason or one.picture) and not is_less:
                self._kept[one.digest] = one

    def _write(self, action: Callable[[sqlite3.Connection], None]) -> bool:
        """Do it in a transaction.

        Returns
        -------
        bool
            Whether it is done: False once the file cannot be written.
        """
        while self._database is not None and self._database.writable:
            opened = self._database.inode
            try:
                with self._database.transaction() as connection:
                    action(connection)
                return True
            except Damaged as damage:
                self._set_aside(damage, opened)
            except Unwritable as trouble:
                self._database.writable = False
                self._warn(f"{trouble}; what is found from now on is not remembered")
        return False

    def _read(self, action: Callable[[Database], T], otherwise: Callable[[], T]) -> T:
        """Ask the file, or the new one if that was damaged; `otherwise` where there is none."""
        while self._database is not None:
            opened = self._database.inode
            try:
                return action(self._database)
            except Damaged as damage:
                self._set_aside(damage, opened)
        return otherwise()

    def _set_aside(self, damage: Damaged, opened: tuple[int, int] | None) -> None:
        if self._database is None:
            return
        try:
            self._damages += 1
            if self._damages > _DAMAGES:
                raise Unopenable(f"the index {self._database.path} is damaged again and again ({damage})")
            self._database.set_aside(damage, opened)
        except Unopenable as trouble:
            self._database.close()
            self._database = None
            self._warn(f"{trouble}; what is found from now on is not remembered")

    def _maintain(self, action: Callable[[Database], T]) -> T:
        with self._lock:
            try:
                return self._read(action, self._no_file)
            except Unwritable as trouble:
                raise IndexUnusable(str(trouble)) from None

    def _no_file(self) -> NoReturn:
        raise IndexUnusable("there is no index file: what is known is in memory only")


def _pixels(one: Found) -> int:
    """Bytes of the greater of its two blobs."""
    if one.picture is None:
        return 0
    return max(one.picture.tensor.nbytes, 0 if one.picture.views is None else one.picture.views.nbytes)
