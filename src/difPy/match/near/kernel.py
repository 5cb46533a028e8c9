"""The inner loops of the search for near signatures: the keys of a table, and a walk along it; in C, or by numpy.

Both give the same, in the same order; numpy takes several times as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.compiled import COUNT, Array, is_there, loop

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.match.near import Signatures

COMPILED = is_there()
"""Whether there are loops."""

_KEYS, _WORDS, _LABELS = Array("uint64", 1), Array("uint64", 2), Array("int64", 1)
_keys = loop("near_keys", _WORDS, COUNT, COUNT, _LABELS, COUNT, Array("uint64", 1, written=True), result=COUNT)
_walk = loop(
    "near_walk", _KEYS, _WORDS, _LABELS, COUNT, COUNT, _KEYS, _WORDS, _LABELS, *[COUNT] * 7,
    Array("int64", 2, written=True), result=COUNT,
)  # fmt: skip


def keys(words: npt.NDArray[np.uint64], columns: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Bits `columns` of each signature, the first of them the weightiest, shape (n,)."""
    found = np.zeros(len(words), np.uint64)
    if COMPILED:
        if _keys(np.ascontiguousarray(words), *words.shape, columns, len(columns), found):
            raise MemoryError
        return found
    for column in columns.tolist():
        found <<= np.uint64(1)
        found |= words[:, column >> 6] >> np.uint64(column & 63) & np.uint64(1)
    return found


def walk(
    table: Signatures,
    asked: Signatures,
    some: slice,
    *,
    owner: int,
    differing: int,
    before: int,
    after: int,
    reach: int,
) -> npt.NDArray[np.int64]:
    """Labels asked, labels near to them and distances, along a table and some of what is asked.

    Parameters
    ----------
    table, asked : Signatures
        Ordered by the same bits.
    some : slice
        Those asked.
    owner, before, after, reach
        As for `near.pairs`.
    differing : int
        Bits at the end of keys in which a pair need not agree.

    Returns
    -------
    ndarray of int64, shape (3, m)
    """
    keys, words, labels = asked.keys[some], asked.words[some], asked.labels[some]
    if not COMPILED:
        return _walked(table, keys, words, labels, owner, differing, before, after, reach)
    found = np.empty((len(keys) * (before + after), 3), np.int64)
    place = int(np.searchsorted(table.keys, keys[:1]).sum())
    count = _walk(
        table.keys, table.words, table.labels, *table.words.shape, keys, words, labels, len(keys), place,
        owner, differing, before, after, reach, found,
    )  # fmt: skip
    return found[:count].T.copy()


def _walked(
    table: Signatures,
    keys: Any,
    words: Any,
    labels: Any,
    owner: int,
    differing: int,
    before: int,
    after: int,
    reach: int,
) -> npt.NDArray[np.int64]:
    """The same by numpy."""
    places = _places(table, keys, labels)
    at = places[:, None] + np.arange(-before, after)
    one, column = np.nonzero((at >= 0) & (at < len(table)))
    at = at[one, column]
    near = (table.keys[at] ^ keys[one]) >> np.uint64(differing) == 0
    near &= table.labels[at] >> owner != labels[one] >> owner
    one, at = one[near], at[near]
    distance = np.bitwise_count(table.words[at] ^ words[one]).sum(axis=1, dtype=np.int64)
    near = distance <= reach
    return np.stack((labels[one[near]], table.labels[at[near]], distance[near]))


def _places(table: Signatures, keys: Any, labels: Any) -> npt.NDArray[np.int64]:
    """How many of a table stand before each of what is asked: by key, and of one key by label."""
    low: npt.NDArray[np.int64] = np.searchsorted(table.keys, keys)
    high = np.searchsorted(table.keys, keys, "right")
    while len(left := np.flatnonzero(low < high)):
        middle = (low[left] + high[left]) // 2
        before = table.labels[middle] < labels[left]
        low[left] = np.where(before, middle + 1, low[left])
        high[left] = np.where(before, high[left], middle)
    return low
