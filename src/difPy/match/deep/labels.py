"""A feature's picture, number, turn and size in; all of that in one whole number, and two of them as a vote, out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

NUMBER, TURN, SIZE = 9, 9, 8
"""Bits of a label beside the picture, which are its leading ones: up to 512 features; 0.7 degrees; 1/16 octave."""
OWNER = NUMBER + TURN + SIZE


def labelled(
    rows: npt.NDArray[Any], owners: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Labels of features, shape (n,)."""
    turn = rows["turn"].astype(np.int64) >> (16 - TURN)
    size = (
        np.rint(16 * np.log2(np.maximum(rows["size"].astype(np.float32), 1))).astype(np.int64).clip(0, (1 << SIZE) - 1)
    )
    labels: npt.NDArray[np.int64] = (((owners << NUMBER | numbers) << TURN | turn) << SIZE) | size
    return labels
