"""A block of rows and many others in; which are near, by the whole of their tensors and in every orientation, out.

For rows that no short vector tells apart: of frames that hold nothing but noise, every direction says as little as any
other. Their distances follow from products, |a - b|**2 = |a|**2 + |b|**2 - 2ab, and those of all four turns take one
product and a half. Let q0, q1, q2, q3 be the quarters of a square, each turned to where the first one lies. Then

    P = q0 + q1 + q2 + q3,    M = q0 - q1 + q2 - q3,    O = (q0 - q2, q1 - q3)

hold all of it: ab = PP/4 + MM/4 + OO/2. A quarter turn leaves P as it is, changes the sign of M, and makes (x, y) of O
(y, -x). So PP, MM, OO and the product of O with O turned give the products of a with b in all four turns.

Floats only exclude: what rounding may take is given back.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from difPy.match.mse.exact import Triples, concatenated
from difPy.orientation import MIRRORED

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.match.mse.engine import Engine
    from difPy.model import Rows

_TILE, _DEPTH = 32, 256  # rows, and numbers, of one product of matrices: BLAS starts no threads for products that small
_SHARE = 4  # of a buffer of tensors, so much is folded together: in floats, and twice, it is much more


class Whole:
    """Finds near rows by all of their numbers.

    Parameters
    ----------
    rows : Rows
    brightness : ndarray of float32, shape (n,)
        A number of each row that no orientation changes, and that differs by no more than the rows do.
    orientations : tuple of int
        Those tried.
    reaches : ndarray of float32, shape (n,)
        Rows are near if they are no farther apart than their reaches together.
    engine : Engine
        Brings the threads.
    """

    def __init__(
        self,
        rows: Rows,
        brightness: npt.NDArray[np.float32],
        orientations: tuple[int, ...],
        reaches: npt.NDArray[np.float32],
        engine: Engine,
    ) -> None:
        self._rows, self._brightness, self._reaches, self._engine = rows, brightness, reaches, engine
        self._orientations = orientations
        self._values = math.prod(rows.tensors.shape[1:])
        self._step = engine.BUFFER // (_SHARE * self._values) // _TILE * _TILE
        self.fits = self._step > 0
        """Whether tensors are small enough for some of them to be in memory as floats."""

    def near(self, block: npt.NDArray[np.int64], others: npt.NDArray[np.int64]) -> Triples:
        """Every pair of a row of the block and another that is near, in each orientation, and some a little farther.

        Parameters
        ----------
        block, others : ndarray of int64
            The block is asked about once with each of the others.
        """
        block, others = (numbers[np.argsort(self._brightness[numbers], kind="stable")] for numbers in (block, others))
        centre = int(np.rint(self._brightness[block].mean()))
        found = []
        for begin in range(0, len(block), self._step):
            asking = self._folded(block[begin : begin + self._step], centre)
            for start in range(0, len(others), self._step):
                for mirrored in sorted({orientation & MIRRORED for orientation in self._orientations}):
                    asked = self._folded(others[start : start + self._step], centre, mirrored=bool(mirrored))
                    parts = [concatenated([])] * (len(asking.numbers) // _TILE + 1)
                    task = partial(self._ask, asking, asked, mirrored, parts)
                    self._engine.spread(task, -(-len(asking.numbers) // _TILE), 1)
                    found += parts
        return concatenated(found)

    def _folded(self, numbers: npt.NDArray[np.int64], centre: int, *, mirrored: bool = False) -> _Folded:
        """What products are made of: rows with that number taken off, filled up with zeros to whole tiles."""
        px = self._rows.tensors.shape[1]
        tensors = np.zeros((-(-len(numbers) // _TILE) * _TILE, px, px, 3), np.int16)
        tensors[: len(numbers)] = self._rows.tensors[numbers][:, :, :: -1 if mirrored else 1]
        tensors[: len(numbers)] -= centre
        q = [
            np.rot90(tensors, turn, (1, 2))[:, : px // 2, : (px + 1) // 2].reshape(len(tensors), -1)
            for turn in range(4)
        ]
        middle = 2 * tensors[:, px // 2, px // 2] if px % 2 else tensors[:, 0, 0, :0]  # alone in all four turns
        x, y = q[0] - q[2], q[1] - q[3]
        even, odd = q[0] + q[2], q[1] + q[3]
        reaches = np.zeros(len(tensors))
        reaches[: len(numbers)] = self._reaches[numbers]
        return _Folded(
            numbers,
            reaches.reshape(-1, _TILE),
            _tiles(even + odd, middle),
            _tiles(even - odd),
            _tiles(x, y),
            _tiles(-y, x),
        )

    def _ask(self, asking: _Folded, asked: _Folded, mirrored: int, parts: list[Triples], first: int, last: int) -> None:
        """Write what the rows of some tiles find to `parts`, tile by tile."""
        slack = 4 * (self._values + 8) * 2.0**-24
        for tile in range(first, last):
            one = asking.numbers[tile * _TILE : (tile + 1) * _TILE]
            farthest = float(self._reaches[one].max()) + float(self._reaches[asked.numbers].max())
            shades = self._brightness[asked.numbers]
            start = int(np.searchsorted(shades, self._brightness[one[0]] - farthest)) // _TILE
            end = -(-int(np.searchsorted(shades, self._brightness[one[-1]] + farthest, "right")) // _TILE)
            if start >= end:
                continue
            band = slice(start, end)
            whole, alternating, opposite, turned = (
                (a[tile] @ b[band].swapaxes(2, 3)).sum(axis=1)
                for a, b in (
                    (asking.whole, asked.whole),
                    (asking.alternating, asked.alternating),
                    (asking.opposite, asked.opposite),
                    (asking.turned, asked.opposite),
                )
            )
            norms = asking.norms[tile, :, None] + asked.norms[band, None, :]
            limits = self._values * (asking.reaches[tile, :, None] + asked.reaches[band, None, :]) ** 2
            least = (norms * (1 - slack) - limits * (1 + slack)) / 2  # of a product of rows that may be near
            found = []
            for turn, products in enumerate(
                (
                    (whole + alternating) / 4 + opposite / 2,
                    (whole - alternating) / 4 + turned / 2,
                    (whole + alternating) / 4 - opposite / 2,
                    (whole - alternating) / 4 - turned / 2,
                )
            ):
                if turn + mirrored in self._orientations:
                    of_tile, row, column = np.nonzero(products >= least)
                    column += (start + of_tile) * _TILE
                    real = (row < len(one)) & (column < len(asked.numbers))
                    row, column = one[row[real]], asked.numbers[column[real]]
                    found.append(Triples(row, column, np.full(len(row), turn + mirrored, np.uint8)))
            parts[tile] = concatenated(found)


@dataclass(frozen=True, eq=False)
class _Folded:
    """Rows as sums and differences of quarters, in tiles."""

    numbers: npt.NDArray[np.int64]
    reaches: npt.NDArray[np.float64]
    """Shape (tiles, rows)."""
    whole: npt.NDArray[np.float32]
    """P, shape (tiles, depths, rows, numbers)."""
    alternating: npt.NDArray[np.float32]
    """M."""
    opposite: npt.NDArray[np.float32]
    """O."""
    turned: npt.NDArray[np.float32]
    """O, turned back by a quarter."""

    @functools.cached_property
    def norms(self) -> npt.NDArray[np.float32]:
        """Squared, shape (tiles, rows)."""
        norms = np.zeros((len(self.whole), _TILE), np.float32)
        for part, numbers in ((0.25, self.whole), (0.25, self.alternating), (0.5, self.opposite)):
            norms += np.float32(part) * np.einsum("ijkl,ijkl->ik", numbers, numbers)
        return norms


def _tiles(*parts: npt.NDArray[np.int16]) -> npt.NDArray[np.float32]:
    """Numbers of rows side by side, cut into tiles of rows and numbers; zeros fill up."""
    width = sum(part.shape[1] for part in parts)
    whole = np.zeros((len(parts[0]), -(-width // _DEPTH) * _DEPTH), np.float32)
    np.concatenate(parts, axis=1, out=whole[:, :width])
    return np.ascontiguousarray(whole.reshape(-1, _TILE, whole.shape[1] // _DEPTH, _DEPTH).swapaxes(1, 2))
