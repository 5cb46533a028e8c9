"""Rows in; block after block of candidates out: the pairs that no bound can exclude, each of them once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from difPy.match.mse.exact import Triples
from difPy.match.mse.frames import outside
from difPy.match.mse.linear import Points, TooMany
from difPy.match.mse.tree import index
from difPy.orientation import compose, inverse

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from difPy.match.mse.engine import Engine
    from difPy.match.mse.turning import Turning
    from difPy.match.mse.whole import Whole

_LEAST, _MOST = 1 << 12, 1 << 20  # candidates wanted in a block
_UNBOUNDED = 1 << 62
_STALE = 0.6  # of the indexed rows still there: then a new index pays
_SMALLEST, _LARGE, _LARGEST = 1, 1 << 13, 1 << 16  # rows in a block: at first, at most, and at most of a million rows
_PAYS, _PROBES = 32, 8  # rows in a block for which whole tensors may pay; those of them that show whether they do
_CROWDED = 1 << 10  # rows in a block whose whole tensors are compared, at most: with each other they are twice
_CROWD = 0.5  # candidates for each pair, in all orientations: if vectors leave more, whole tensors pay
_PIECE = 2048  # vectors turned at a time
_SAMPLE = 4096  # rows looked at to see in which numbers they differ most
_COMPOSED = np.array([[compose(inverse(asked), found) for found in range(8)] for asked in range(8)], np.uint8)


class Field:
    """The rows of a join that may still match.

    Rows ask in turn, the first first, which of the rows that have not asked are near. Whoever walks the `blocks` says
    what becomes of the rows by changing `asks` and `there` between blocks.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, d)
    turning : Turning
        How they turn.
    partition : ndarray of int64, shape (n,)
        Only rows of one partition are compared.
    orientations : tuple of int
        A group.
    reach : ndarray of float32, shape (n,)
        Rows are near if their vectors are no farther apart than their reaches together.
    members : ndarray of int64
        Rows that take part, ascending.
    engine : Engine
        Brings loops and threads.
    whole : Whole
        Compares whole tensors, where vectors leave most pairs.
    """

    def __init__(
        self,
        vectors: npt.NDArray[np.float32],
        turning: Turning,
        partition: npt.NDArray[np.int64],
        orientations: tuple[int, ...],
        reach: npt.NDArray[np.float32],
        members: npt.NDArray[np.int64],
        engine: Engine,
        whole: Whole,
    ) -> None:
        codes, counts = np.unique(partition[members], return_inverse=True, return_counts=True)[1:]
        members = members[counts[codes] > 1]
        self.asks = np.zeros(len(vectors), np.bool_)
        """Rows that will still ask."""
        self.there = np.zeros(len(vectors), np.bool_)
        """Rows that can still be found."""
        self.asks[members] = self.there[members] = True
        self._vectors, self._turning = vectors, turning
        self._partition = np.unique(partition, return_inverse=True)[1]
        self._orientations = orientations
        self._engine, self._whole = engine, whole
        self._crowded = False  # whether vectors left most pairs, when last they were asked
        self._reach = reach
        self._farthest = float(reach[members].max(initial=0))
        self._frame = np.zeros(len(vectors), np.uint8)
        self._members = members
        for rows in np.array_split(members, len(members) // _LARGEST + 1):
            away = outside(vectors[rows], turning, orientations)
            self._frame[rows] = np.array(orientations, np.uint8)[away.argmin(axis=1)]
        self._axes = np.arange(vectors.shape[1])
        self.compared = 0
        """Candidates handed out."""
        if len(members):
            sample = members[:: len(members) // _SAMPLE + 1]
            self._axes = np.argsort(-self._points(sample, self._frame[sample]).vectors.var(axis=0))
            self._index_again()

    def blocks(self) -> Iterator[tuple[npt.NDArray[np.int64], Triples]]:
        """The rows that asked, ascending, and the candidates they found; never a pair twice in one orientation.

        After each block its rows are no longer there.
        """
        waiting, size, budget = self._members, _SMALLEST, _LEAST
        largest = min(_LARGEST, max(_LARGE, len(self._members) // 16))  # so that the index shrinks meanwhile
        while len(waiting := waiting[self.asks[waiting]]):
            left = int(np.count_nonzero(self.there[self._indexed]))
            if left == 0:
                return
            if left < _STALE * len(self._indexed):
                self._index_again()
            block = waiting[:size]
            try:
                near = self._near(block, left, 4 * budget if len(block) > _SMALLEST else _UNBOUNDED)
            except TooMany:
                size = max(_SMALLEST, size // 8)
                continue
            self.compared += len(near)
            yield block, near
            needed = np.count_nonzero(self.asks[block])  # the others need not have asked: one before them found them
            budget = max(budget // 4, _LEAST) if 2 * needed < len(block) else min(4 * budget, _MOST)
            self.asks[block] = self.there[block] = False
            size = int(
                np.clip(
                    size * budget / max(1, len(near)), _SMALLEST, min(_CROWDED if self._crowded else largest, 4 * size)
                )
            )

    def _near(self, block: npt.NDArray[np.int64], left: int, most: int) -> Triples:
        """What the rows of a block find among those left."""
        if self._crowded and self._whole.fits and len(block) >= _PAYS:
            some = block[:: len(block) // _PROBES]
            self._crowded = len(self._by_vectors(some, _UNBOUNDED)) > _CROWD * len(some) * left
            if self._crowded:
                near = self._whole.near(block, self._indexed[self.there[self._indexed]])
                return near[self._fresh(block, near.first, near.second)]
        near = self._by_vectors(block, most)
        self._crowded = len(near) > _CROWD * len(block) * left
        return near

    def _by_vectors(self, block: npt.NDArray[np.int64], most: int) -> Triples:
        row, column = np.nonzero(
            outside(self._vectors[block], self._turning, self._orientations)
            <= self._reach[block, None] + self._farthest
        )
        asking, turns = block[row], np.array(self._orientations, np.uint8)[column]
        question, point = self._index.near(self._points(asking, turns), most)
        first, second = asking[question], self._indexed[point]
        fresh = self._fresh(block, first, second)
        first, second, question = first[fresh], second[fresh], question[fresh]
        return Triples(first, second, _COMPOSED[turns[question], self._frame[second]])

    def _fresh(
        self, block: npt.NDArray[np.int64], first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.bool_]:
        """Pairs of one partition that are asked about for the first time, and of which the second is still there."""
        together = np.zeros(len(self.asks), np.bool_)
        together[block] = True
        fresh: npt.NDArray[np.bool_] = self.there[second] & ((first < second) | ~together[second])
        fresh &= self._partition[first] == self._partition[second]
        return fresh

    def _index_again(self) -> None:
        self._indexed = self._members[self.there[self._members]]
        points = self._points(self._indexed, self._frame[self._indexed])
        self._index = index(points, self._engine)

    def _points(self, rows: npt.NDArray[np.int64], orientations: npt.NDArray[np.uint8]) -> Points:
        """Rows in some orientation; the numbers first in which rows differ most."""
        vectors = np.empty((len(rows), self._vectors.shape[1]), np.float32)
        self._engine.spread(partial(self._turn, rows, orientations, vectors), len(rows), _PIECE)
        return Points(vectors, self._partition[rows], self._reach[rows])

    def _turn(
        self,
        rows: npt.NDArray[np.int64],
        orientations: npt.NDArray[np.uint8],
        vectors: npt.NDArray[np.float32],
        start: int,
        end: int,
    ) -> None:
        """Write the vectors of rows, from `start` to `end`, each in its orientation."""
        for orientation in self._orientations:
            at = start + np.nonzero(orientations[start:end] == orientation)[0]
            vectors[at] = self._turning.turned(self._vectors[rows[at]], orientation, self._axes)
