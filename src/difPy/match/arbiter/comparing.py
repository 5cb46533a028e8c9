"""Two grey pictures and a map in, what they have in common, compared, out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from difPy.match.arbiter.common import common
from difPy.match.arbiter.patches import evidence, patches

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from difPy.match.arbiter.common import Common
    from difPy.match.arbiter.patches import Evidence, Patches


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What one map leads to."""

    map: npt.NDArray[np.float64]
    """Shape (3, 3): from the first picture's pixels to the second's."""
    common: Common
    """In grey."""
    patches: Patches
    evidence: Evidence


def compared(
    first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64]
) -> Compared | None:
    """Compare two grey pictures of shape (h, w) where a map lays them onto each other; None where it cannot be."""
    if (shared := common(first, second, matrix)) is None or (found := patches(shared)) is None:
        return None
    proof = evidence(found, shared, second.shape)
    return Compared(matrix, shared, found, proof) if proof else None
