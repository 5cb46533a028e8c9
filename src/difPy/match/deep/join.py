"""Features of many pictures in, pairs of pictures that many features say are one out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.match.deep.labels import OWNER
from difPy.match.deep.signatures import BITS
from difPy.match.deep.streaming import PREFIX, parts, within
from difPy.match.deep.votes import Votes
from difPy.match.method import Candidates
from difPy.match.near import Signatures, best, pairs, tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from difPy.model import Progress

REACH = 24
"""Of 128 bits: unlike features differ in 64."""
TABLES = 8
"""The more tables, the more of the features that are one in two pictures are found."""
WINDOW = 8
"""Features looked at on either side, in each table."""
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
    votes = Votes(len(descriptors))
    orders = tables(BITS, TABLES)
    steps = [(columns, low, high) for columns in orders for low, high in parts(descriptors, columns)]
    for done, (columns, low, high) in enumerate(steps):
        progress("finding candidates", done, len(steps))
        upright, mirrored = within(descriptors, columns, low, high)
        table = Signatures(*upright, columns)
        del upright
        for is_mirrored in (False, True):
            asked = Signatures(*mirrored, columns) if is_mirrored else table
            before, after = (WINDOW, WINDOW) if is_mirrored else (0, WINDOW + 1)
            found = pairs(table, asked, owner=OWNER, shared=PREFIX, before=before, after=after, reach=REACH)
            votes.add(found[0], found[1], is_mirrored)
    kept = [np.zeros((4, 0), np.int64)] * 2
    for counted in votes.counts():
        for is_mirrored in (0, 1):
            new = counted[:, counted[3] == is_mirrored]
            kept[is_mirrored] = best(np.concatenate((kept[is_mirrored], new), axis=1), MOST)
    progress("finding candidates", len(steps), len(steps))
    found = np.concatenate(kept, axis=1)
    first, second, _, hint = found[:, np.lexsort((found[3], found[1], found[0]))]
    return Candidates(first, second, hint)
