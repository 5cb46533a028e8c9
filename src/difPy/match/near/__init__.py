"""Signatures of many bits in; pairs of them that differ in few out, without a look at every pair.

Each of several tables puts the signatures in the order of some of their bits. Two that are near agree in all the
leading bits of one table or another, so they stand close together there; only what stands close together is compared.
Nothing that many share, a caption or a template, makes it slower: each signature looks at as many others as any.

The more signatures there are, the more of them stand between two: what is found of a pair may hang on what else there
is. It does not hang on threads, or on how the signatures are cut into pieces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

KEY = 64
"""Bits of a signature that a table orders by."""


class Signatures:
    """Signatures of one table, in its order.

    Parameters
    ----------
    words : ndarray of uint64, shape (n, w)
        The signatures.
    owners : ndarray of int32, shape (n,)
        The picture that each is of.
    rows : ndarray of int64, shape (n,)
        Their numbers; equal signatures stand in the order of these.
    columns : ndarray of int64, shape (64,)
        The bits that the table orders by, the weightiest first.
    """

    def __init__(
        self,
        words: npt.NDArray[np.uint64],
        owners: npt.NDArray[np.int32],
        rows: npt.NDArray[np.int64],
        columns: npt.NDArray[np.int64],
    ) -> None:
        from difPy.match.near import kernel

        keys = kernel.keys(np.ascontiguousarray(words), columns)
        order = np.argsort(keys, kind="stable")
        self.keys, self.words = keys[order], words[order]
        self.owners, self.rows = owners[order], rows[order]

    def __len__(self) -> int:
        return len(self.keys)


def tables(bits: int, count: int, weights: npt.NDArray[np.float64] | None = None) -> npt.NDArray[np.int64]:
    """Bits that each of `count` tables orders signatures of so many bits by, shape (count, 64); always the same.

    Parameters
    ----------
    bits, count : int
    weights : ndarray of float64, shape (bits,), optional
        The weightier a bit, the more often it is among the first.
    """
    random = np.random.default_rng(2024)
    late = random.exponential(size=(count, bits)) / (1 if weights is None else weights)
    return np.ascontiguousarray(np.argsort(late, axis=1, kind="stable")[:, :KEY])


def pairs(
    table: Signatures, asked: Signatures, *, shared: int, before: int, after: int, reach: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Pairs of signatures of two pictures that stand close together in a table and differ in few bits.

    Parameters
    ----------
    table, asked : Signatures
        Ordered by the same bits.
    shared : int
        Leading bits that a pair has to agree in.
    before, after : int
        Signatures of the table that each one asked is compared with, before and after where itself would stand.
    reach : int
        Bits in which a pair may differ.

    Returns
    -------
    asked, found, distance : ndarray of int64, shape (m,)
        Rows, and the bits that differ.
    """
    from difPy.match.near import kernel

    return kernel.walk(
        table.keys, table.words, table.owners, table.rows,
        asked.keys, asked.words, asked.owners, asked.rows,
        KEY - shared, before, after, reach,
    )  # fmt: skip
