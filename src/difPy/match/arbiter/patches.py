"""The common area of two grey pictures in, patch by patch how well they agree, and what that proves, out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

PATCH, STEP = 13, 5
"""Pixels of a patch along a side, and how far apart the middles of patches are."""
GRID = (slice(PATCH // 2, None, STEP),) * 2
"""Those middles, in an array of pixels."""
FLAT = 3.0
"""Grey levels: a patch that deviates less has nothing to compare."""
ALIKE, SHARP = 0.7, 0.9
"""Correlation of patches that agree, and that agree sharply."""
_FEWEST = 40
"""Patches, with texture or not."""
_INNER = 30
"""Patches with texture away from the edges of the common area: without them there are but the edges to compare."""
_FINE, _COARSE = 1.0, 6.0
"""Pixels, of the blurs between which details are compared. Slow shading goes: two skies or two studio walls must not
agree by that."""
_LESS = 4
"""Times smaller, along a side, that a picture is of which only slow shading is wanted."""
_FADED = 16.0
"""A faded copy is flatter: by so much at most in variance."""
_CELLS, _PURE, _HELD = 12, 0.95, 0.375
"""Cells of the common area along a side; share of the patches in a rectangle that must agree; and share of all the
texture that it must hold: two fifths, but for what is cut off because cells are whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Texture:
    """What there is to compare in one picture."""

    details: npt.NDArray[np.float32]
    """Shape (h, w): without slow shading, and without noise."""
    mean: npt.NDArray[np.float32]
    """Shape (r, c): of the patches."""
    spread: npt.NDArray[np.float32]
    """Variance of each of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """Patch by patch of a grid: how they agree. `GRID` is where they are."""

    use: npt.NDArray[np.bool_]
    """Shape (r, c): those that lie in the common area."""
    rich: npt.NDArray[np.bool_]
    """Those of them with texture."""
    correlation: npt.NDArray[np.float32]
    """Of the two pictures' details."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the patches prove."""

    agree: float
    """Share of the patches with texture that are alike."""
    sharp: float
    """Share of them that are sharply alike."""
    area: float
    """The largest rectangle in which all but some are sharply alike, as a share of the common area."""
    inner: int
    """Patches with texture away from the edges."""
    cover: tuple[float, float]
    """Shares of the first and of the second picture that were compared."""


def texture(levels: npt.NDArray[np.uint8]) -> Texture:
    """Of a grey picture."""
    fine = np.asarray(cv2.GaussianBlur(levels.astype(np.float32), (0, 0), _FINE), np.float32)
    details = fine - _shading(fine)
    mean = _means(details)
    return Texture(details, mean, np.maximum(_means(details * details) - mean * mean, 0))


def _shading(levels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A picture after a blur of `_COARSE` pixels: made of a smaller one, in a fifth of the time."""
    height, width = levels.shape
    size = -(-width // _LESS), -(-height // _LESS)
    less = cv2.GaussianBlur(cv2.resize(levels, size, interpolation=cv2.INTER_AREA), (0, 0), _COARSE / _LESS)
    return np.asarray(cv2.resize(less, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def patches(first: Texture, second: Texture, inside: npt.NDArray[np.uint8]) -> Patches | None:
    """Correlate the details of two grey pictures on one grid; None where too little of it is `inside` both."""
    use = _means(inside.astype(np.float32)) > 0.99
    if use.sum() < _FEWEST:
        return None
    spread_first, spread_second = first.spread, second.spread
    both = _means(first.details * second.details) - first.mean * second.mean
    correlation = both / np.sqrt(np.maximum(spread_first * spread_second, 1e-3))
    strong, strong_of_second = (max(_median(spread[use]), 1e-3) for spread in (spread_first, spread_second))
    spread_first = spread_first * min(max(strong_of_second / strong, 1 / _FADED), 1)  # as faded as each other
    spread_second = spread_second * min(max(strong / strong_of_second, 1 / _FADED), 1)
    low, high = np.minimum(spread_first, spread_second), np.maximum(spread_first, spread_second)
    rich = use & ((low > FLAT**2) | (high > (3 * FLAT) ** 2))
    return Patches(use, rich, correlation)


def evidence(found: Patches, shape: tuple[int, ...], pixel: tuple[float, float]) -> Evidence | None:
    """What patches prove; None where too few of them have texture.

    Parameters
    ----------
    found : Patches
    shape : tuple of int
        Shape (h, w) of the grid.
    pixel : tuple of float
        Shares of the first and of the second picture that one pixel of the grid stands for.
    """
    y, x = np.nonzero(found.rich)
    rows, columns = np.nonzero(found.use)
    (top, bottom), (left, right) = _most(rows), _most(np.sort(columns))
    inner = int(((y > top) & (y < bottom) & (x > left) & (x < right)).sum())
    if inner < _INNER:
        return None
    values = found.correlation[found.rich]
    compared = len(rows) * STEP**2
    return Evidence(
        agree=float((values > ALIKE).mean()),
        sharp=float((values > SHARP).mean()),
        area=_largest(shape, (rows, columns), (y, x), values > SHARP),
        inner=inner,
        cover=(compared * pixel[0], compared * pixel[1]),
    )


def _median(values: npt.NDArray[np.float32]) -> float:
    """The middle one, or the upper of the two: `np.median` takes three times as long."""
    middle = len(values) // 2
    return float(np.partition(values, middle)[middle])


def _means(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Shape (r, c): means of the patches."""
    return np.asarray(cv2.boxFilter(values, -1, (PATCH, PATCH)), np.float32)[GRID]


def _most(ordered: npt.NDArray[np.intp]) -> tuple[float, float]:
    """Between which numbers eight of ten lie: `np.percentile` says the same of numbers in no order, more slowly."""
    found = []
    for share in (0.1, 0.9):
        before, beyond = divmod(share * (len(ordered) - 1), 1)
        low, high = ordered[int(before)], ordered[min(int(before) + 1, len(ordered) - 1)]
        found.append(float(low + (high - low) * beyond))
    return found[0], found[1]


def _largest(
    shape: tuple[int, ...],
    use: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]],
    rich: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]],
    good: npt.NDArray[np.bool_],
) -> float:
    """Area of the largest rectangle of cells in which nearly all patches with texture are good."""
    row, column = ((np.arange(length)[GRID[0]] * _CELLS // length) for length in shape)
    row *= _CELLS

    def inside(y: npt.NDArray[np.intp], x: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
        """Patches in each rectangle, by a summed-area table."""
        table = np.zeros((_CELLS + 1, _CELLS + 1), np.int64)
        count = np.bincount(row[y] + column[x], minlength=_CELLS**2)
        table[1:, 1:] = count.reshape(_CELLS, _CELLS).cumsum(0).cumsum(1)
        last, above, before, both = table.ravel()[_CORNERS]
        found: npt.NDArray[np.int64] = last - above - before + both
        return found

    y, x = rich
    total = inside(y, x)
    fits = (total >= _HELD * len(y)) & (inside(y[good], x[good]) >= _PURE * total)
    return float(inside(*use)[fits].max() / len(use[0])) if fits.any() else 0.0


def _corners() -> npt.NDArray[np.intp]:
    """Shape (4, rectangles): where a summed-area table has the corners of each rectangle of cells."""
    low, high = np.triu_indices(_CELLS + 1, 1)  # where rectangles begin and end, along a side
    pairs = ((high, high), (low, high), (high, low), (low, low))
    return np.stack([(rows[:, None] * (_CELLS + 1) + columns).ravel() for rows, columns in pairs])


_CORNERS = _corners()
