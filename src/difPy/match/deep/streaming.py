"""Descriptors in, one slice after the other; the features out whose signatures begin, in a table, with certain bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from difPy.match.deep.features import joined
from difPy.match.deep.labels import labelled
from difPy.match.deep.runs import BUCKETS, Runs
from difPy.match.near import Signatures, keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

PREFIX = BUCKETS.bit_length() - 1
"""Leading bits of a key that near signatures agree in: features of two buckets are never compared."""
SLICE = 2_000
"""Pictures that are read at a time."""
UNIT = 250_000
"""Features, upright and mirrored, that are compared at a time, if no bits are so common that more have them."""
CROWD = 1_000_000
"""Features that begin with the same bits and are compared with each other. What so many have tells no picture from
another: if there are more, those of pictures that are far from each other in order are not compared."""
ROW = 3
"""Numbers for each feature: its signature, and its label."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Features that are compared with each other."""

    low: int
    high: int
    """The bits that their signatures begin with: `range(low, high)`."""
    slices: range
    """Of pictures."""


def put(runs: Runs, descriptors: Sequence[bytes], columns: npt.NDArray[np.int64]) -> Iterator[int]:
    """Put features into runs: of each slice of pictures those that are upright, then those that are mirrored.

    Parameters
    ----------
    runs : Runs
        Of width `ROW`.
    descriptors : sequence of bytes
    columns : ndarray of int64, shape (40,)
        Of the table.

    Yields
    ------
    int
        Pictures that are done.
    """
    for start in range(0, len(descriptors), SLICE):
        found, owners, numbers = joined(descriptors[start : start + SLICE])
        labels = labelled(found, owners + start, numbers).view(np.uint64)
        for side in ("bits", "mirrored"):
            prefixes = keys(found[side], columns[:PREFIX])
            order = prefixes.astype(np.uint16).argsort(kind="stable")
            rows = np.column_stack((found[side], labels)).take(order, 0)
            runs.add(rows, np.bincount(prefixes.astype(np.int64), minlength=BUCKETS))
        yield min(start + SLICE, len(descriptors))


def units(runs: Runs) -> Iterator[Unit]:
    """All features, in units of `UNIT` or less, or of `CROWD` or less that begin with the same bits."""
    slices = len(runs) // 2
    for low, high in runs.parts(UNIT):
        first = held = 0
        for number, size in enumerate(runs.sizes(low, high).reshape(slices, 2).sum(1).tolist()):
            if held and held + size > CROWD:
                yield Unit(low, high, range(first, number))
                first, held = number, 0
            held += size
        yield Unit(low, high, range(first, slices))


def signatures(runs: Runs, unit: Unit, columns: npt.NDArray[np.int64]) -> tuple[Signatures, Signatures]:
    """Those of a unit, upright and mirrored, in the order of the table."""
    sides = (runs.read(unit.low, unit.high, [2 * number + side for number in unit.slices]) for side in (0, 1))
    upright, mirrored = (
        Signatures(np.ascontiguousarray(rows[:, :2]), rows[:, 2].astype(np.int64), columns) for rows in sides
    )
    return upright, mirrored
