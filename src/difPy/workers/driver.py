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
from difPy.workers.crew import CREW

if TYPE_CHECKING:
    from difPy.workers.crew import Worker
    from difPy.workers.pool import Run

_AHEAD_SECONDS = 0.1  # work that a worker holds ...
_AHEAD_ITEMS = 64  # ... and the most items that may be
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
        self._suspect: int | None = None  # the item that the last worker died of, perhaps
        self._pace = _AHEAD_SECONDS  # seconds per item, of late

    def run(self) -> None:
        """Work until nothing is left to do."""
        try:
            self._run.claim(self._held, 1)
            while self._held and not self._run.stopped:
                if self._serve(self._start()):
                    self._rest()
                else:
                    self._bury()
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

    def _start(self) -> Worker:
        """Have a worker and see it ready, or dead because all is over."""
        status = 0
        for _ in range(_STARTS):
            one = CREW.hire(self._run.kind)
            with self._run.lock:
                self._worker, self._overdue = one, None
                self._age, self._limit = 0.0, max(self._run.seconds, _START_SECONDS)
                if self._run.stopped:
                    self._kill()
            with contextlib.suppress(OSError):  # that it is gone shows when we read
                worker.send(one.requests, worker.TASK + self._run.task)
                one.requests.flush()
            hello = worker.receive(one.replies)
            if hello == worker.READY or self._run.stopped:
                with self._run.lock:
                    self._age, self._limit = 0.0, self._run.seconds
                return one
            if hello is not None:
                why = hello.decode(errors="replace")
                raise WorkersFailed(f"a worker process cannot load its task ({why}): it must be importable")
            status = self._end(grace=_GRACE_SECONDS)
        raise WorkersFailed(
            f"the worker processes, run by {self._run.kind.executable}, die on start with exit status {status}"
        )

    def _serve(self, one: Worker) -> bool:
        """Hand out items and take replies until nothing is left to do; False if the worker is gone before."""
        fresh = list(self._held)
        while self._held:
            began = time.perf_counter()
            with contextlib.suppress(OSError):
                for index in fresh:
                    item = pickle.dumps(self._run.items[index], pickle.HIGHEST_PROTOCOL)
                    worker.send(one.requests, worker.ITEM + item)
                one.requests.flush()
            reply = worker.receive(one.replies)
            if reply is None:
                return False
            self._settle(reply)
            self._pace += (time.perf_counter() - began - self._pace) / 4
            fresh = self._run.claim(self._held, min(_AHEAD_ITEMS, int(_AHEAD_SECONDS / max(self._pace, 1e-6))))
        return True

    def _rest(self) -> None:
        """Let the worker have a rest, and perhaps another master, unless it was told to end as its last reply came."""
        with self._run.lock:
            if self._run.stopped or self._overdue is not None:
                return
            one, self._worker = self._worker, None
        if one is not None:
            CREW.rest(one)

    def _settle(self, result: bytes) -> None:
        """Deliver the result of the item that the worker is, or was, busy with."""
        with self._run.lock:
            self._age = 0.0
            self._run.deliver(self._held.popleft(), result)

    def _bury(self) -> None:
        """After a worker's end: if it died of an item, have that tried again, or lose it where that was done."""
        status = self._end(grace=_GRACE_SECONDS)
        with self._run.lock:
            if self._run.stopped:
                return
            item = self._held[0]
            if self._overdue == item:
                self._settle(pickle.dumps((False, f"it took longer than {self._run.seconds:g} s")))
            elif self._suspect == item:
                self._settle(pickle.dumps((False, _cause(status))))
            self._suspect = item
        self._run.claim(self._held, 1)

    def _end(self, *, grace: float = 0) -> int:
        """Make sure that the worker is gone, killing it after `grace` seconds; its exit status."""
        with self._run.lock:
            one, self._worker = self._worker, None
        return 0 if one is None else CREW.end(one, grace=grace)


def _cause(status: int) -> str:
    """What a worker died of, by its exit status.

    Examples
    --------
    >>> _cause(-11), _cause(0xC0000005)
    ('its decoder crashed (signal 11)', 'its decoder crashed (exit status 0xC0000005)')
    """
    if status == -9:
        return "it was killed (signal 9), as systems do when memory runs out"
    if status < 0:
        return f"its decoder crashed (signal {-status})"
    if status >> 31:
        return f"its decoder crashed (exit status 0x{status:X})"
    return f"its decoder ended the process (exit status {status})"
