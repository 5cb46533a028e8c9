"""Altered copies of each other in; which of them shows most, is not written over, and has the finest detail, out.

The one that shows all of most others shows most: these may go for it. Of those that show all of as many, pairs say how
much more the one shows than the other, and how much finer. From pair to pair, by way of those that agree best, that
places all copies of a picture on a scale.
"""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING

import numpy as np

from difPy.change import FINER, RESIZED, is_written_over, shows_all

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from difPy.change import Change, Sides
    from difPy.looks import Looks
    from difPy.match.arbiter import Judgement

    Copies = dict[int, dict[int, Judgement]]
    """Row -> the rows that are altered copies of it -> what was done to the first to get the second."""
    Tree = list[tuple[int, int]]
    """Pairs of rows, the first of which is that of an earlier pair, or the root."""

_FRAMED_ALIKE = math.log(1.03)
"""What differs by less in what it shows is framed alike: as exact as maps are."""
_AS_FINE = 2 * math.log(FINER)


def compare(looks: Looks, copies: Copies) -> None:
    """Fill the columns of `looks` that hang on altered copies.

    Parameters
    ----------
    looks : Looks
    copies : dict
        Of both directions.
    """
    pixels = looks.gallery.widths.astype(np.int64) * looks.gallery.heights
    for tree in _trees(copies):
        rows = np.array([tree[0][0], *(row for _, row in tree)])
        shown = [sum(not shows_all(judgement.change) for judgement in copies[row].values()) for row in rows.tolist()]
        classes = _classes(_along(tree, copies, _gain), _FRAMED_ALIKE)
        looks.hides[rows] = np.unique(np.stack((-np.array(shown), classes)), axis=1, return_inverse=True)[1]
        finer = _along(tree, copies, _finer)
        finest = pixels[rows[finer > finer.max() - _AS_FINE]].min()  # of those that are as fine, some may be enlarged
        looks.detail[rows] = _equalled(finest * np.exp(finer - finer.max()))
    for row, others in copies.items():
        looks.covered[row] = any(is_written_over(judgement.change) for judgement in others.values())


def with_detail(pixels: npt.NDArray[np.int64], shares: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Pixels that carry detail, of similar pictures: those of the smaller one where a larger one is but enlarged.

    Parameters
    ----------
    pixels : ndarray of int64, shape (n,)
    shares : ndarray of float64, shape (n,)
        What `arbiter.detail` says of each.

    Examples
    --------
    >>> with_detail(np.array([400, 100, 400]), np.array([0.5, 1.0, 1.0])).tolist()
    [100, 100, 400]
    """
    kinds, kind = np.unique(np.stack((pixels.astype(np.float64), shares)), axis=1, return_inverse=True)
    found = kinds[0].astype(np.int64)  # ascending
    for at, (size, share) in enumerate(kinds.T):
        scale = np.sqrt(size / kinds[0, :at])
        enlarged = (scale > RESIZED) & (scale * share / kinds[1, :at] < FINER)
        found[at] = min(found[at], found[:at][enlarged].min(initial=found[at]))
    pixels_of: npt.NDArray[np.int64] = found[kind.ravel()]
    return pixels_of


def _trees(copies: Copies) -> list[Tree]:
    """For the copies of each picture, the pairs that agree best, as a tree (Prim)."""
    found: list[Tree] = []
    reached: set[int] = set()
    for root in sorted(copies):
        if root in reached:
            continue
        reached.add(root)
        tree: Tree = []
        ahead = [(_doubt(judgement.change), root, other) for other, judgement in copies[root].items()]
        heapq.heapify(ahead)
        while ahead:
            _, row, other = heapq.heappop(ahead)
            if other in reached:
                continue
            reached.add(other)
            tree.append((row, other))
            for further, judgement in copies[other].items():
                if further not in reached:
                    heapq.heappush(ahead, (_doubt(judgement.change), other, further))
        found.append(tree)
    return found


def _doubt(change: Change) -> float:
    """How little a pair says of how its pictures are framed: much where the one is tilted, or covers the other."""
    tilt = abs((change.angle + 45) % 90 - 45) / 45
    return tilt + change.perspective + change.covered + 1 - max(change.shown)


def _along(tree: Tree, copies: Copies, gain: Callable[[Change], float]) -> npt.NDArray[np.float64]:
    """Sums along the tree, for its root and then for the second row of each pair."""
    sums = {tree[0][0]: 0.0}
    for row, other in tree:
        sums[other] = sums[row] + gain(copies[row][other].change)
    return np.array(list(sums.values()))


def _classes(values: npt.NDArray[np.float64], alike: float) -> npt.NDArray[np.int64]:
    """Numbers from 0 for the greatest value on; values that are alike have the same."""
    order = np.argsort(-values, kind="stable")
    steps = -np.diff(values[order], prepend=values[order[:1]])
    classes = np.empty(len(values), np.int64)
    classes[order] = np.cumsum(steps > alike)
    return classes


def _finer(change: Change) -> float:
    """Logarithm of how many more pixels with real detail the second picture has than the first."""
    if change.is_finer:
        return 2 * math.log(max(change.scale, FINER))
    back = change.reversed()
    return -2 * math.log(max(back.scale, FINER)) if back.is_finer else 0.0


def _equalled(pixels: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """The same number for all that are as fine, as far as can be measured: the least of them."""
    classes = _classes(np.log(np.maximum(pixels, 1)), _AS_FINE)
    least = np.full(len(pixels), np.inf)
    np.minimum.at(least, classes, np.maximum(pixels, 1))
    return least[classes].astype(np.int64)


def _gain(change: Change) -> float:
    """Logarithm of how much more the second picture shows than the first."""
    return _beyond(change.more) - _beyond(change.less)


def _beyond(more: Sides) -> float:
    """Logarithm of how much a picture shows for what it has in common with another."""
    across, down = max(1e-3, 1 - more.left - more.right), max(1e-3, 1 - more.top - more.bottom)
    return -math.log(across * down)
