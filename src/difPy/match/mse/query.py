"""A few pictures and many rows in; which rows match each picture, out, without comparing the rows with each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from difPy.match.mse.decide import Pairs, decide, identical_orientation, settle
from difPy.match.mse.engine import Engine
from difPy.match.mse.exact import Triples, concatenated, same_dimensions
from difPy.match.mse.involved import RESAMPLING
from difPy.match.mse.linear import Linear, Points
from difPy.match.mse.vectors import FIXED, reach, vectors_of
from difPy.orientation import inverse

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.match.mse.brute import FullDistance
    from difPy.model import Criterion, Rows

_STEP = 1 << 14  # rows whose vectors are read at a time
_UNBOUNDED = 1 << 62


def query(rows: Rows, probes: Rows, criterion: Criterion, full_distance: FullDistance) -> Pairs:
    """Rows that match each probe.

    Parameters
    ----------
    rows : Rows
        n rows. Their vectors should be known: otherwise every tensor is read.
    probes : Rows
        m pictures that are looked for, in the same partitions.
    criterion : Criterion
        The threshold and the orientations tried.
    full_distance : callable
        As for `stars`; of each tie the first number is a probe and the second a row.

    Returns
    -------
    Pairs
        `first` numbers probes and `second` rows; the orientation turns the row into the probe.
    """
    engine = Engine(None)
    near = _near(rows, probes, criterion.orientations, math.sqrt(criterion.threshold), engine)
    verdict = decide(probes, rows, criterion, near, _identical(rows, probes, criterion), engine)
    return settle(verdict, np.arange(len(verdict.pairs)), criterion, full_distance)


def possible(rows: Rows, probes: Rows, criterion: Criterion) -> npt.NDArray[np.int64]:
    """Rows that may match a probe, for all that sketches say: see `involved`.

    Parameters
    ----------
    rows, probes : Rows
        Sketches or not; each tensor is within `errors` RMS levels of the true one.
    criterion : Criterion
        The threshold and the orientations tried.

    Returns
    -------
    ndarray of int64
        Numbers of rows, ascending.
    """
    engine = Engine(None)
    found = [_near(rows, probes, criterion.orientations, math.sqrt(criterion.threshold), engine).second]
    found.append(_identical(rows, probes, criterion).second)
    if odd := tuple(orientation for orientation in criterion.orientations if orientation % 2):
        turned_copies = _near(rows, probes, odd, RESAMPLING, engine)
        sketched = (rows.errors[turned_copies.second] > 0) | (probes.errors[turned_copies.first] > 0)
        found.append(turned_copies.second[sketched & same_dimensions(probes, rows, turned_copies)])
    return np.unique(np.concatenate(found)).astype(np.int64)


def _near(rows: Rows, probes: Rows, orientations: tuple[int, ...], radius: float, engine: Engine) -> Triples:
    """Probes and rows whose tensors may be within the radius, and within the errors of both."""
    if not len(rows) or not len(probes):
        return concatenated([])
    vectors, asked = vectors_of(rows, engine), vectors_of(probes, engine)
    codes = np.unique(np.concatenate([probes.partition, rows.partition]), return_inverse=True)[1]
    per_level = np.float32(reach(1))
    wanted = Linear(
        Points(
            np.concatenate([FIXED.turning.turned(asked, orientation) for orientation in orientations]),
            np.tile(codes[: len(probes)], len(orientations)),
            np.tile(np.float32(reach(radius)) + per_level * probes.errors, len(orientations)),
        )
    )
    undone = np.array([inverse(orientation) for orientation in orientations], np.uint8)
    found = []
    for start in range(0, len(rows), _STEP):
        step = slice(start, start + _STEP)
        some = Points(np.asarray(vectors[step]), codes[len(probes) :][step], per_level * rows.errors[step])
        row, at = wanted.near(some, _UNBOUNDED)
        turn, probe = np.divmod(at, len(probes))
        found.append(Triples(probe, row + start, undone[turn]))
    return concatenated(found)


def _identical(rows: Rows, probes: Rows, criterion: Criterion) -> Triples:
    """Rows that show the very picture of a probe."""
    wanted: dict[bytes, list[int]] = {}
    for probe, identity in enumerate(probes.identities):
        if identity is not None:
            wanted.setdefault(identity, []).append(probe)
    found = [
        (probe, row, identical_orientation(int(probes.stances[probe]), int(rows.stances[row]), criterion.orientations))
        for row, identity in enumerate(rows.identities)
        if identity in wanted
        for probe in wanted[identity]
        if probes.partition[probe] == rows.partition[row]
    ]
    columns = np.array([triple for triple in found if triple[2] >= 0], np.int64).reshape(-1, 3).T
    return Triples(columns[0], columns[1], columns[2].astype(np.uint8))
