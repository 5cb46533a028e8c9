"""Tensors in; a short vector for each out, on which distances are never greater than between the tensors.

A tensor is mapped to some coefficients of its two-dimensional cosine transform, in brightness and two colours, and to
the norm of all that is left over: to the lowest, or to others (see `learned`). Scaled, the map f has

    |f(a) - f(b)|**2 <= MSE(a, b)

so a pair whose vectors are farther apart than the square root of the threshold cannot match.

Why. Let L be the linear part, from tensors divided by sqrt(3 * px**2), with no singular value above 1. Then

    |a - b|**2 = |L(a - b)|**2 + |R(a - b)|**2,    R = sqrt(1 - L'L),

and the left-over norm |R a| = sqrt(|a|**2 - |L a|**2) obeys the triangle inequality: ||R a| - |R b|| <= |R(a - b)|.

The cosines are rounded to integers, so that every sum is exact in floating point whatever its order: equal tensors have
equal vectors, bit for bit, on any machine and in any batch, and the vector of a turned tensor is the vector turned.
Rounding costs orthogonality; the largest singular value says how much, and all is divided by it.
"""

from __future__ import annotations

import functools
import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.match.mse.engine import Engine
from difPy.match.mse.turning import turning

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.model import Rows, Tensors

BRIGHTNESS, COLOUR = 8, 2
"""Frequencies kept in each direction. On photographs, 8 and 2 exclude more than any other split of 75 numbers tried."""
CHANNELS = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]])

_COSINE = 256  # one, in the integer cosines
_SLAB = 1 << 19  # bytes of tensors that a thread works on at a time: their floats stay in the cache


class Cosines:
    """The vectors made of some coefficients, and of what these leave over.

    Parameters
    ----------
    index : sequence of (int, int, int)
        Of each coefficient the frequency downwards and the one across, below px, and the channel: 0 for brightness, 1
        and 2 for colours. With each goes the one that has the frequencies exchanged.
    """

    def __init__(self, index: Sequence[tuple[int, int, int]]) -> None:
        self.turning = turning(index)
        """How the vectors turn."""
        self.width = len(index) + 1
        """Numbers in a vector: the coefficients, then the norm of what is left over."""
        self._frequencies = np.array(sorted({k for k, _, _ in index}))
        columns = sorted([channel, m] for channel, m in {(channel, m) for _, m, channel in index})
        self._across = np.array(columns)
        self._places = (
            np.searchsorted(self._frequencies, [k for k, _, _ in index]),
            np.array([columns.index([channel, m]) for _, m, channel in index]),
        )
        self._channels = np.array([channel for _, _, channel in index])
        self._basis = functools.lru_cache(maxsize=4)(self._basis_of)

    def vectors(
        self, tensors: Tensors, engine: Engine, rows: npt.NDArray[np.int64] | None = None
    ) -> npt.NDArray[np.float32]:
        """The vectors of tensors, or of some of them; these are read in this thread.

        Parameters
        ----------
        tensors : Tensors
            Of n rows.
        engine : Engine
            Brings the threads.
        rows : ndarray of int64, optional
            Those wanted.

        Returns
        -------
        ndarray of float32, shape (n, width)
            0 for rows that are not wanted.
        """
        px = tensors.shape[1]
        make = np.empty if rows is None else np.zeros
        found = make((len(tensors), self.width), np.float32)
        step, piece = (max(1, size // (3 * px * px)) for size in (engine.BUFFER, _SLAB))
        for start in range(0, len(tensors) if rows is None else len(rows), step):
            some: Any = slice(start, start + step) if rows is None else rows[start : start + step]
            part = tensors[some]
            of_part = np.empty((len(part), self.width), np.float32)
            engine.spread(partial(self._compute, part, of_part), len(part), piece)
            found[some] = of_part
        return found

    def _compute(self, tensors: npt.NDArray[np.uint8], found: npt.NDArray[np.float32], start: int, end: int) -> None:
        px = tensors.shape[1]
        cosines, mixed, scale = self._basis(px)
        lines = tensors[start:end].reshape(-1, 3 * px)
        columns = np.empty((len(lines), mixed.shape[1]))
        energy = np.empty(len(lines))
        step = _SLAB // (3 * px)
        for line in range(0, len(lines), step):
            slab = lines[line : line + step].astype(mixed.dtype)
            stack = slab.reshape(-1, min(px, len(slab)), 3 * px)  # BLAS starts no threads for products that small
            columns[line : line + step] = (stack @ mixed).reshape(len(slab), -1)
            energy[line : line + step] = np.einsum("ij,ij->i", slab, slab)
        grid = cosines @ columns.reshape(-1, px, mixed.shape[1])
        coefficients = grid[:, self._places[0], self._places[1]] * scale
        total = energy.reshape(-1, px).sum(1) / (3 * px * px)
        rest = np.sqrt(np.maximum(0, total - (coefficients**2).sum(1)))
        found[start:end, :-1], found[start:end, -1] = coefficients, rest

    def _basis_of(self, px: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.floating], npt.NDArray[np.float64]]:
        """Integer cosines along columns, the same times colours along rows of pixels, and what scales coefficients."""
        most = int(max(self._frequencies[-1], self._across[:, 1].max())) + 1
        frequency, place = np.arange(most)[:, None], np.arange(px)[None]
        cosines = np.rint(_COSINE * np.cos(np.pi * (2 * place + 1) * frequency / (2 * px)))
        cosines[0] = 1
        channel, across = self._across.T
        mixed = np.einsum("lx,lc->xcl", cosines[across], CHANNELS[channel]).reshape(3 * px, -1)
        single = 255 * max(np.abs(mixed).sum(0).max(), 255 * 3 * px) < 2**24  # then float32 is exact as well
        lengths = np.linalg.norm(cosines, axis=1)
        unit = cosines / lengths[:, None]
        largest = np.linalg.eigvalsh(unit @ unit.T)[-1]  # the square of the greatest singular value of either direction
        colours = np.linalg.norm(CHANNELS, axis=1)
        down = self._frequencies[self._places[0]]
        scale = 1 / (lengths[down] * lengths[across[self._places[1]]]) / colours[self._channels]
        scale /= largest * (1 + 1e-12) * px * math.sqrt(3)
        return cosines[self._frequencies], mixed.astype(np.float32 if single else np.float64), scale


FIXED = Cosines(
    sorted(
        (
            (k, m, channel)
            for channel in range(3)
            for k in range(BRIGHTNESS)
            for m in range(BRIGHTNESS)
            if max(k, m) < (COLOUR if channel else BRIGHTNESS)
        ),
        key=lambda index: (index[0] ** 2 + index[1] ** 2, index[2], index[0]),
    )
)
"""Those that are stored: from low to high frequencies."""
WIDTH = FIXED.width


def vectors(tensors: Tensors, *, threads: int | None = 1) -> npt.NDArray[np.float32]:
    """Short vectors of tensors, for the join and to be stored beside them.

    Parameters
    ----------
    tensors : Tensors
        n tensors, uint8, shape (n, px, px, 3) with px of 10 or more.
    threads : int, optional
        Processor cores used; None for all.

    Returns
    -------
    ndarray of float32, shape (n, 73)
        In levels: the distance between two of them is at most the root mean squared error of their tensors, but for
        rounding (see `reach`). The same tensor gives the same bits wherever it is computed.

    Notes
    -----
    Method: the lower-bounding lemma of GEMINI (Faloutsos, Ranganathan and Manolopoulos, 1994) with the low cosine
    coefficients, and the norm of the remainder beside them.

    Examples
    --------
    >>> grey, white = np.full((2, 10, 10, 3), 200, np.uint8)
    >>> white += 55
    >>> a, b = vectors(np.stack([grey, white]))
    >>> bool(54.8 < np.linalg.norm(a - b) < 55.001)
    True
    """
    return FIXED.vectors(tensors, Engine(threads))


def vectors_of(rows: Rows, engine: Engine) -> npt.NDArray[np.float32]:
    """The vectors of rows: those known already, or computed."""
    return FIXED.vectors(rows.tensors, engine) if rows.vectors is None else rows.vectors


def reach(radius: float) -> float:
    """Distance of vectors within which, rounding considered, are all tensors within `radius` of each other.

    A vector is rounded to float32: 255 * 2**-24 levels. The norm of what is left over is the root of a difference of
    two numbers up to 255**2, computed to within 1e-14 of them: 4e-5 levels. Differences, squares and sums of 73 numbers
    of float32 make a distance greater by a factor of at most 1 + 76 * 2**-25. The margins here are ten times all that.
    """
    return radius * (1 + 3e-5) + 1e-3
