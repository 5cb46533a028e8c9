"""A few pictures and many rows in; which rows match each picture, out, without comparing the rows with each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from difPy.join.decide import Pairs, decide, identical_orientation, joined, settle
from difPy.join.exact import Triples, concatenated
from difPy.join.linear import Linear, Points
from difPy.join.vectors import reach, turned, vectors_of
from difPy.orientation import inverse

if TYPE_CHECKING:
    from difPy.join.brute import FullDistance
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
    if not len(rows) or not len(probes):
        return joined([])
    vectors, asked = vectors_of(rows), vectors_of(probes)
    turns = [turned(orientation) for orientation in criterion.orientations]
    codes = np.unique(np.concatenate([probes.partition, rows.partition]), return_inverse=True)[1]
    wanted = Linear(
        Points(
            np.concatenate([asked[:, places] * signs for places, signs in turns]),
            np.tile(codes[: len(probes)], len(turns)),
            np.full(len(probes) * len(turns), reach(math.sqrt(criterion.threshold)), np.float32),
        )
    )
    undone = np.array([inverse(orientation) for orientation in criterion.orientations], np.uint8)
    found = []
    for start in range(0, len(rows), _STEP):
        some = np.asarray(vectors[start : start + _STEP])
        partition = codes[len(probes) :][start : start + _STEP]
        row, at = wanted.near(Points(some, partition, np.zeros(len(some), np.float32)), _UNBOUNDED)
        turn, probe = np.divmod(at, len(probes))
        found.append(Triples(probe, row + start, undone[turn]))
    verdict = decide(probes, rows, criterion, concatenated(found), _identical(rows, probes, criterion))
    return settle(verdict, np.arange(len(verdict.pairs)), criterion, full_distance)


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
