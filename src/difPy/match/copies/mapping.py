"""Two views and an orientation in, the map that lays one on the other out; and the three of them in one number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy import orientation
from difPy.match.copies.views import MOST, ORIENTATIONS, read
from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

_AROUND = np.array([[0, 1], [3, 2]])
"""Corners of a view, as they lie."""
_CLOCKWISE = ((0, 0, 1, 1), (0, 1, 1, 0))
"""Rows and columns of that in which the corners lie one after the other."""


def hint(
    first_view: npt.NDArray[np.int64], second_view: npt.NDArray[np.int64], turn: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """One number of a view of the first picture, one of the second, and the orientation that this looks like it in."""
    return (first_view * MOST + second_view) * ORIENTATIONS + turn


def start(first: bytes, second: bytes, hint: int) -> npt.NDArray[np.float64] | None:
    """The map of shape (3, 3) from the first picture's pixels to the second's, as the near views have it.

    Parameters
    ----------
    first, second : bytes
        Descriptors of two pictures.
    hint : int
        As `hint` makes it.
    """
    views, turn = divmod(hint, ORIENTATIONS)
    first_view, second_view = divmod(views, MOST)
    turned = orientation.apply(turn, _AROUND)[_CLOCKWISE]
    return np.asarray(
        cv2.getPerspectiveTransform(read(first).corners[first_view], read(second).corners[second_view][turned]),
        np.float64,
    )
