"""Points and questions in, the pairs of them that are near out: by a tree and compiled loops, where there are many."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.match.mse.linear import APART, Points, TooMany

if TYPE_CHECKING:
    from types import ModuleType

    import numpy.typing as npt

    from difPy.match.mse.engine import Engine

_ROOM = 32  # pairs written down for a question before it is known how many it has
_PIECE = 256  # questions that a thread takes at a time
_NOWHERE = 1e15  # where the places of a leaf are that hold no point


class Tree:
    """Finds near points in a balanced tree of boxes.

    Parameters
    ----------
    points : Points
        Where to look.
    engine : Engine
        Brings the threads.
    kernel : module
        The compiled loops.

    Notes
    -----
    Method: a k-d tree (Friedman, Bentley and Finkel, 1977). Questions go down to every leaf whose box is within reach,
    as far as the numbers tell in which points differ most, and give up a leaf once none of its points can be near. They
    go in companies of neighbours, and a leaf is fetched from memory once for each of these. The partition is one more
    number, the first, in which partitions are far apart.
    """

    def __init__(self, points: Points, engine: Engine, kernel: ModuleType) -> None:
        self._engine, self._kernel = engine, kernel
        leaves = -(-len(points) // kernel.LEAF)
        self._order = np.arange(len(points))
        spans = np.empty((2 * leaves - 1, 2), np.int64)
        kernel.arrange(_placed(points, slice(None), kernel.BOX), self._order, spans)
        self._heads = np.empty((leaves, kernel.HEAD, kernel.LEAF), np.float32)
        left = max(0, points.vectors.shape[1] + 1 - kernel.HEAD)
        self._tails = np.empty((leaves, kernel.LEAF, -(-left // kernel.LANES) * kernel.LANES), np.float32)
        self._numbers = kernel.HEAD + self._tails.shape[2]
        reaches = np.zeros((leaves, kernel.LEAF), np.float32)
        reaches.reshape(-1)[: len(points)] = points.reach[self._order]
        engine.spread(lambda start, end: self._fill(points, start, end), leaves, _PIECE)
        boxes = np.empty((2 * leaves - 1, 2, kernel.BOX), np.float32)
        kernel.enclose(self._heads, spans, boxes)
        self._tree = self._heads, self._tails, reaches, np.float32(points.reach.max()), spans, boxes

    def near(self, questions: Points, most: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """As `Linear.near`."""
        order = np.lexsort((questions.vectors[:, 0], questions.partition))  # neighbours look in one place
        placed, reach = _placed(questions, order, self._numbers), questions.reach[order]
        counts = np.zeros(len(order), np.int64)
        found = np.empty((len(order), _ROOM), np.int32)

        task = partial(self._kernel.ask, placed, reach, *self._tree, counts, found)

        def ask(start: int, end: int) -> None:
            task(start, end)
            if counts.sum() > most:
                raise TooMany

        self._engine.spread(ask, len(order), _PIECE)
        few = counts <= _ROOM
        pairs = [(np.repeat(order[few], counts[few]), found[few][np.arange(_ROOM) < counts[few, None]])]
        for at in np.nonzero(~few)[0].tolist():
            all_of_them = np.empty((1, counts[at]), np.int32)
            one = slice(at, at + 1)
            self._kernel.ask(placed[one], reach[one], *self._tree, counts[one], all_of_them, 0, 1)
            pairs.append((np.full(counts[at], order[at]), all_of_them[0]))
        return (
            np.concatenate([question for question, _ in pairs]),
            self._order[np.concatenate([point for _, point in pairs])],
        )

    def _fill(self, points: Points, start: int, end: int) -> None:
        """Store the points of leaves: the first numbers one by one, the rest point by point."""
        size, head = self._kernel.LEAF, self._kernel.HEAD
        some = _placed(points, self._order[start * size : end * size], self._numbers)
        block = np.full(((end - start) * size, some.shape[1]), _NOWHERE, np.float32)
        block[: len(some)] = some
        block = block.reshape(end - start, size, -1)
        self._heads[start:end] = block[:, :, :head].transpose(0, 2, 1)
        self._tails[start:end] = block[:, :, head:]


def _placed(points: Points, chosen: Any, numbers: int) -> npt.NDArray[np.float32]:
    """So many numbers: the partition, those of the chosen vectors as far as there is room, and zeros."""
    vectors = points.vectors[chosen, : numbers - 1]
    placed = np.zeros((len(vectors), numbers), np.float32)
    placed[:, 0] = points.partition[chosen] * APART
    placed[:, 1 : vectors.shape[1] + 1] = vectors
    return placed
