"""Orientations in; where the numbers of a vector go, and with which signs, when its picture is turned, out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.orientation import MIRRORED

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class Turning:
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
        >>> bool(np.all(FIXED.turned(vector[None], 1) == other))
        True
        """
        turned = np.take(vectors, self.places[orientation][numbers], axis=1)
        turned *= self.signs[orientation][numbers]
        return turned


def turning(
    partners: Sequence[int], down: Sequence[bool], across: Sequence[bool], swapped: Sequence[int], gradient: int
) -> Turning:
    """How numbers turn, each the product of a tensor with a pattern; what is left over comes last, and stays.

    Parameters
    ----------
    partners : sequence of int
        The number whose pattern is that of this one, rows and columns exchanged; it may be the same.
    down, across : sequence of bool
        Whether the pattern changes its sign when it is mirrored top to bottom, and left to right.
    swapped : sequence of int
        The sign that the pattern of the partner changes by when rows and columns are exchanged: 1 or -1.
    gradient : int
        A number that turns as brightness to the right does.
    """
    count = len(partners)
    places, signs = np.empty((8, count + 1), np.int64), np.ones((8, count + 1), np.float32)
    places[:, count] = count
    for orientation in range(8):
        for number in range(count):
            place, sign = number, 1
            for _ in range(orientation & 3):
                sign *= swapped[place] * (-1 if down[place] else 1)
                place = partners[place]
            if orientation & MIRRORED and across[place]:
                sign = -sign
            places[orientation, number], signs[orientation, number] = place, sign
    return Turning(places, signs, (gradient, partners[gradient]))
