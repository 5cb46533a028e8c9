"""Rows in; the pairs that match, or who is kept for whom, out: equal to `brute`, by excluding before comparing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from difPy.match.mse.choice import chosen
from difPy.match.mse.decide import Pairs, Verdict, decide, joined, settle
from difPy.match.mse.engine import Engine
from difPy.match.mse.field import Field
from difPy.match.mse.twins import Identical, leaders
from difPy.match.mse.vectors import reach, vectors_of
from difPy.match.mse.whole import Whole
from difPy.model import Stars, silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from difPy.match.mse.brute import FullDistance, Tie
    from difPy.model import Criterion, Progress, Rows


def stars(
    rows: Rows,
    criterion: Criterion,
    full_distance: FullDistance,
    *,
    only_fixed: bool = False,
    threads: int | None = None,
    progress: Progress = silent,
) -> Stars:
    """Groups: each row not yet taken keeps itself and takes every later row that matches it.

    Parameters
    ----------
    rows : Rows
        n rows, best first.
    criterion : Criterion
        The threshold and the orientations tried.
    full_distance : callable
        Settles the pictures that differ although their tensors do not; see `FullDistance`.
    only_fixed : bool, optional
        Whether only rows that are fixed take others: what these match among themselves is not asked.
    threads : int, optional
        Processor cores used; all by default.
    progress : Progress, optional
        Told ``("comparing", rows done, n)``.

    Returns
    -------
    Stars
        The same whatever the number of threads.
    """
    engine = Engine(threads)
    vectors = vectors_of(rows, engine)
    lead = leaders(rows, vectors, anonymous=all(identity is None for identity in rows.identities))
    n = len(rows)
    walk = _Walk(rows, vectors, criterion, np.flatnonzero(lead == np.arange(n)), engine)
    if only_fixed:
        walk.field.asks &= False if rows.fixed is None else rows.fixed
    keeper, distance, orientation = np.arange(n), np.zeros(n), np.zeros(n, np.uint8)
    taken = np.zeros(n, np.bool_)
    for verdict in walk.verdicts():
        for found in take(verdict, taken, criterion, full_distance):
            keeper[found.second], distance[found.second] = found.first, found.distance
            orientation[found.second] = found.orientation
            walk.field.asks[found.second] = walk.field.there[found.second] = False
        progress("comparing", n - int(np.count_nonzero(walk.field.asks)), n)
    progress("comparing", n, n)
    if rows.fixed is not None:
        lead = np.where(rows.fixed, np.arange(n), lead)  # twins that are fixed keep themselves
    return Stars(keeper[lead], distance[lead], orientation[lead], walk.field.compared)


def take(
    verdict: Verdict, taken: npt.NDArray[np.bool_], criterion: Criterion, full_distance: FullDistance
) -> Iterator[Pairs]:
    """What the rows of a block take: each not yet taken, the first first, every row that matches it and is not, either.

    Parameters
    ----------
    verdict : Verdict
        Of all pairs of these rows with rows that can still be taken.
    taken : ndarray of bool
        Of each row; brought up to date.
    criterion, full_distance
        As for `stars`.

    Yields
    ------
    Pairs
        Of one row that keeps itself, and those that it takes.
    """
    first, second = verdict.pairs.first, verdict.pairs.second
    answers = _foreseen(verdict, full_distance)
    for row in dict.fromkeys(first.tolist()):
        if not taken[row]:
            chosen = np.arange(*np.searchsorted(first, [row, row + 1]))
            chosen = chosen[~taken[second[chosen]]]
            found = settle(verdict, chosen, criterion, answers)
            taken[found.second] = True
            yield found


def pairs(rows: Rows, criterion: Criterion, full_distance: FullDistance, *, threads: int | None = None) -> Pairs:
    """Every pair that matches, as `brute` finds them.

    There may be n**2 / 2 of them: for groups, `stars` needs memory for none.

    Parameters
    ----------
    rows, criterion, full_distance, threads
        As for `stars`.

    Returns
    -------
    Pairs
        `first < second`; ascending.
    """
    engine = Engine(threads)
    walk = _Walk(rows, vectors_of(rows, engine), criterion, np.arange(len(rows)), engine)
    return joined(
        [settle(verdict, np.arange(len(verdict.pairs)), criterion, full_distance) for verdict in walk.verdicts()]
    )


class _Walk:
    """The rows of a join, and verdict after verdict on the pairs of them that may match."""

    def __init__(
        self,
        rows: Rows,
        vectors: npt.NDArray[np.float32],
        criterion: Criterion,
        members: npt.NDArray[np.int64],
        engine: Engine,
    ) -> None:
        self._rows, self._criterion, self._engine = rows, criterion, engine
        self._identical = Identical(rows, members, criterion.orientations)
        reaches = np.full(len(rows), reach(math.sqrt(criterion.threshold)) / 2, np.float32)
        whole = Whole(rows, vectors[:, 0], criterion.orientations, reaches, engine)
        vectors, turning = chosen(rows, vectors, criterion.orientations, reaches, members, engine)
        self.field = Field(vectors, turning, rows.partition, criterion.orientations, reaches, members, engine, whole)
        if rows.fixed is not None:
            self.field.there[rows.fixed] = False

    def verdicts(self) -> Iterator[Verdict]:
        """What the tensors say of the candidates of each block: all pairs of its rows with rows still there."""
        for block, near in self.field.blocks():
            identical = self._identical.after(block)
            yield decide(
                self._rows,
                self._rows,
                self._criterion,
                near,
                identical[self.field.there[identical.second]],
                self._engine,
            )


def _foreseen(verdict: Verdict, full_distance: FullDistance) -> FullDistance:
    """The same answers; those that will be asked for in any case are fetched at once, to use every core."""
    contested = set(verdict.pairs.second.tolist())
    sure = [tie for (first, _), tie in verdict.open.items() if first not in contested]
    known = dict(zip(sure, full_distance(sure), strict=True)) if sure else {}

    def answers(ties: Sequence[Tie]) -> list[float]:
        missing = [tie for tie in ties if tie not in known]
        known.update(zip(missing, full_distance(missing) if missing else [], strict=True))
        return [known[tie] for tie in ties]

    return answers
