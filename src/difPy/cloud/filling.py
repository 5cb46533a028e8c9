"""Batches of rows in; the same rows, each in its cell, out: a sort by cell in two steps, each from objects to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.cloud.cells import Plan, box
from difPy.cloud.columns import ROW, packed
from difPy.cloud.framing import framed
from difPy.cloud.joining import CELLS, CUT, ROWS, SCATTERED
from difPy.cloud.stored import Stored, array

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.cloud.columns import Records
    from difPy.cloud.joining import Join

_SAMPLED = 64  # batches that a sample is taken from
_PIECE = 1 << 16  # rows framed at a time


def sampled(join: Join, wanted: int) -> Records:
    """About so many framed rows, from all over the batches; the same for the same join."""
    batches = range(0, join.batches, -(-join.batches // _SAMPLED))
    found = [np.empty(0, ROW)]
    for batch in batches:
        stored = Stored(join.objects, join.at(ROWS, batch))
        step = max(1, len(stored) * len(batches) // wanted)
        found.append(_framed(stored.rows(np.arange(0, len(stored), step)), join))
    return np.concatenate(found)


def scatter(join: Join, batch: int) -> None:
    """Frame the rows of a batch, and sort them by cell."""
    name = join.at(SCATTERED, batch)
    plan = Plan.read(join.objects, join.at(CUT))
    rows = _framed(array(join.objects, join.at(ROWS, batch)), join)
    cell = plan.assigned(plan.coordinates(rows))
    counts = np.bincount(cell, minlength=join.cells)
    join.objects.create(name, packed(counts) + packed(rows[np.argsort(cell, kind="stable")]))


def fill(join: Join, cell: int) -> None:
    """Gather the rows of a cell from all batches."""
    found = [np.empty(0, ROW)]
    for batch in range(join.batches):
        name = join.at(SCATTERED, batch)
        counts = Stored(join.objects, name)
        (before,) = counts.spans([(0, cell + 1)])
        if before[cell]:
            last = int(before.sum())
            found += Stored(join.objects, name, counts.end).spans([(last - int(before[cell]), last)])
    rows = np.concatenate(found)
    join.objects.create(join.at(CELLS, cell), packed(rows[np.argsort(rows["fact"]["rank"])]))


def measured(join: Join, cell: int) -> tuple[int, npt.NDArray[np.float32]]:
    """How many rows a cell has, and their box."""
    plan = Plan.read(join.objects, join.at(CUT))
    rows = array(join.objects, join.at(CELLS, cell))
    return len(rows), box(plan.coordinates(rows))


def _framed(rows: Records, join: Join) -> Records:
    found = rows.copy()
    for start in range(0, len(rows), _PIECE):
        some = slice(start, start + _PIECE)
        orientation, vectors = framed(np.ascontiguousarray(rows["vector"][some]), join.criterion.orientations)
        found["fact"]["orientation"][some], found["vector"][some] = orientation, vectors
    return found
