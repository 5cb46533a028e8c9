"""The log of a join in; which rows ask next, and in the end who is kept for whom, out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from difPy.cloud.kin import Kin
from difPy.cloud.log import Block, committed
from difPy.cloud.steps import Turn
from difPy.match.mse.decide import Pairs, Verdict, joined
from difPy.match.mse.stars import take
from difPy.model import Stars

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.cloud.joining import Join
    from difPy.cloud.steps import Answer
    from difPy.match.mse import FullDistance

LEAST = 1 << 12
"""Candidates to be had in a block, about, before the next is made no larger for want of them."""


class Course:
    """How far a join is: a byte a row, and what was taken.

    Parameters
    ----------
    join : Join
    lead : ndarray of int64, shape (n,)
        First twin of each row: others than these take no part.
    """

    def __init__(self, join: Join, lead: npt.NDArray[np.int64]) -> None:
        n = join.rows
        self.at = self.number = 0
        """The first rank that has not asked, and the number of the block that it asks in."""
        self._size, self._compared = join.first, 0
        self._join, self._lead, self._kin = join, lead, Kin.read(join)
        self._taken = lead != np.arange(n)  # twins ask nothing
        self._keeper, self._distance, self._orientation = np.arange(n), np.zeros(n), np.zeros(n, np.uint8)

    @property
    def done(self) -> bool:
        """Whether all have asked."""
        return self.at >= self._join.rows

    def replay(self) -> None:
        """Read what was committed since."""
        for block in committed(self._join, self.number):
            self.note(block)

    def note(self, block: Block) -> None:
        """What became of the next block."""
        self.at, self.number, self._size = block.end, self.number + 1, block.size
        self._compared += block.compared
        self._taken[block.taken] = True
        self._keeper[block.taken], self._distance[block.taken] = block.keeper, block.distance
        self._orientation[block.taken] = block.orientation

    def asking(self) -> npt.NDArray[np.int64]:
        """The ranks of the next block."""
        return self.at + np.flatnonzero(~self._taken[self.at : self._end()])

    def turns(self) -> list[Turn]:
        """What each group is told of the next block."""
        asking, end = self.asking(), self._end()
        pairs = self._kin.after(asking)
        pairs = pairs[~self._taken[pairs.second] & (pairs.second >= self._join.fixed)]
        facts = self._kin.facts_of(pairs.first)
        told = Turn(self._join, 0, self.number, self.at, end, len(asking) > 1, pairs, facts)
        return [replace(told, group=group) for group in range(self._join.groups)]

    def block(self, answers: Sequence[Answer], full_distance: FullDistance) -> Block:
        """What becomes of the next block by what all groups answer. If that is too much for one, less is asked next."""
        join, verdict = self._join, _together([one.verdict for one in answers])
        if verdict is None:
            none = np.empty(0, np.int64)
            return Block(self.at, 0, max(1, self._size // 8), none, none, none.astype(float), none.astype(np.uint8))
        found = joined(list(take(verdict, self._taken.copy(), join.criterion, full_distance)))
        near = sum(one.compared for one in answers)
        larger = self._size * join.most / (4 * max(near, LEAST))
        size = int(np.clip(larger, 1, min(join.largest, 4 * self._size)))
        return Block(self._end(), near, size, found.second, found.first, found.distance, found.orientation)

    def stars(self) -> Stars:
        """Who is kept for whom."""
        own = np.arange(self._join.rows)
        own = np.where(own < self._join.fixed, own, self._lead)  # twins that are fixed keep themselves
        return Stars(self._keeper[own], self._distance[own], self._orientation[own], self._compared)

    def _end(self) -> int:
        """Behind so many rows that still ask."""
        width = self._size
        while True:
            asking = np.flatnonzero(~self._taken[self.at : self.at + width])
            if len(asking) >= self._size:
                return self.at + int(asking[self._size - 1]) + 1
            if self.at + width >= self._join.rows:
                return self._join.rows
            width *= 4


def _together(verdicts: list[Verdict | None]) -> Verdict | None:
    """The verdicts of all groups as one, ascending; None if any of them has too many candidates."""
    whole = [verdict for verdict in verdicts if verdict is not None]
    if len(whole) < len(verdicts):
        return None
    pairs = joined([verdict.pairs for verdict in whole])
    order = np.lexsort((pairs.second, pairs.first))
    pairs = Pairs(pairs.first[order], pairs.second[order], pairs.orientation[order], pairs.distance[order])
    return Verdict(pairs, {key: tie for verdict in whole for key, tie in verdict.open.items()})
