"""The cells of one group in memory: a memo of what objects say, so that whoever lost it reads it again.

It is brought to the state before a block by reading the log: so any process may answer for any group at any time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from difPy.cloud.cells import Plan
from difPy.cloud.columns import ROW
from difPy.cloud.framing import BETWEEN
from difPy.cloud.joining import CELLS, PLAN
from difPy.cloud.log import committed
from difPy.cloud.stored import Stored
from difPy.match.mse.engine import Engine
from difPy.match.mse.exact import Triples, concatenated
from difPy.match.mse.linear import Points
from difPy.match.mse.tree import index
from difPy.match.mse.vectors import reach

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.cloud.columns import Records
    from difPy.cloud.joining import Join
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


class Cell:
    """The rows of a cell: what is known of them, and an index of the vectors of those that can still be found."""

    def __init__(self, join: Join, number: int, held: Held) -> None:
        self._join, self._held = join, held
        self._stored = Stored(join.objects, join.at(CELLS, number))
        self._indexed = np.empty(0, np.int64)
        self._index: Linear | Tree | None = None
        (rows,) = self._stored.spans([(0, len(self._stored))])
        self.facts: Records = rows["fact"].copy()
        """Of each row, ascending by rank."""
        self.asks = np.ones(len(self.facts), np.bool_)
        self.there = self.facts["rank"] >= join.fixed
        if self.there.any():
            self._index_again(rows)

    def remove(self, end: int, taken: npt.NDArray[np.int64]) -> None:
        """Forget the rows before a rank, and some behind it."""
        ranks = self.facts["rank"]
        at = np.searchsorted(ranks, taken)
        here = at < len(ranks)
        at = at[here][ranks[at[here]] == taken[here]]
        gone = int(np.searchsorted(ranks, end))
        for left in (self.asks, self.there):
            left[:gone] = False
            left[at] = False

    def asking(self, start: int, end: int) -> Records:
        """The rows of a block that still ask, with their vectors."""
        first, last = np.searchsorted(self.facts["rank"], [start, end]).tolist()
        if not self.asks[first:last].any():
            return np.empty(0, ROW)
        (rows,) = self._stored.spans([(first, last)])
        return rows[self.asks[first:last]]

    def near(self, asked: Records, at: npt.NDArray[np.int64], most: int) -> Triples:
        """Ranks of some of the questions and of rows behind them that may match, and how these are turned then.

        Raises
        ------
        TooMany
        """
        left = int(np.count_nonzero(self.there))
        if left == 0 or not len(at):
            return concatenated([])
        if left < _STALE * len(self._indexed):
            (rows,) = self._stored.spans([(0, len(self._stored))])
            self._index_again(rows)
        assert self._index is not None
        question, point = self._index.near(self._points(asked, at), most)
        question, found = at[question], self._indexed[point]
        first, second = asked["fact"]["rank"][question], self.facts["rank"][found]
        fresh = self.there[found] & (first < second)
        asked_in, kept_in = asked["fact"]["orientation"][question], self.facts["orientation"][found]
        return Triples(first, second, BETWEEN[asked_in, kept_in])[fresh]

    def _index_again(self, rows: Records) -> None:
        self._indexed = np.flatnonzero(self.there)
        self._index = index(self._points(rows, self._indexed), self._held.engine)

    def _points(self, rows: Records, at: npt.NDArray[np.int64]) -> Points:
        """Some records as the index takes them."""
        half = np.float32(reach(math.sqrt(self._join.criterion.threshold)) / 2)
        vectors = np.take(rows["vector"][at], self._held.plan.order, axis=1)
        return Points(vectors, rows["fact"]["partition"][at].astype(np.int64), np.full(len(at), half, np.float32))
