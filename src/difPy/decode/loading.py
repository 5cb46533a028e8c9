"""What compiled loops would have saved until now in; the loops, once they are worth loading, out.

A process pays for them: numba takes a quarter of a second to be imported and as long to get ready, and where no earlier
run has compiled a loop, some seconds more. Nobody knows how many pictures are still to come. So it is paid when as
much was lost by doing without: who has few pictures never pays, and nobody pays more than twice what he could have.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Loops:
    """A module of compiled loops."""

    module: str
    seconds: float
    """That compiling takes."""
    sign: str
    """Files that compiling leaves in `__pycache__`."""


SKETCHES = Loops("difPy.decode.bounds", 8.0, "entropy.sequential-*.nbi")
QOI = Loops("difPy.decode.qoi_kernel", 1.0, "qoi_kernel.unpack-*.nbi")

_READY = 0.5
"""Seconds that it takes to load the first compiled loops of a process."""


_lost: dict[str, float] = defaultdict(float)


def loops(wanted: Loops, saved: float) -> Any:
    """The module, if it is loaded or now worth it; or None, and what that loses is put down.

    Parameters
    ----------
    wanted : Loops
    saved : float
        Seconds of a processor that it would save now.
    """
    if wanted.module not in sys.modules:
        _lost[wanted.module] += saved
        if _lost[wanted.module] < _price(wanted):
            return None
    return import_module(wanted.module)


def _price(wanted: Loops) -> float:
    """Seconds that loading takes now."""
    return (0.0 if "numba" in sys.modules else _READY) + (0.0 if _is_compiled(wanted.sign) else wanted.seconds)


@cache
def _is_compiled(sign: str) -> bool:
    """Whether an earlier run has left compiled loops beside their source."""
    return any(Path(__file__).parent.glob(f"__pycache__/{sign}"))
