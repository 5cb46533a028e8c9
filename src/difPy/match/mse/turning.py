"""Orientations in; where the numbers of a vector go, and with which signs, when its picture is turned, out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from difPy.orientation import MIRRORED

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt


class Turning(NamedTuple):
    """How vectors of one kind turn: each number takes the place of another, and perhaps changes its sign.

    Parameters
    ----------
    places : ndarray of int64, shape (8, d)
    signs : ndarray of float32, shape (8, d)
        ``vector[places[o]] * signs[o]`` is the vector of the tensor in orientation `o`.
    gradient : tuple of int
        Two numbers that turn as brightness to the right and downwards do: a quarter turn makes one the other.
    """

    places: npt.NDArray[np.int64]
    signs: npt.NDArray[np.float32]
    gradient: tuple[int, int]

    def turned(self, vectors: npt.NDArray[Any], orientation: int, numbers: Any = slice(None)) -> npt.NDArray[Any]:
        """Vectors, or some numbers of them, of the tensors in that orientation.

        Examples
        --------
        >>> from difPy.match.mse.vectors import FIXED, vectors
        >>> tensor = np.random.default_rng(1).integers(0, 256, (10, 10, 3), np.uint8)
        >>> vector, other = vectors(np.stack([tensor, np.rot90(tensor)]))
        >>> bool(np.all(FIXED.turning.turned(vector[None], 1) == other))
        True
        """
        turned: npt.NDArray[Any] = np.take(vectors, self.places[orientation][numbers], axis=1)
        turned *= self.signs[orientation][numbers]
        return turned


def turning(index: Sequence[tuple[int, int, int]]) -> Turning:
    """How vectors of cosine coefficients turn, with one more number at the end that stays as it is.

    Parameters
    ----------
    index : sequence of (int, int, int)
        Frequency downwards, frequency across and channel; with each goes the one that has the frequencies exchanged.
    """
    place_of = {one: place for place, one in enumerate(index)}
    places = np.full((8, len(index) + 1), len(index))
    signs = np.ones((8, len(index) + 1), np.float32)
    for orientation in range(8):
        for place, (k, m, channel) in enumerate(index):
            sign = 1
            for _ in range(orientation & 3):
                k, m, sign = m, k, -sign if k % 2 else sign
            if orientation & MIRRORED and m % 2:
                sign = -sign
            places[orientation, place], signs[orientation, place] = place_of[k, m, channel], sign
    right = next(one for one in index if one[0] % 2 == 0 and one[1] % 2 == 1)
    return Turning(places, signs, (place_of[right], place_of[right[1], right[0], right[2]]))
