"""The common area of two grey pictures in, patch by patch how well they agree, and what that proves, out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.match.arbiter.common import Common

PATCH, STEP = 13, 5
"""Pixels of a patch along a side, and how far apart the middles of patches are."""
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
_FADED = 16.0
"""A faded copy is flatter: by so much at most in variance."""
_CELLS, _PURE, _HELD = 12, 0.95, 0.4
"""Cells of the common area along a side; share of the patches in a rectangle that must agree; and share of all the
texture that it must hold."""


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """Pixel by pixel of the common area: how the patches around them agree. Only every `STEP`-th is looked at."""

    use: npt.NDArray[np.bool_]
    """Shape (h, w): middles of patches that lie in the common area."""
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


def patches(common: Common) -> Patches | None:
    """Correlate the details of two grey pictures; None where there is too little in common."""
    use = np.zeros(common.first.shape, np.bool_)
    use[PATCH // 2 :: STEP, PATCH // 2 :: STEP] = True
    use &= _mean(common.inside) > 0.99
    if use.sum() < _FEWEST:
        return None
    first, second = _details(common.first), _details(common.second)
    mean_first, mean_second = _mean(first), _mean(second)
    spread_first = np.maximum(_mean(first * first) - mean_first * mean_first, 0)
    spread_second = np.maximum(_mean(second * second) - mean_second * mean_second, 0)
    both = _mean(first * second) - mean_first * mean_second
    correlation = both / np.sqrt(np.maximum(spread_first * spread_second, 1e-3))
    faded = np.median(spread_first[use]) / max(np.median(spread_second[use]), 1e-3)
    spread_second = spread_second * min(max(faded, 1 / _FADED), _FADED)
    low, high = np.minimum(spread_first, spread_second), np.maximum(spread_first, spread_second)
    rich = use & ((low > FLAT**2) | (high > (3 * FLAT) ** 2))
    return Patches(use, rich, correlation)


def evidence(found: Patches, common: Common, second: tuple[int, ...]) -> Evidence | None:
    """What patches prove; None where too few of them have texture. `second` is the shape of the second picture."""
    y, x = np.nonzero(found.rich)
    rows, columns = np.nonzero(found.use)
    top, bottom = np.percentile(rows, (10, 90))
    left, right = np.percentile(columns, (10, 90))
    inner = int(((y > top) & (y < bottom) & (x > left) & (x < right)).sum())
    if inner < _INNER:
        return None
    values = found.correlation[found.rich]
    compared = float(len(rows) * STEP**2)
    return Evidence(
        agree=float((values > ALIKE).mean()),
        sharp=float((values > SHARP).mean()),
        area=_largest(found.use, y, x, values > SHARP),
        inner=inner,
        cover=(compared / common.first.size, compared * common.zoom**2 / (second[0] * second[1])),
    )


def _mean(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Mean of the patch around each pixel."""
    return np.asarray(cv2.boxFilter(values, -1, (PATCH, PATCH)))


def _details(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    fine = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), _FINE)
    return np.asarray(fine - cv2.GaussianBlur(fine, (0, 0), _COARSE))


def _largest(
    use: npt.NDArray[np.bool_], y: npt.NDArray[np.intp], x: npt.NDArray[np.intp], good: npt.NDArray[np.bool_]
) -> float:
    """Area of the largest rectangle of cells in which nearly all patches at (y, x) are good."""

    def inside(y: npt.NDArray[np.intp], x: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
        """Points in each rectangle, by a summed-area table."""
        cell = (y * _CELLS // use.shape[0]) * _CELLS + x * _CELLS // use.shape[1]
        table = np.zeros((_CELLS + 1, _CELLS + 1), np.int64)
        table[1:, 1:] = np.bincount(cell, minlength=_CELLS**2).reshape(_CELLS, _CELLS).cumsum(0).cumsum(1)
        last, above, before, both = table.ravel()[_CORNERS]
        found: npt.NDArray[np.int64] = last - above - before + both
        return found

    area, total, agree = inside(*np.nonzero(use)), inside(y, x), inside(y[good], x[good])
    fits = (agree >= _PURE * total) & (total >= _HELD * len(y))
    return float(area[fits].max() / use.sum()) if fits.any() else 0.0


def _corners() -> npt.NDArray[np.intp]:
    """Shape (4, rectangles): where a summed-area table has the corners of each rectangle of cells."""
    low, high = np.triu_indices(_CELLS + 1, 1)  # where rectangles begin and end, along a side
    pairs = ((high, high), (low, high), (high, low), (low, low))
    return np.stack([(rows[:, None] * (_CELLS + 1) + columns).ravel() for rows, columns in pairs])


_CORNERS = _corners()
