"""Worker processes that outlive bad files: items in, results out, in order, each bounded in time, all in memory.

Why not loky or `multiprocessing`? Both know only whole pools. A dead worker breaks loky's executor without a word about
the item it died of, and `multiprocessing.Pool` then waits for ever; neither limits the time of an item; both need
semaphores and processes that watch over these; `multiprocessing` runs the user's script again in each worker, and two
workers of loky start in 0.6 s where two of these start in 0.1 s. Pipes and threads do it all:

- A worker is `worker.py`, run as a script, with a pipe in and a pipe out. It knows nothing of the user's `__main__`.
- One thread for each worker (`Driver`) hands it items and takes its replies: one for each item, in their order. So the
  item that a worker died of is known: the first without a reply. It is tried again while no other worker is at work,
  and `causes` judges whether it is to blame, or circumstances are.
- Each worker has a share of the memory that there is for all (`budget`). An item that needs more gets more, in turn: so
  what can be decoded by one worker can be by sixteen, and sixteen take no more memory than one.
- A worker is handed as many items ahead as keep it busy for 0.2 s, so that it never waits for small ones and never
  hoards large ones; eight at first, when nobody knows; fewer towards the end, so that all workers end together.
- Replies that come quickly stay in their pipe for some hundredths of a second, and are taken many at once (`replies`).
  What a worker has done it has written there, so what it died of is known all the same.
- Where there are few items, one worker begins, and the others are started once it has been at them for as long as that
  takes: to load what ten photos need costs more than to decode them.
- The first workers of a command are twins of it (`twin`), which have loaded what it has.
- Tasks are pure, so a worker may be killed at any moment: that is how work ends that is broken off. A parent that is
  killed leaves workers whose pipes are closed, and they end by themselves.
- Workers that have done all there was wait some seconds for the next run (`crew`): a search follows a build.
"""

from __future__ import annotations

import math
import pickle
import threading
import time
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from difPy.workers import causes
from difPy.workers.budget import Budget
from difPy.workers.causes import Limits, Loss, Try
from difPy.workers.crew import CREW, Birth, Kind, begin
from difPy.workers.driver import Driver

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")

_WAITING_ITEMS = 1024  # per worker: results that wait for an earlier one ...
_WAITING_BYTES = 128 << 20  # ... and what all of them may weigh
_TAKEN_BYTES = 1 << 20  # of results that the consumer takes at once
_FEW = 32  # items that one worker begins with
_START_SECONDS = 0.1  # that a worker takes to be of use, at least
_TWINS = 8  # of this process, at most: those that nobody comes to need have cost 2 ms each
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
        Bytes one item may take, beside what a worker needs to run; enforced where the system can (Linux).
    together : int, optional
        Bytes all items that are being worked on may take; by default, and at least, as many as one.

    Examples
    --------
    >>> list(Processes(1).map(len, ["one", "three"], lost=lambda item, loss: 0))
    [3, 5]
    """

    n: int
    _: KW_ONLY
    seconds: float = 120.0
    memory: int = 4 << 30
    together: int | None = None

    @property
    def limits(self) -> Limits:
        """What an item may take."""
        return Limits(self.seconds, self.memory)

    @property
    def memory_of_all(self) -> int:
        """Bytes that all items may take that are being worked on."""
        return max(self.memory, self.together or 0)

    @property
    def first(self) -> Try:
        """How every item is tried at first."""
        return causes.first(self.memory_of_all, max(self.n, 1), self.limits)

    def prepare(self, load: Callable[[], object] | None = None) -> None:
        """Have workers that are twins of this process, where it may have any, wait some seconds for what is to be done.

        Parameters
        ----------
        load : callable, optional
            Loads what they will need, once for all, if this process may have any.

        Examples
        --------
        >>> Processes(2).prepare()
        >>> list(Processes(2).map(len, ["one", "three"], lost=lambda item, loss: 0))
        [3, 5]
        """
        CREW.copy(Kind(Birth.now(), self.first, self.memory), min(self.n, _TWINS), load)

    def map(self, task: Callable[[T], R], items: Sequence[T], *, lost: Callable[[T, Loss], R]) -> Iterator[R]:
        """See `difPy.workers.Executor.map`."""
        if not len(items):
            return
        run = Run(self, task, items)
        try:
            run.start()
            while run.taken < len(items):
                for result in run.take():
                    done, value = pickle.loads(result)
                    run.taken += 1
                    if not done:
                        value = lost(items[run.taken - 1], value if isinstance(value, Loss) else Loss(value, True))
                    yield value
        finally:
            run.stop()


class Run:
    """One `map`: which items are still to be handed out, which results wait to be taken, and who works on them.

    `lock` guards whatever more than one thread sees, here and in the drivers.
    """

    def __init__(self, options: Processes, task: Callable[[Any], Any], items: Sequence[Any]) -> None:
        self.limits = options.limits
        self.birth = Birth.now()
        self.task = pickle.dumps(task)
        self.items = items
        self.lock = threading.RLock()
        self.stopped = False
        self._arrived = threading.Condition(self.lock)
        self._room = threading.Condition(self.lock)  # for results, or of memory
        self.budget = Budget(self._room, options.memory_of_all)
        self.first = options.first
        self._stop_ticking = threading.Event()
        self.taken = 0
        """Results that the consumer has: counted by it alone."""
        self._next = self._done = 0
        self._waiting: dict[int, bytes] = {}
        self._waiting_bytes = 0
        self._failure: BaseException | None = None
        self._drivers = [Driver(self) for _ in range(min(options.n, len(items)))]
        self._to_start = list(self._drivers)
        self._started = math.inf  # when the first worker was asked for ...
        self._began = math.inf  # ... and when it was at its first item
        self._clock = threading.Thread(name="difPy clock", target=self._tick, daemon=True)

    def start(self) -> None:
        """Start the drivers, which start the workers; of few items, one."""
        self._started = time.monotonic()
        self._start_drivers(1 if len(self.items) <= _FEW else len(self._drivers))
        begin(self._clock)

    def at_work(self) -> None:
        """Told by drivers whose worker has something to do."""
        with self.lock:
            self._began = min(self._began, time.monotonic())
        self._reinforce()

    def _reinforce(self) -> None:
        """Start the other drivers, once the first worker has been at work for as long as it took to start it."""
        with self.lock:
            is_long = time.monotonic() - self._began > max(_START_SECONDS, self._began - self._started)
            if is_long and self._next < len(self.items) and not self.stopped:
                self._start_drivers(len(self._to_start))

    def _start_drivers(self, count: int) -> None:
        starting, self._to_start = self._to_start[:count], self._to_start[count:]
        for driver in starting:
            begin(driver)

    def stop(self) -> None:
        """End all threads; where results are left to take, the work is broken off, and the workers at it end, too."""
        with self.lock:
            self.stopped = self.taken < len(self.items)
            for driver in self._drivers:
                driver.stop()
            self._room.notify_all()
        self._stop_ticking.set()
        for thread in (*self._drivers, self._clock):
            # The garbage collector may close the iterator in any thread, and Ctrl-C may come before all have started.
            if thread is not threading.current_thread() and thread.is_alive():
                thread.join(_JOIN_SECONDS)

    def take(self) -> list[bytes]:
        """Results of the next items, pickled: those that are there, up to some number; waits for one."""
        some: list[bytes] = []
        weight = 0
        with self.lock:
            while self.taken not in self._waiting:
                if self._failure is not None:
                    raise self._failure
                self._arrived.wait(1)  # not for ever: Windows sees Ctrl-C only between waits
            while weight < _TAKEN_BYTES and (result := self._waiting.pop(self.taken + len(some), None)) is not None:
                some.append(result)
                weight += len(result)
            self._waiting_bytes -= weight
            self._room.notify_all()
        return some

    def begin(self, held: deque[int], rest: Callable[[], None]) -> bool:
        """Hand out an item, and a share of the memory, to a driver that has neither; False if nothing is left to do.

        Waits for both. `rest` is called where others need the memory that the driver's worker keeps.
        """
        with self.lock:
            while not self.stopped and self._next < len(self.items):
                if self._room_for():
                    if self.budget.take(self.first.memory):
                        self._hand_out(held, 1)
                        return True
                    rest()
                self._room.wait()
            return False

    def claim(self, held: deque[int], ahead: int, least: int) -> range:
        """Hand out items until `ahead` are held, towards the end fewer, once half of them are gone; says which are new.

        Of a worker's share of what is left it gets the half, or `least`, if that is not more than its share of what is
        not done. None where there is no room for results, or others wait for memory: that is a matter for `begin`.
        """
        with self.lock:
            left, undone = len(self.items) - self._next, len(self.items) - self._done
            count = len(self._drivers)
            ahead = max(1, min(least, undone // count), min(ahead, left // count // 2))
            if len(held) > ahead // 2 or self.budget.wanted or self.stopped:
                return range(0)  # many small items at a time cost less than one at a time
            return self._hand_out(held, min(ahead - len(held), left, self._room_for()))

    @property
    def handed_out(self) -> bool:
        """Whether no item is left to hand out."""
        return self._next == len(self.items)

    def _hand_out(self, held: deque[int], count: int) -> range:
        items = range(self._next, self._next + count)
        self._next += count
        held.extend(items)
        if items and self.handed_out:
            self._room.notify_all()
        return items

    def deliver(self, results: dict[int, bytes]) -> None:
        """Lay down the results of items, pickled."""
        with self.lock:
            self._waiting |= results
            self._done += len(results)
            self._waiting_bytes += sum(map(len, results.values()))
            self._arrived.notify()

    def fail(self, error: BaseException) -> None:
        """Give up: the consumer is told."""
        with self.lock:
            self._failure = error
            self._arrived.notify()

    def _room_for(self) -> int:
        """How many more items may be handed out before results are taken."""
        if self._waiting_bytes >= _WAITING_BYTES:
            return 0
        return max(0, _WAITING_ITEMS * len(self._drivers) - (self._next - self.taken))

    def _tick(self) -> None:
        """Count the time of items in ticks, not by the clock: while we are suspended (Ctrl-Z), nothing ticks."""
        tick = min(_TICK_SECONDS, self.limits.seconds / 10)
        while not self._stop_ticking.wait(tick):
            with self.lock:
                for driver in self._drivers:
                    driver.grow_older(tick)
                self._reinforce()
