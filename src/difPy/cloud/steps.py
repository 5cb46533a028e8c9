"""The two steps of a block: rows that still ask in, questions out; questions in, a verdict on what is near them out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from difPy.cloud import tensors
from difPy.cloud.columns import FACT, ROW
from difPy.cloud.framing import BOTH, turn
from difPy.cloud.held import Held
from difPy.match.mse.decide import Verdict, decide
from difPy.match.mse.exact import Triples, concatenated
from difPy.match.mse.frames import outside
from difPy.match.mse.linear import TooMany
from difPy.match.mse.vectors import FIXED, reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.cloud.columns import Records
    from difPy.cloud.joining import Join

_UNBOUNDED = 1 << 62


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """What a group is told of a block."""

    join: Join
    group: int
    number: int
    """Of the block."""
    start: int
    end: int
    """Ranks of its rows, those that still ask among them."""
    bounded: bool
    """Whether there may be too many candidates: not for a block of one row, which cannot be smaller."""
    kin: Triples
    """Pairs of identical pictures, the first of the block, the second still there."""
    kin_facts: Records
    """Of the first ones, ascending."""


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """What one group asks of another."""

    rows: Records
    """Turned to the orientation in which each asks."""
    question: npt.NDArray[np.int64]
    cell: npt.NDArray[np.int64]
    """Which of the rows ask which cells."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What the cells of a group say."""

    verdict: Verdict | None
    """In ranks; None where there are too many candidates."""
    compared: int
    asked: int
    """Questions times cells."""


_memo: dict[tuple[Join, int], Held] = {}


def held(join: Join, group: int) -> Held:
    """The cells of a group, kept in this process from one step to the next; those of other joins are forgotten."""
    if (join, group) not in _memo:
        for other in [key for key in _memo if key[0] != join]:
            del _memo[other]
        _memo[join, group] = Held(join, group)
    return _memo[join, group]


def forget() -> None:
    """Give the memory of all cells back."""
    _memo.clear()


def ask(turn_: Turn) -> list[Questions]:
    """What the rows of a block that live in the cells of a group ask of each group."""
    join, here = turn_.join, held(turn_.join, turn_.group)
    here.replay(turn_.number)
    rows = np.concatenate([np.empty(0, ROW), *(cell.asking(turn_.start, turn_.end) for cell in here.cells.values())])
    asking = turned(rows, join)
    question, cell = here.plan.routed(here.plan.coordinates(asking), radius(join))
    found = []
    for group in range(join.groups):
        sent = here.plan.group[cell] == group
        numbers, back = np.unique(question[sent], return_inverse=True)
        found.append(Questions(asking[numbers], back.astype(np.int64), cell[sent]))
    return found


def answer(turn_: Turn, parcels: Sequence[Questions]) -> Answer:
    """What the cells of a group say to the questions of all groups."""
    join, here = turn_.join, held(turn_.join, turn_.group)
    here.replay(turn_.number)
    asked = np.concatenate([np.empty(0, ROW), *(parcel.rows for parcel in parcels)])
    before = np.cumsum([0, *(len(parcel.rows) for parcel in parcels)])
    question = np.concatenate(
        [np.empty(0, np.int64), *(parcel.question + start for parcel, start in zip(parcels, before, strict=False))]
    )
    cells = np.concatenate([np.empty(0, np.int64), *(parcel.cell for parcel in parcels)])
    most, found = max(1, join.most // join.groups) if turn_.bounded else _UNBOUNDED, []
    try:
        for number, cell in here.cells.items():
            found.append(cell.near(asked, question[cells == number], most))
            most -= len(found[-1])
    except TooMany:
        return Answer(None, 0, len(question))
    near = concatenated(found)
    return Answer(_verdict(turn_, here, near, asked["fact"]), len(near), len(question))


def turned(rows: Records, join: Join) -> Records:
    """Rows, each in every orientation in which it is within reach of the wedge."""
    orientations = join.criterion.orientations
    row, column = np.nonzero(outside(rows["vector"], FIXED.turning, orientations) <= radius(join))
    further = np.array(orientations, np.uint8)[column]  # than they are turned already
    found = rows[row]
    found["fact"]["orientation"] = BOTH[further, found["fact"]["orientation"]]
    others = np.flatnonzero(further)
    found["vector"][others] = turn(found["vector"][others], further[others])
    return found


def radius(join: Join) -> float:
    """How far apart two vectors may be whose tensors match; a little more, as distances to boxes are rounded."""
    return reach(math.sqrt(join.criterion.threshold)) * (1 + 1e-5) + 1e-3


def _verdict(turn_: Turn, here: Held, near: Triples, asked: Records) -> Verdict:
    """What tensors say of candidates, and of identical pictures whose second lives here."""
    facts = np.concatenate([np.empty(0, FACT), *(cell.facts for cell in here.cells.values())])
    facts = facts[np.isin(facts["rank"], np.concatenate([near.second, turn_.kin.second]))]
    facts = facts[np.argsort(facts["rank"])]
    kin = turn_.kin[np.isin(turn_.kin.second, facts["rank"])]
    firsts = np.concatenate([asked[np.isin(asked["rank"], near.first)], turn_.kin_facts])
    firsts = firsts[np.unique(firsts["rank"], return_index=True)[1]]
    verdict = decide(
        tensors.rows(turn_.join.objects, firsts),
        tensors.rows(turn_.join.objects, facts),
        turn_.join.criterion,
        _numbered(near, firsts, facts),
        _numbered(kin, firsts, facts),
        here.engine,
    )
    return _in_ranks(verdict, firsts["rank"], facts["rank"])


def _numbered(triples: Triples, firsts: Records, seconds: Records) -> Triples:
    """Ranks as numbers of rows."""
    return Triples(
        np.searchsorted(firsts["rank"], triples.first),
        np.searchsorted(seconds["rank"], triples.second),
        triples.orientation,
    )


def _in_ranks(verdict: Verdict, firsts: npt.NDArray[np.int64], seconds: npt.NDArray[np.int64]) -> Verdict:
    """A verdict on numbered rows, by their ranks."""
    pairs = verdict.pairs
    open_ = {
        (int(firsts[first]), int(seconds[second])): (int(firsts[first]), int(seconds[second]), turns)
        for first, second, turns in verdict.open.values()
    }
    return Verdict(replace(pairs, first=firsts[pairs.first], second=seconds[pairs.second]), open_)
