"""The name of a loop in C and the types of its arguments in, the loop out; or none, where nobody has compiled it.

All `*.c` of the package become one library when difPy is built (`tools/compile.py`): twice for processors of Intel's
kind, once with the instructions that most of them have by now. Rooms do the same without it, slower, to the same bits.

Where its sources lie beside it, as in a checkout, a library of other sources is left alone; an installed difPy has none
of them. The environment variable `DIFPY_COMPILED=no` hides the library, to see what is done without.

Loops run without the interpreter's lock. They know neither Python nor numpy: they get addresses and sizes, and whoever
calls one has seen to it that these are right.
"""

from __future__ import annotations

import ctypes
import os
import sys
import zlib
from typing import Any

FILES = ("loops.dll", "loops_wide.dll") if sys.platform == "win32" else ("loops.so", "loops_wide.so")
"""The library, and the one for processors with the newer instructions."""
COUNT, NUMBER, FLOAT, DOUBLE = ctypes.c_ssize_t, ctypes.c_int64, ctypes.c_float, ctypes.c_double
ADDRESS = ctypes.c_void_p
"""Of the first number of an array, however the others lie."""
BYTES = ctypes.c_char_p
"""Of bytes, which no loop writes to."""


class Array:
    """An argument that is an array in C's order, of one type of numbers; the loop gets the address of the first.

    Parameters
    ----------
    numbers : str
        As numpy names the type: "float32".
    dimensions : int
    written : bool
        Whether the loop writes to it.
    """

    def __init__(self, numbers: str, dimensions: int, written: bool = False) -> None:
        kind, size = numbers.rstrip("0123456789")[0], int(numbers.lstrip("abcdefghijklmnopqrstuvwxyz")) // 8
        self._type = f"{'|' if size == 1 else '<'}{kind}{size}"
        self._dimensions, self._written = dimensions, written

    def from_param(self, array: Any) -> Any:
        """Address of such an array; of any other there is none.

        Raises
        ------
        TypeError
            It is none.
        """
        flags = array.flags
        if array.dtype.str != self._type or array.ndim != self._dimensions or not flags.c_contiguous:
            raise TypeError(f"an array of {self._type}, {self._dimensions}-dimensional, in C's order is wanted")
        if self._written and not flags.writeable:
            raise TypeError("the loop writes to an array that is read-only")
        return ADDRESS(array.__array_interface__["data"][0])


def digest(sources: str | os.PathLike[str]) -> str:
    """Check sum of all C in a folder, and below it; empty if there is none."""
    found = 0
    below = (os.path.join(folder, name) for folder, _, names in os.walk(sources) for name in names)
    for path in sorted(path for path in below if path.endswith((".c", ".h"))):
        with open(path, "rb") as file:
            found = zlib.crc32(os.path.basename(path).encode() + file.read().replace(b"\r", b""), found)
    return f"{found:08x}" if found else ""


def loop(name: str, *arguments: Any, result: Any = None) -> Any:
    """The loop of that name; None if there is no library.

    Parameters
    ----------
    name : str
        Of a function that the C exports.
    *arguments
        `Array`, or a type of `ctypes`: `BYTES`, or those of a number: `COUNT`, `NUMBER`, `FLOAT` and `DOUBLE`.
    result : type of `ctypes`, optional

    Examples
    --------
    >>> loop("is_wide", result=COUNT)() in (0, 1)
    True
    """
    if _LIBRARY is None:
        return None
    found = _LIBRARY[name]
    found.argtypes, found.restype = arguments, result
    return found


def is_there() -> bool:
    """Whether there is a library."""
    return _LIBRARY is not None


def _loaded() -> ctypes.CDLL | None:
    if os.environ.get("DIFPY_COMPILED") == "no" or sys.byteorder != "little":
        return None
    here = os.path.dirname(__file__)
    wanted = digest(here) if os.path.exists(os.path.join(here, "compiled.c")) else ""
    library = _opened(os.path.join(here, FILES[0]), wanted)
    if library is not None and library.is_wide():
        return _opened(os.path.join(here, FILES[1]), wanted) or library
    return library


def _opened(path: str, wanted: str) -> ctypes.CDLL | None:
    """That library; None if there is none, or one of another machine, or of other sources than those wanted."""
    try:
        library = ctypes.CDLL(path)
        library.sources.restype = ctypes.c_char_p
        found = library.sources().decode()
    except (OSError, AttributeError):
        return None
    return library if wanted in ("", found) else None


_LIBRARY = _loaded()
