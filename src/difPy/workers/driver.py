"""Keeps one worker process busy: hands it items, takes its replies, and replaces it when it dies."""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from typing import IO, TYPE_CHECKING

from difPy.errors import WorkersFailed
from difPy.workers import worker

if TYPE_CHECKING:
    from difPy.workers.pool import Run

_AHEAD_SECONDS = 0.1  # work that a worker holds ...
_AHEAD_ITEMS = 64  # ... and the most items that may be
_START_SECONDS = 60.0
_STARTS = 3  # a worker that dies before it is ready says nothing about an item
_GRACE_SECONDS = 1.0  # for a process that has closed its pipe to end by itself, and so to say why
_ONE_THREAD = dict.fromkeys(
    (
        "BLIS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    ),
    "1",
)


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
        self._process: subprocess.Popen[bytes] | None = None
        self._held: deque[int] = deque()  # handed out and not replied to, in order
        self._age = 0.0  # seconds the worker has been busy with the first of them, or with starting
        self._limit = math.inf
        self._overdue: int | None = None  # the item that we killed a worker for
        self._suspect: int | None = None  # the item that the last worker died of, perhaps
        self._pace = _AHEAD_SECONDS  # seconds per item, of late

    def run(self) -> None:
        """Work until nothing is left to do."""
        if hasattr(signal, "pthread_sigmask"):
            # Workers inherit the mask, so Ctrl-C never reaches them: we end them. (On Windows they have no console.)
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            self._run.claim(self._held, 1)
            while self._held and not self._run.stopped:
                self._serve(self._start())
                self._bury()
        except BaseException as error:
            self._run.fail(error)
        finally:
            self._end_process(grace=0)

    def kill(self) -> None:
        """End the worker at once."""
        if self._process is not None:
            self._process.kill()

    def grow_older(self, seconds: float) -> None:
        """End the worker if it has been busy with its item for too long."""
        self._age = self._age + seconds if self._held else 0.0
        if self._age > self._limit:
            self._overdue = self._held[0]
            self.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        """Start a worker and see it ready, or dead because all is over."""
        status = 0
        for _ in range(_STARTS):
            process = _popen()
            with self._run.lock:
                self._process, self._age, self._limit = process, 0.0, max(self._run.seconds, _START_SECONDS)
                if self._run.stopped:
                    self.kill()
            with contextlib.suppress(OSError):  # that it is gone shows when we read
                worker.send(_requests(process), self._run.setup)
                _requests(process).flush()
            hello = worker.receive(_replies(process))
            if hello == worker.READY or self._run.stopped:
                with self._run.lock:
                    self._age, self._limit = 0.0, self._run.seconds
                return process
            if hello is not None:
                why = hello.decode(errors="replace")
                raise WorkersFailed(f"a worker process cannot load its task ({why}): it must be importable")
            status = self._end_process(grace=_GRACE_SECONDS)
        raise WorkersFailed(f"the worker processes, run by {sys.executable}, die on start with exit status {status}")

    def _serve(self, process: subprocess.Popen[bytes]) -> None:
        """Hand out items and take replies until the worker is gone or there is nothing left to do."""
        fresh = list(self._held)
        while self._held:
            began = time.perf_counter()
            with contextlib.suppress(OSError):
                for index in fresh:
                    worker.send(_requests(process), pickle.dumps(self._run.items[index], pickle.HIGHEST_PROTOCOL))
                _requests(process).flush()
            reply = worker.receive(_replies(process))
            if reply is None:
                return
            self._settle(reply)
            self._pace += (time.perf_counter() - began - self._pace) / 4
            fresh = self._run.claim(self._held, min(_AHEAD_ITEMS, int(_AHEAD_SECONDS / max(self._pace, 1e-6))))

    def _settle(self, result: bytes) -> None:
        """Deliver the result of the item that the worker is, or was, busy with."""
        with self._run.lock:
            self._age = 0.0
            self._run.deliver(self._held.popleft(), result)

    def _bury(self) -> None:
        """After a worker's end: if it died of an item, have that tried again, or lose it where that was done."""
        status = self._end_process(grace=_GRACE_SECONDS if self._held else 0)
        with self._run.lock:
            if not self._held or self._run.stopped:
                return
            item = self._held[0]
            if self._overdue == item:
                self._settle(pickle.dumps((False, f"it took longer than {self._run.seconds:g} s")))
            elif self._suspect == item:
                self._settle(pickle.dumps((False, _cause(status))))
            self._suspect = item
        self._run.claim(self._held, 1)

    def _end_process(self, *, grace: float) -> int:
        """Make sure that the worker is gone, killing it after `grace` seconds; its exit status."""
        with self._run.lock:
            process, self._process = self._process, None
        if process is None:
            return 0
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        _replies(process).close()
        with contextlib.suppress(OSError):  # it has not read everything
            _requests(process).close()
        return process.returncode


def _popen() -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [sys.executable, "-P", worker.__file__],  # -P: this folder does not belong on its sys.path
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=worker.BUFFER,
            env={**os.environ, **_ONE_THREAD, "PYTHONUTF8": str(sys.flags.utf8_mode)},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise WorkersFailed(f"worker processes cannot be started with {sys.executable}: {error}") from error


def _requests(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin is not None
    return process.stdin


def _replies(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdout is not None
    return process.stdout


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
