"""Points and questions in, the pairs of them that are near out: by numpy, band by band, where there are thousands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

_TILE, _STACK = 128, 24  # questions and points of one matrix product: BLAS starts no threads for products that small
APART = 4096.0
"""Between two partitions, on an axis. Vectors are no longer than 255, so that no reach needs to be longer than 600."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Vectors to be found, or to ask with; one row may have several."""

    vectors: npt.NDArray[np.float32]
    """The numbers first in which points differ most, for speed."""
    partition: npt.NDArray[np.int64]
    """Only points of one partition are near each other; numbered from 0."""
    reach: npt.NDArray[np.float32]
    """A point and a question are near if they are no farther apart than their reaches together."""

    def __len__(self) -> int:
        return len(self.vectors)

    def __getitem__(self, chosen: Any) -> Points:
        return Points(self.vectors[chosen], self.partition[chosen], self.reach[chosen])


class TooMany(Exception):
    """More pairs are near than were asked for."""


class Linear:
    """Finds near points by computing every distance within a band.

    Points are sorted along their first axis. Questions are too, so that a few of them together need
    no more than a slice of the points, and products of matrices give all their distances.

    Parameters
    ----------
    points : Points
        Where to look.
    """

    def __init__(self, points: Points) -> None:
        self._centre = points.vectors.mean(axis=0)
        self._order = np.argsort(_along(points))
        self._order = np.append(
            self._order, np.repeat(self._order[-1:], -len(points) % _STACK)
        )  # to fill the last; not found
        self._points = points[self._order]
        self._places = _along(self._points)
        self._count = len(points)
        vectors, rest, reach = self._prepared(self._points)
        vectors = np.concatenate([-2 * vectors, rest, np.ones_like(rest), -2 * reach], axis=1)
        self._stack = vectors.reshape(-1, _STACK, vectors.shape[1]).transpose(0, 2, 1)

    def near(self, questions: Points, most: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Pairs of a question and a point that are near and in one partition, and some that are a little farther.

        Parameters
        ----------
        questions : Points
        most : int
            Most pairs wanted.

        Returns
        -------
        question, point : ndarray of int64
            In any order.

        Raises
        ------
        TooMany
            Soon after `most` pairs were found.
        """
        order = np.argsort(_along(questions))
        questions = questions[order]
        places = _along(questions)
        vectors, rest, reach = self._prepared(questions)
        vectors = np.concatenate([vectors, np.ones_like(rest), rest, reach], axis=1)
        farthest = float(questions.reach.max(initial=0)) + float(self._points.reach.max()) + 0.01
        found = [np.empty((2, 0), np.int64)]
        count = 0
        partitioned = len({*questions.partition[[0, -1]].tolist(), *self._points.partition[[0, -1]].tolist()}) > 1
        for start in range(0, len(questions), _TILE):
            tile = slice(start, start + _TILE)
            band = slice(
                int(np.searchsorted(self._places, places[start] - farthest)) // _STACK,
                -(-int(np.searchsorted(self._places, places[tile][-1] + farthest)) // _STACK),
            )
            near = vectors[tile] @ self._stack[band] <= 0
            if partitioned:
                near &= questions.partition[tile, None] == self._points.partition.reshape(-1, 1, _STACK)[band]
            stack, question, point = np.unravel_index(np.flatnonzero(near), near.shape)
            point += (stack + band.start) * _STACK
            question, point = question[point < self._count], point[point < self._count]
            count += len(point)
            if count > most:
                raise TooMany
            found.append(np.stack([order[question + start], self._order[point]]))
        pairs = np.concatenate(found, axis=1)
        return pairs[0], pairs[1]

    def _prepared(
        self, points: Points
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Centred vectors a, and columns of |a|**2 - r**2 and of the reaches r: what a distance is compared from.

        |a - b| is r + s or less where (|a|**2 - r**2) + (|b|**2 - s**2) - 2ab - 2rs is 0 or less, which one product of
        matrices computes: with d numbers and u = 2**-24 to within (3d + 10) u (|a|**2 + |b|**2 + r**2 + s**2). More
        than that is taken off.
        """
        vectors = points.vectors - self._centre
        reach = points.reach[:, None]
        slack = np.float32(4 * (vectors.shape[1] + 8) * 2.0**-24)
        squares = np.einsum("ij,ij->i", vectors, vectors)[:, None]
        return vectors, squares * (1 - slack) - reach**2 * (1 + slack), reach


def _along(points: Points) -> npt.NDArray[np.float64]:
    """Places along the first axis, one partition behind the other."""
    return np.asarray(points.partition * APART + points.vectors[:, 0], np.float64)
