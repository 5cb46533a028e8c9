"""The inner loops of the search for near signatures, compiled: the keys of a table, and a walk along it.

Importing this module imports numba, and compiles or loads what an earlier run has compiled.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from difPy.compiled import compiled, inlined


@inlined
def _ones(word: Any) -> Any:
    """Bits that are set."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@compiled("uint64[::1](uint64[:, ::1], int64[::1])")
def keys(words: Any, columns: Any) -> Any:
    """Bits `columns` of each signature, the first of them the weightiest."""
    found = np.empty(len(words), np.uint64)
    for row in range(len(words)):
        key = np.uint64(0)
        for column in columns:
            key = (key << np.uint64(1)) | ((words[row, column >> 6] >> np.uint64(column & 63)) & np.uint64(1))
        found[row] = key
    return found


_SORTED = "uint64[::1], uint64[:, ::1], int32[::1], int64[::1]"


@compiled(f"UniTuple(int64[::1], 3)({_SORTED}, {_SORTED}, int64, int64, int64, int64)")
def walk(
    keys: Any, words: Any, owners: Any, rows: Any,
    asked_keys: Any, asked_words: Any, asked_owners: Any, asked_rows: Any,
    differing: Any, before: Any, after: Any, reach: Any,
) -> Any:  # fmt: skip
    """Rows asked, rows near to them and their distances, along a table and what is asked, both in the table's order."""
    found = np.empty((3, 1024), np.int64)
    size = 0
    place = 0
    width = words.shape[1]
    for one in range(len(asked_keys)):
        key = asked_keys[one]
        while place < len(keys) and (keys[place] < key or (keys[place] == key and rows[place] < asked_rows[one])):
            place += 1
        for step in range(before + after):
            # forward first, then back; `after` and `before` are reached, or the leading bits end
            at = place + step if step < after else place - 1 - (step - after)
            if at < 0 or at >= len(keys) or ((keys[at] ^ key) >> np.uint64(differing)) != 0:
                continue
            if owners[at] == asked_owners[one]:
                continue
            distance = np.uint64(0)
            for word in range(width):
                distance += _ones(words[at, word] ^ asked_words[one, word])
            if distance > reach:
                continue
            if size == found.shape[1]:
                more = np.empty((3, 2 * size), np.int64)
                more[:, :size] = found
                found = more
            found[0, size], found[1, size], found[2, size] = asked_rows[one], rows[at], np.int64(distance)
            size += 1
    return found[0, :size].copy(), found[1, :size].copy(), found[2, :size].copy()
