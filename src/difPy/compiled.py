"""A function in, a compiled one out: loops that numpy has no words for, by numba.

Importing this module imports numba. No loop uses numba's own threads, which die in forked or nested workers: the loops
run without the interpreter's lock, and whoever calls them brings the threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba

if TYPE_CHECKING:
    from collections.abc import Callable


def compiled(signature: str, *, fastmath: bool = False) -> Callable[[Any], Any]:
    """Compile for those types, or load what was compiled; where there is no place to store it, compile every time.

    Parameters
    ----------
    signature : str
        Types of the result and the arguments, as numba writes them.
    fastmath : bool
        Let float sums be reordered.
    """

    def decorate(function: Any) -> Any:
        options: Any = {"nogil": True, "fastmath": fastmath, "error_model": "numpy"}
        try:
            return numba.njit(signature, cache=True, **options)(function)
        except (OSError, RuntimeError):
            return numba.njit(signature, **options)(function)

    return decorate


def inlined(function: Any) -> Any:
    """A part of compiled functions: compiled with each of those that call it."""
    return numba.njit(nogil=True, error_model="numpy")(function)
