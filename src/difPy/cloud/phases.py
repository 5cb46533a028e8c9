"""A join whose rows are in order in; the phases that make its cells and its plan, each of pure steps, out.

Each step makes one object of others that are there already: so who runs it, and how often, does not matter.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from difPy.cloud import filling, planning, ranking
from difPy.cloud.joining import CELLS, CUT, PLAN, RANKS, ROWS, SCATTERED
from difPy.errors import RunRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from difPy.cloud.joining import Join


@dataclass(frozen=True, slots=True)
class Phase:
    """Steps that may run side by side."""

    name: str
    kind: str
    """Of the objects that they make."""
    count: Callable[[Join], int]
    """How many."""
    step: Callable[[Join, int], None]
    needs: str
    """Of the objects that all of them are made of: of the phase before."""

    def missing(self, join: Join) -> list[int]:
        """Steps that nobody has done yet."""
        done, name = join.names(self.kind), posixpath.basename(self.kind)
        return [number for number in range(self.count(join)) if name.format(number) not in done]

    def require(self, join: Join) -> None:
        """See that what the steps are made of is there.

        Raises
        ------
        RunRefused
        """
        for before in PHASES.values():
            if before.kind == self.needs:
                before.require_done(join, self.name)

    def require_done(self, join: Join, name: str) -> None:
        """See that all its steps are done, of which those of that name are made.

        Raises
        ------
        RunRefused
        """
        if left := self.missing(join):
            raise RunRefused(
                f"difpy step {name} needs what is not there yet: {len(left):,} of {self.count(join):,} steps of "
                f"difpy step {self.name} are not done"
            )


def _batches(join: Join) -> int:
    return join.batches


def _cells(join: Join) -> int:
    return join.cells


def _one(join: Join) -> int:
    return 1


PHASES = {
    phase.name: phase
    for phase in (
        Phase("rows", ROWS, _batches, ranking.lay_rows, RANKS),
        Phase("cut", CUT, _one, planning.cut_cells, ROWS),
        Phase("scatter", SCATTERED, _batches, filling.scatter, CUT),
        Phase("fill", CELLS, _cells, filling.fill, SCATTERED),
        Phase("plan", PLAN, _one, planning.pack_cells, CELLS),
    )
}
"""In their order."""
