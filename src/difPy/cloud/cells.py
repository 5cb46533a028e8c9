"""A sample of points in; a plan that cuts their space into cells, and says who must be asked what, out.

Every row lives in one cell; questions are sent to every cell whose bounding box is within reach, and so to the cell of
every row that is: no near pair is lost, and none is found twice. Cells of a k-d tree (Friedman, Bentley and Finkel,
1977) rather than bands of one sorted order: on crops of photographs a row asks 2.4 of 64 cells at MSE 5, and 3.9 bands.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from difPy.cloud.columns import packed_together
from difPy.cloud.framing import ordered
from difPy.cloud.records import Records
from difPy.cloud.stored import arrays
from difPy.compiled import COUNT, FLOAT, Array, loop
from difPy.match.mse.linear import APART

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.cloud.objects import Objects
    from difPy.match.mse.turning import Turning

    Points = npt.NDArray[np.float32]
    Numbers = npt.NDArray[np.int64]

AXES = 24
"""Numbers of a vector that a plan knows of: those in which rows differ most; before them, the partition."""
_routed = loop(
    "cells_routed", Array("float32", 2), COUNT, COUNT, FLOAT, Array("int64", 1), Array("int64", 2), Array("float32", 3),
    Array("int64", 1, written=True), Array("int64", 1, written=True), COUNT, result=COUNT,
)  # fmt: skip
_BULK = (5, 95)  # percentiles between which an axis is measured, lest a few rows far out say where to cut
_LEAF = -1


@dataclass(frozen=True, eq=False)
class Plan:
    """How the space of framed vectors is cut."""

    order: Numbers
    """Numbers of a vector, first those in which rows differ most: as they stand from here on."""
    axis: Numbers
    """Of each node of the tree, the root first: along which axis it is cut; -1 for a cell."""
    value: Points
    """Where. Points below it are on the left side."""
    sides: Numbers
    """Shape (nodes, 2): the nodes to the left and right; of a cell, its number twice."""
    boxes: Points
    """Shape (cells, 2, axes): the least and greatest coordinates of the rows of each cell; empty ones are inside out.
    No rows until the cells are filled."""
    group: Numbers
    """Of each cell: who holds it, as cells are packed by their load."""

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.group)

    @cached_property
    def turning(self) -> Turning:
        """How vectors turn whose numbers stand in its order."""
        return ordered(self.order)

    @staticmethod
    def coordinates(rows: Records) -> Points:
        """What a plan sees of rows whose numbers stand in its order: partition, and the first of them."""
        found = np.empty((len(rows), AXES + 1), np.float32)
        found[:, 0] = rows.facts["partition"] * APART
        found[:, 1:] = rows.vectors[:, :AXES]
        return found

    def assigned(self, points: Points) -> Numbers:
        """The cell of each point."""
        cell = np.empty(len(points), np.int64)
        waiting = [(0, np.arange(len(points)))]
        while waiting:
            node, at = waiting.pop()
            if self.axis[node] == _LEAF:
                cell[at] = self.sides[node, 0]
                continue
            below = points[at, self.axis[node]] < self.value[node]
            waiting += [(int(self.sides[node, 0]), at[below]), (int(self.sides[node, 1]), at[~below])]
        return cell

    def routed(self, points: Points, radius: float) -> tuple[Numbers, Numbers]:
        """Every point with every cell whose box is within the radius: their numbers, ascending by cell, then point.

        Thousands of points at a time stay in the cache.
        """
        boxes = self._node_boxes
        if _routed is None:
            return self._routed(points, radius, boxes)
        count, room = 0, 4 * len(points)
        while True:
            question, cell = np.empty(room, np.int64), np.empty(room, np.int64)
            shape = len(points), points.shape[1]
            count = _routed(points, *shape, radius**2, self.axis, self.sides, boxes, question, cell, room)
            if count < 0:
                raise MemoryError
            if count <= room:
                break
            room = count
        order = np.argsort(cell[:count], kind="stable")
        return question[order], cell[order]

    def _routed(self, points: Points, radius: float, boxes: Points) -> tuple[Numbers, Numbers]:
        """The same by numpy."""
        asked = {-1: np.empty(0, np.int64)}
        waiting = [(0, np.arange(len(points)))]
        while waiting:
            node, at = waiting.pop()
            some = points[at]
            some -= np.clip(some, *boxes[node])
            at = at[np.einsum("ij,ij->i", some, some) <= radius**2]
            if not len(at):
                continue
            if self.axis[node] == _LEAF:
                asked[int(self.sides[node, 0])] = at
            else:
                waiting += [(int(side), at) for side in self.sides[node]]
        cells = sorted(asked)
        question = np.concatenate([asked[cell] for cell in cells])
        return question, np.repeat(cells, [len(asked[cell]) for cell in cells])

    @cached_property
    def _node_boxes(self) -> Points:
        """Of each node, what holds all boxes below it."""
        found = np.empty((len(self.axis), *self.boxes.shape[1:]), np.float32)
        for node in range(len(self.axis) - 1, -1, -1):  # sides come behind their node
            left, right = self.sides[node]
            if self.axis[node] == _LEAF:
                found[node] = self.boxes[left]
            else:
                found[node, 0] = np.minimum(found[left, 0], found[right, 0])
                found[node, 1] = np.maximum(found[left, 1], found[right, 1])
        return found

    def packed(self) -> bytes:
        """As an object."""
        return packed_together(**{field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def read(cls, objects: Objects, name: str) -> Plan:
        """From an object."""
        return cls(**arrays(objects, name))


def cut(sample: Records, cells: int) -> Plan:
    """A plan of so many cells with about as many rows in each; without boxes, all held by one.

    Parameters
    ----------
    sample : Records
        Some framed rows, at least one.
    cells : int
    """
    order = np.argsort(-sample.vectors.var(axis=0, dtype=np.float64), kind="stable").astype(np.int64)
    nodes: list[list[float]] = []  # axis, value, both sides
    numbers = iter(range(cells))

    def grow(points: Points, wanted: int) -> int:
        node, left = len(nodes), wanted // 2
        nodes.append([_LEAF, 0, 0, 0])
        if wanted == 1:
            nodes[node][2:] = [next(numbers)] * 2
            return node
        axis, value = _halved(points, left / wanted) if len(points) else (0, 0.0)
        below = points[:, axis] < np.float32(value)
        nodes[node] = [axis, value, grow(points[below], left), grow(points[~below], wanted - left)]
        return node

    grow(Plan.coordinates(Records(sample.facts, np.take(sample.vectors, order, axis=1))), cells)
    axis, value, *sides = np.array(nodes).T
    return Plan(
        order=order,
        axis=axis.astype(np.int64),
        value=value.astype(np.float32),
        sides=np.stack(sides, axis=1).astype(np.int64),
        boxes=np.empty((0, 2, AXES + 1), np.float32),
        group=np.zeros(cells, np.int64),
    )


def _halved(points: Points, share: float) -> tuple[int, float]:
    """Along which axis to cut, and where, so that this share of the points is below."""
    low, high = np.percentile(points, _BULK, axis=0)
    axis = int(np.argmax(high - low))
    return axis, float(np.quantile(points[:, axis], share))


def box(points: Points) -> Points:
    """The least and greatest coordinates of some points, shape (2, axes); inside out where there are none."""
    if not len(points):
        return np.stack([np.full(points.shape[1], np.inf), np.full(points.shape[1], -np.inf)]).astype(np.float32)
    return np.stack([points.min(axis=0), points.max(axis=0)])


def packed(load: npt.NDArray[np.float64], groups: int) -> Numbers:
    """The group of each cell, so that the loads of groups differ little: the heaviest first, to whom has least.

    Examples
    --------
    >>> packed(np.array([5.0, 1.0, 4.0, 2.0]), 2).tolist()
    [0, 0, 1, 1]
    """
    held, group = np.zeros(groups), np.zeros(len(load), np.int64)
    for cell in np.argsort(-load, kind="stable").tolist():
        group[cell] = np.argmin(held)
        held[group[cell]] += load[cell]
    return group
