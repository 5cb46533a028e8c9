"""Features of many pictures in, pairs of pictures that many features say are one out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from difPy.match.deep.labels import OWNER
from difPy.match.deep.runs import Runs
from difPy.match.deep.signatures import BITS
from difPy.match.deep.streaming import PREFIX, ROW, Unit, put, signatures, units
from difPy.match.deep.votes import Votes
from difPy.match.method import Candidates, require_manageable
from difPy.match.near import Nearest, pairs, tables
from difPy.model import cores
from difPy.threads import spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
THREADS = 8
"""At most: each needs up to 100 MB."""
_STRIDE = 32
"""Units from one word on progress to the next."""


def candidates(descriptors: Sequence[bytes], progress: Progress) -> Candidates:
    """Pairs that some features say are one picture, at the same turn and scale, as `Method` says.

    Descriptors are read once for each table, in slices, one after the other: a sequence that reads them from a disk
    will do. What memory does not hold lies in temporary files: 20 kB for each picture, and 8 bytes for each vote. Each
    picture brings in the `MOST` that it shares most with, so there are at most twice that for each on the average,
    whatever they share. The more pictures there are, the fewer of the features of a copy find each other, which matters
    for those that share few.
    """
    require_manageable(descriptors)
    kept = [Nearest(MOST, len(descriptors)) for _ in range(2)]
    with Votes() as votes:
        for number, columns in enumerate(tables(BITS, TABLES)):
            _vote(votes, descriptors, columns, partial(_tell, progress, len(descriptors), number))
        for counted in votes.counts():
            for mirrored in (0, 1):
                kept[mirrored].add(counted[:, counted[3] == mirrored])
    _tell(progress, len(descriptors), TABLES, 0)
    found = np.concatenate([some.kept() for some in kept], axis=1)
    first, second, _, hint = found[:, np.lexsort((found[3], found[1], found[0]))]
    return Candidates(first, second, hint)


def _tell(progress: Progress, pictures: int, number: int, share: float) -> None:
    """Tell how far it is, in pictures: that share of one table, beside those before."""
    progress("finding candidates", int((number + share) / TABLES * pictures), pictures)


def _vote(
    votes: Votes, descriptors: Sequence[bytes], columns: npt.NDArray[np.int64], told: Callable[[float], None]
) -> None:
    """Have all features vote for those near to them in a table."""
    with Runs(ROW) as runs:
        for done in put(runs, descriptors, columns):
            told(done / len(descriptors) / 2)
        asked = list(units(runs))
        for start in range(0, len(asked), _STRIDE):
            some = asked[start : start + _STRIDE]
            spread(partial(_ask, votes, runs, columns, some), len(some), 1, min(cores(), THREADS))
            told(0.5 + (start + len(some)) / len(asked) / 2)


def _ask(votes: Votes, runs: Runs, columns: npt.NDArray[np.int64], some: Sequence[Unit], start: int, end: int) -> None:
    near = partial(pairs, owner=OWNER, shared=PREFIX, reach=REACH)
    for unit in some[start:end]:
        upright, mirrored = signatures(runs, unit, columns)
        # upright are both sides alike, so that it is enough to look ahead, beyond oneself
        for found in near(upright, upright, before=0, after=WINDOW + 1):
            votes.add(found, mirrored=False)
        for found in near(upright, mirrored, before=WINDOW // 2, after=WINDOW // 2):
            votes.add(found, mirrored=True)
