"""What a match is, said slowly: rows in, every pair that matches out. The rest of the room equals it, faster."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from difPy.orientation import apply, compose, inverse, members

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.model import Criterion, Rows

Tie = tuple[int, int, tuple[int, ...]]
"""Two rows, and the orientations of the second in which tensors and dimensions are those of the first."""

FullDistance = Callable[[Sequence[Tie]], Sequence[float]]
"""For each tie, the mean squared error of the full-resolution pixels, the least over its orientations: more than 0, as
the pictures are not identical."""


def brute(rows: Rows, criterion: Criterion, full_distance: FullDistance) -> list[tuple[int, int, int, float]]:
    """Every pair that matches, by comparing each row with each.

    Parameters
    ----------
    rows : Rows
        n rows.
    criterion : Criterion
        The threshold and the orientations tried.
    full_distance : callable
        Settles the pictures that differ although their tensors do not; see `FullDistance`.

    Returns
    -------
    list of (i, j, orientation, distance)
        `i < j`; `orientation` turns row `j` into row `i`; distances are mean squared errors, at most the threshold.

    Examples
    --------
    >>> from difPy.model import Criterion, Rows
    >>> tensors = np.zeros((3, 10, 10, 3), np.uint8)
    >>> tensors[1] += 2
    >>> tensors[2, :, 5:] = 100
    >>> same, none = np.full(3, 640, np.int32), [None, None, None]
    >>> rows = Rows(tensors, same, same, np.zeros(3, np.int64), none, np.zeros(3, np.uint8), np.zeros(3, np.float32))
    >>> brute(rows, Criterion(5.0), lambda ties: [])
    [(0, 1, 0, 4.0)]
    """
    pairs = []
    for i in range(len(rows)):
        for j in range(i + 1, len(rows)):
            distance, orientation = nearest(rows, i, j, criterion.orientations, full_distance)
            if distance <= criterion.threshold:
                pairs.append((i, j, orientation, distance))
    return pairs


def nearest(
    rows: Rows, i: int, j: int, orientations: tuple[int, ...], full_distance: FullDistance
) -> tuple[float, int]:
    """Distance between two rows, and the first orientation of the second in which it is reached.

    Infinite for rows of different partitions, and for two fixed ones: these never match.
    """
    if rows.partition[i] != rows.partition[j] or (rows.fixed is not None and rows.fixed[i] and rows.fixed[j]):
        return math.inf, orientations[0]
    for orientation in orientations:
        if _identical(rows, i, j, orientation):
            return 0.0, orientation
    squares = {o: squares_of_views(views_of(rows, i), views_of(rows, j), o) for o in orientations}
    distances = {o: squares[o] / math.prod(rows.tensors.shape[1:]) for o in orientations}
    equal = [o for o in orientations if squares[o] == 0]
    if equal and _known_to_differ(rows, i, j):
        ties = tuple(o for o in equal if _same_dimensions(rows, i, j, o))
        full = full_distance([(i, j, ties)])[0] if ties else math.inf
        least = math.inf if ties else 1 / math.prod(rows.tensors.shape[1:])
        distances |= {o: full if o in ties else least for o in equal}
    orientation = min(orientations, key=distances.__getitem__)
    return distances[orientation], orientation


def _identical(rows: Rows, i: int, j: int, orientation: int) -> bool:
    """Whether picture i is picture j in that orientation, pixel for pixel."""
    if rows.identities[i] is None or rows.identities[i] != rows.identities[j]:
        return False
    stances = [(first, second) for first in members(int(rows.stances[i])) for second in members(int(rows.stances[j]))]
    return any(compose(inverse(first), second) == orientation for first, second in stances)


def views_of(rows: Rows, i: int) -> npt.NDArray[np.uint8]:
    """All there is to see of a row: shape (frames or 2 * frames, px, px, 3)."""
    return rows.views[i] if i in rows.views else rows.tensors[i][None]


def squares_of_views(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], orientation: int) -> int:
    """Greatest sum of squared differences over the views. An opaque frame looks the same on white and on black."""
    second = apply(orientation, second, axes=(1, 2))
    count = max(len(first), len(second))
    one, other = (np.repeat(views, count // len(views), axis=0).astype(np.int64) for views in (first, second))
    return int(((one - other) ** 2).sum(axis=(1, 2, 3)).max())


def _known_to_differ(rows: Rows, i: int, j: int) -> bool:
    """Whether equal tensors would be a coincidence: pictures of one size, up to a turn, that are not identical.

    Distance 0 would be a lie then. Their full-resolution pixels decide, in the orientations in which the dimensions
    agree; where there is none, the least difference there is: one level of one value.
    """
    told_apart = rows.identities[i] is not None or rows.identities[j] is not None
    sizes = [sorted((int(rows.widths[row]), int(rows.heights[row]))) for row in (i, j)]
    return told_apart and sizes[0] == sizes[1]


def _same_dimensions(rows: Rows, i: int, j: int, orientation: int) -> bool:
    """Whether picture j has the width and height of picture i once it is in that orientation."""
    width, height = rows.widths[j], rows.heights[j]
    if orientation % 2:
        width, height = height, width
    return bool(rows.widths[i] == width and rows.heights[i] == height)
