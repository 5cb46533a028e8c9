"""A join whose rows lie in batches in; where its cells are cut, and how they are packed by their load, out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from difPy.cloud import filling, steps, tensors
from difPy.cloud.cells import Plan, cut, packed
from difPy.cloud.joining import CUT, PLAN
from difPy.errors import RunRefused
from difPy.match.mse import stars

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.cloud.joining import Join
    from difPy.match.mse import Tie

CANDIDATES = 1000
"""Pairs to be compared for a picture, from which on a run is refused: it would take days, and find unlike pictures."""
_SAMPLE = 256  # rows a cell, of those that say where to cut ...
_COMPARED = 1 << 12  # ... that are joined, to see how many pairs are compared ...
_ASKING = 1 << 14  # ... and that ask, to see how much


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """What a sample of rows foretells."""

    cells_a_row: float
    """How many cells a row asks, all its orientations together."""
    sizes: npt.NDArray[np.int64]
    """Rows of each cell."""
    cells: npt.NDArray[np.float64]
    """Work of each cell, in questions."""
    groups: npt.NDArray[np.float64]
    """Work of each group."""

    @property
    def skew(self) -> float:
        """The work of the busiest group, by that of the mean one."""
        return float(self.groups.max() / max(self.groups.mean(), 1e-9))


def cut_cells(join: Join, number: int) -> None:
    """Cut the space of the rows of a join, by a sample of them: a step that there is once, number 0."""
    join.objects.create(join.at(CUT), cut(filling.sampled(join, _SAMPLE * join.cells), join.cells).packed())


def pack_cells(join: Join, number: int) -> None:
    """Make the plan of cells that are filled: a step that there is once, number 0."""
    found = [filling.filled(join, cell) for cell in range(join.cells)]
    plan = replace(Plan.read(join.objects, join.at(CUT)), boxes=np.stack([box for box, _ in found]))
    group = packed(load(join, plan, np.array([len(rows) for _, rows in found])).cells, join.groups)
    join.objects.create(join.at(PLAN), replace(plan, group=group).packed())


def foretold(join: Join) -> float:
    """How many pairs will be compared for a picture, by what the join of a sample compares."""
    sample = filling.sampled(join, _COMPARED)
    if len(sample) < 2:
        return 0.0
    facts = sample.facts[np.argsort(sample.facts["rank"])]
    strangers = replace(tensors.rows(join.objects, facts), identities=[None] * len(facts))
    compared = stars(strangers, join.criterion, _unsettled, threads=join.threads).compared
    return compared / len(facts) * (join.rows / len(facts))


def require_bearable(join: Join, candidates: int) -> None:
    """Refuse a join that would compare nearly all pictures with all.

    Raises
    ------
    RunRefused
    """
    found = foretold(join)
    if found > candidates:
        raise RunRefused(
            f"at MSE {join.criterion.threshold:g} about {found:,.0f} pairs would have to be compared for each of "
            f"{join.rows:,} pictures, more than {candidates:,}: choose a smaller similarity, or allow more candidates"
        )


def _unsettled(ties: Sequence[Tie]) -> list[float]:
    return [math.inf] * len(ties)


def load(join: Join, plan: Plan, sizes: npt.NDArray[np.int64]) -> Load:
    """What a sample of rows asks of a plan. A question takes the longer, the deeper the tree of a cell is."""
    sample = filling.sampled(join, _ASKING, plan.order)
    asking = steps.turned(sample, join, plan.turning)
    _, cell = plan.routed(plan.coordinates(asking), steps.radius(join))
    questions = np.bincount(cell, minlength=join.cells) * (sizes.sum() / max(len(sample), 1))
    cells = questions * np.log2(sizes + 2)
    groups = np.zeros(join.groups)
    np.add.at(groups, plan.group, cells)
    return Load(len(cell) / max(len(sample), 1), sizes, cells, groups)
