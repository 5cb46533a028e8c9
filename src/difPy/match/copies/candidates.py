"""Views of many pictures in, pairs of pictures that have a view alike out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.match.copies.describe import ORIENTATIONS, WORDS, read
from difPy.match.copies.start import hint
from difPy.match.method import Candidates
from difPy.match.near import Signatures, pairs, tables
from difPy.match.near.best import best
from difPy.orientation import inverse

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.model import Progress

REACH = 88
"""Of 256 bits: unlike pictures differ in 128, and hardly ever in less. No verdict, but worth a look."""
TABLES = 64
"""The more tables, the fewer copies that differ in many bits are missed."""
SHARED = 4
"""Leading bits that a pair has to agree in: none to speak of, the window is what bounds the work."""
WINDOW = 8
"""Views looked at on either side, in each table and each orientation."""
MOST = 32
"""Candidates that a picture brings in."""


def candidates(descriptors: Sequence[bytes], progress: Progress) -> Candidates:
    """Pairs with views that differ in at most `REACH` bits in one of the eight orientations, as `Method` says.

    Pairs that differ in many bits may be missed, the more of them the more pictures there are. Each picture brings in its
    `MOST` nearest, so there are at most that many for each on the average, whatever they share.
    """
    owners, views, hashes = _columns(descriptors)
    rows = np.arange(len(owners))
    kept = np.zeros((4, 0), np.int64)
    for done, columns in enumerate(tables(64 * WORDS, TABLES)):
        progress("finding candidates", done, TABLES)
        upright = Signatures(hashes[:, 0], owners, rows, columns)
        found = [kept]
        for turn in range(ORIENTATIONS):
            asked = Signatures(hashes[:, turn], owners, rows, columns) if turn else upright
            # what is as it is is asked from either side alike: half of it will do
            turned, near, distance = pairs(
                upright, asked, shared=SHARED, before=WINDOW if turn else 0, after=WINDOW + (not turn), reach=REACH
            )
            found.append(_as_pairs(owners, views, turned, near, turn, distance))
        kept = best(np.concatenate(found, axis=1), MOST)
    progress("finding candidates", TABLES, TABLES)
    first, second, _, hints = kept
    return Candidates(first, second, hints)


def _columns(
    descriptors: Sequence[bytes],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
    """Of all views: the picture, the number of the view in it, and its hashes of shape (n, 8, 4)."""
    read_all = [read(descriptor) for descriptor in descriptors]
    counts = [len(one.hashes) for one in read_all]
    owners = np.repeat(np.arange(len(read_all), dtype=np.int32), counts)
    views = np.concatenate([np.arange(count) for count in counts] or [np.zeros(0, np.int64)])
    hashes = np.concatenate([one.hashes for one in read_all] or [np.zeros((0, ORIENTATIONS, WORDS), np.uint64)])
    return owners, views, hashes


def _as_pairs(
    owners: npt.NDArray[np.int32],
    views: npt.NDArray[np.int64],
    turned: npt.NDArray[np.int64],
    near: npt.NDArray[np.int64],
    turn: int,
    distance: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """Views of which the first, in that orientation, is near to the second: as pairs of pictures, distance and hint."""
    is_ahead = owners[near] < owners[turned]
    first, second = np.where(is_ahead, near, turned), np.where(is_ahead, turned, near)
    turns = np.where(is_ahead, turn, inverse(turn))
    return np.stack((owners[first], owners[second], distance, hint(views[first], views[second], turns)))
