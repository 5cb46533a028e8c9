"""Rows in; block after block of candidates out: the pairs that no bound can exclude, each of them once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.join.exact import Triples
from difPy.join.frames import outside
from difPy.join.linear import Linear, Points
from difPy.join.vectors import turned
from difPy.orientation import compose, inverse

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

_BUDGET = 1 << 16  # candidates wanted in a block: enough to be quick, few enough to be checked in vain
_SMALLEST, _LARGEST = 16, 1 << 16  # rows in a block
_COMPOSED = np.array([[compose(inverse(asked), found) for found in range(8)] for asked in range(8)], np.uint8)


class Field:
    """The rows of a join that may still match.

    Rows ask in turn, the first first, which of the rows that have not asked are near. Whoever walks the `blocks` says
    what becomes of the rows by changing `asks` and `there` between blocks.

    Parameters
    ----------
    vectors : ndarray of float32, shape (n, 73)
    partition : ndarray of int64, shape (n,)
        Only rows of one partition are compared.
    orientations : tuple of int
        A group.
    reach : ndarray of float32, shape (n,)
        Rows are near if their vectors are no farther apart than their reaches together.
    members : ndarray of int64
        Rows that take part, ascending.
    """

    def __init__(
        self,
        vectors: npt.NDArray[np.float32],
        partition: npt.NDArray[np.int64],
        orientations: tuple[int, ...],
        reach: npt.NDArray[np.float32],
        members: npt.NDArray[np.int64],
    ) -> None:
        codes, counts = np.unique(partition[members], return_inverse=True, return_counts=True)[1:]
        members = members[counts[codes] > 1]
        self.asks = np.zeros(len(vectors), np.bool_)
        """Rows that will still ask."""
        self.there = np.zeros(len(vectors), np.bool_)
        """Rows that can still be found."""
        self.asks[members] = self.there[members] = True
        self._vectors = vectors
        self._partition = np.unique(partition, return_inverse=True)[1]
        self._orientations = orientations
        self._reach = reach
        self._farthest = float(reach[members].max(initial=0))
        self._frame = np.zeros(len(vectors), np.uint8)
        self._members = members
        for rows in np.array_split(members, len(members) // _LARGEST + 1):
            self._frame[rows] = np.array(orientations, np.uint8)[outside(vectors[rows], orientations).argmin(axis=1)]
        self.compared = 0
        """Candidates handed out."""

    def blocks(self) -> Iterator[tuple[npt.NDArray[np.int64], Triples]]:
        """The rows that asked, ascending, and the candidates they found; never a pair twice in one orientation.

        After each block its rows are no longer there.
        """
        waiting, size = self._members, _SMALLEST
        index, indexed = self._index()
        while len(waiting := waiting[self.asks[waiting]]):
            if np.count_nonzero(self.there[indexed]) < 0.6 * len(indexed):
                index, indexed = self._index()
            questions, rows, orientations = self._questions(waiting[:size])
            question, point, done = index.near(questions, _BUDGET)
            if done < len(questions):
                done = int(np.searchsorted(rows, rows[done]))  # a row has asked when it has in all orientations
                question, point = question[question < done], point[question < done]
            block = np.unique(rows[:done])
            first, second = rows[question], indexed[point]
            asking = np.zeros(len(self.asks), np.bool_)
            asking[block] = True
            fresh = self.there[second] & ((first < second) | ~asking[second])
            self.asks[block] = False
            first, second, question = first[fresh], second[fresh], question[fresh]
            self.compared += len(first)
            yield block, Triples(first, second, _COMPOSED[orientations[question], self._frame[second]])
            self.there[block] = False
            size = int(np.clip(len(block) * _BUDGET / max(1, len(first)), _SMALLEST, min(_LARGEST, 4 * size)))

    def _index(self) -> tuple[Linear, npt.NDArray[np.int64]]:
        rows = self._members[self.there[self._members]]
        return Linear(self._points(rows, self._frame[rows], self._reach[rows])), rows

    def _questions(self, rows: npt.NDArray[np.int64]) -> tuple[Points, npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
        """A point for each orientation in which a row may be near one in its frame."""
        reach = self._reach[rows] + self._farthest
        row, column = np.nonzero(outside(self._vectors[rows], self._orientations) <= reach[:, None])
        orientations = np.array(self._orientations, np.uint8)[column]
        return self._points(rows[row], orientations, self._reach[rows[row]]), rows[row], orientations

    def _points(
        self, rows: npt.NDArray[np.int64], orientations: npt.NDArray[np.uint8], reach: npt.NDArray[np.float32]
    ) -> Points:
        vectors = np.empty((len(rows), self._vectors.shape[1]), np.float32)
        for orientation in self._orientations:
            at = np.nonzero(orientations == orientation)[0]
            places, signs = turned(orientation)
            vectors[at] = self._vectors[rows[at]][:, places] * signs
        return Points(vectors, self._partition[rows], reach)
