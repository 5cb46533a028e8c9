"""Names of objects in; the arrays that they hold, whole or by rows, out."""

from __future__ import annotations

import io
import math
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.errors import RunRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from difPy.cloud.objects import Objects

_HEAD = 1 << 12  # more than the header of an .npy file of ours takes


def array(objects: Objects, name: str) -> npt.NDArray[Any]:
    """All of an .npy object."""
    data = objects.read(name)
    with judged(name):
        found: npt.NDArray[Any] = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    return found


def arrays(objects: Objects, name: str) -> dict[str, npt.NDArray[Any]]:
    """All of an .npz object, by name; FileNotFoundError where there is none."""
    data = objects.read(name)
    with judged(name), np.load(io.BytesIO(data), allow_pickle=False) as stored:
        return dict(stored)


@contextmanager
def judged(name: str) -> Iterator[None]:
    """Say of an object that it is damaged, if what it holds cannot be read.

    Raises
    ------
    RunRefused
    """
    try:
        yield
    except (ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise RunRefused(f"{name!r} of the run is damaged ({error}): remove it, and what was made of it") from None


class Stored:
    """Rows of fixed size in an .npy object: any of them in one request, none of the others.

    Parameters
    ----------
    objects : Objects
    name : str
    start : int, optional
        Where it begins, in an object of several.
    """

    def __init__(self, objects: Objects, name: str, start: int = 0) -> None:
        self._objects, self._name = objects, name
        (head,) = objects.ranges(name, [(start, start + _HEAD)])
        stream = io.BytesIO(head)
        with judged(name):
            np.lib.format.read_magic(stream)
            self.shape, _, self.dtype = np.lib.format.read_array_header_1_0(stream)
        self._start = start + stream.tell()
        self._size = self.dtype.itemsize * math.prod(self.shape[1:])
        self.end = self._start + len(self) * self._size
        """Where the next begins."""

    def __len__(self) -> int:
        return int(self.shape[0])

    def spans(self, spans: Sequence[tuple[int, int]]) -> list[npt.NDArray[Any]]:
        """Rows from each first to each last, without it."""
        ranges = [(self._start + first * self._size, self._start + last * self._size) for first, last in spans]
        found = self._objects.ranges(self._name, ranges)
        with judged(self._name):
            return [self._rows(data, last - first) for data, (first, last) in zip(found, spans, strict=True)]

    def rows(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """Rows by their numbers, ascending; neighbours are read together."""
        if not len(numbers):
            return np.empty((0, *self.shape[1:]), self.dtype)
        edges = np.flatnonzero(np.diff(numbers) != 1) + 1
        firsts, lasts = numbers[np.append(0, edges)], numbers[np.append(edges, len(numbers)) - 1] + 1
        ends = zip(
            (self._start + firsts * self._size).tolist(), (self._start + lasts * self._size).tolist(), strict=True
        )
        with judged(self._name):
            return self._rows(b"".join(self._objects.ranges(self._name, list(ends))), len(numbers))

    def _rows(self, data: bytes, count: int) -> npt.NDArray[Any]:
        return np.frombuffer(data, self.dtype).reshape(count, *self.shape[1:])
