"""A join whose rows live in cells in; who is kept for whom out: block after block of ranks, each of them committed.

Why that is exact. A pair that matches has its second row in one cell, whose box is no farther from the first than that
row is; so the first asks there, and the pair is found, once in each orientation. By induction over ranks: when a block
asks, every row before it that is kept has taken what it matches, so the driver sees every match of a row of the block
that is not taken with a later one that is not: what one machine sees. Neither the size of blocks nor the number of
cells matters. The driver holds a byte a row, and one block's pairs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from difPy.cloud.kin import Kin
from difPy.cloud.log import Block, commit, committed
from difPy.cloud.steps import Turn, answer, ask
from difPy.match.mse.decide import Pairs, Verdict, joined
from difPy.match.mse.stars import take
from difPy.model import Stars, silent

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.cloud.executors import Executor
    from difPy.cloud.joining import Join
    from difPy.match.mse import FullDistance
    from difPy.model import Progress

FIRST, LARGEST, LEAST = 1 << 7, 1 << 18, 1 << 12
"""Rows of the first block, as in films thousands are like the first of them; of any block; candidates to be had."""


@dataclass(slots=True)
class Work:
    """What a join took, in this run."""

    blocks: int = 0
    shrunk: int = 0
    """Blocks that had too many candidates, and were made smaller."""
    rows: int = 0
    """That asked ..."""
    questions: int = 0
    """... so many cells, in all their orientations."""
    compared: int = 0
    most: int = 0
    """Pairs that the driver held at a time."""


def walk(
    join: Join,
    executor: Executor,
    lead: npt.NDArray[np.int64],
    full_distance: FullDistance,
    *,
    first: int = FIRST,
    largest: int = LARGEST,
    progress: Progress = silent,
) -> tuple[Stars, Work]:
    """Groups: equal to `match.mse.stars`, whoever runs the steps.

    Parameters
    ----------
    join : Join
    executor : Executor
    lead : ndarray of int64, shape (n,)
        First twin of each row: others than these take no part.
    full_distance : callable
        Settles ties; see `match.mse.FullDistance`.
    first, largest : int, optional
        Rows of the first block, and of any.
    progress : Progress, optional
        Told ``("comparing", rows done, n)``.

    Notes
    -----
    What an earlier run committed is not done again.
    """
    n, work, kin = join.rows, Work(), Kin.read(join)
    taken = lead != np.arange(n)  # twins ask nothing
    keeper, distance, orientation = np.arange(n), np.zeros(n), np.zeros(n, np.uint8)
    at = number = compared = 0

    def note(block: Block) -> None:
        nonlocal at, number, compared
        at, number, compared = block.end, number + 1, compared + block.compared
        taken[block.taken] = True
        keeper[block.taken], distance[block.taken] = block.keeper, block.distance
        orientation[block.taken] = block.orientation

    for block in committed(join):
        note(block)
    size = first
    while at < n:
        end = _end(taken, at, size, n)
        turns = _turns(join, number, at, end, kin, taken)
        answers = executor.exchange(ask, answer, turns)
        verdict = _together([one.verdict for one in answers])
        if verdict is None:
            work.shrunk += 1
            size = max(1, size // 8)
            continue
        found = joined(list(take(verdict, taken.copy(), join.criterion, full_distance)))
        near = sum(one.compared for one in answers)
        work.blocks += 1
        work.rows += int(np.count_nonzero(~taken[at:end]))
        work.questions += sum(one.asked for one in answers)
        work.compared += near
        work.most = max(work.most, near)
        note(commit(join, number, Block(end, near, found.second, found.first, found.distance, found.orientation)))
        size = int(np.clip(size * join.most / (4 * max(near, LEAST)), 1, min(largest, 4 * size)))
        progress("comparing", at, n)
    progress("comparing", n, n)
    own = np.where(np.arange(n) < join.fixed, np.arange(n), lead)  # twins that are fixed keep themselves
    return Stars(keeper[own], distance[own], orientation[own], compared), work


def _end(taken: npt.NDArray[np.bool_], at: int, size: int, n: int) -> int:
    """Behind so many rows that still ask."""
    width = size
    while True:
        asking = np.flatnonzero(~taken[at : at + width])
        if len(asking) >= size:
            return at + int(asking[size - 1]) + 1
        if at + width >= n:
            return n
        width *= 4


def _turns(join: Join, number: int, at: int, end: int, kin: Kin, taken: npt.NDArray[np.bool_]) -> list[Turn]:
    """What each group is told."""
    pairs = kin.after(at + np.flatnonzero(~taken[at:end]))
    pairs = pairs[~taken[pairs.second] & (pairs.second >= join.fixed)]
    bounded = np.count_nonzero(~taken[at:end]) > 1
    told = Turn(join, 0, number, at, end, bool(bounded), pairs, kin.facts_of(pairs.first))
    return [replace(told, group=group) for group in range(join.groups)]


def _together(verdicts: list[Verdict | None]) -> Verdict | None:
    """The verdicts of all groups as one, ascending; None if any of them has too many candidates."""
    whole = [verdict for verdict in verdicts if verdict is not None]
    if len(whole) < len(verdicts):
        return None
    pairs = joined([verdict.pairs for verdict in whole])
    order = np.lexsort((pairs.second, pairs.first))
    pairs = Pairs(pairs.first[order], pairs.second[order], pairs.orientation[order], pairs.distance[order])
    return Verdict(pairs, {key: tie for verdict in whole for key, tie in verdict.open.items()})
