"""Batches of rows in; the same rows, each in its cell, out: a sort by cell in two steps, each from objects to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.cloud.cells import Plan, box
from difPy.cloud.columns import packed
from difPy.cloud.framing import framed, ordered
from difPy.cloud.joining import CELLS, CUT, ROWS, SCATTERED
from difPy.cloud.records import Kept, Records, joined
from difPy.cloud.stored import Stored
from difPy.match.mse.vectors import WIDTH

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.cloud.joining import Join

_SAMPLED = 64  # batches that a sample is taken from
_RUN = 16  # rows of a sample that are neighbours: one request brings them
_PIECE = 1 << 12  # rows framed at a time: they stay in the cache


def sampled(join: Join, wanted: int, order: npt.NDArray[np.int64] | None = None) -> Records:
    """About so many framed rows, from all over the batches; the same for the same join.

    Their numbers stand in some order, which is that of a plan if there is one.
    """
    batches = range(0, join.batches, -(-join.batches // _SAMPLED))
    found: list[Records] = []
    for batch in batches:
        kept = Kept(join.objects, join.at(ROWS, batch))
        step = max(1, len(kept) * len(batches) // wanted)
        runs = [(first, min(first + _RUN, len(kept))) for first in range(0, len(kept), step * _RUN)]
        found.append(_framed(joined(kept.spans(runs)), join, order))
    return joined(found)


def scatter(join: Join, batch: int) -> None:
    """Frame the rows of a batch, and sort them by cell."""
    plan = Plan.read(join.objects, join.at(CUT))
    kept = Kept(join.objects, join.at(ROWS, batch))
    rows = _framed(kept.all(), join, plan.order)
    cell = plan.assigned(plan.coordinates(rows))
    counts = np.bincount(cell, minlength=join.cells)
    join.objects.create(join.at(SCATTERED, batch), packed(counts) + rows.take(np.argsort(cell, kind="stable")).packed())


def fill(join: Join, cell: int) -> None:
    """Gather the rows of a cell from all batches; before them stands their box."""
    plan = Plan.read(join.objects, join.at(CUT))
    found: list[Records] = []
    for batch in range(join.batches):
        name = join.at(SCATTERED, batch)
        counts = Stored(join.objects, name)
        (before,) = counts.spans([(0, cell + 1)])
        if before[cell]:
            last = int(before.sum())
            found.append(Kept(join.objects, name, counts.end).span(last - int(before[cell]), last))
    rows = joined(found)
    rows = rows.take(np.argsort(rows.facts["rank"]))
    join.objects.create(join.at(CELLS, cell), packed(box(plan.coordinates(rows))) + rows.packed())


def filled(join: Join, cell: int) -> tuple[npt.NDArray[np.float32], Kept]:
    """The box of a cell, and its rows."""
    name = join.at(CELLS, cell)
    first = Stored(join.objects, name)
    (found,) = first.spans([(0, len(first))])
    return found, Kept(join.objects, name, first.end)


def _framed(rows: Records, join: Join, order: npt.NDArray[np.int64] | None) -> Records:
    """The same rows, their numbers in that order, each in the orientation that brings it into the wedge."""
    order = np.arange(WIDTH) if order is None else order
    turning = ordered(order)
    facts, vectors = rows.facts.copy(), np.empty_like(rows.vectors)
    for start in range(0, len(rows), _PIECE):
        some = slice(start, start + _PIECE)
        numbers = np.take(rows.vectors[some], order, axis=1)
        facts["orientation"][some], vectors[some] = framed(numbers, turning, join.criterion.orientations)
    return Records(facts, vectors)
