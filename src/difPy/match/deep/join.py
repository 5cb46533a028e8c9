"""Features of many pictures in, pairs of pictures that many features say are one out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from difPy.match.deep.labels import OWNER
from difPy.match.deep.signatures import BITS
from difPy.match.deep.streaming import PREFIX, Some, parts, within
from difPy.match.deep.votes import Votes
from difPy.match.method import Candidates
from difPy.match.near import Signatures, best, pairs, tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.model import Progress

REACH = 24
"""Of 128 bits: unlike features differ in 64."""
TABLES = 8
"""The more tables, the more of the features that are one in two pictures are found."""
WINDOW = 8
"""Features looked at in each table: that many ahead, or half of it on either side for the mirror image."""
MOST = 32
"""Candidates that a picture brings in, as it is, and mirrored."""


def candidates(descriptors: Sequence[bytes], progress: Progress) -> Candidates:
    """Pairs that some features say are one picture, at the same turn and scale, as `Method` says.

    Descriptors are read several times, in slices, one after the other: a sequence that reads them from a disk will do.
    Beside them it takes up to about 1 GB, at any size; where votes would take more, they go to a temporary file. Each
    picture brings in the `MOST` that it shares most with, so there are at most twice that for each on the average,
    whatever they share. The more pictures there are, the fewer of the features of a copy find each other, which matters
    for those that share few.
    """
    steps = [(columns, low, high) for columns in tables(BITS, TABLES) for low, high in parts(descriptors, columns)]
    kept = [np.zeros((4, 0), np.int64)] * 2
    with Votes(len(descriptors)) as votes:
        for done, (columns, low, high) in enumerate(steps):
            progress("finding candidates", done, len(steps))
            _ask(votes, *within(descriptors, columns, low, high), columns)
        for counted in votes.counts():
            for mirrored in (0, 1):
                new = counted[:, counted[3] == mirrored]
                kept[mirrored] = best(np.concatenate((kept[mirrored], new), axis=1), MOST)
    progress("finding candidates", len(steps), len(steps))
    found = np.concatenate(kept, axis=1)
    first, second, _, hint = found[:, np.lexsort((found[3], found[1], found[0]))]
    return Candidates(first, second, hint)


def _ask(votes: Votes, upright: Some, mirrored: Some, columns: npt.NDArray[np.int64]) -> None:
    """Have features vote for those near to them, in one table, or a part of it."""
    near = partial(pairs, owner=OWNER, shared=PREFIX, reach=REACH)
    table = Signatures(*upright, columns)
    # upright are both sides alike, so that it is enough to look ahead, beyond oneself
    votes.add(near(table, table, before=0, after=WINDOW + 1), mirrored=False)
    votes.add(near(table, Signatures(*mirrored, columns), before=WINDOW // 2, after=WINDOW // 2), mirrored=True)
