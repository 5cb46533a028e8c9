"""Maps a pure function over many items: here, or in worker processes that a bad file cannot take the run down with.

An executor only maps: the results are the same, and in the order of the items, whichever executor makes them.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from difPy import memory, model
from difPy.workers.causes import Loss
from difPy.workers.crew import CREW
from difPy.workers.pool import Processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Executor", "Loss", "Processes", "Serial", "dismiss", "executor", "prepare"]

T = TypeVar("T")
R = TypeVar("R")


class Executor(Protocol):
    """What maps a pure function over items."""

    def map(self, task: Callable[[T], R], items: Sequence[T], *, lost: Callable[[T, Loss], R]) -> Iterator[R]:
        """Results of `task`, in the order of `items`, as they are asked for.

        Parameters
        ----------
        task : callable
            A pure function of an importable module, or a `functools.partial` of one: not of `__main__`.
        items : sequence
            Read once, from the front, a bounded number ahead of the results.
        lost : callable
            ``lost(item, loss)`` makes the result of an item whose task raised, crashed, took too long or needed too
            much memory: a `Loss` says which, and whether the item is to blame or circumstances are.

        Yields
        ------
        R
            One for each item. Closing the iterator stops the work.

        Raises
        ------
        WorkersFailed
            If workers cannot be started.
        """
        ...


class Serial:
    """Maps in this process: no limit of time or memory holds here, and a crash is ours.

    Examples
    --------
    >>> list(Serial().map(len, ["one", 2, "three"], lost=lambda item, loss: loss.reason))
    [3, "its decoder failed (TypeError: object of type 'int' has no len())", 5]
    """

    def map(self, task: Callable[[T], R], items: Sequence[T], *, lost: Callable[[T, Loss], R]) -> Iterator[R]:
        """See `Executor.map`."""
        for item in items:
            try:
                result = task(item)
            except Exception as error:
                result = lost(item, Loss.of(error))
            yield result


def dismiss() -> None:
    """End the worker processes that wait for further work, which else they do for some seconds.

    Examples
    --------
    >>> dismiss()
    """
    CREW.dismiss()


def prepare(processes: int | None, load: Callable[[], object] | None = None) -> None:
    """Have workers ready before a command opens anything, and has threads: they need not load what it has loaded.

    Parameters
    ----------
    processes : int or None
        As for `executor`. Those that have nothing to do end after some seconds.
    load : callable, optional
        Loads what they will need, here and once, if they share it.

    Examples
    --------
    >>> prepare(2)
    """
    if isinstance(found := executor(processes), Processes):
        found.prepare(load)


def executor(processes: int | None) -> Executor:
    """Executor for a number of worker processes.

    Parameters
    ----------
    processes : int or None
        Worker processes, at least 1; None for one per core. One is still a process of its own, so that a file that
        crashes its decoder does not crash the caller.

    Returns
    -------
    Executor
        Workers take no more memory than the machine can spare (`memory.for_all`), however many they are. `Serial` where
        worker processes make no sense: inside somebody else's pool, which keeps the cores busy already,
        and in programs frozen into one file, which have no Python to start.

    Examples
    --------
    >>> executor(2).n
    2
    """
    if _inside_a_worker() or not sys.executable or getattr(sys, "frozen", False):
        return Serial()
    n = model.cores() if processes is None else processes
    return Processes(n, memory=memory.for_one(), together=memory.for_all(n))


def _inside_a_worker() -> bool:
    """Whether `multiprocessing`, or loky, started this process: with its modules, then."""
    process: Any = sys.modules.get("multiprocessing.process")
    return process is not None and process.parent_process() is not None
