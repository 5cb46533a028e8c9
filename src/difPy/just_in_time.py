"""A loop over numbers and the types of its arguments in, the same loop as machine code out: the home of numba.

Importing this module imports numba, which takes a third of a second: whoever needs no compiled loop leaves it alone. No
loop uses numba's own threads, which die in forked or nested workers: the loops run without the interpreter's lock, and
whoever calls them brings the threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba

if TYPE_CHECKING:
    from collections.abc import Callable


_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}


def compiled(signature: str, **options: Any) -> Callable[[Any], Any]:
    """Compile for those types, or load what was compiled; where there is no place to store it, compile every time.

    Parameters
    ----------
    signature : str
        Types of the result and of the arguments, as numba writes them.
    **options
        Of `numba.njit`. The loop runs without the interpreter's lock in any case.

    Examples
    --------
    >>> @compiled("int64(int64)")
    ... def half(n):
    ...     return n // 2
    >>> half(9)
    4
    """

    def compile_(function: Any) -> Any:
        try:
            return numba.njit(signature, cache=True, **_OPTIONS, **options)(function)
        except (OSError, RuntimeError):
            return numba.njit(signature, **_OPTIONS, **options)(function)

    return compile_


def inlined(function: Any) -> Any:
    """A part of compiled functions: compiled with each of those that call it."""
    return numba.njit(**_OPTIONS)(function)


def summing(function: Any) -> Any:
    """The same, and its sums of floats may be taken in any order: eight at a time."""
    return numba.njit(**_OPTIONS, fastmath={"reassoc", "contract", "nsz"})(function)
