"""Two grey pictures and a map in, what they have in common, compared, out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from difPy.match.arbiter.common import common
from difPy.match.arbiter.patches import evidence, patches, texture

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from difPy.match.arbiter.common import Common
    from difPy.match.arbiter.patches import Evidence, Patches, Texture


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What one map leads to."""

    map: npt.NDArray[np.float64]
    """Shape (3, 3): from the first picture's pixels to the second's."""
    common: Common
    texture: Texture
    """Of the first picture."""
    patches: Patches
    evidence: Evidence


def compared(
    first: npt.NDArray[np.uint8],
    second: npt.NDArray[np.uint8],
    matrix: npt.NDArray[np.float64],
    earlier: Compared | None = None,
) -> Compared | None:
    """Compare two grey pictures of shape (h, w) where a map lays them onto each other; None where it cannot be.

    What an `earlier` map of the same two led to saves work: as a rule the first picture has not changed.
    """
    if (shared := common(first, second, matrix)) is None:
        return None
    if earlier is not None and earlier.common.first is shared.first:
        looks = earlier.texture
    else:
        looks = texture(shared.first)
    if (found := patches(looks, texture(shared.second), shared.inside)) is None:
        return None
    proof = evidence(found, shared, second.shape)
    return Compared(matrix, shared, looks, found, proof) if proof else None
