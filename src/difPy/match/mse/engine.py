"""How much work there is in; whether numpy or compiled loops do it, and in how many threads, out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from difPy.model import cores
from difPy.threads import spread

if TYPE_CHECKING:
    from collections.abc import Callable

WORTH_LOADING = 1_000_000_000
"""Comparisons of two numbers that numpy needs longer for than numba takes to load; compiling takes as long as five."""
WORTH_CALLING = 4_000_000
"""Comparisons from which on compiled loops are faster, once loaded."""


class Engine:
    """The means of one join. Its answers do not depend on them.

    Parameters
    ----------
    threads : int, optional
        Threads for compiled loops; all processor cores by default.
    """

    BUFFER = 1 << 25
    """Bytes of tensors read at a time, for either side of a comparison."""

    def __init__(self, threads: int | None) -> None:
        self.threads = threads or cores()
        self._work = 0

    def loops(self, work: int) -> Any:
        """The compiled loops, or None if the work to do, and done, is too little for them."""
        self._work += work
        if self._work < (WORTH_CALLING if "difPy.match.mse.kernel" in sys.modules else WORTH_LOADING):
            return None
        from difPy.match.mse import kernel

        return kernel

    def spread(self, work: Callable[[int, int], None], count: int, piece: int) -> None:
        """Call `work(start, end)` for pieces of `range(count)`, in several threads."""
        spread(work, count, piece, self.threads)
