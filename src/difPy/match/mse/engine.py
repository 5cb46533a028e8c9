"""What a join may use in; whether compiled loops or numpy do the work, and in how many threads, out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from difPy.compiled import is_there
from difPy.model import cores
from difPy.threads import spread

if TYPE_CHECKING:
    from collections.abc import Callable


class Engine:
    """The means of one join. Its answers do not depend on them.

    Parameters
    ----------
    threads : int, optional
        Threads for loops; all processor cores by default.
    """

    BUFFER = 1 << 25
    """Bytes of tensors read at a time, for either side of a comparison."""
    COMPILED = is_there()
    """Whether there are compiled loops; numpy finds the same without."""

    def __init__(self, threads: int | None) -> None:
        self.threads = threads or cores()

    def spread(self, work: Callable[[int, int], None], count: int, piece: int) -> None:
        """Call `work(start, end)` for pieces of `range(count)`, in several threads."""
        spread(work, count, piece, self.threads)
