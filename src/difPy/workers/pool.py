"""Worker processes that outlive bad files: items in, results out, in order, each item bounded in time and memory.

Why not loky or `multiprocessing`? Both know only whole pools. A dead worker breaks loky's executor without a word about
the item it died of, and `multiprocessing.Pool` then waits for ever; neither limits the time of an item; both need
semaphores and processes that watch over these; `multiprocessing` runs the user's script again in each worker, and two
workers of loky start in 0.6 s where two of these start in 0.1 s. Pipes and threads do it all:

- A worker is `worker.py`, run as a script, with a pipe in and a pipe out. It knows nothing of the user's `__main__`.
- One thread for each worker (`Driver`) hands it items and takes its replies: one for each item, in their order. So the
  item that a worker died of is known: the first without a reply. A fresh worker tries it again; if that dies too, the
  item is lost, and nothing else is.
- A worker is handed as many items ahead as keep it busy for 0.1 s, so that it never waits for small ones and never
  hoards large ones; fewer towards the end, so that all workers end together.
- Tasks are pure, so a worker may be killed at any moment: that is how work ends that is broken off. A parent that is
  killed leaves workers whose pipes are closed, and they end by themselves.
- Workers that have done all there was wait some seconds for the next run (`crew`): a search follows a build.
"""

from __future__ import annotations

import pickle
import threading
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from difPy.workers.crew import Kind
from difPy.workers.driver import Driver

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")

_WAITING_ITEMS = 1024  # per worker: results that wait for an earlier one ...
_WAITING_BYTES = 128 << 20  # ... and what all of them may weigh
_TICK_SECONDS = 0.25
_JOIN_SECONDS = 1.0  # for a thread to see that its worker is gone


@dataclass(frozen=True, slots=True)
class Processes:
    """Maps in worker processes; see `difPy.workers.Executor`.

    Parameters
    ----------
    n : int
        Workers, at least 1. No more are started than there are items.
    seconds : float
        Time one item may take. Time in which this process itself is suspended does not count.
    memory : int
        Bytes a worker may allocate; enforced where the system can (Linux).

    Examples
    --------
    >>> list(Processes(1).map(len, ["one", "three"], lost=lambda item, reason: 0))
    [3, 5]
    """

    n: int
    _: KW_ONLY
    seconds: float = 120.0
    memory: int = 4 << 30

    def map(self, task: Callable[[T], R], items: Sequence[T], *, lost: Callable[[T, str], R]) -> Iterator[R]:
        """See `difPy.workers.Executor.map`."""
        run = Run(self, task, items)
        try:
            run.start()
            for index in range(len(items)):
                done, value = pickle.loads(run.take(index))
                yield value if done else lost(items[index], value)
        finally:
            run.stop()


class Run:
    """One `map`: which items are still to be handed out, which results wait to be taken, and who works on them.

    `lock` guards whatever more than one thread sees, here and in the drivers.
    """

    def __init__(self, options: Processes, task: Callable[[Any], Any], items: Sequence[Any]) -> None:
        self.seconds = options.seconds
        self.kind = Kind.now(options.memory)
        self.task = pickle.dumps(task)
        self.items = items
        self.lock = threading.RLock()
        self.stopped = False
        self._arrived = threading.Condition(self.lock)
        self._room = threading.Condition(self.lock)
        self._stop_ticking = threading.Event()
        self._next = 0
        self._taken = 0
        self._waiting: dict[int, bytes] = {}
        self._waiting_bytes = 0
        self._failure: BaseException | None = None
        self._drivers = [Driver(self) for _ in range(min(options.n, len(items)))]
        self._clock = threading.Thread(name="difPy clock", target=self._tick, daemon=True)

    def start(self) -> None:
        """Start the drivers, which start the workers."""
        for thread in (*self._drivers, self._clock):
            thread.start()

    def stop(self) -> None:
        """End all threads; where results are left to take, the work is broken off, and the workers at it end, too."""
        with self.lock:
            self.stopped = self._taken < len(self.items)
            for driver in self._drivers:
                driver.stop()
            self._room.notify_all()
        self._stop_ticking.set()
        for thread in (*self._drivers, self._clock):
            # The garbage collector may close the iterator in any thread, and Ctrl-C may come before all have started.
            if thread is not threading.current_thread() and thread.is_alive():
                thread.join(_JOIN_SECONDS)

    def take(self, index: int) -> bytes:
        """Result of an item, pickled. Indexes are asked for in order."""
        with self.lock:
            while index not in self._waiting:
                if self._failure is not None:
                    raise self._failure
                self._arrived.wait(1)  # not for ever: Windows sees Ctrl-C only between waits
            result = self._waiting.pop(index)
            self._waiting_bytes -= len(result)
            self._taken = index + 1
            self._room.notify()
            return result

    def claim(self, held: deque[int], ahead: int) -> list[int]:
        """Hand out items until `ahead` are held, once half of them are gone, and say which are new.

        Waits for room while none is held. Where still none is held after that, there is nothing left to do.
        """
        with self.lock:
            while True:
                left = len(self.items) - self._next
                ahead = max(1, min(ahead, left // (2 * len(self._drivers))))
                claimed: list[int] = []
                if len(held) > ahead // 2:  # many small items at a time cost less than one at a time
                    return claimed
                while len(held) < ahead and self._next < len(self.items) and self._has_room() and not self.stopped:
                    claimed.append(self._next)
                    held.append(self._next)
                    self._next += 1
                if self._next == len(self.items):
                    self._room.notify_all()
                if held or self.stopped or self._next == len(self.items):
                    return claimed
                self._room.wait()

    def deliver(self, index: int, result: bytes) -> None:
        """Lay down the result of an item, pickled."""
        with self.lock:
            self._waiting[index] = result
            self._waiting_bytes += len(result)
            self._arrived.notify()

    def fail(self, error: BaseException) -> None:
        """Give up: the consumer is told."""
        with self.lock:
            self._failure = error
            self._arrived.notify()

    def _has_room(self) -> bool:
        ahead = self._next - self._taken
        return ahead < _WAITING_ITEMS * len(self._drivers) and self._waiting_bytes < _WAITING_BYTES

    def _tick(self) -> None:
        """Count the time of items in ticks, not by the clock: while we are suspended (Ctrl-Z), nothing ticks."""
        tick = min(_TICK_SECONDS, self.seconds / 10)
        while not self._stop_ticking.wait(tick):
            with self.lock:
                for driver in self._drivers:
                    driver.grow_older(tick)
