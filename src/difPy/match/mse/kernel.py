"""The inner loops of the join, compiled: a tree of points, the points near a question, and squares of tensors.

Importing this module imports numba, and compiles or loads what an earlier run has compiled. Float sums may be
reordered; the margins of `vectors.reach` allow for any order.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from difPy.just_in_time import compiled

LEAF = 64
"""Points in a leaf."""
BOX = 12
"""Numbers of a point that the tree knows of: the partition, and those in which points differ most."""
HEAD = 16
"""Numbers of a point that are stored number by number, so that one instruction serves several points; few points are
near for all of these, and the rest is stored point by point."""
LANES = 32
"""The rest is filled up to a multiple of so many, so that no loop ends with single numbers."""
_SOME = 16  # points between two looks at whether any of them can still be near
_STRETCH = 8  # numbers between two looks at whether any point of a leaf can still be near
_SLICE = 1024  # bytes of tensors between two looks at whether they can still be near; their squares fit 32 bits
_SAMPLE = 128  # points looked at to see along which axis to split
_DEPTH = 128  # of a stack of nodes


_fast = partial(compiled, fastmath=True)


@_fast("void(float32[::1], int64[::1], int64, int64, int64)")
def select(keys: Any, order: Any, low: int, high: int, nth: int) -> None:
    """Bring `keys[low:high]` to an order in which none before `nth` is greater, and none after it smaller."""
    high -= 1
    while low < high:
        pivot = keys[(low + high) // 2]
        left, right = low, high
        while left <= right:
            while keys[left] < pivot:
                left += 1
            while keys[right] > pivot:
                right -= 1
            if left <= right:
                keys[left], keys[right] = keys[right], keys[left]
                order[left], order[right] = order[right], order[left]
                left += 1
                right -= 1
        if nth <= right:
            high = right
        elif nth >= left:
            low = left
        else:
            break


@_fast("void(float32[:, ::1], int64[::1], int64[:, ::1])")
def arrange(points: Any, order: Any, spans: Any) -> None:
    """Bring the numbers of points to an order in which each run of LEAF is a leaf of a balanced tree.

    `spans` gets the leaves [first, last) below each node: the root, all below its left child, all below its right.
    """
    keys = np.empty(len(points), np.float32)
    stack = np.empty((_DEPTH, 3), np.int64)
    stack[0, 0], stack[0, 1], stack[0, 2] = 0, 0, (len(points) + LEAF - 1) // LEAF
    size = 1
    while size:
        size -= 1
        node, first, last = stack[size, 0], stack[size, 1], stack[size, 2]
        spans[node, 0], spans[node, 1] = first, last
        if last - first < 2:
            continue
        middle = (first + last) // 2
        low, high = first * LEAF, min(last * LEAF, len(points))
        step = max(1, (high - low) // _SAMPLE)
        axis, widest = 0, np.float32(-1)
        for number in range(BOX):
            least = greatest = points[order[low], number]
            for at in range(low, high, step):
                least = min(least, points[order[at], number])
                greatest = max(greatest, points[order[at], number])
            if greatest - least > widest:
                axis, widest = number, greatest - least
        for at in range(low, high):
            keys[at] = points[order[at], axis]
        select(keys, order, low, high, middle * LEAF)
        stack[size, 0], stack[size, 1], stack[size, 2] = node + 1, first, middle
        stack[size + 1, 0], stack[size + 1, 1], stack[size + 1, 2] = node + 2 * (middle - first), middle, last
        size += 2


@_fast("void(float32[:, :, ::1], int64[:, ::1], float32[:, :, ::1])")
def enclose(leaves: Any, spans: Any, boxes: Any) -> None:
    """Least and greatest numbers of the points below each node."""
    for node in range(len(spans) - 1, -1, -1):
        first, last = spans[node, 0], spans[node, 1]
        for number in range(BOX):
            if last - first == 1:
                boxes[node, 0, number] = leaves[first, number].min()
                boxes[node, 1, number] = leaves[first, number].max()
            else:
                left, right = node + 1, node + 2 * ((first + last) // 2 - first)
                boxes[node, 0, number] = min(boxes[left, 0, number], boxes[right, 0, number])
                boxes[node, 1, number] = max(boxes[left, 1, number], boxes[right, 1, number])


@_fast(
    "void(float32[:, ::1], float32[::1], float32[:, :, ::1], float32[:, :, ::1], float32[:, ::1], float32,"
    "int64[:, ::1], float32[:, :, ::1], int64[::1], int32[:, ::1], int64, int64)"
)
def ask(
    questions: Any, reach: Any, heads: Any, tails: Any, reaches: Any, farthest: Any, spans: Any, boxes: Any,
    counts: Any, found: Any, start: int, end: int
) -> None:  # fmt: skip
    """Points near each of the questions from `start` to `end`: writes as many as there is room for, and counts all.

    They go down the tree together, so that a leaf is fetched from memory once for all of them.
    """
    squares = np.empty(LEAF, np.float32)
    nodes, levels = np.empty(_DEPTH, np.int64), np.empty(_DEPTH, np.int64)
    asking = np.empty((_DEPTH, end - start), np.int64)  # level -> the questions within reach of the node above
    asked = np.empty(_DEPTH, np.int64)
    counts[start:end] = 0
    for at in range(start, end):
        asking[0, at - start] = at
    asked[0], nodes[0], levels[0] = end - start, 0, 0
    size = 1
    while size:
        size -= 1
        node, level = nodes[size], levels[size]
        near = 0
        for one in range(asked[level]):
            at = asking[level, one]
            gap = np.float32(0)
            for number in range(BOX):
                below = boxes[node, 0, number] - questions[at, number]
                above = questions[at, number] - boxes[node, 1, number]
                outside = max(np.float32(0), max(below, above))
                gap += outside * outside
            if gap <= (reach[at] + farthest) * (reach[at] + farthest):
                asking[level + 1, near] = at
                near += 1
        if near == 0:
            continue
        asked[level + 1] = near
        first, last = spans[node, 0], spans[node, 1]
        if last - first > 1:
            nodes[size], nodes[size + 1] = node + 2 * ((first + last) // 2 - first), node + 1
            levels[size] = levels[size + 1] = level + 1
            size += 2
            continue
        for one in range(near):
            at = asking[level + 1, one]
            limit = (reach[at] + farthest) * (reach[at] + farthest)
            squares[:] = 0
            left = np.int32(0)  # points that can still be near: to count is quicker than to find the least
            for stretch in range(0, HEAD, _STRETCH):
                for number in range(stretch, stretch + _STRETCH):
                    values, value = heads[first, number], questions[at, number]
                    for point in range(LEAF):
                        difference = values[point] - value
                        squares[point] += difference * difference
                left = np.int32(0)
                for point in range(LEAF):
                    left = np.int32(left + np.int32(squares[point] <= limit))
                if left == 0:
                    break
            if left == 0:
                continue
            for begin in range(0, LEAF, _SOME):
                left = np.int32(0)
                for point in range(begin, begin + _SOME):
                    left = np.int32(left + np.int32(squares[point] <= limit))
                if left == 0:
                    continue
                for point in range(begin, begin + _SOME):
                    if squares[point] <= limit:
                        total = squares[point]
                        for number in range(tails.shape[2]):
                            difference = tails[first, point, number] - questions[at, HEAD + number]
                            total += difference * difference
                        together = reach[at] + reaches[first, point]
                        if total <= together * together:
                            if counts[at] < found.shape[1]:
                                found[at, counts[at]] = first * LEAF + point
                            counts[at] += 1


@_fast("void(uint8[:, ::1], int64[::1], uint8[:, ::1], int64[::1], int64[::1], int64[::1], int64, int64)")
def squares(firsts: Any, first: Any, seconds: Any, second: Any, limits: Any, found: Any, start: int, end: int) -> None:
    """Sums of squared differences of rows of bytes, from pair `start` to `end`; once above the limit, no more."""
    size = firsts.shape[1]
    for at in range(start, end):
        one, other = firsts[first[at]], seconds[second[at]]
        total = 0
        for begin in range(0, size, _SLICE):
            some, others = one[begin : begin + _SLICE], other[begin : begin + _SLICE]
            part: Any = np.int32(0)
            for byte in range(len(some)):
                difference = np.int32(np.int32(some[byte]) - np.int32(others[byte]))
                part = np.int32(part + np.int32(difference * difference))
            total += part
            if total > limits[at]:
                break
        found[at] = total
