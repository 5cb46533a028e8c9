"""The cells of one group in memory: a memo of what objects say, so that whoever lost it reads it again.

It is brought to the state before a block by reading the log: so any process may answer for any group at any time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from difPy.cloud.cells import Plan
from difPy.cloud.filling import filled
from difPy.cloud.framing import BETWEEN
from difPy.cloud.joining import PLAN
from difPy.cloud.log import committed
from difPy.match.mse.engine import Engine
from difPy.match.mse.exact import Triples
from difPy.match.mse.linear import Points
from difPy.match.mse.tree import index
from difPy.match.mse.vectors import reach

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.cloud.columns import Facts
    from difPy.cloud.joining import Join
    from difPy.cloud.records import Records
    from difPy.match.mse.linear import Linear
    from difPy.match.mse.tree import Tree

_STALE = 0.6  # of the indexed rows still there: then a new index pays


class Held:
    """Cells of a group.

    Parameters
    ----------
    join : Join
    group : int
    """

    def __init__(self, join: Join, group: int) -> None:
        self.plan = Plan.read(join.objects, join.at(PLAN))
        self.engine = Engine(join.threads)
        self.cells = {cell: Cell(join, cell, self) for cell in np.flatnonzero(self.plan.group == group).tolist()}
        self._join = join
        self._replayed = 0

    def replay(self, block: int) -> None:
        """Bring all cells to what they are before a block."""
        if self._replayed < block:
            for one in committed(self._join, self._replayed):
                for cell in self.cells.values():
                    cell.remove(one.end, one.taken)
                self._replayed += 1
                if self._replayed == block:
                    break


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """Rows that may match, in ranks; of each pair, what is known of both."""

    triples: Triples
    firsts: Facts
    seconds: Facts


class Cell:
    """The rows of a cell, and an index of the vectors of those that can still be found."""

    def __init__(self, join: Join, number: int, held: Held) -> None:
        self._half = np.float32(reach(math.sqrt(join.criterion.threshold)) / 2)
        self._held = held
        _, self._kept = filled(join, number)
        self._indexed = np.empty(0, np.int64)
        self._index: Linear | Tree | None = None
        rows = self._kept.all()
        self._ranks, self._orientations = rows.facts["rank"].copy(), rows.facts["orientation"].copy()
        self.asks = np.ones(len(rows), np.bool_)
        self.there = self._ranks >= join.fixed
        if self.there.any():
            self._index_again(rows)

    def remove(self, end: int, taken: npt.NDArray[np.int64]) -> None:
        """Forget the rows before a rank, and some behind it."""
        at = np.searchsorted(self._ranks, taken)
        here = at < len(self._ranks)
        at = at[here][self._ranks[at[here]] == taken[here]]
        gone = int(np.searchsorted(self._ranks, end))
        for left in (self.asks, self.there):
            left[:gone] = False
            left[at] = False

    def asking(self, start: int, end: int) -> Records:
        """The rows of a block that still ask."""
        first, last = np.searchsorted(self._ranks, [start, end]).tolist()
        asks = self.asks[first:last]
        rows = self._kept.span(first, last if asks.any() else first)
        return rows if asks.all() else rows.take(np.flatnonzero(asks[: len(rows)]))

    def near(self, asked: Records, most: int) -> Near:
        """The questions, and rows behind them that may match, and how these are turned then.

        Raises
        ------
        TooMany
        """
        left = int(np.count_nonzero(self.there))
        question = point = np.empty(0, np.int64)
        if left and len(asked):
            if left < _STALE * len(self._indexed):
                self._index_again(self._kept.all())
            assert self._index is not None
            question, point = self._index.near(self._points(asked), most)
        found = self._indexed[point]
        fresh = self.there[found] & (asked.facts["rank"][question] < self._ranks[found])
        question, found = question[fresh], found[fresh]
        turned = BETWEEN[asked.facts["orientation"][question], self._orientations[found]]
        triples = Triples(asked.facts["rank"][question], self._ranks[found], turned)
        return Near(triples, asked.facts.take(question), self._kept.facts(np.unique(found)))

    def facts_of(self, ranks: npt.NDArray[np.int64]) -> Facts:
        """What is known of those of some ranks that live here."""
        return self._kept.facts(np.flatnonzero(np.isin(self._ranks, ranks)))

    def _index_again(self, rows: Records) -> None:
        self._indexed = np.flatnonzero(self.there)
        self._index = index(self._points(rows if self.there.all() else rows.take(self._indexed)), self._held.engine)

    def _points(self, rows: Records) -> Points:
        """Rows as the index takes them."""
        return Points(
            rows.vectors, rows.facts["partition"].astype(np.int64), np.full(len(rows), self._half, np.float32)
        )
