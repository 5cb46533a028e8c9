"""The two steps of a block: rows that still ask in, questions out; questions in, a verdict on what is near them out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from difPy.cloud import tensors
from difPy.cloud.columns import FACT
from difPy.cloud.framing import BOTH, turn
from difPy.cloud.held import Held
from difPy.cloud.records import Records, joined, together
from difPy.match.mse.decide import Verdict, decide
from difPy.match.mse.exact import Triples, concatenated
from difPy.match.mse.frames import outside
from difPy.match.mse.linear import TooMany
from difPy.match.mse.vectors import reach

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from difPy.cloud.columns import Facts
    from difPy.cloud.held import Near
    from difPy.cloud.joining import Join
    from difPy.match.mse.turning import Turning

_UNBOUNDED = 1 << 62
_PIECE = 1 << 12  # rows that ask at a time: they stay in the cache


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
    kin_facts: Facts
    """Of the first ones, ascending."""


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """What some rows ask of the cells of a group."""

    rows: Records
    """Turned to the orientation in which each asks."""
    question: npt.NDArray[np.int64]
    cell: npt.NDArray[np.int64]
    """Which of the rows ask which cells, ascending by cell."""

    def by_cell(self) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
        """The cells that are asked, and which of the rows ask them."""
        cells, starts = np.unique(self.cell, return_index=True)
        return zip(cells.tolist(), np.split(self.question, starts[1:]), strict=True)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What the cells of a group say."""

    verdict: Verdict | None
    """In ranks; None where there are too many candidates."""
    compared: int
    asked: int
    """Questions times cells."""
    tied: Facts
    """Of the rows whose pixels must be compared."""


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


def ask(turn_: Turn) -> list[list[Questions]]:
    """What the rows of a block that live in the cells of a group ask of each group."""
    join, here = turn_.join, held(turn_.join, turn_.group)
    here.replay(turn_.number)
    found: list[list[Questions]] = [[] for _ in range(join.groups)]
    for rows in _pieces([cell.asking(turn_.start, turn_.end) for cell in here.cells.values()]):
        asking = turned(rows, join, here.plan.turning)
        question, cell = here.plan.routed(here.plan.coordinates(asking), radius(join))
        for group, questions in enumerate(found):
            sent = here.plan.group[cell] == group
            if sent.all():
                questions.append(Questions(asking, question, cell))
            elif sent.any():
                numbers, back = np.unique(question[sent], return_inverse=True)
                questions.append(Questions(asking.take(numbers), back.astype(np.int64), cell[sent]))
    return found


def answer(turn_: Turn, parcels: Sequence[Sequence[Questions]]) -> Answer:
    """What the cells of a group say to the questions of all groups."""
    join, here = turn_.join, held(turn_.join, turn_.group)
    here.replay(turn_.number)
    asked: dict[int, list[tuple[Records, npt.NDArray[np.int64]]]] = {number: [] for number in here.cells}
    for questions in (one for parcel in parcels for one in parcel):
        for number, asking in questions.by_cell():
            asked[number].append((questions.rows, asking))
    count = sum(len(asking) for some in asked.values() for _, asking in some)
    most, found = max(1, join.most // join.groups) if turn_.bounded else _UNBOUNDED, []
    try:
        for number, cell in here.cells.items():
            found.append(cell.near(joined([rows.take(asking) for rows, asking in asked[number]]), most))
            most -= len(found[-1].triples)
    except TooMany:
        return Answer(None, 0, count, np.empty(0, FACT))
    verdict, tied = _judged(turn_, here, found)
    return Answer(verdict, sum(len(one.triples) for one in found), count, tied)


def turned(rows: Records, join: Join, turning: Turning) -> Records:
    """Rows, each in every orientation in which it is within reach of the wedge."""
    orientations = join.criterion.orientations
    row, column = np.nonzero(outside(rows.vectors, turning, orientations) <= radius(join))
    further = np.array(orientations, np.uint8)[column]  # than they are turned already
    found = rows.take(row)
    found.facts["orientation"] = BOTH[further, found.facts["orientation"]]
    others = np.flatnonzero(further)
    found.vectors[others] = turn(found.vectors.take(others, axis=0), turning, further[others])
    return found


def _pieces(parts: Sequence[Records]) -> Iterator[Records]:
    """The same rows, some thousands at a time."""
    waiting: list[Records] = []
    for part in parts:
        for start in range(0, len(part), _PIECE):
            waiting.append(part[start : start + _PIECE])
            if sum(map(len, waiting)) >= _PIECE:
                yield joined(waiting)
                waiting = []
    if waiting:
        yield joined(waiting)


def radius(join: Join) -> float:
    """How far apart two vectors may be whose tensors match; a little more, as distances to boxes are rounded."""
    return reach(math.sqrt(join.criterion.threshold)) * (1 + 1e-5) + 1e-3


def _judged(turn_: Turn, here: Held, found: Sequence[Near]) -> tuple[Verdict, Facts]:
    """What tensors say of candidates, and of identical pictures whose second lives here; and the rows of open pairs."""
    near = concatenated([one.triples for one in found])
    same = [cell.facts_of(turn_.kin.second) for cell in here.cells.values()] if len(turn_.kin) else []
    firsts = _once([*(one.firsts for one in found), turn_.kin_facts])
    seconds = _once([*(one.seconds for one in found), *same])
    kin = turn_.kin[np.isin(turn_.kin.second, seconds["rank"])]
    verdict = decide(
        tensors.rows(turn_.join.objects, firsts),
        tensors.rows(turn_.join.objects, seconds),
        turn_.join.criterion,
        _numbered(near, firsts, seconds),
        _numbered(kin, firsts, seconds),
        here.engine,
    )
    verdict = _in_ranks(verdict, firsts["rank"], seconds["rank"])
    tied = [rank for pair in verdict.open for rank in pair]
    return verdict, _once([some[np.isin(some["rank"], tied)] for some in (firsts, seconds)])


def _once(facts: Sequence[Facts]) -> Facts:
    """Each row once, ascending by rank."""
    found = together(facts)
    return found[np.unique(found["rank"], return_index=True)[1]]


def _numbered(triples: Triples, firsts: Facts, seconds: Facts) -> Triples:
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
