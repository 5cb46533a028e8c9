"""Rows in; of each, or of some, the other row that is most like it, and how like, out: however unlike that is.

Exact: the vectors say how like two rows can be at most, and tensors are compared until no other can be more like.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from difPy.match.mse.brute import squares_of_views, views_of
from difPy.match.mse.vectors import FIXED, vectors
from difPy.orientation import apply, inverse

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.model import Criterion, Progress, Rows

_BLOCK = 64  # rows at a time
_FIRST = 8  # rows that are compared before it is asked whether that was enough


class Others(NamedTuple):
    """The row most like each, as columns."""

    row: npt.NDArray[np.int64]
    """Shape (m,): the rows that were asked for."""
    other: npt.NDArray[np.int64]
    """Shape (m,): the row most like it; -1 where there is none that may match it."""
    distance: npt.NDArray[np.float64]
    """Shape (m,): mean squared error between the two."""


def others(rows: Rows, asked: npt.NDArray[np.int64], criterion: Criterion, progress: Progress) -> Others:
    """The other row most like each.

    Parameters
    ----------
    rows : Rows
        n rows, none of them a sketch.
    asked : ndarray of int64, shape (m,)
    criterion : Criterion
        The orientations tried.
    progress : Progress

    Examples
    --------
    >>> from difPy.model import Criterion, Rows, silent
    >>> tensors = np.zeros((3, 10, 10, 3), np.uint8)
    >>> tensors[1], tensors[2] = 3, 100
    >>> same, none = np.full(3, 640, np.int32), [None, None, None]
    >>> rows = Rows(tensors, same, same, np.zeros(3, np.int64), none, np.zeros(3, np.uint8), np.zeros(3, np.float32))
    >>> found = others(rows, np.arange(3), Criterion(5.0), silent)
    >>> found.other.tolist(), found.distance.tolist()
    ([1, 0, 1], [9.0, 9.0, 9409.0])
    """
    known = np.asarray(vectors(rows.tensors) if rows.vectors is None else rows.vectors[:], np.float64)
    norms, codes = (known**2).sum(1), rows.partition
    found, least = np.full(len(asked), -1), np.full(len(asked), math.inf)
    for start in range(0, len(asked), _BLOCK):
        block = asked[start : start + _BLOCK]
        bounds = np.full((len(block), len(rows)), math.inf)
        for orientation in criterion.orientations:
            squares = norms[block][:, None] + norms - 2 * FIXED.turning.turned(known[block], orientation) @ known.T
            np.minimum(bounds, squares, out=bounds)
        bounds = np.maximum(np.sqrt(np.maximum(bounds, 0)) * (1 - 3e-5) - 1e-3, 0) ** 2  # see `vectors.reach`
        bounds[codes[block][:, None] != codes] = math.inf
        bounds[np.arange(len(block)), block] = math.inf
        for at, row in enumerate(block.tolist(), start):
            found[at], least[at] = _nearest(rows, row, bounds[at - start], criterion)
        progress("comparing", min(start + _BLOCK, len(asked)), len(asked))
    return Others(asked, found, least)


def _nearest(rows: Rows, row: int, bounds: npt.NDArray[np.float64], criterion: Criterion) -> tuple[int, float]:
    """The row most like one, by bounds on how like they can be."""
    best, other, compared, most = math.inf, -1, 0, min(_FIRST, len(bounds))
    while True:
        order = np.argpartition(bounds, most - 1)[:most]
        order = order[np.lexsort([order, bounds[order]])]
        for candidate in order[compared:].tolist():
            if bounds[candidate] > best or not math.isfinite(bounds[candidate]):
                return other, best
            distance = _distance(rows, row, candidate, criterion)
            if distance < best:
                best, other = distance, candidate
        if most == len(bounds):
            return other, best
        compared, most = most, min(2 * most, len(bounds))


def _distance(rows: Rows, row: int, other: int, criterion: Criterion) -> float:
    if rows.identities[row] is not None and rows.identities[row] == rows.identities[other]:
        return 0.0
    size = math.prod(rows.tensors.shape[1:])
    if row in rows.views or other in rows.views:
        first, second = views_of(rows, row), views_of(rows, other)
        return min(squares_of_views(first, second, o) for o in criterion.orientations) / size
    one, two = rows.tensors[row].astype(np.int32), rows.tensors[other].astype(np.int32)
    turns = (apply(inverse(orientation), one) for orientation in criterion.orientations)
    return min(int(((turn - two) ** 2).sum()) for turn in turns) / size
