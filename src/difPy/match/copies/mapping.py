"""Two boxes and an orientation in, the map that lays one on the other out; and the three of them in one number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy import orientation
from difPy.match.copies.views import ORIENTATIONS, read

if TYPE_CHECKING:
    import numpy.typing as npt

_VIEWS = 4
"""More than a picture has."""


def hint(
    first_view: npt.NDArray[np.int64], second_view: npt.NDArray[np.int64], turn: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """One number of a view of the first picture, one of the second, and the orientation that this looks like it in."""
    return (first_view * _VIEWS + second_view) * ORIENTATIONS + turn


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
    first_view, second_view = divmod(views, _VIEWS)
    left, top, right, bottom = read(first).boxes[first_view].tolist()
    other_left, other_top, other_right, other_bottom = read(second).boxes[second_view].tolist()
    turned = _corners(other_right - other_left, other_bottom - other_top, turn)
    stretch = np.diag([1 / max(1, right - left - 1), 1 / max(1, bottom - top - 1), 1.0])
    return _shift(other_left, other_top) @ turned @ stretch @ _shift(-left, -top)


def _corners(width: int, height: int, turn: int) -> npt.NDArray[np.float64]:
    """The map from the unit square to the pixels of a picture that fills it in that orientation."""
    place = np.stack(np.meshgrid([0, width - 1], [0, height - 1]), axis=-1)  # of the corners: x, y
    seen = orientation.apply(turn, place)
    origin, across, down = seen[0, 0], seen[0, 1], seen[1, 0]
    linear = np.column_stack((across - origin, down - origin, origin))
    return np.vstack((linear, (0, 0, 1))).astype(np.float64)


def _shift(x: float, y: float) -> npt.NDArray[np.float64]:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)
