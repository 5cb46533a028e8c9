"""Views of many pictures in, pairs of pictures that have a view alike out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from difPy.match.copies.mapping import hint
from difPy.match.copies.pdq import WORDS
from difPy.match.copies.views import ORIENTATIONS, read
from difPy.match.method import Candidates, require_manageable
from difPy.match.near import Nearest, Signatures, pairs, tables
from difPy.model import cores
from difPy.orientation import inverse
from difPy.threads import spread

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
_OWNER = 3
"""Bits of a label that are the number of the view, of `views.MOST`."""


def candidates(descriptors: Sequence[bytes], progress: Progress) -> Candidates:
    """Pairs with views that differ in at most `REACH` bits in one of the eight orientations, as `Method` says.

    Pairs that differ in many bits may be missed, the more of them the more pictures there are. Each picture brings in
    its `MOST` nearest, so there are at most that many for each on the average, whatever they share.
    """
    require_manageable(descriptors)
    labels, hashes = _columns(descriptors)
    kept = Nearest(MOST, len(descriptors))
    for done, columns in enumerate(tables(hashes.shape[2] * 64, TABLES)):
        progress("finding candidates", done * len(descriptors) // TABLES, len(descriptors))
        upright = Signatures(hashes[0], labels, columns)
        spread(partial(_ask, kept, upright, labels, hashes, columns), ORIENTATIONS, 1, cores())
    progress("finding candidates", len(descriptors), len(descriptors))
    first, second, _, hints = kept.kept()
    return Candidates(first, second, hints)


def _ask(
    kept: Nearest,
    upright: Signatures,
    labels: npt.NDArray[np.int64],
    hashes: npt.NDArray[np.uint64],
    columns: npt.NDArray[np.int64],
    start: int,
    end: int,
) -> None:
    for turn in range(start, end):
        asked = Signatures(hashes[turn], labels, columns) if turn else upright
        # upright are both sides alike, so that it is enough to look ahead, beyond oneself
        before, after = (WINDOW, WINDOW) if turn else (0, WINDOW + 1)
        for near in pairs(upright, asked, owner=_OWNER, shared=SHARED, before=before, after=after, reach=REACH):
            kept.add(_as_pairs(near, turn))


def _columns(descriptors: Sequence[bytes]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
    """Of all views: labels, which are picture and view, and hashes of shape (8, n, 4)."""
    hashes = [read(descriptor).hashes for descriptor in descriptors]
    labels = [(picture << _OWNER) + view for picture, views in enumerate(hashes) for view in range(len(views))]
    joined = np.concatenate([*hashes, np.zeros((0, ORIENTATIONS, WORDS), np.uint64)])
    return np.array(labels, np.int64), np.ascontiguousarray(joined.transpose(1, 0, 2))


def _as_pairs(near: npt.NDArray[np.int64], turn: int) -> npt.NDArray[np.int64]:
    """Views, of which the one asked for was in that orientation, as pairs of pictures, distance and hint."""
    turned, found, distance = near
    is_second = found < turned
    first, second = np.where(is_second, found, turned), np.where(is_second, turned, found)
    turns = np.where(is_second, turn, inverse(turn))
    views = (1 << _OWNER) - 1
    return np.stack((first >> _OWNER, second >> _OWNER, distance, hint(first & views, second & views, turns)))
