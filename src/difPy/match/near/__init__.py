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

from difPy.match.near.best import best

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["KEY", "Signatures", "best", "pairs", "tables"]

KEY = 64
"""Bits of a signature that a table orders by."""


class Signatures:
    """Signatures in the order of a table.

    Parameters
    ----------
    words : ndarray of uint64, shape (n, w)
        The signatures.
    labels : ndarray of int64, shape (n,)
        What they are called; equal signatures stand in the order of these.
    columns : ndarray of int64, shape (64,)
        The bits that the table orders by, the weightiest first.
    """

    def __init__(
        self, words: npt.NDArray[np.uint64], labels: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]
    ) -> None:
        from difPy.match.near import kernel

        keys = kernel.keys(words, columns)
        order = np.argsort(keys, kind="stable")
        self.keys, self.words, self.labels = keys[order], words[order], labels[order]

    def __len__(self) -> int:
        return len(self.keys)


def tables(bits: int, count: int) -> npt.NDArray[np.int64]:
    """Bits that each of `count` tables orders signatures of so many bits by, shape (count, 64); always the same."""
    random = np.random.default_rng(2024)
    return np.stack([random.permutation(bits)[:KEY] for _ in range(count)])


def pairs(
    table: Signatures, asked: Signatures, *, owner: int, shared: int, before: int, after: int, reach: int
) -> npt.NDArray[np.int64]:
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

    Returns
    -------
    ndarray of int64, shape (3, m)
        Labels of what was asked and of what was found, and in how many bits they differ.
    """
    from difPy.match.near import kernel

    found: npt.NDArray[np.int64] = kernel.walk(
        table.keys, table.words, table.labels, asked.keys, asked.words, asked.labels,
        owner, KEY - shared, before, after, reach,
    )  # fmt: skip
    return found
