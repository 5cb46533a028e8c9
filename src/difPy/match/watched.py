"""An executor in; the same out, which also knows whether anything that it was given could not be read, or was lost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

from difPy.model import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from difPy.workers import Executor, Loss

T = TypeVar("T")
R = TypeVar("R")


class Watched:
    """Maps as another executor does.

    Parameters
    ----------
    executor : Executor

    Attributes
    ----------
    failed : bool
        Whether a result was a `Failure`, or infinite, which is how far apart pictures are that cannot be read: next
        time it may be another one.
    """

    def __init__(self, executor: Executor) -> None:
        self.failed = False
        self._executor = executor

    def map(self, task: Callable[[T], R], items: Sequence[T], *, lost: Callable[[T, Loss], R]) -> Iterator[R]:
        """See `Executor.map`."""

        def noted(item: T, loss: Loss) -> R:
            self.failed = True
            return lost(item, loss)

        for result in self._executor.map(task, items, lost=noted):
            if isinstance(result, Failure) or (isinstance(result, float) and math.isinf(result)):
                self.failed = True
            yield result
