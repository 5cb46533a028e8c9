"""Views of two pictures in; all ways in which one of them may lie over one of the other, out."""

from __future__ import annotations

import numpy as np

from difPy.match.copies.join import REACH
from difPy.match.copies.mapping import hint
from difPy.match.copies.views import read


def hints(first: bytes, second: bytes) -> list[int]:
    """As `Method` says: the views and orientations that differ in few bits, the nearest first."""
    upright, turned = read(first).hashes[:, 0], read(second).hashes
    bits = np.bitwise_count(upright[:, None, None] ^ turned[None]).sum(-1, dtype=np.int64)
    places = np.argwhere(bits <= REACH)
    nearest = places[np.argsort(bits[tuple(places.T)], kind="stable")]
    return [int(one) for one in hint(*nearest.T)]
