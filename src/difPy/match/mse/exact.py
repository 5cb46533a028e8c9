"""Candidates in; their sums of squared differences, as integers, out."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.compiled import COUNT, Array, loop
from difPy.match.mse.brute import squares_of_views, views_of
from difPy.orientation import apply, inverse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from difPy.match.mse.engine import Engine
    from difPy.model import Rows

_PIECE = 64  # pairs that numpy compares at a time
_SHARE = 1024  # pairs that a thread takes at a time
_STRETCH = 1 << 15  # bytes whose squared differences fit 32 bits

_NUMBERS, _BYTES = Array("int64", 1), Array("uint8", 2)
_loop = loop(
    "exact_squares", _BYTES, _NUMBERS, _BYTES, _NUMBERS, COUNT, _NUMBERS, Array("int64", 1, written=True), COUNT, COUNT
)


@dataclass(frozen=True, slots=True, eq=False)
class Triples:
    """Columns: a row, another row, and the orientation of the other in which it may be the first."""

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    orientation: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.first)

    def __getitem__(self, chosen: Any) -> Triples:
        return Triples(self.first[chosen], self.second[chosen], self.orientation[chosen])


def concatenated(parts: Sequence[Triples]) -> Triples:
    """Columns of several, one below the other."""
    return Triples(
        np.concatenate([np.empty(0, np.int64), *(part.first for part in parts)]),
        np.concatenate([np.empty(0, np.int64), *(part.second for part in parts)]),
        np.concatenate([np.empty(0, np.uint8), *(part.orientation for part in parts)]),
    )


def limit_of(threshold: float, values: int) -> int:
    """Greatest sum of squares whose mean over so many values does not exceed the threshold.

    Examples
    --------
    >>> limit_of(5.0, 7500), limit_of(0.1, 300)
    (37500, 30)
    """
    limit = math.floor(threshold * values)
    while (limit + 1) / values <= threshold:
        limit += 1
    while limit / values > threshold:
        limit -= 1
    return limit


def squares(
    firsts: Rows, seconds: Rows, triples: Triples, limits: npt.NDArray[np.int64], engine: Engine
) -> npt.NDArray[np.int64]:
    """Sums of squared differences between the tensors of rows of `firsts` and turned ones of `seconds`.

    Exact up to the limits; beyond, any number above the limit.
    """
    size = math.prod(firsts.tensors.shape[1:])
    found = np.empty(len(triples), np.int64)
    step = max(1, engine.BUFFER // size)
    codes, which = np.unique(triples.first * 8 + triples.orientation, return_inverse=True)
    for codes_part, of_part in _parts(codes, which, step):
        one = _turned_back(firsts, codes_part)
        numbers, where = np.unique(triples.second[of_part], return_inverse=True)
        for numbers_part, at in _parts(numbers, where, step):
            other = seconds.tensors[numbers_part].reshape(len(numbers_part), size)
            chosen = of_part[at]
            first = np.searchsorted(codes_part, codes[which[chosen]])
            second = np.searchsorted(numbers_part, numbers[where[at]])
            found[chosen] = of_bytes(one, first, other, second, limits[chosen], engine)
    return found


def of_bytes(
    firsts: npt.NDArray[np.uint8],
    first: npt.NDArray[np.int64],
    seconds: npt.NDArray[np.uint8],
    second: npt.NDArray[np.int64],
    limits: npt.NDArray[np.int64],
    engine: Engine,
) -> npt.NDArray[np.int64]:
    """The same of rows of bytes, by their numbers."""
    found = np.zeros(len(first), np.int64)
    if engine.COMPILED:
        task = partial(_loop, firsts, first, seconds, second, firsts.shape[1], limits, found)
        engine.spread(task, len(found), _SHARE)
        return found
    for start in range(0, len(found), _PIECE):
        some = slice(start, start + _PIECE)
        for begin in range(0, firsts.shape[1], _STRETCH):
            stretch = slice(begin, begin + _STRETCH)
            difference = np.subtract(firsts[first[some], stretch], seconds[second[some], stretch], dtype=np.int32)
            found[some] += np.einsum("ij,ij->i", difference, difference)
    return found


def _parts(
    values: npt.NDArray[np.int64], which: npt.NDArray[np.int64], step: int
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Cut distinct values into parts; with each, the places of those that are `values[which]`."""
    if len(values) <= step:
        yield values, np.arange(len(which))
        return
    order = np.argsort(which, kind="stable")
    bounds = np.searchsorted(which[order], np.arange(0, len(values) + step, step))
    for part, (start, end) in enumerate(itertools.pairwise(bounds.tolist())):
        yield values[part * step : (part + 1) * step], order[start:end]


def _turned_back(rows: Rows, codes: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Tensors of rows, as seen from an orientation: each code is 8 times a row plus an orientation."""
    numbers, orientations = np.divmod(codes, 8)
    unique, place = np.unique(numbers, return_inverse=True)
    tensors = rows.tensors[unique]
    turned = np.empty((len(codes), *tensors.shape[1:]), np.uint8)
    for orientation in np.flatnonzero(np.bincount(orientations)).tolist():
        at = np.nonzero(orientations == orientation)[0]
        turned[at] = apply(inverse(orientation), tensors[place[at]], axes=(1, 2))
    return turned.reshape(len(codes), math.prod(tensors.shape[1:]))


def with_views(
    firsts: Rows, seconds: Rows, triples: Triples, found: npt.NDArray[np.int64], limits: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Squares of tensors, where they are within the limits, made the greatest over all views."""
    if firsts.views or seconds.views:
        for at in np.nonzero(found <= limits)[0].tolist():
            i, j = int(triples.first[at]), int(triples.second[at])
            if i in firsts.views or j in seconds.views:
                orientation = int(triples.orientation[at])
                found[at] = squares_of_views(views_of(firsts, i), views_of(seconds, j), orientation)
    return found


def same_dimensions(firsts: Rows, seconds: Rows, triples: Triples) -> npt.NDArray[np.bool_]:
    """Whether the second picture has the width and height of the first once it is in that orientation."""
    other = dimensions(seconds, triples.second)
    turned = np.where(triples.orientation[:, None] % 2 == 1, other[:, ::-1], other)
    agree: npt.NDArray[np.bool_] = (dimensions(firsts, triples.first) == turned).all(axis=1)
    return agree


def dimensions(rows: Rows, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """Widths and heights of rows, shape (n, 2)."""
    return np.stack([rows.widths[numbers], rows.heights[numbers]], axis=1)
