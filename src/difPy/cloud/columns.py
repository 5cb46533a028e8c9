"""Rows of pictures in; the records of fixed size that the sharded join stores, sends and fetches by ranges, out."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.match.mse.vectors import WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.cloud.objects import Objects

    Records = npt.NDArray[np.void]
    """Of `FACT` or `ROW`."""

FACT = np.dtype(
    [
        ("rank", "<i8"),  # place in the order of quality, best first
        ("part", "<i4"),  # where its tensor is: which part ...
        ("row", "<i4"),  # ... and which row of it
        ("width", "<i4"),
        ("height", "<i4"),
        ("partition", "<i4"),  # only rows of one partition may match; numbered from 0
        ("views", "<i4"),  # how many views it has beside its tensor's, 0 for nearly all ...
        ("viewed", "<i4"),  # ... and the row of the part at which they begin
        ("known", "?"),  # whether it has an identity
        ("orientation", "u1"),  # that brought its vector to where it is now
    ]
)
"""What a row is, but for its vector."""
ROW = np.dtype([("fact", FACT), ("vector", "<f4", (WIDTH,))])
"""A row of the join: stored in parts, living in a cell, or asking."""
_HEAD = 1 << 12  # more than the header of an .npy file of ours takes


def packed(array: npt.NDArray[Any]) -> bytes:
    """The bytes of an .npy file: the same for the same array."""
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
    return stream.getvalue()


def unpacked(data: bytes) -> npt.NDArray[Any]:
    """The array of an .npy file."""
    found: npt.NDArray[Any] = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    return found


def packed_together(**arrays: npt.NDArray[Any]) -> bytes:
    """The bytes of an .npz file: the same for the same arrays, as numpy gives every member one date."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def unpacked_together(data: bytes) -> dict[str, npt.NDArray[Any]]:
    """The arrays of an .npz file, by name."""
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        return dict(stored)


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
        return [
            np.frombuffer(data, self.dtype).reshape(last - first, *self.shape[1:])
            for data, (first, last) in zip(found, spans, strict=True)
        ]

    def rows(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """Rows by their numbers, ascending; neighbours are read together."""
        if not len(numbers):
            return np.empty((0, *self.shape[1:]), self.dtype)
        edges = np.flatnonzero(np.diff(numbers) != 1) + 1
        firsts, lasts = numbers[np.append(0, edges)], numbers[np.append(edges, len(numbers)) - 1] + 1
        return np.concatenate(self.spans(list(zip(firsts.tolist(), lasts.tolist(), strict=True))))
