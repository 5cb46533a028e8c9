"""What the steps of one join are told: where its objects are, and what a match is; small, and sent with every step."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from difPy.cloud.objects import opened

if TYPE_CHECKING:
    from difPy.cloud.objects import Objects
    from difPy.model import Criterion


@dataclass(frozen=True)
class Join:
    """A join of rows that lie in an object store.

    ```
    tensors/000000.npy          uint8 (rows, px, px, 3): of each part; further views behind      [there already]
    NAME/join.json              this, as it was begun
    NAME/rows/000000.rows       a batch of the rows that take part, with their ranks        [there already]
    NAME/kin.npz                rows that show one picture as another does: facts, code, stance  [there already]
    NAME/cut.npz                the plan, without boxes
    NAME/scattered/000000.rows  how many rows of the batch each cell has, and the rows, framed, cell by cell
    NAME/cells/000000.rows      the box of a cell, and its rows, ascending by rank
    NAME/plan.npz               the plan, with boxes and groups
    NAME/blocks/000000.npz      what the rows of a block took: the commit log
    ```
    """

    place: str
    """Of the objects."""
    name: str
    """The folder of this join."""
    criterion: Criterion
    rows: int
    """Ranks there are; some of them may take no part."""
    fixed: int = 0
    """The first so many are never taken, and do not match each other."""
    batches: int = 1
    cells: int = 64
    groups: int = 1
    """Who hold the cells: as many as work side by side."""
    threads: int = 1
    """Processor cores each of them uses."""
    most: int = 4_000_000
    """Candidates that all of them together may have for one block, if that is of more than one row."""

    @property
    def objects(self) -> Objects:
        """Where they are."""
        return opened(self.place)

    def begin(self) -> Join:
        """Write it. One that was begun before, with other cells or by more of us, is gone on with as it is."""
        said = json.dumps(asdict(self) | {"place": None, "threads": None}).encode()
        if self.objects.create(self.at(_NAME), said):
            return self
        there = json.loads(self.objects.read(self.at(_NAME)))
        return replace(self, cells=there["cells"], groups=there["groups"])

    def at(self, kind: str, number: int | None = None) -> str:
        """Name of an object of this join.

        Examples
        --------
        >>> from difPy.model import Criterion
        >>> Join("run", "mse-5", Criterion(5.0), 10).at("cells/{:06}.rows", 7)
        'mse-5/cells/000007.rows'
        """
        return f"{self.name}/{kind if number is None else kind.format(number)}"


_NAME = "join.json"
CUT, PLAN, KIN = "cut.npz", "plan.npz", "kin.npz"
ROWS, SCATTERED, CELLS, BLOCKS = "rows/{:06}.rows", "scattered/{:06}.rows", "cells/{:06}.rows", "blocks/{:06}.npz"
TENSORS = "tensors/{:06}.npy"
