"""Signatures of many bits in; pairs of them that differ in few out, without a look at every pair.

Each of several tables puts the signatures in the order of some of their bits. Two that are near agree in all the
leading bits of one table or another, so they stand close together there; only what stands close together is compared.
Nothing that many share, a caption or a template, makes it slower: each signature looks at as many others as any.

The more signatures there are, the more of them stand between two: what is found of a pair may hang on what else there
is. It does not hang on the memory there is, or on processes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.match.near.kernel import keys, walk
from difPy.match.near.nearest import Nearest, best

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

__all__ = ["KEY", "Nearest", "Signatures", "best", "keys", "pairs", "tables"]

KEY = 40
"""Bits of a signature that a table orders by."""
_ROW = 64 - KEY
"""Bits of a word that are left for the number of a row: sorting words is much quicker than sorting rows by them."""
PIECE = 1 << 14
"""Signatures asked for at a time."""


class Signatures:
    """Signatures in the order of a table.

    Parameters
    ----------
    words : ndarray of uint64, shape (n, w)
        The signatures, up to 2 ** 24.
    labels : ndarray of int64, shape (n,)
        What they are called, ascending: equal keys stand in the order of these.
    columns : ndarray of int64, shape (40,)
        The bits that the table orders by, the weightiest first.
    """

    def __init__(
        self, words: npt.NDArray[np.uint64], labels: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]
    ) -> None:
        ordered = keys(words, columns) << np.uint64(_ROW) | np.arange(len(words), dtype=np.uint64)
        ordered.sort()
        order = (ordered & np.uint64((1 << _ROW) - 1)).astype(np.int64)
        self.keys, self.words, self.labels = ordered >> np.uint64(_ROW), words.take(order, 0), labels.take(order)

    def __len__(self) -> int:
        return len(self.keys)


def tables(bits: int, count: int) -> npt.NDArray[np.int64]:
    """Bits that each of `count` tables orders signatures of so many bits by, shape (count, 40); always the same."""
    random = np.random.default_rng(2024)
    return np.stack([random.permutation(bits)[:KEY] for _ in range(count)])


def pairs(
    table: Signatures, asked: Signatures, *, owner: int, shared: int, before: int, after: int, reach: int
) -> Iterator[npt.NDArray[np.int64]]:
    """Pairs of signatures of two pictures that stand close together in a table and differ in few bits.

    Parameters
    ----------
    table, asked : Signatures
        Ordered by the same bits.
    owner : int
        Bits of a label beside the number of the picture, which are its leading ones.
    shared : int
        Leading bits, at least one, that a pair has to agree in.
    before, after : int
        Signatures of the table that each one asked is compared with, before and after where itself would stand.
    reach : int
        Bits in which a pair may differ.

    Yields
    ------
    ndarray of int64, shape (3, m)
        Labels of what was asked and of what was found, and in how many bits they differ, for some that were asked.
    """
    for start in range(0, len(asked), PIECE):
        yield walk(
            table, asked, slice(start, start + PIECE),
            owner=owner, differing=KEY - shared, before=before, after=after, reach=reach,
        )  # fmt: skip
