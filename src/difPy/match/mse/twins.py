"""Rows in; which of them are the same in all that the join sees, and which show identical pictures, out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.match.mse.decide import identical_orientation
from difPy.match.mse.engine import Engine
from difPy.match.mse.exact import Triples

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.model import Rows

_ODD = np.uint64(0x9E3779B97F4A7C15)


def leaders(rows: Rows, vectors: npt.NDArray[np.float32], *, anonymous: bool) -> npt.NDArray[np.int64]:
    """First row that is the same as each row in all that the join sees of it.

    That is its tensor, views, dimensions, identity, stance, error and partition, and whether it is fixed. Ten thousand
    blank pages are then one row, not fifty million pairs.

    Parameters
    ----------
    rows : Rows
        n rows.
    vectors : ndarray of float32, shape (n, 73)
        Equal for equal tensors.
    anonymous : bool
        Whether rows without identity may be the same as others. Two such rows are at distance 0 from each other but may
        be at different distances from a picture that has an identity.

    Returns
    -------
    ndarray of int64, shape (n,)
        A row that has no twin before it leads itself.
    """
    lead = np.arange(len(rows))
    codes = identity_codes(rows)
    columns: list[npt.NDArray[Any]] = [codes, rows.partition, rows.widths, rows.heights, rows.stances, rows.errors]
    if rows.fixed is not None:
        columns.append(rows.fixed)
    mixed = hashes(vectors)
    for column in columns:
        mixed = mixed * _ODD + column.astype(np.int64).view(np.uint64)
    order = np.argsort(mixed, kind="stable")
    start = np.ones(len(order), np.bool_)
    start[1:] = mixed[order[1:]] != mixed[order[:-1]]
    first = order[start][np.cumsum(start) - 1]  # of the rows of one hash
    alike = first != order
    if not anonymous:
        alike &= codes[order] >= 0
    for column in columns:
        alike &= column[first] == column[order]
    first, second = first[alike], order[alike]
    step = max(1, Engine.BUFFER // math.prod(rows.tensors.shape[1:]))
    for at in range(0, len(first), step):
        one, other = first[at : at + step], second[at : at + step]
        same = _equal(rows, one, other)
        lead[other[same]] = one[same]
    return lead


def identity_codes(rows: Rows) -> npt.NDArray[np.int64]:
    """A number for each identity, the same for equal ones; -1 where there is none."""
    numbers: dict[bytes, int] = {}
    return np.fromiter(
        (-1 if identity is None else numbers.setdefault(identity, len(numbers)) for identity in rows.identities),
        np.int64,
        len(rows),
    )


class Identical:
    """The rows that show one picture, pixel for pixel, in whatever orientation.

    Parameters
    ----------
    rows : Rows
    members : ndarray of int64
        Rows that take part.
    orientations : tuple of int
        Allowed ones.
    """

    def __init__(self, rows: Rows, members: npt.NDArray[np.int64], orientations: tuple[int, ...]) -> None:
        codes = identity_codes(rows)
        members = members[codes[members] >= 0]
        members = members[np.lexsort((members, codes[members], rows.partition[members]))]
        start = np.ones(len(members), np.bool_)
        start[1:] = (np.diff(codes[members]) != 0) | (np.diff(rows.partition[members]) != 0)
        edges = np.append(np.nonzero(start)[0], len(members))
        self._members = members
        self._place = np.zeros(len(rows), np.int64)
        self._place[members] = np.arange(len(members))
        self._end = np.zeros(len(rows), np.int64)
        self._end[members] = edges[np.cumsum(start)]
        self._stances = rows.stances
        self._orientations = orientations

    def after(self, asking: npt.NDArray[np.int64]) -> Triples:
        """Each of some rows with every later one that is identical."""
        counts = np.maximum(self._end[asking] - self._place[asking] - 1, 0)
        first = np.repeat(asking, counts)
        nth = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts)
        second = self._members[self._place[first] + 1 + nth]
        orientation = np.array(
            [
                identical_orientation(one, other, self._orientations)
                for one, other in zip(self._stances[first].tolist(), self._stances[second].tolist(), strict=True)
            ],
            np.int64,
        )
        allowed = orientation >= 0
        return Triples(first[allowed], second[allowed], orientation[allowed].astype(np.uint8))


def hashes(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.uint64]:
    """Of equal vectors the same number, of others hardly ever."""
    factors = np.cumprod(np.full(vectors.shape[1], _ODD))
    found = np.empty(len(vectors), np.uint64)
    for start in range(0, len(vectors), 4096):
        bits = (vectors[start : start + 4096] + np.float32(0)).view(np.uint32)  # adding makes -0 and 0 one
        found[start : start + 4096] = (bits * factors).sum(axis=1)
    return found


def _equal(rows: Rows, one: npt.NDArray[np.int64], other: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether tensors and views of pairs of rows are equal."""
    unique, back = np.unique(one, return_inverse=True)
    same: npt.NDArray[np.bool_] = (rows.tensors[unique][back] == rows.tensors[other]).all(axis=(1, 2, 3))
    for at in range(len(one)) if rows.views else ():
        i, j = int(one[at]), int(other[at])
        if i in rows.views or j in rows.views:
            same[at] = i in rows.views and j in rows.views and np.array_equal(rows.views[i], rows.views[j])
    return same
