"""Points and questions in, the pairs of them that are near out: by a tree and the loops of `tree.c`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.compiled import COUNT, FLOAT, Array, loop
from difPy.match.mse.linear import APART, Linear, Points, TooMany

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.match.mse.engine import Engine

LEAF = 64
"""Points in a leaf."""
HEAD = 16
"""Numbers of a point that the tree knows of: the partition, and those in which points differ most. They are stored
number by number, so that one instruction serves several points; few points are near for all of these."""
LANES = 32
"""The rest is stored point by point, filled up to a multiple of so many, so that no loop ends with single numbers."""
_ROOM = 32  # pairs written down for a question before it is known how many it has
_PIECE = 256  # questions that a thread takes at a time
_NOWHERE = 1e15  # where the places of a leaf are that hold no point

_NUMBERS, _TABLE, _BLOCKS = (Array("float32", dimensions) for dimensions in (1, 2, 3))
_SPANS, _ORDER = Array("int64", 2), Array("int64", 1, written=True)
_arrange = loop(
    "tree_arrange", _TABLE, COUNT, _ORDER, Array("int64", 2, written=True), Array("float32", 1, written=True)
)
_enclose = loop("tree_enclose", _BLOCKS, _SPANS, COUNT, Array("float32", 3, written=True))
_ask = loop(
    "tree_ask", _TABLE, _NUMBERS, _BLOCKS, _BLOCKS, COUNT, _TABLE, FLOAT, _SPANS, _BLOCKS,
    _ORDER, Array("int32", 2, written=True), COUNT, COUNT, COUNT, result=COUNT,
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
    go in companies of neighbours, and a leaf is fetched from memory once for each of these. The partition is one more
    number, the first, in which partitions are far apart.
    """

    def __init__(self, points: Points, engine: Engine) -> None:
        self._engine = engine
        leaves = -(-len(points) // LEAF)
        self._order = np.arange(len(points))
        spans = np.empty((2 * leaves - 1, 2), np.int64)
        room = np.empty(len(points), np.float32)
        _arrange(_placed(points, slice(None), HEAD), len(points), self._order, spans, room)
        self._heads = np.empty((leaves, HEAD, LEAF), np.float32)
        left = max(0, points.vectors.shape[1] + 1 - HEAD)
        self._tails = np.empty((leaves, LEAF, -(-left // LANES) * LANES), np.float32)
        reaches = np.zeros((leaves, LEAF), np.float32)
        reaches.reshape(-1)[: len(points)] = points.reach[self._order]
        engine.spread(lambda start, end: self._fill(points, start, end), leaves, _PIECE)
        boxes = np.empty((len(spans), 2, HEAD), np.float32)
        _enclose(self._heads, spans, len(spans), boxes)
        tail, farthest = self._tails.shape[2], float(points.reach.max())
        self._tree: tuple[Any, ...] = self._heads, self._tails, tail, reaches, farthest, spans, boxes

    def near(self, questions: Points, most: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """As `Linear.near`."""
        order = np.lexsort((questions.vectors[:, 0], questions.partition))  # neighbours look in one place
        placed, reach = _placed(questions, order, HEAD + self._tails.shape[2]), questions.reach[order]
        counts = np.zeros(len(order), np.int64)
        found = np.empty((len(order), _ROOM), np.int32)

        def ask(start: int, end: int) -> None:
            self._ask(placed, reach, counts, found, start, end)
            if counts.sum() > most:
                raise TooMany

        self._engine.spread(ask, len(order), _PIECE)
        few = counts <= _ROOM
        pairs = [(np.repeat(order[few], counts[few]), found[few][np.arange(_ROOM) < counts[few, None]])]
        for at in np.nonzero(~few)[0].tolist():
            all_of_them = np.empty((1, counts[at]), np.int32)
            one = slice(at, at + 1)
            self._ask(placed[one], reach[one], counts[one], all_of_them, 0, 1)
            pairs.append((np.full(counts[at], order[at]), all_of_them[0]))
        return (
            np.concatenate([question for question, _ in pairs]),
            self._order[np.concatenate([point for _, point in pairs])],
        )

    def _ask(self, placed: Any, reach: Any, counts: Any, found: Any, start: int, end: int) -> None:
        """Write down, as far as there is room, and count what some questions find."""
        if _ask(placed, reach, *self._tree, counts, found, found.shape[1], start, end):
            raise MemoryError

    def _fill(self, points: Points, start: int, end: int) -> None:
        """Store the points of leaves: the first numbers one by one, the rest point by point."""
        some = _placed(points, self._order[start * LEAF : end * LEAF], HEAD + self._tails.shape[2])
        flat = np.full(((end - start) * LEAF, some.shape[1]), _NOWHERE, np.float32)
        flat[: len(some)] = some
        block = flat.reshape(end - start, LEAF, -1)
        self._heads[start:end] = block[:, :, :HEAD].transpose(0, 2, 1)
        self._tails[start:end] = block[:, :, HEAD:]


def _placed(points: Points, chosen: Any, numbers: int) -> npt.NDArray[np.float32]:
    """So many numbers: the partition, those of the chosen vectors as far as there is room, and zeros."""
    vectors = points.vectors[chosen, : numbers - 1]
    placed = np.zeros((len(vectors), numbers), np.float32)
    placed[:, 0] = points.partition[chosen] * APART
    placed[:, 1 : vectors.shape[1] + 1] = vectors
    return placed
