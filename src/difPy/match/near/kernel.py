"""The inner loops of the search for near signatures, compiled: the keys of a table, and a walk along it.

Importing this module imports numba, and compiles or loads what an earlier run has compiled.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from difPy.just_in_time import compiled, inlined


@inlined
def _ones(word: Any) -> Any:
    """Bits that are set; processors have an instruction for that, which the compiler knows to be meant."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@compiled("uint64[::1](uint64[:, ::1], int64[::1])")
def keys(words: Any, columns: Any) -> Any:
    """Bits `columns` of each signature, the first of them the weightiest."""
    size = 8 * words.shape[1]
    parts = np.zeros((size, 256), np.uint64)  # what each byte, by its place and value, adds to a key
    for place, column in enumerate(columns):
        for value in range(256):
            if value >> (column & 7) & 1:
                parts[column >> 3, value] |= np.uint64(1) << np.uint64(len(columns) - 1 - place)
    found = np.empty(len(words), np.uint64)
    for row in range(len(words)):
        key = np.uint64(0)
        for byte in range(size):
            key |= parts[byte, (words[row, byte >> 3] >> np.uint64(8 * (byte & 7))) & np.uint64(255)]
        found[row] = key
    return found


_SORTED = "uint64[::1], uint64[:, ::1], int64[::1]"


@compiled(f"int64[:, ::1]({_SORTED}, {_SORTED}, int64, int64, int64, int64, int64)")
def walk(
    keys: Any, words: Any, labels: Any, asked_keys: Any, asked_words: Any, asked_labels: Any,
    owner: Any, differing: Any, before: Any, after: Any, reach: Any,
) -> Any:  # fmt: skip
    """Labels asked, labels near to them and distances, along a table and what is asked, both in the table's order."""
    found = np.empty((len(asked_keys) * (before + after), 3), np.int64)
    size, width = 0, words.shape[1]
    place = np.searchsorted(keys, asked_keys[0]) if len(asked_keys) else 0
    for one in range(len(asked_keys)):
        key, label = asked_keys[one], asked_labels[one]
        while place < len(keys) and (keys[place] < key or (keys[place] == key and labels[place] < label)):
            place += 1
        for at in range(max(0, place - before), min(len(keys), place + after)):
            if (keys[at] ^ key) >> np.uint64(differing) or labels[at] >> owner == label >> owner:
                continue
            distance = np.int64(0)
            for word in range(width):
                distance += np.int64(_ones(words[at, word] ^ asked_words[one, word]))
            if distance <= reach:
                found[size, 0], found[size, 1], found[size, 2] = label, labels[at], distance
                size += 1
    return found[:size].T.copy()
