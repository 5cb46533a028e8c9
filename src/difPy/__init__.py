"""difPy finds duplicate and similar pictures: exactly, fast, and without losing a file.

import difPy
dif = difPy.build("C:/Path/to/Folder/")
search = difPy.search(dif)
search.result
"""

from __future__ import annotations

from difPy.later import later

TYPE_CHECKING = False  # `typing` takes 0.01 s to load, in which Ctrl-C would have no answer of ours
if TYPE_CHECKING:
    from difPy.act.undo import undo
    from difPy.api import apply, find, index, plan, query
    from difPy.calibration import calibrate
    from difPy.dif import build, search
    from difPy.errors import DifPyError, UsageError
    from difPy.keeper import rekeep
    from difPy.page import review

__version__ = "5.0.0a1"
__all__ = [
    "DifPyError",
    "UsageError",
    "__version__",
    "apply",
    "build",
    "calibrate",
    "find",
    "index",
    "plan",
    "query",
    "rekeep",
    "review",
    "search",
    "undo",
]

_HOMES = {
    "DifPyError": "difPy.errors",
    "UsageError": "difPy.errors",
    "apply": "difPy.api",
    "build": "difPy.dif",
    "calibrate": "difPy.calibration",
    "find": "difPy.api",
    "index": "difPy.api",
    "plan": "difPy.api",
    "query": "difPy.api",
    "rekeep": "difPy.keeper",
    "review": "difPy.page",
    "search": "difPy.dif",
    "undo": "difPy.act",
}
__getattr__ = later(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
