"""Values along rows and what each pixel of the tensor weighs them with in; their sums, where it weighs any, out.

A pixel of the tensor is made of one stretch of a row in a dozen: nothing else is looked at. Importing this module
imports numba, and compiles or loads what an earlier run has compiled.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from difPy.just_in_time import compiled, summing


@summing
def product(values: Any, weights: Any, here: Any) -> Any:
    """Sum of values times weights, in that stretch."""
    total, some, weight = np.float32(0), values[here], weights[here]
    for at in range(len(some)):
        total += some[at] * weight[at]
    return total


@compiled("void(float32[:, ::1], int64[::1], int64[::1], float32[:, ::1], float32[:, ::1])")
def narrowed(values: Any, first: Any, length: Any, weights: Any, out: Any) -> None:
    """Rows made as short as the tensor is wide: shape (rows, px).

    Parameters
    ----------
    values : ndarray of float32, shape (rows, columns)
    first, length : ndarray of int64, shape (px,)
        Where weights are other than 0.
    weights : ndarray of float32, shape (px, columns)
    out : ndarray of float32, shape (rows, px)
    """
    for row in range(len(values)):
        for place in range(len(first)):
            here = slice(first[place], first[place] + length[place])
            out[row, place] = product(values[row], weights[place], here)
