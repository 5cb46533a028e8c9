"""A block of rows and many others in; which are near, by the whole of their tensors and in every orientation, out.

For rows that no short vector tells apart: of frames that hold nothing but noise, every direction says as little as any
other. Their distances follow from products, |a - b|**2 = |a|**2 + |b|**2 - 2ab, and those of all four turns take one
product and a quarter. Let q0, q1, q2, q3 be the quarters of a square, each turned to where the first one lies. Then

    P = q0 + q1 + q2 + q3,    M = q0 - q1 + q2 - q3,    X = q0 - q2,    Y = q1 - q3

hold all of it: 4ab = PP + MM + 2 (XX + YY). A quarter turn leaves P as it is, changes the sign of M, and makes (X, Y)
(Y, -X). So PP, MM, XX, YY and the product of X - Y with X + Y, from which those of X with Y follow as Gauss has them
for complex numbers, give the products of a with b in all four turns.

All these numbers are whole and small, so the distances are exact, in whatever order they are summed up.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from difPy.compiled import COUNT, Array, loop
from difPy.match.mse.exact import Triples, concatenated, of_bytes
from difPy.orientation import MIRRORED

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from difPy.match.mse.engine import Engine
    from difPy.model import Rows

_TILE, _DEPTH = 32, 128  # rows, and numbers, of one product of matrices: BLAS starts no threads for products that small
_GREATEST = np.iinfo(np.int64).max
_SHARE = 4  # of a buffer of tensors, so much is folded together: folded, and twice, it is much more

_NUMBERS, _NORMS, _REACHES = Array("int16", 3), Array("int64", 1), Array("float64", 1)
_near = loop(
    "whole_near", *[_NUMBERS, _NORMS, _REACHES] * 2, COUNT, COUNT, Array("uint8", 2, written=True), *[COUNT] * 5
)


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
        Brings loops and threads.
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
        """Whether tensors are small enough for some of them to be in memory, folded."""

    def near(self, block: npt.NDArray[np.int64], others: npt.NDArray[np.int64]) -> Triples:
        """Every pair of a row of the block and another that is near, in each orientation.

        Parameters
        ----------
        block, others : ndarray of int64
            The block is asked about once with each of the others.
        """
        block, others = (numbers[np.argsort(self._brightness[numbers], kind="stable")] for numbers in (block, others))
        found: list[Triples] = []
        for begin in range(0, len(block), self._step):
            asking = self._folded(block[begin : begin + self._step], -1)
            for start in range(0, len(others), self._step):
                for mirrored in sorted({orientation & MIRRORED for orientation in self._orientations}):
                    asked = self._folded(others[start : start + self._step], 1, mirrored=bool(mirrored))
                    near = np.zeros((len(asking.rows), len(asked.rows)), np.uint8)
                    self._engine.spread(partial(self._ask, asking, asked, near), len(near), _TILE)
                    found += self._named(asking, asked, near, mirrored)
        return concatenated(found)

    def _folded(self, rows: npt.NDArray[np.int64], sign: int, *, mirrored: bool = False) -> _Folded:
        """What products are made of; the last part of it is X + Y, or X - Y."""
        quarters, middle = _places(self._rows.tensors.shape[1], mirrored)
        flat = self._rows.tensors[rows].reshape(len(rows), self._values)
        size, alone = quarters.shape[1], len(middle)
        numbers = np.zeros((len(rows), 5, -(-(size + alone) // _DEPTH) * _DEPTH), np.int16)

        def fold(start: int, end: int) -> None:
            q = np.take(flat[start:end], quarters, axis=1).astype(np.int16).swapaxes(0, 1)
            whole, alternating, x, y, mixed = numbers[start:end, :, :size].swapaxes(0, 1)
            even, odd = q[0] + q[2], q[1] + q[3]
            np.add(even, odd, out=whole)
            np.subtract(even, odd, out=alternating)
            np.subtract(q[0], q[2], out=x)
            np.subtract(q[1], q[3], out=y)
            np.add(x, sign * y, out=mixed)
            numbers[start:end, 0, size : size + alone] = 2 * flat[start:end, middle].astype(np.int16)

        self._engine.spread(fold, len(rows), _TILE)
        number, nothing = np.arange(len(rows)), np.zeros((1, self._values), np.uint8)
        norms = of_bytes(flat, number, nothing, 0 * number, np.full(len(rows), _GREATEST), self._engine)
        return _Folded(rows, numbers, 4 * norms, self._reaches[rows].astype(np.float64))

    def _ask(self, asking: _Folded, asked: _Folded, near: npt.NDArray[np.uint8], start: int, end: int) -> None:
        """Write to `near`, a bit for each turn, which of those asked some of those that ask are near to."""
        farthest = float(asking.reaches[start:end].max()) + float(asked.reaches.max())
        shades, own = self._brightness[asked.rows], self._brightness[asking.rows[start:end]]
        begin = int(np.searchsorted(shades, own[0] - farthest))
        stop = int(np.searchsorted(shades, own[-1] + farthest, "right"))
        if self._engine.COMPILED:
            sizes = asked.numbers.shape[2], self._values
            _near(*asking.columns, *asked.columns, *sizes, near, near.shape[1], start, end, begin, stop)
            return
        some = asking[start:end]
        for first in range(begin, stop, _TILE):
            others = slice(first, min(first + _TILE, stop))
            near[start:end, others] = _in_turns(some, asked[others], self._values)

    def _named(self, asking: _Folded, asked: _Folded, near: npt.NDArray[np.uint8], mirrored: int) -> Iterator[Triples]:
        """The pairs that bits stand for, in the orientations tried."""
        first, second = np.nonzero(near)
        bits = near[first, second]
        for turn in range(4):
            if turn + mirrored in self._orientations:
                some = np.flatnonzero(bits >> turn & 1)
                orientation = np.full(len(some), turn + mirrored, np.uint8)
                yield Triples(asking.rows[first[some]], asked.rows[second[some]], orientation)


@dataclass(frozen=True, eq=False)
class _Folded:
    """Rows as sums and differences of quarters."""

    rows: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.int16]
    """P, M, X, Y, and X + Y or X - Y, shape (n, 5, d); zeros fill up."""
    norms: npt.NDArray[np.int64]
    """Four times those of the tensors, squared."""
    reaches: npt.NDArray[np.float64]

    @property
    def columns(self) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """As `whole.c` takes them."""
        return self.numbers, self.norms, self.reaches

    def __getitem__(self, some: slice) -> _Folded:
        return _Folded(self.rows[some], self.numbers[some], self.norms[some], self.reaches[some])


@functools.cache
def _places(px: int, mirrored: bool) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where in a tensor the numbers of its quarters are, shape (4, size), and those that are alone in all turns."""
    places = np.arange(px * px * 3).reshape(px, px, 3)[:, :: -1 if mirrored else 1]
    quarters = [np.rot90(places, turn)[: px // 2, : (px + 1) // 2].reshape(-1) for turn in range(4)]
    return np.stack(quarters), places[px // 2, px // 2] if px % 2 else places[0, 0, :0]


def _in_turns(asking: _Folded, asked: _Folded, values: int) -> npt.NDArray[np.uint8]:
    """As `whole.c` has it, by numpy: for each pair, a bit for each turn in which it is near."""
    one, other = (
        rows.numbers.astype(np.float64).reshape(len(rows.rows), 5, -1, _DEPTH).transpose(1, 2, 0, 3)
        for rows in (asking, asked)
    )
    whole, alternating, x, y, mixed = (one @ other.swapaxes(2, 3)).sum(axis=1)
    opposite, turned = 2 * (x + y), 2 * (mixed - x + y)
    together = asking.reaches[:, None] + asked.reaches
    least = asking.norms[:, None] + asked.norms - np.floor(4 * values * together * together)
    even, odd = whole + alternating, whole - alternating
    near = np.zeros(least.shape, np.uint8)
    for turn, products in enumerate((even + opposite, odd + turned, even - opposite, odd - turned)):
        near |= (2 * products >= least).astype(np.uint8) << np.uint8(turn)
    return near
