"""Rows in, some of them sketches; which of these may have a match, once all is known, out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from difPy.match.mse.choice import chosen
from difPy.match.mse.engine import Engine
from difPy.match.mse.exact import same_dimensions, squares, with_views
from difPy.match.mse.field import Field
from difPy.match.mse.twins import leaders
from difPy.match.mse.vectors import FIXED, reach, vectors_of
from difPy.match.mse.whole import Whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from difPy.match.mse.exact import Triples
    from difPy.model import Criterion, Rows

RESAMPLING = 12.0
"""RMS levels by which the tensor of a picture turned by a quarter may differ from its own tensor turned.

Pillow resizes along rows and then along columns, and rounds and clips in between; half turns and mirrors commute with
that exactly. Of photographs the difference is 0.6 at most. The worst of hostile black and white patterns found: 8.2.
"""


def involved(rows: Rows, criterion: Criterion, *, threads: int | None = None) -> npt.NDArray[np.bool_]:
    """Sketches that may match another row, for all that they say.

    Parameters
    ----------
    rows : Rows
        n rows; each tensor, and each view, is within `errors` RMS levels of the true one. Sketches are those above 0.
    criterion : Criterion
        The threshold and the orientations tried.
    threads : int, optional
        Processor cores used; all by default.

    Returns
    -------
    ndarray of bool, shape (n,)
        True for every sketch that would match any row if all tensors were true, and perhaps for other sketches.

    Notes
    -----
    The root of a mean squared error is a metric, so sketches of two pictures within the threshold are no farther apart
    than its root and both errors. Pictures that are identical up to a quarter turn match although their tensors may
    differ, as a turn and a resize do not quite commute: these are looked for with a radius of `RESAMPLING`, where the
    dimensions agree. Pairs of which neither is a sketch are left to `stars`.
    """
    engine = Engine(threads)
    vectors = vectors_of(rows, engine)
    lead = leaders(rows, vectors, anonymous=True)
    members, count = np.unique(lead, return_counts=True)
    is_sketch = rows.errors > 0
    fixed = np.zeros(len(rows), np.bool_) if rows.fixed is None else rows.fixed
    found = ~is_sketch  # of what is no sketch, nothing is left to be found out
    twins = members[count > 1]
    found[twins] |= ~fixed[twins]

    radius = math.sqrt(criterion.threshold)
    reaches = _reach(rows, radius)
    whole = Whole(rows, vectors[:, 0], criterion.orientations, reaches, engine)
    better, turning = chosen(rows, vectors, criterion.orientations, reaches, members, engine)
    field = Field(better, turning, rows.partition, criterion.orientations, reaches, members, engine, whole)
    for near in _unsettled(field, found, fixed):
        _mark(found, rows, near, _limits(rows, near, criterion.threshold), engine)
    if radius < RESAMPLING and any(orientation % 2 for orientation in criterion.orientations):
        partition = _one_size(rows, members)
        reaches = _reach(rows, RESAMPLING)
        whole = Whole(rows, vectors[:, 0], criterion.orientations, reaches, engine)
        field = Field(vectors, FIXED.turning, partition, criterion.orientations, reaches, members, engine, whole)
        for near in _unsettled(field, found, fixed):
            _mark(found, rows, near, _turned_limits(rows, near), engine)
    return found[lead] & is_sketch


def _unsettled(field: Field, found: npt.NDArray[np.bool_], fixed: npt.NDArray[np.bool_]) -> Iterator[Triples]:
    """What the rows of a field find that have not been found yet, but not two fixed ones."""
    field.asks &= ~found
    for _, near in field.blocks():
        yield near[~(fixed[near.first] & fixed[near.second])]
        field.asks &= ~found


def _mark(
    found: npt.NDArray[np.bool_], rows: Rows, near: Triples, limits: npt.NDArray[np.int64], engine: Engine
) -> None:
    """Find both rows of every candidate within its limit."""
    near, limits = near[limits >= 0], limits[limits >= 0]
    distances = with_views(rows, rows, near, squares(rows, rows, near, limits, engine), limits)
    match = near[distances <= limits]
    found[match.first] = found[match.second] = True


def _reach(rows: Rows, radius: float) -> npt.NDArray[np.float32]:
    """What reaches as far, for a pair, as the radius and both errors."""
    return (reach(radius / 2) + reach(1) * rows.errors).astype(np.float32)


def _limits(rows: Rows, near: Triples, threshold: float) -> npt.NDArray[np.int64]:
    """Greatest sums of squares of sketches whose true tensors may be within the threshold."""
    values = math.prod(rows.tensors.shape[1:])
    errors = rows.errors[near.first].astype(np.float64) + rows.errors[near.second]
    return _within(math.sqrt(threshold) + errors, values)


def _turned_limits(rows: Rows, near: Triples) -> npt.NDArray[np.int64]:
    """Greatest sums of squares of sketches that may be of one picture, turned by a quarter; -1 where that cannot be."""
    errors = rows.errors[near.first].astype(np.float64) + rows.errors[near.second]
    possible = (near.orientation % 2 == 1) & same_dimensions(rows, rows, near)
    return np.where(possible, _within(RESAMPLING + errors, math.prod(rows.tensors.shape[1:])), -1)


def _within(radius: npt.NDArray[np.float64], values: int) -> npt.NDArray[np.int64]:
    return np.ceil(radius**2 * values * (1 + 1e-9)).astype(np.int64)


def _one_size(rows: Rows, members: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The partition, refined: rows that may be one picture, turned by a quarter, one of them a sketch.

    Others are alone in theirs.
    """
    low, high = np.minimum(rows.widths, rows.heights), np.maximum(rows.widths, rows.heights)
    code = np.unique(np.stack([rows.partition, low, high]), axis=1, return_inverse=True)[1].reshape(-1)
    kinds = np.zeros((3, len(rows)), np.bool_)  # of each code: is there a sketch, a wide one, a high one?
    for kind, some in enumerate((rows.errors > 0, rows.widths >= rows.heights, rows.widths <= rows.heights)):
        kinds[kind, code[members[some[members]]]] = True
    together = kinds[0] & kinds[1] & kinds[2]
    alone = ~together[code]
    code[alone] = len(rows) + np.arange(len(rows))[alone]
    return code
