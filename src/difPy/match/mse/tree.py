"""Points and questions in, the pairs of them that are near out: by a tree and the loops of `tree.c`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.compiled import COUNT, FLOAT, Array, loop
from difPy.match.mse.linear import Linear, Points, TooMany

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.match.mse.engine import Engine

LEAF = 64
"""Points in a leaf."""
HEAD = 16
"""Numbers of a point that the tree knows of: those in which points differ most. They are stored so that one instruction
serves several points; few points are near for all of these."""
LANES = 32
"""The rest is stored point by point, filled up to a multiple of so many, so that no loop ends with single numbers."""
_UNIT = 128  # of a level: so many make one in the whole numbers that points are rounded to
_MOST = 16383  # differences of numbers up to that fit 16 bits
_ROOM = 32  # pairs written down for a question before it is known how many it has
_PIECE = 256  # questions that a thread takes at a time

_POINTS, _REACH, _REACHES = Array("int16", 2), Array("float32", 1), Array("float32", 2)
_NUMBERS, _PAIRS, _WRITTEN = Array("int64", 1), Array("int64", 2), Array("int64", 1, written=True)
_arrange = loop("tree_arrange", _POINTS, _NUMBERS, COUNT, _WRITTEN, Array("int64", 2, written=True), result=COUNT)
_ask = loop(
    "tree_ask", _POINTS, _NUMBERS, _REACH, Array("int16", 4), Array("int16", 3), COUNT, _PAIRS, _REACHES, FLOAT,
    _PAIRS, Array("int16", 3), _PAIRS, _WRITTEN, Array("int32", 2, written=True), COUNT, COUNT, COUNT, result=COUNT,
)  # fmt: skip


def index(points: Points, engine: Engine) -> Linear | Tree:
    """Points to be asked for what is near: in a tree, or in bands, where nobody has compiled what a tree needs."""
    return Tree(points, engine) if engine.COMPILED else Linear(points)


class Tree:
    """Finds near points in a balanced tree of boxes.

    Parameters
    ----------
    points : Points
        Where to look.
    engine : Engine
        Brings the threads.

    Notes
    -----
    Method: a k-d tree (Friedman, Bentley and Finkel, 1977). Questions go down to every leaf whose box is within reach,
    as far as the numbers tell in which points differ most, and give up a leaf once none of its points can be near. They
    go in companies of neighbours, and a leaf is fetched from memory once for each of these.

    Numbers are rounded to whole ones, and cut off where they are far from the middle, which brings points nearer to
    each other, if anything. Rounding takes up to half a unit from each number of either: so much is added to reaches.
    """

    def __init__(self, points: Points, engine: Engine) -> None:
        self._engine = engine
        self._centre = points.vectors.mean(axis=0)
        width = points.vectors.shape[1]
        self._width = HEAD + max(0, -(-(width - HEAD) // LANES)) * LANES
        leaves = -(-len(points) // LEAF)
        self._order = np.arange(len(points))
        spans = np.empty((2 * leaves - 1, 2), np.int64)
        if _arrange(self._placed(points, slice(None), HEAD), points.partition, len(points), self._order, spans):
            raise MemoryError
        heads = np.empty((leaves, HEAD // 2, LEAF, 2), np.int16)
        tails = np.empty((leaves, LEAF, self._width - HEAD), np.int16)
        edges = np.empty((2, leaves, HEAD), np.int16)

        def fill(start: int, end: int) -> None:
            """Store the points of leaves; those of the last one are filled up with one that is not found."""
            some = self._order[start * LEAF : end * LEAF]
            some = np.append(some, np.repeat(some[-1:], (end - start) * LEAF - len(some)))
            block = self._placed(points, some, self._width).reshape(end - start, LEAF, -1)
            head = block[:, :, :HEAD]
            heads[start:end] = head.reshape(-1, LEAF, HEAD // 2, 2).swapaxes(1, 2)
            tails[start:end] = block[:, :, HEAD:]
            edges[:, start:end] = head.min(axis=1), head.max(axis=1)

        engine.spread(fill, leaves, _PIECE)
        partitions = np.full((leaves, LEAF), -1)
        partitions.reshape(-1)[: len(points)] = points.partition[self._order]
        reaches = np.zeros((leaves, LEAF), np.float32)
        reaches.reshape(-1)[: len(points)] = self._reaches(points)[self._order]
        boxes = np.stack([_below(spans, edges[0], np.minimum), _below(spans, edges[1], np.maximum)], axis=1)
        of_leaves = np.stack([partitions.min(axis=1), partitions.max(axis=1)])
        kinds = np.stack([_below(spans, of_leaves[0], np.minimum), _below(spans, of_leaves[1], np.maximum)], axis=1)
        farthest = float(reaches.max())
        self._tree: tuple[Any, ...] = heads, tails, tails.shape[2], partitions, reaches, farthest, spans, boxes, kinds

    def near(self, questions: Points, most: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """As `Linear.near`."""
        order = np.lexsort((questions.vectors[:, 0], questions.partition))  # neighbours look in one place
        asking = (
            self._placed(questions, order, self._width),
            questions.partition[order],
            self._reaches(questions)[order],
        )
        counts = np.zeros(len(order), np.int64)
        found = np.empty((len(order), _ROOM), np.int32)

        def ask(start: int, end: int) -> None:
            self._ask(asking, counts, found, start, end)
            if counts.sum() > most:
                raise TooMany

        self._engine.spread(ask, len(order), _PIECE)
        few = counts <= _ROOM
        pairs = [(np.repeat(order[few], counts[few]), found[few][np.arange(_ROOM) < counts[few, None]])]
        for at in np.nonzero(~few)[0].tolist():
            all_of_them = np.empty((1, counts[at]), np.int32)
            one = slice(at, at + 1)
            self._ask(tuple(column[one] for column in asking), counts[one], all_of_them, 0, 1)
            pairs.append((np.full(counts[at], order[at]), all_of_them[0]))
        return (
            np.concatenate([question for question, _ in pairs]),
            self._order[np.concatenate([point for _, point in pairs])],
        )

    def _ask(self, asking: tuple[Any, ...], counts: Any, found: Any, start: int, end: int) -> None:
        """Write down, as far as there is room, and count what some questions find."""
        if _ask(*asking, *self._tree, counts, found, found.shape[1], start, end):
            raise MemoryError

    def _placed(self, points: Points, chosen: Any, width: int) -> npt.NDArray[np.int16]:
        """So many numbers of some vectors, as whole ones; zeros fill up."""
        centred = points.vectors[chosen, :width] - self._centre[:width]
        placed = np.zeros((len(centred), width), np.int16)
        placed[:, : centred.shape[1]] = np.clip(np.rint(centred * _UNIT), -_MOST, _MOST)
        return placed

    def _reaches(self, points: Points) -> npt.NDArray[np.float32]:
        """Reaches in these units, and what rounding takes, of reaches as well."""
        return points.reach * np.float32(_UNIT) + np.float32(math.sqrt(len(self._centre)) / 2 + 1)


def _below(spans: npt.NDArray[np.int64], leaves: Any, extreme: np.ufunc) -> Any:
    """Least or greatest of the numbers of all leaves below each node."""
    ended = np.append(leaves, leaves[-1:], axis=0)  # a span may end where the leaves do
    return extreme.reduceat(ended, spans.reshape(-1), axis=0)[::2]
