"""Two grey pictures and a map in, what they have in common, compared, out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from difPy.match.arbiter.common import Common, Grid, common, ready
from difPy.match.arbiter.maps import Overlap, overlap, reasonable
from difPy.match.arbiter.patches import Evidence, Patches, Texture, evidence, patches, texture

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What one map leads to."""

    map: npt.NDArray[np.float64]
    """Shape (3, 3): from the first picture's pixels to the second's."""
    grid: Grid
    common: Common
    patches: Patches
    evidence: Evidence


class Comparison:
    """Two grey pictures, to be compared by one map, and by others that are near to it.

    Parameters
    ----------
    first, second : ndarray of uint8, shape (h, w)
    grid : Grid
        Of the two.
    """

    def __init__(self, first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], grid: Grid) -> None:
        self._shapes = first.shape, second.shape
        self._grid = grid
        self._texture: Texture = texture(grid.first)

    @classmethod
    def of(cls, first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], overlap: Overlap) -> Comparison | None:
        """None where the two have next to nothing in common."""
        grid = ready(first, second, overlap)
        return cls(first, second, grid) if grid else None

    def by(self, matrix: npt.NDArray[np.float64]) -> Compared | None:
        """What a map from the first picture's pixels to the second's leads to; None where nothing can be compared."""
        grid, (first, second) = self._grid, self._shapes
        if not reasonable(matrix, first) or not (shares := overlap(matrix, first, second)).first:
            return None
        shared = common(grid, matrix)
        if (found := patches(self._texture, texture(shared.second), shared.inside)) is None:
            return None
        zoomed = shares.second / shares.first / grid.scale**2
        proof = evidence(found, grid.first.shape, (1 / grid.first.size, zoomed / (second[0] * second[1])))
        return Compared(matrix, grid, shared, found, proof) if proof else None
