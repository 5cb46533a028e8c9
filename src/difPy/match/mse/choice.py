"""The rows of a join in; the vectors it is walked on out: the fixed ones, or such as are learned from the rows.

Learned ones exclude more where pictures do not differ in their lowest frequencies, as scanned pages. They have to be
computed, from every tensor there is, so it is estimated on a sample whether that pays: for photographs it does not.
The choice decides how long a join takes, and never what it finds.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from difPy.match.mse.exact import Triples, concatenated, squares
from difPy.match.mse.learned import learned
from difPy.match.mse.twins import hashes
from difPy.match.mse.vectors import FIXED

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.match.mse.engine import Engine
    from difPy.match.mse.turning import Turning
    from difPy.model import Rows

_SAMPLE = 768  # rows: on a third of them it is estimated, from the others patterns are learned
_HASHED = 8  # numbers of a vector that say whether its row is of the sample
_LOOKED_AT = 256  # pairs compared to see whether it is for a match that they are near
_LEARNING = 5_000_000_000
"""Comparisons of two numbers that take as long as to learn patterns."""
_VECTOR = 8
"""Comparisons that take as long as one number of a tensor, when its vector is computed."""


def chosen(
    rows: Rows,
    vectors: npt.NDArray[np.float32],
    orientations: tuple[int, ...],
    reaches: npt.NDArray[np.float32],
    members: npt.NDArray[np.int64],
    engine: Engine,
) -> tuple[npt.NDArray[np.float32], Turning]:
    """Vectors of the rows, and how they turn.

    Parameters
    ----------
    rows : Rows
    vectors : ndarray of float32, shape (n, 73)
        The fixed ones.
    orientations : tuple of int
        Those tried.
    reaches : ndarray of float32, shape (n,)
        Rows are compared if their vectors are no farther apart than their reaches together.
    members : ndarray of int64
        Rows that take part.
    engine : Engine
    """
    values = math.prod(rows.tensors.shape[1:])
    comparisons = len(members) ** 2 / 2 * len(orientations) * values  # if no pair could be left out
    cost = len(members) * values * _VECTOR
    if comparisons < _LEARNING + cost:
        return vectors, FIXED.turning
    sample = _sample(vectors, members)
    judged, others = sample[::3], np.delete(sample, slice(None, None, 3))
    worth = comparisons / (len(judged) ** 2 / 2 * len(orientations))  # of a pair of the sample
    near = _near(vectors[judged], FIXED.turning, rows, judged, orientations, reaches)
    if _surely(_needless(rows, near, reaches, engine)) * worth < 2 * (_LEARNING + cost):
        return vectors, FIXED.turning
    cosines = learned(rows.tensors, others, engine)
    better = cosines.vectors(rows.tensors, engine, judged)[judged]
    spared = len(near) - len(_near(better, cosines.turning, rows, judged, orientations, reaches))
    if _surely(spared) * worth < cost:
        return vectors, FIXED.turning
    return cosines.vectors(rows.tensors, engine, members), cosines.turning


def _sample(vectors: npt.NDArray[np.float32], members: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Rows chosen by what they are, not by where they are, so that the order of files does not matter."""
    mixed = hashes(vectors[members, :_HASHED])
    return members[np.argsort(mixed, kind="stable")[:_SAMPLE]]


def _near(
    vectors: npt.NDArray[np.float32],
    turning: Turning,
    rows: Rows,
    numbers: npt.NDArray[np.int64],
    orientations: tuple[int, ...],
    reaches: npt.NDArray[np.float32],
) -> Triples:
    """The pairs of some rows that these vectors do not exclude."""
    found = []
    apart = rows.partition[numbers, None] != rows.partition[numbers]
    if rows.fixed is not None:
        apart |= rows.fixed[numbers, None] & rows.fixed[numbers]
    squares = np.einsum("ij,ij->i", vectors, vectors)
    limits = np.where(apart, -1, (reaches[numbers, None] + reaches[numbers]) ** 2)
    for orientation in orientations:
        products = vectors @ turning.turned(vectors, orientation).T
        first, second = np.nonzero(np.triu(squares[:, None] + squares - 2 * products <= limits, 1))
        found.append(Triples(numbers[first], numbers[second], np.full(len(first), orientation, np.uint8)))
    return concatenated(found)


def _needless(rows: Rows, near: Triples, reaches: npt.NDArray[np.float32], engine: Engine) -> float:
    """How many of these pairs are no match, judged by some."""
    some = near[:: len(near) // _LOOKED_AT + 1]
    radius = reaches[some.first].astype(np.float64) + reaches[some.second]
    limits = (radius**2 * math.prod(rows.tensors.shape[1:])).astype(np.int64)
    return float(np.mean(squares(rows, rows, some, limits, engine) > limits)) * len(near) if len(near) else 0.0


def _surely(count: float) -> float:
    """What is left of a number of pairs of a sample when chance is taken off."""
    return count - 2 * math.sqrt(max(0.0, count))
