"""What the steps of one join are told: where its objects are, and what a match is; small, and sent with every step."""

from __future__ import annotations

import json
import posixpath
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from difPy.cloud.objects import opened
from difPy.errors import RunRefused
from difPy.model import Criterion

if TYPE_CHECKING:
    from difPy.cloud.objects import Objects


@dataclass(frozen=True)
class Join:
    """A join of rows that lie in an object store.

    ```
    tensors/000000.npy          uint8 (rows, px, px, 3): of each part; further views behind      [there already]
    NAME.json                   this, as it was begun
    NAME/ranks/000000.npz       what is known of a batch of the rows that take part, with their ranks
    NAME/kin.npz                rows that show one picture as another does: facts, code, stance
    NAME/lead.npy               of each rank, the first of the same picture: others take no part
    NAME/rows/000000.rows       a batch of rows, with their vectors
    NAME/cut.npz                the plan, without boxes
    NAME/scattered/000000.rows  how many rows of the batch each cell has, and the rows, framed, cell by cell
    NAME/cells/000000.rows      the box of a cell, and its rows, ascending by rank
    NAME/plan.npz               the plan, with boxes and groups
    NAME/asked/000000/0000      what the rows of a block ask that live in a group; only where it goes by objects ...
    NAME/answered/000000/0000   ... and what a group answers
    NAME/blocks/000000.npz      what the rows of a block took: the commit log
    NAME/groups.parquet         what was found, as columns
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
    first: int = 1 << 7
    """Rows of the first block: few, as in films thousands are like the first of them."""
    largest: int = 1 << 18
    """Rows of any block, at most."""

    @property
    def objects(self) -> Objects:
        """Where they are."""
        return opened(self.place)

    def begin(self) -> Join:
        """Write it. One that was begun before, with other cells or by more of us, is gone on with as it is."""
        plain = {"place": None, "threads": None, "criterion": self.criterion._asdict()}
        said = json.dumps(asdict(self) | plain).encode()
        return (
            self if self.objects.create(f"{self.name}.json", said) else Join.read(self.place, self.name, self.threads)
        )

    @classmethod
    def read(cls, place: str, name: str, threads: int) -> Join:
        """The join that was begun under that name.

        Raises
        ------
        RunRefused
            There is none.
        """
        try:
            said = json.loads(opened(place).read(f"{name}.json"))
        except FileNotFoundError:
            raise RunRefused(
                f"there is no join {name!r} in the run at {place!r}: difpy cloud find --only-order begins one"
            ) from None
        criterion = Criterion(**said["criterion"])
        return cls(**said | {"place": place, "threads": threads, "criterion": criterion})

    def at(self, kind: str, *numbers: int) -> str:
        """Name of an object of this join.

        Examples
        --------
        >>> Join("run", "mse-5", Criterion(5.0), 10).at("cells/{:06}.rows", 7)
        'mse-5/cells/000007.rows'
        """
        return f"{self.name}/{kind.format(*numbers)}"

    def names(self, kind: str, *numbers: int) -> set[str]:
        """What the objects of a kind are called in their folder, of those that have these numbers, all but the last."""
        return set(self.objects.names(posixpath.dirname(self.at(kind, *numbers, 0))))


CUT, PLAN, KIN, LEAD, GROUPS = "cut.npz", "plan.npz", "kin.npz", "lead.npy", "groups.parquet"
RANKS, ROWS, SCATTERED = "ranks/{:06}.npz", "rows/{:06}.rows", "scattered/{:06}.rows"
CELLS, BLOCKS = "cells/{:06}.rows", "blocks/{:06}.npz"
ASKED, ANSWERED = "asked/{:06}/{:04}", "answered/{:06}/{:04}"
TENSORS = "tensors/{:06}.npy"
