"""Values along rows and what each pixel of the tensor weighs them with in; their sums, where it weighs any, out.

A pixel of the tensor is made of one stretch of a row in a dozen: nothing else is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.compiled import COUNT, Array, loop

if TYPE_CHECKING:
    import numpy.typing as npt

_ROWS, _PLACES = Array("float32", 2), Array("int64", 1)
_NARROW = loop(
    "bands_narrow",
    *(_ROWS, COUNT, COUNT, _PLACES, _PLACES, _ROWS, COUNT, Array("float32", 2, written=True)),
)


def narrowed(values: npt.NDArray[Any], first: Any, length: Any, weights: Any) -> npt.NDArray[np.float32]:
    """Rows made as short as the tensor is wide: shape (rows, px).

    Parameters
    ----------
    values : ndarray of float32, shape (rows, columns)
    first, length : ndarray of int64, shape (px,)
        Where weights are other than 0.
    weights : ndarray of float32, shape (px, columns)
    """
    (rows, columns), places = values.shape, len(weights)
    out = np.empty((rows, places), np.float32)
    _NARROW(np.ascontiguousarray(values), rows, columns, first, length, weights, places, out)
    return out
