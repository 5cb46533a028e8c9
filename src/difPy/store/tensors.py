"""Ids of pictures in; their tensors and views out, read from the index when they are asked for, from any thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator, MutableMapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.errors import IndexUnusable
from difPy.store.bounds import USUAL
from difPy.store.rows import pixels_crc
from difPy.store.troubles import Damaged

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy.typing as npt

    from difPy.store.database import Database

_CACHE = 16 << 20  # bytes of tensors kept at hand
_SLAB = 512  # tensors read at a time


class Pixels:
    """The pixels of pictures: in the index where the id is positive, in memory where it is negative.

    Parameters
    ----------
    database : Database or None
    px_size : int
        Width and height of the tensors.
    """

    def __init__(self, database: Database | None, px_size: int) -> None:
        self.px_size = px_size
        self._database = database
        self._inode = None if database is None else database.inode
        self._memory: list[npt.NDArray[np.uint8]] = []

    def keep(self, pixels: npt.NDArray[np.uint8]) -> int:
        """Keep them in memory.

        Returns
        -------
        int
            Their id.
        """
        self._memory.append(pixels)
        return -len(self._memory)

    def kept(self, number: int) -> npt.NDArray[np.uint8]:
        """What is in memory under a negative id."""
        return self._memory[-number - 1]

    def read(self, table: str, numbers: Collection[int], views: int) -> dict[int, npt.NDArray[np.uint8]]:
        """Pixels of ids that are in the index: arrays of shape (views, px, px, 3).

        Raises
        ------
        IndexUnusable
            The index has lost them: it is damaged and has been set aside, or another program has removed the pictures.
        """
        database = self._database
        if database is None or database.inode != self._inode:
            raise IndexUnusable("the index these pictures were read from is gone: run again")
        found = {}
        try:
            select = f"SELECT id, crc, pixels FROM {table}"
            length = views * 3 * self.px_size**2
            with database.admitting(length) if length > USUAL else nullcontext():
                for rows in database.matching(select, "true", (), "id", numbers, whole=False):
                    for number, crc, pixels in rows:
                        found[number] = self._checked(number, crc, pixels, views)
            missing = set(numbers) - found.keys()
            if missing and any(database.matching("SELECT id FROM picture", "true", (), "id", missing, whole=False)):
                raise Damaged("a picture has lost its pixels")
        except Damaged as damage:
            database.set_aside(damage, self._inode)
            raise IndexUnusable(f"the index {database.path} was damaged: run again") from None
        if missing:
            raise IndexUnusable(f"pictures have been removed from the index {database.path} meanwhile: run again")
        return found

    def _checked(self, number: int, crc: int, pixels: bytes, views: int) -> npt.NDArray[np.uint8]:
        try:
            if pixels_crc(number, pixels) == crc:
                return np.frombuffer(pixels, np.uint8).reshape(views, self.px_size, self.px_size, 3)
        except (TypeError, ValueError):
            pass
        raise Damaged("a picture's pixels are not what was written")


class StoredTensors:
    """A `model.MutableTensors` over the index.

    A tensor that another run has made exact meanwhile is exact here too: still within its bound.

    Parameters
    ----------
    pixels : Pixels
    ids : ndarray of int64, shape (n,)
        The picture of each row.
    """

    def __init__(self, pixels: Pixels, ids: npt.NDArray[np.int64]) -> None:
        self._pixels = pixels
        self._ids = ids
        self._cache: dict[int, npt.NDArray[np.uint8]] = {}
        self._room = _CACHE // (3 * pixels.px_size**2)
        self._lock = threading.Lock()

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, px, px, 3)."""
        return (len(self._ids), *self._one)

    @property
    def _one(self) -> tuple[int, int, int]:
        return (self._pixels.px_size, self._pixels.px_size, 3)

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, rows: Any) -> npt.NDArray[np.uint8]:
        ids = np.asarray(self._ids[rows])
        numbers = ids.ravel().tolist()
        found = np.empty((len(numbers), *self._one), np.uint8)
        for start in range(0, len(numbers), _SLAB):
            some = numbers[start : start + _SLAB]
            tensors = self._tensors(set(some))
            for at, number in enumerate(some, start):
                found[at] = tensors[number]
        return found.reshape(*ids.shape, *self._one)

    def __setitem__(self, rows: Any, tensors: Any) -> None:
        """Replace tensors of this column, in memory; those that the index holds already need none."""
        chosen = np.arange(len(self))[rows]
        values = np.broadcast_to(tensors, (*chosen.shape, *self._one)).reshape(-1, *self._one)
        for start in range(0, chosen.size, _SLAB):
            some = chosen.ravel()[start : start + _SLAB].tolist()
            numbers = self._ids[some].tolist()
            held = self._fresh(numbers)
            for row, number, tensor in zip(some, numbers, values[start : start + _SLAB], strict=True):
                same = np.array_equal(held[number], tensor)
                self._ids[row] = number if same else self._pixels.keep(tensor.astype(np.uint8))

    def _fresh(self, numbers: list[int]) -> dict[int, npt.NDArray[np.uint8]]:
        with self._lock:
            for number in numbers:
                self._cache.pop(number, None)
        return self._tensors(set(numbers))

    def _tensors(self, numbers: set[int]) -> dict[int, npt.NDArray[np.uint8]]:
        tensors = {number: self._pixels.kept(number) for number in numbers if number < 0}
        with self._lock:
            tensors |= {number: self._cache[number] for number in numbers & self._cache.keys()}
        if missing := numbers - tensors.keys():
            read = {number: pixels[0] for number, pixels in self._pixels.read("tensor", missing, 1).items()}
            tensors |= read
            with self._lock:
                self._cache |= read
                while len(self._cache) > self._room:
                    del self._cache[next(iter(self._cache))]  # the oldest
        return tensors


class StoredViews(MutableMapping[int, "npt.NDArray[np.uint8]"]):
    """`model.Gallery.views` over the index.

    Parameters
    ----------
    pixels : Pixels
    ids : dict of int to int
        Row -> its picture, of the rows that have further views.
    counts : ndarray of int64
        How many views the picture of each row has.
    """

    def __init__(self, pixels: Pixels, ids: dict[int, int], counts: npt.NDArray[np.int64]) -> None:
        self._pixels = pixels
        self._ids = ids
        self._counts = counts

    def __getitem__(self, row: int) -> npt.NDArray[np.uint8]:
        number = self._ids[row]
        return (
            self._pixels.kept(number)
            if number < 0
            else self._pixels.read("views", [number], int(self._counts[row]))[number]
        )

    def __setitem__(self, row: int, views: npt.NDArray[np.uint8]) -> None:
        self._ids[row] = self._pixels.keep(views)

    def __delitem__(self, row: int) -> None:
        del self._ids[row]

    def __contains__(self, row: object) -> bool:
        return row in self._ids

    def __iter__(self) -> Iterator[int]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)
