"""Tensors in; a short vector for each out, on which distances are never greater than between the tensors.

A tensor is mapped to the lowest coefficients of its two-dimensional cosine transform, in brightness and two colours,
and to the norm of all that is left over. Scaled, the map f has

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
from typing import TYPE_CHECKING

import numpy as np

from difPy.match.mse.engine import Engine
from difPy.match.mse.turning import turning

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.model import Rows, Tensors

BRIGHTNESS, COLOUR = 8, 2
"""Frequencies kept in each direction. On photographs, 8 and 2 exclude more than any other split of 75 numbers tried."""

_CHANNELS = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]])
_INDEX = sorted(
    (
        (k, m, channel)
        for channel in range(3)
        for k in range(BRIGHTNESS)
        for m in range(BRIGHTNESS)
        if max(k, m) < (COLOUR if channel else BRIGHTNESS)
    ),
    key=lambda index: (index[0] ** 2 + index[1] ** 2, index[2], index[0]),
)
_ROWS, _COLUMNS, _CHANNEL = np.array(_INDEX).T

WIDTH = len(_INDEX) + 1
"""Numbers in a vector: coefficients from low to high frequencies, then the norm of what is left over."""

FIXED = turning(
    [_INDEX.index((m, k, channel)) for k, m, channel in _INDEX],
    down=[k % 2 == 1 for k, _, _ in _INDEX],
    across=[m % 2 == 1 for _, m, _ in _INDEX],
    swapped=[1] * len(_INDEX),
    gradient=_INDEX.index((0, 1, 0)),
)
"""How these vectors turn."""

_COSINE = 256  # one, in the integer cosines
_SLAB = 1 << 19  # bytes of tensors that a thread works on at a time: their floats stay in the cache


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
    return vectors_by(Engine(threads), tensors)


def vectors_of(rows: Rows, engine: Engine) -> npt.NDArray[np.float32]:
    """The vectors of rows: those known already, or computed."""
    return vectors_by(engine, rows.tensors) if rows.vectors is None else rows.vectors


def vectors_by(engine: Engine, tensors: Tensors) -> npt.NDArray[np.float32]:
    """`vectors`, in the threads of an engine; tensors are read in this one."""
    px = tensors.shape[1]
    found = np.empty((len(tensors), WIDTH), np.float32)
    step, piece = (max(1, size // (3 * px * px)) for size in (Engine.BUFFER, _SLAB))
    for start in range(0, len(tensors), step):
        part = tensors[start : start + step]
        engine.spread(partial(_compute, part, found[start : start + step]), len(part), piece)
    return found


def _compute(tensors: npt.NDArray[np.uint8], found: npt.NDArray[np.float32], start: int, end: int) -> None:
    px = tensors.shape[1]
    cosines, mixed, scale = _basis(px)
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
    coefficients = grid[:, _ROWS, _COLUMNS + np.array([0, BRIGHTNESS, BRIGHTNESS + COLOUR])[_CHANNEL]] * scale
    total = energy.reshape(-1, px).sum(1) / (3 * px * px)
    rest = np.sqrt(np.maximum(0, total - (coefficients**2).sum(1)))
    found[start:end, :-1], found[start:end, -1] = coefficients, rest


@functools.lru_cache(maxsize=4)
def _basis(px: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.floating], npt.NDArray[np.float64]]:
    """Integer cosines along columns, the same times colours along rows of pixels, and what scales coefficients."""
    frequency, place = np.arange(BRIGHTNESS)[:, None], np.arange(px)[None]
    cosines = np.rint(_COSINE * np.cos(np.pi * (2 * place + 1) * frequency / (2 * px)))
    cosines[0] = 1
    mixed = np.concatenate(
        [
            np.einsum("lx,c->xcl", cosines[: COLOUR if channel else BRIGHTNESS], _CHANNELS[channel])
            for channel in range(3)
        ],
        axis=2,
    ).reshape(3 * px, -1)
    single = 255 * max(np.abs(mixed).sum(0).max(), 255 * 3 * px) < 2**24  # then float32 is exact as well
    lengths = np.linalg.norm(cosines, axis=1)
    unit = cosines / lengths[:, None]
    largest = np.linalg.eigvalsh(unit @ unit.T)[-1]  # the square of the greatest singular value of either direction
    colours = np.linalg.norm(_CHANNELS, axis=1)
    scale = 1 / (lengths[_ROWS] * lengths[_COLUMNS]) / colours[_CHANNEL]
    scale /= largest * (1 + 1e-12) * px * math.sqrt(3)
    return cosines, mixed.astype(np.float32 if single else np.float64), scale


def reach(radius: float) -> float:
    """Distance of vectors within which, rounding considered, are all tensors within `radius` of each other.

    A vector is rounded to float32: 255 * 2**-24 levels. The norm of what is left over is the root of a difference of
    two numbers up to 255**2, computed to within 1e-14 of them: 4e-5 levels. Differences, squares and sums of 73 numbers
    of float32 make a distance greater by a factor of at most 1 + 76 * 2**-25. The margins here are ten times all that.
    """
    return radius * (1 + 3e-5) + 1e-3
