"""Points and questions in, the pairs of them that are near out: every question against every point, by numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

_TILE = 1 << 22  # distances computed at a time


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Vectors to be found, or to ask with; one row may have several."""

    vectors: npt.NDArray[np.float32]
    partition: npt.NDArray[np.int64]
    reach: npt.NDArray[np.float32]
    """A point and a question are near if they are no farther apart than their reaches together."""

    def __len__(self) -> int:
        return len(self.vectors)


class Linear:
    """Finds near points by computing every distance.

    Parameters
    ----------
    points : Points
        Where to look.
    """

    def __init__(self, points: Points) -> None:
        self._centre = points.vectors.mean(axis=0) if len(points) else 0
        self._points = points
        self._vectors, self._norms = self._prepared(points)

    def near(self, questions: Points, budget: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], int]:
        """Pairs of a question and a point that are near and in one partition, and some that are a little farther.

        Parameters
        ----------
        questions : Points
        budget : int
            Stop soon after so many pairs.

        Returns
        -------
        question, point : ndarray of int64
            Ascending by question.
        done : int
            Questions that were answered in full: the first so many. At least one, or all.
        """
        vectors, norms = self._prepared(questions)
        step = max(8, _TILE // max(1, len(self._points)))
        found: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]] = []
        start = count = 0
        while start < len(questions) and count < max(1, budget):
            tile = slice(start, start + step)
            reach = questions.reach[tile, None] + self._points.reach
            near = norms[tile, None] + self._norms - 2 * (vectors[tile] @ self._vectors.T) <= reach * reach
            near &= questions.partition[tile, None] == self._points.partition
            question, point = np.nonzero(near)
            found.append((question + start, point))
            start, count = start + len(near), count + len(point)
        empty = np.empty(0, np.int64)
        return (
            np.concatenate([empty, *(pair[0] for pair in found)]),
            np.concatenate([empty, *(pair[1] for pair in found)]),
            start,
        )

    def _prepared(self, points: Points) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Centred vectors, and their squared norms made smaller by more than rounding can make a distance greater.

        With d numbers and u = 2**-24, |a|**2 + |b|**2 - 2ab is computed to within (2d + 6) u (|a|**2 + |b|**2).
        """
        vectors = points.vectors - self._centre
        slack = 4 * (vectors.shape[1] + 8) * 2.0**-24
        return vectors, np.einsum("ij,ij->i", vectors, vectors) * np.float32(1 - slack)
