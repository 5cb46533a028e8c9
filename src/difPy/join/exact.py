"""Candidates in; their sums of squared differences, as integers, out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.join.brute import squares_of_views, views_of
from difPy.orientation import apply

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.model import Rows

_BUFFER = 1 << 24  # bytes of tensors read at a time, for either side of the pairs


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


def squares(firsts: Rows, seconds: Rows, triples: Triples) -> npt.NDArray[np.int64]:
    """Sums of squared differences between the tensors of rows of `firsts` and turned ones of `seconds`."""
    found = np.empty(len(triples), np.int64)
    order = np.lexsort((triples.first, triples.second, triples.orientation))
    bounds = np.searchsorted(triples.orientation[order], np.arange(9))
    step = max(1, _BUFFER // math.prod(firsts.tensors.shape[1:]))
    for orientation in range(8):
        for start in range(bounds[orientation], bounds[orientation + 1], step):
            chosen = order[start : min(start + step, bounds[orientation + 1])]
            first = _read(firsts, triples.first[chosen])
            second = apply(orientation, _read(seconds, triples.second[chosen]), axes=(1, 2))
            difference = np.subtract(first, second, dtype=np.int32)
            lines = difference.reshape(*difference.shape[:2], -1)  # a line of pixels cannot overflow
            found[chosen] = np.einsum("ijk,ijk->ij", lines, lines).sum(1, dtype=np.int64)
    return found


def with_views(
    firsts: Rows, seconds: Rows, triples: Triples, found: npt.NDArray[np.int64], limit: int | npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Squares of tensors, where they are within the limit (or their limits), made the greatest over all views."""
    if firsts.views or seconds.views:
        for at in np.nonzero(found <= limit)[0].tolist():
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


def _read(rows: Rows, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Tensors of rows, each read once however often it is named."""
    unique, back = np.unique(numbers, return_inverse=True)
    tensors = rows.tensors[unique]
    return tensors if len(unique) == len(numbers) and np.array_equal(unique, numbers) else tensors[back]
