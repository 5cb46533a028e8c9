"""How many pictures are to be joined in; who joins them, and in how many cells, out."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from difPy import memory
from difPy.cloud.joining import Join
from difPy.cloud.ranking import batches_of
from difPy.errors import RunRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from difPy.cloud.executors import Executor
    from difPy.cloud.ranking import Ranking
    from difPy.cloud.run import Run
    from difPy.options import SearchOptions

ROW_BYTES = 300
"""Memory that a row takes of whoever holds its cell."""
_CELL = 1 << 14  # rows of a cell, about
_CELLS_MOST = 4096
_CELLS_EACH = 4  # at least, of each who hold cells: so that these can be packed by their load


def join_of(run: Run, options: SearchOptions, ranked: Ranking, places: int, cores: int) -> Join:
    """A join of these rows in this order, by so many; its folder is named by the order."""
    rows = len(ranked.order)
    state = blake2b(repr((options.criterion, ranked.fixed)).encode(), digest_size=8)
    for column in (ranked.order, ranked.lead, ranked.partition):
        state.update(column.tobytes())
    cells = min(max(1, rows // _CELL), _CELLS_MOST)
    if places > 1:
        cells = max(cells, _CELLS_EACH * places)
    return Join(
        run.place,
        f"found/mse-{options.threshold:g}-{state.hexdigest()}",
        options.criterion,
        rows,
        ranked.fixed,
        len(batches_of(run)),
        cells,
        places,
        cores,
    )


def who(
    executor: Executor | None, here: Executor, rows: int, *, alone: bool | None, warn: Callable[[str], None]
) -> Executor:
    """Who holds the cells: this machine where it can, however many others there are.

    Parameters
    ----------
    executor : Executor, optional
        Who is asked to.
    here : Executor
        This machine.
    rows : int
    alone : bool, optional
        Whether this machine does it; None: if it can.
    warn : callable
        Told if it does it in the place of others.

    Raises
    ------
    RunRefused
        It cannot, and there are no others.
    """
    needed, there = rows * ROW_BYTES, memory.of_machine()
    fits = needed < there // 2
    if executor is None or executor.places == 1:
        if not fits:
            raise RunRefused(
                f"joining {rows:,} pictures takes about {needed / 1e9:,.1f} GB of memory, and this machine has "
                f"{there / 1e9:,.1f}: have it done by several, as with --ray"
            )
        return here if executor is None else executor
    if alone or (alone is None and fits):
        warn(
            f"{rows:,} pictures are joined on this machine, as they fit: {needed / 1e6:,.0f} MB of "
            f"{there / 1e9:,.1f} GB"
        )
        return here
    return executor
