"""A sample of tensors in; patterns that tell the pictures of such a collection apart, and vectors by them, out.

The cosines of `vectors` are lowest frequencies, in which photographs differ. Scanned pages differ in others: whether a
line is printed here or there. So the patterns are the principal components of a sample: those in which its tensors
differ most (Hotelling, 1933). Vectors by them have all that is proven in `vectors`, for the same reasons:

- Patterns are rounded to integers, and tensors are integers, so every sum is exact in floating point, whatever its
  order: equal tensors have equal vectors, bit for bit.
- Rounding costs orthogonality; the largest singular value says how much, and all is divided by it. So the linear part
  has no singular value above 1, and the norm of what is left over completes it.
- A turned tensor has the vector turned. The components are sought in five spaces of pictures, which turns and mirrors
  leave as they are: of patterns that keep or change their sign when they are mirrored, alike in both directions, and
  that do or do not when rows and columns are exchanged; and of those that change it in one direction only, which come
  in pairs. What rounding does to this symmetry is undone, in integers.

Nothing here depends on luck: what the sample is, and on which machine its components are computed, decides how many
pairs are left to be compared, and never what is found.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from difPy.match.mse.turning import turning

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.match.mse.engine import Engine
    from difPy.match.mse.turning import Turning
    from difPy.model import Tensors

NUMBERS = 72
"""Patterns learned, at most."""
_COLOURS = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]])
_FREQUENCIES = 64  # in each direction, at most: the components of larger tensors are sought among these
_PRODUCT = 1 << 18  # multiplications for which BLAS starts no threads


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """What vectors are made of.

    Parameters
    ----------
    patterns : ndarray of float, shape (px, 3 * px, d)
        Integers, line by line.
    scale : ndarray of float64, shape (d,)
        What products are multiplied by.
    turning : Turning
    """

    patterns: npt.NDArray[np.floating]
    scale: npt.NDArray[np.float64]
    turning: Turning

    def vectors(self, tensors: Tensors, rows: npt.NDArray[np.int64], engine: Engine) -> npt.NDArray[np.float32]:
        """Vectors of some tensors; they are read in this thread.

        Returns
        -------
        ndarray of float32, shape (n, d + 1)
            In levels, as `vectors.vectors`; 0 where they were not asked for.
        """
        found = np.zeros((len(tensors), len(self.scale) + 1), np.float32)
        step = max(1, engine.BUFFER // math.prod(tensors.shape[1:]))
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            part, of_part = tensors[some], np.empty((len(some), found.shape[1]), np.float32)
            engine.spread(partial(self._compute, part, of_part), len(some), 4 * self._together)
            found[some] = of_part
        return found

    @property
    def _together(self) -> int:
        """Tensors in one product of matrices."""
        return max(1, _PRODUCT // math.prod(self.patterns.shape[1:]))

    def _compute(self, tensors: npt.NDArray[np.uint8], found: npt.NDArray[np.float32], start: int, end: int) -> None:
        px, width, count = self.patterns.shape
        stacks = -(-(end - start) // self._together)
        lines = np.zeros((stacks * self._together, px, width), self.patterns.dtype)
        lines[: end - start] = tensors[start:end].reshape(-1, px, width)
        stack = lines.reshape(stacks, self._together, px, width).transpose(0, 2, 1, 3)
        products = (stack @ self.patterns).sum(axis=1, dtype=np.float64).reshape(-1, count)[: end - start] * self.scale
        energy = np.einsum("ijk,ijk->ij", lines, lines).sum(axis=1, dtype=np.float64)[: end - start]
        rest = np.sqrt(np.maximum(0, energy / (px * width) - (products**2).sum(axis=1)))
        found[start:end, :-1], found[start:end, -1] = products, rest


def learn(tensors: npt.NDArray[np.uint8]) -> Patterns:
    """Patterns in which tensors differ most, in all orientations together.

    Parameters
    ----------
    tensors : ndarray of uint8, shape (n, px, px, 3)
        Some hundreds.
    """
    px = tensors.shape[1]
    place, frequency = np.arange(px), np.arange(min(px, _FREQUENCIES))[:, None]
    cosines = np.cos(np.pi * (2 * place + 1) * frequency / (2 * px)) * math.sqrt(2 / px)
    cosines[0] /= math.sqrt(2)
    found = []
    for colours in _COLOURS:
        seen = cosines @ (tensors @ (colours / np.linalg.norm(colours))) @ cosines.T
        for space in _spaces(len(cosines)) if seen.any() else ():
            for variance, grid in _components(seen, space):
                found.append((variance, _Pattern(cosines.T @ grid @ cosines, colours, space)))
    found.sort(key=lambda one: -one[0])
    best = next(pattern for _, pattern in found if pattern.space.sign == 0)  # a gradient, for the frames
    chosen = [best, *(pattern for _, pattern in found if pattern is not best)]
    room = np.cumsum([pattern.numbers for pattern in chosen]) <= NUMBERS
    return _patterns([pattern for pattern, fits in zip(chosen, room, strict=True) if fits], px)


@dataclass(frozen=True, slots=True, eq=False)
class _Space:
    """Frequencies of pictures that have one symmetry."""

    down: bool
    across: bool
    sign: int
    """What exchanging rows and columns does to them; 0 if it leads to another space, that of their partners."""
    first: tuple[npt.NDArray[np.int64], ...]
    second: tuple[npt.NDArray[np.int64], ...]
    """The same, rows and columns exchanged."""


def _spaces(count: int) -> list[_Space]:
    k, m = np.indices((count, count))
    found = []
    for odd in (False, True):
        for sign in (1, -1):
            at = np.nonzero((k % 2 == odd) & (m % 2 == odd) & ((k < m) | ((k == m) & (sign == 1))))
            found.append(_Space(odd, odd, sign, at, at[::-1]))
    at = np.nonzero((k % 2 == 0) & (m % 2 == 1))
    return [*found, _Space(False, True, 0, at, at[::-1])]


@dataclass(frozen=True, slots=True, eq=False)
class _Pattern:
    """A plane of unit length, the colours it is seen in, and its symmetry."""

    plane: npt.NDArray[np.float64]
    colours: npt.NDArray[np.int64]
    space: _Space

    @property
    def numbers(self) -> int:
        """Numbers of a vector that it takes, its partner among them."""
        return 1 if self.space.sign else 2

    def integers(self, most: float) -> npt.NDArray[np.float64]:
        """The plane in whole numbers, whose sum in any line or column is at most that, and perfectly symmetric."""
        lengths = max(np.abs(self.plane).sum(axis=axis).max() for axis in (0, 1))
        whole = np.rint(self.plane * ((most - len(self.plane)) / lengths))
        whole = whole + (-1 if self.space.down else 1) * whole[::-1]
        whole = whole + (-1 if self.space.across else 1) * whole[:, ::-1]
        return np.rint((whole + self.space.sign * whole.T) / (8 if self.space.sign else 4))


def _components(
    seen: npt.NDArray[np.float64], space: _Space
) -> list[tuple[float, npt.NDArray[np.float64]]]:
    """Variances and grids of cosines of the principal components in one space."""
    weight = np.where(space.first[0] == space.first[1], 0.5, math.sqrt(0.5)) if space.sign else 1.0
    first, second = seen[:, space.first[0], space.first[1]], seen[:, space.second[0], space.second[1]]
    numbers = (first + space.sign * second) * weight if space.sign else np.concatenate([first, second])
    if space.sign == 1 and not space.down:
        numbers = numbers - numbers.mean(axis=0)  # elsewhere the mean over all orientations is 0
    variances, components = np.linalg.eigh(numbers.T @ numbers / len(numbers))
    found = []
    for variance, component in zip(variances.tolist()[-NUMBERS:], components.T[-NUMBERS:], strict=True):
        grid = np.zeros(seen.shape[1:])
        grid[space.first] += component * weight
        grid[space.second] += space.sign * component * weight
        found.append((variance, grid))
    return found


def _patterns(chosen: list[_Pattern], px: int) -> Patterns:
    single = 255**2 * 3 * px < 2**24
    planes, partners, spaces = [], [], []
    for pattern in chosen:
        most = (2**24 if single else 2**40) / (255 * np.abs(pattern.colours).sum())
        plane = pattern.integers(most)
        place = len(planes)
        for partner, seen in ((place + pattern.numbers - 1, plane), (place, plane.T))[: pattern.numbers]:
            planes.append((seen[:, :, None] * pattern.colours).reshape(px, 3 * px))
            partners.append(partner)
        spaces += [(pattern.space.down, pattern.space.across), (pattern.space.across, pattern.space.down)][
            : pattern.numbers
        ]
    flat = np.stack(planes, axis=-1).reshape(3 * px * px, -1)
    lengths = np.linalg.norm(flat, axis=0)
    unit = flat / lengths
    largest = float(np.linalg.eigvalsh(unit.T @ unit)[-1]) * (1 + 1e-9)  # the square of the greatest singular value
    return Patterns(
        flat.reshape(px, 3 * px, -1).astype(np.float32 if single else np.float64),
        1 / (lengths * math.sqrt(largest * 3) * px),
        turning(
            partners,
            [down for down, _ in spaces],
            [across for _, across in spaces],
            [pattern.space.sign or 1 for pattern in chosen for _ in range(pattern.numbers)],
            0,
        ),
    )
