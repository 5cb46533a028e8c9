"""Candidates in; the pairs that match, and those that only full-resolution pixels can settle, out."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from difPy.match.mse.exact import Triples, dimensions, limit_of, same_dimensions, squares, with_views
from difPy.orientation import compose, inverse, members

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.match.mse.brute import FullDistance, Tie
    from difPy.match.mse.engine import Engine
    from difPy.model import Criterion, Rows

_IDENTICAL = -1  # below any sum of squares


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of rows that match, as columns, ascending by first and then by second row."""

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    orientation: npt.NDArray[np.uint8]
    """What turns the second picture into the first."""
    distance: npt.NDArray[np.float64]
    """Mean squared error, at most the threshold."""

    def __len__(self) -> int:
        return len(self.first)


class Verdict(NamedTuple):
    """What the tensors say of some candidates."""

    pairs: Pairs
    """A pair that is open and that no other orientation brings within the threshold has an infinite distance."""
    open: dict[tuple[int, int], Tie]
    """Pairs that full resolution has to settle."""


def decide(
    firsts: Rows, seconds: Rows, criterion: Criterion, near: Triples, identical: Triples, engine: Engine
) -> Verdict:
    """What `nearest` says of each pair, but for those that it would ask the full resolution about.

    Parameters
    ----------
    firsts, seconds : Rows
        What `first` and `second` of the triples number.
    criterion : Criterion
    near : Triples
        Every orientation of every pair of one partition that may be within the threshold, and perhaps others.
    identical : Triples
        Pairs of identical pictures.
    engine : Engine
        Brings loops and threads.
    """
    values = math.prod(firsts.tensors.shape[1:])
    limits = np.full(len(near), limit_of(criterion.threshold, values))
    found = squares(firsts, seconds, near, limits, engine)
    found = with_views(firsts, seconds, near, found, limits)
    near, found = near[found <= limits], found[found <= limits]

    first = np.concatenate([identical.first, near.first])
    second = np.concatenate([identical.second, near.second])
    orientation = np.concatenate([identical.orientation, near.orientation])
    found = np.concatenate([np.full(len(identical), _IDENTICAL), found])
    preference = np.zeros(8, np.int64)
    preference[list(criterion.orientations)] = np.arange(len(criterion.orientations))
    order = np.lexsort((preference[orientation], found, second, first))
    first, second, orientation, found = first[order], second[order], orientation[order], found[order]

    start = np.ones(len(first), np.bool_)  # of the triples of a pair
    start[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    pair = np.cumsum(start) - 1
    settled = np.zeros(len(pair), np.bool_)
    settled[pair[found == _IDENTICAL]] = True
    equal = np.nonzero((found == 0) & ~settled[pair])[0]
    equal = equal[_known_to_differ(firsts, seconds, first[equal], second[equal])]
    ties = equal[same_dimensions(firsts, seconds, Triples(first[equal], second[equal], orientation[equal]))]
    tied = np.zeros(len(pair), np.bool_)
    tied[pair[ties]] = True
    distance = found / values
    distance[equal] = np.where(tied[pair[equal]], math.inf, 1 / values)

    order = np.lexsort((preference[orientation], distance, pair))
    best = order[start]
    hopeful = tied[pair[best]] & (criterion.threshold > 0)  # pictures that differ are not at distance 0
    best = best[(distance[best] <= criterion.threshold) | hopeful]
    ties = ties[: len(ties) * (criterion.threshold > 0)]
    return Verdict(
        Pairs(first[best], second[best], orientation[best], np.maximum(distance[best], 0)),
        _ties(first[ties], second[ties], orientation[ties]),
    )


def settle(verdict: Verdict, chosen: npt.NDArray[np.int64], criterion: Criterion, full_distance: FullDistance) -> Pairs:
    """The chosen pairs of a verdict that match, with the final word on those that are open."""
    pairs = verdict.pairs
    first, second = pairs.first[chosen], pairs.second[chosen]
    orientation, distance = pairs.orientation[chosen], pairs.distance[chosen]
    if verdict.open:
        open_ = [
            (at, verdict.open[pair])
            for at, pair in enumerate(zip(first.tolist(), second.tolist(), strict=True))
            if pair in verdict.open
        ]
        order = criterion.orientations.index
        for (at, (_, _, turns)), full in zip(open_, full_distance([tie for _, tie in open_]), strict=True):
            ours = (float(distance[at]), order(int(orientation[at])))
            distance[at], preferred = min(ours, (float(full), order(turns[0])))
            orientation[at] = criterion.orientations[preferred]
    keep = distance <= criterion.threshold
    return Pairs(first[keep], second[keep], orientation[keep], distance[keep])


def joined(parts: Sequence[Pairs]) -> Pairs:
    """Columns of several, one below the other."""
    return Pairs(
        np.concatenate([np.empty(0, np.int64), *(part.first for part in parts)]),
        np.concatenate([np.empty(0, np.int64), *(part.second for part in parts)]),
        np.concatenate([np.empty(0, np.uint8), *(part.orientation for part in parts)]),
        np.concatenate([np.empty(0, np.float64), *(part.distance for part in parts)]),
    )


@functools.cache
def identical_orientation(first: int, second: int, orientations: tuple[int, ...]) -> int:
    """First orientation that makes a picture of the second stance one of the first; -1 if none of them does."""
    stances = [(one, other) for one in members(first) for other in members(second)]
    possible = {compose(inverse(one), other) for one, other in stances}
    return next((orientation for orientation in orientations if orientation in possible), -1)


def _ties(
    first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], orientation: npt.NDArray[np.uint8]
) -> dict[tuple[int, int], Tie]:
    turns: dict[tuple[int, int], list[int]] = {}
    for i, j, o in zip(first.tolist(), second.tolist(), orientation.tolist(), strict=True):
        turns.setdefault((i, j), []).append(o)
    return {(i, j): (i, j, tuple(found)) for (i, j), found in turns.items()}


def _known_to_differ(
    firsts: Rows, seconds: Rows, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """As in `brute`: pictures of one size, up to a turn, at least one of which has an identity."""
    differ = np.zeros(len(first), np.bool_)
    for rows, numbers in ((firsts, first), (seconds, second)):
        differ |= np.array([rows.identities[row] is not None for row in numbers.tolist()], np.bool_)
    one, other = np.sort(dimensions(firsts, first)), np.sort(dimensions(seconds, second))
    differ &= (one == other).all(axis=1)
    return differ
