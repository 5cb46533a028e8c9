"""Keeps one worker process busy: hands it items, takes its replies, and replaces it when it dies."""

from __future__ import annotations

import contextlib
import math
import pickle
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from difPy.errors import WorkersFailed
from difPy.workers import worker
from difPy.workers.causes import Death, Short, Try, judge
from difPy.workers.crew import CREW, Kind
from difPy.workers.replies import Replies, paced

if TYPE_CHECKING:
    from difPy.workers.crew import Worker
    from difPy.workers.pool import Run

_AHEAD_SECONDS = 0.2  # work that a worker holds ...
_AHEAD_ITEMS = 64  # ... and the most items that may be
_FIRST_ITEMS = 8  # the same, before it is known how long one takes
_LAST_SECONDS, _LAST_ITEMS = 0.1, 16  # the same, towards the end: on a slow disk it reads so many at a time
_START_SECONDS = 60.0
_STARTS = 3  # a worker that dies before it is ready says nothing about an item
_GRACE_SECONDS = 1.0  # for a process that has closed its pipe to end by itself, and so to say why


class Driver(threading.Thread):
    """The thread of one worker, and of those that replace it.

    Parameters
    ----------
    run : Run
        Where items come from and results go. Its lock guards all that is not this thread's alone.
    """

    def __init__(self, run: Run) -> None:
        super().__init__(name="difPy driver", daemon=True)
        self._run = run
        self._worker: Worker | None = None
        self._held: deque[int] = deque()  # handed out and not replied to, in order
        self._age = 0.0  # seconds the worker has been busy with the first of them, or with starting
        self._limit = math.inf
        self._overdue: int | None = None  # the item that we killed a worker for
        self._doubtful: deque[tuple[int, Short | Death]] = deque()  # items to be tried again, and how the try ended
        self._pace = math.inf  # seconds per item, of late

    def run(self) -> None:
        """Work until nothing is left to do."""
        try:
            while self._run.begin(self._held, self._rest):
                try:
                    self._work()
                finally:
                    self._run.budget.give(self._run.first.memory)
                while self._doubtful and not self._run.stopped:
                    self._try_again(*self._doubtful.popleft())
            self._rest()
        except BaseException as error:
            self._run.fail(error)
        finally:
            self._end()

    def stop(self) -> None:
        """End the worker at once if it is at work."""
        if self._held:
            self._kill()

    def grow_older(self, seconds: float) -> None:
        """End the worker if it has been busy with its item for too long."""
        self._age = self._age + seconds if self._held else 0.0
        if self._age > self._limit:
            self._overdue = self._held[0]
            self._kill()

    def _kill(self) -> None:
        if self._worker is not None:
            self._worker.process.kill()

    def _start(self, tried: Try) -> Worker:
        """Have a worker and see it ready, or dead because all is over."""
        status = 0
        limits = self._run.limits
        kind = Kind(self._run.birth, tried, limits.memory, limits.seconds if tried.alone else None)
        for _ in range(_STARTS):
            one = CREW.hire(kind)
            with self._run.lock:
                self._worker, self._overdue = one, None
                self._age, self._limit = 0.0, max(self._run.limits.seconds, _START_SECONDS)
                if self._run.stopped:
                    self._kill()
            with contextlib.suppress(OSError):  # that it is gone shows when we read
                worker.send(one.requests, worker.TASK + self._run.task)
                one.requests.flush()
            hello = worker.receive(one.replies)
            if hello == worker.READY or self._run.stopped:
                with self._run.lock:
                    self._age, self._limit = 0.0, tried.seconds(self._run.limits)
                return one
            if hello is not None:
                why = hello.decode(errors="replace")
                raise WorkersFailed(f"a worker process cannot load its task ({why}): it must be importable")
            status = self._end(grace=_GRACE_SECONDS)
        raise WorkersFailed(
            f"the worker processes, run by {kind.birth.executable}, die on start with exit status {status}"
        )

    def _work(self) -> None:
        """Have all tried that is held, and what else there is; what is in doubt is for later."""
        while self._held and not self._run.stopped:
            if not self._serve(self._worker or self._start(self._run.first)):
                self._bury()
        if self._doubtful:
            self._end()  # what it has taken, and what was done to it, shall bear on no other item

    def _serve(self, one: Worker) -> bool:
        """Hand out items and take replies until nothing is held; False if the worker is gone before."""
        fresh, replies = list(self._held), Replies(one.replies)
        ahead, least = _FIRST_ITEMS, 1
        while True:
            if not self._doubtful:
                fresh += self._run.claim(self._held, ahead, least)
            if not self._held:
                return True
            began = time.perf_counter()
            self._hand(one, fresh)
            self._run.at_work()
            came = replies.take(len(self._held), self._pace, are_last=self._run.handed_out)
            if not came:
                return False
            self._settle(came)
            fresh = []
            self._pace = paced(self._pace, time.perf_counter() - began, len(came), len(self._held))
            ahead = min(_AHEAD_ITEMS, int(_AHEAD_SECONDS / self._pace))
            least = min(_LAST_ITEMS, int(_LAST_SECONDS / self._pace))

    def _hand(self, one: Worker, fresh: list[int]) -> None:
        with contextlib.suppress(OSError):  # that it is gone shows when we read
            for index in fresh:
                worker.send(one.requests, worker.ITEM + pickle.dumps(self._run.items[index], pickle.HIGHEST_PROTOCOL))
            one.requests.flush()

    def _rest(self) -> None:
        """Let the worker have a rest, and perhaps another master, unless it was told to end as its last reply came."""
        with self._run.lock:
            if self._run.stopped or self._overdue is not None:
                return
            one, self._worker = self._worker, None
        if one is not None:
            CREW.rest(one)

    def _settle(self, replies: list[bytes]) -> None:
        """Deliver the results of the items that the worker was busy with; those that need more memory are put aside."""
        results: dict[int, bytes] = {}
        with self._run.lock:
            for reply in replies:
                if reply.startswith(worker.SHORT):
                    self._doubt(Short(self._run.first, pickle.loads(reply[1:])))
                else:
                    results[self._held.popleft()] = reply
            self._age = 0.0
            self._run.deliver(results)

    def _doubt(self, end: Short | Death) -> None:
        """Put aside the item that the worker is, or was, busy with."""
        with self._run.lock:
            self._age = 0.0
            self._doubtful.append((self._held.popleft(), end))

    def _bury(self) -> None:
        """After a worker's end: the item that it died of, perhaps, is put aside."""
        status = self._end(grace=_GRACE_SECONDS)
        with self._run.lock:
            if not self._run.stopped and self._overdue in (None, self._held[0]):
                self._doubt(Death(self._run.first, status, late=self._overdue is not None))

    def _try_again(self, index: int, end: Short | Death) -> None:
        """Try an item in fresh workers until it has a result, or is lost."""
        ends = [end]
        while isinstance(found := judge(ends, self._run.limits), Try):
            size = self._run.budget.total if found.alone else found.memory
            if not self._run.budget.wait(size, lambda: self._run.stopped):
                return
            try:
                result = self._tried(index, found)
            finally:
                self._end()
                self._run.budget.give(size)
            if self._run.stopped:
                return
            if isinstance(result, bytes):
                self._run.deliver({index: result})
                return
            ends.append(result)
        self._run.deliver({index: pickle.dumps((False, found))})

    def _tried(self, index: int, how: Try) -> bytes | Short | Death:
        """The result of an item in a worker of its own, or how it ended."""
        with self._run.lock:
            self._held.append(index)
        try:
            one = self._start(how)
            self._hand(one, [index])
            reply = worker.receive(one.replies)
        finally:
            with self._run.lock:
                self._held.clear()
        if reply is None:
            return Death(how, self._end(grace=_GRACE_SECONDS), late=self._overdue is not None)
        return Short(how, pickle.loads(reply[1:])) if reply.startswith(worker.SHORT) else reply

    def _end(self, *, grace: float = 0) -> int:
        """Make sure that the worker is gone, killing it after `grace` seconds; its exit status."""
        with self._run.lock:
            one, self._worker = self._worker, None
        return 0 if one is None else CREW.end(one, grace=grace)
