"""Descriptors in, one slice after the other; the features out whose signature begins, in a table, with certain bits."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.match.deep.features import rows
from difPy.match.deep.labels import labelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

PREFIX = 16
"""Leading bits of a key that near signatures agree in: features of two parts are never compared."""
PART = 4_000_000
"""Features, upright and mirrored, that are in memory at a time, if no bits are so common that more have them."""
SLICE = 2_000
"""Pictures that are read at a time."""

Some = tuple["npt.NDArray[np.uint64]", "npt.NDArray[np.int64]"]
"""Signatures of shape (n, 2), and labels."""


def parts(descriptors: Sequence[bytes], columns: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Ranges of prefixes, from the first to the one beyond the last, of `PART` features each or less.

    A range of one prefix may have more.
    """
    counts = np.zeros(1 << PREFIX, np.int64)
    for found, _, _ in _slices(descriptors):
        for side in ("bits", "mirrored"):
            counts += np.bincount(_prefixes(found[side], columns), minlength=len(counts))
    before = np.concatenate(([0], counts.cumsum()))
    bounds = [0]
    while bounds[-1] < len(counts):
        end = int(np.searchsorted(before, before[bounds[-1]] + PART, side="right")) - 1
        bounds.append(max(end, bounds[-1] + 1))
    return list(pairwise(bounds))


def within(descriptors: Sequence[bytes], columns: npt.NDArray[np.int64], low: int, high: int) -> tuple[Some, Some]:
    """Features, upright and mirrored, of which the prefix is in `range(low, high)`."""
    upright: list[Some] = []
    mirrored: list[Some] = []
    for found, owners, numbers in _slices(descriptors):
        labels = labelled(found, owners, numbers)
        for side, kept in (("bits", upright), ("mirrored", mirrored)):
            prefixes = _prefixes(found[side], columns)
            is_within = (prefixes >= low) & (prefixes < high)
            kept.append((found[side][is_within], labels[is_within]))
    return _joined(upright), _joined(mirrored)


def _joined(some: list[Some]) -> Some:
    words = np.concatenate([np.zeros((0, 2), np.uint64), *(words for words, _ in some)])
    return words, np.concatenate([np.zeros(0, np.int64), *(labels for _, labels in some)])


def _slices(
    descriptors: Sequence[bytes],
) -> Iterator[tuple[npt.NDArray[Any], npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Features of some pictures, the picture of each, and its number in that."""
    for start in range(0, len(descriptors), SLICE):
        some = [rows(descriptor) for descriptor in descriptors[start : start + SLICE]]
        counts = [len(features) for features in some]
        numbers = np.concatenate([np.arange(count) for count in counts])
        yield np.concatenate(some), np.repeat(np.arange(start, start + len(some)), counts), numbers


def _prefixes(words: npt.NDArray[np.uint64], columns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    from difPy.match.near import kernel

    prefixes: npt.NDArray[np.uint64] = kernel.keys(np.ascontiguousarray(words), columns[:PREFIX])
    return prefixes.astype(np.int64)
