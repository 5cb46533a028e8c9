"""A process in that has but one thread: this one; a twin of it, which is a worker, out.

A twin has loaded what we have: a command saves 0.1 s of a processor for each that need not load Python and numpy anew.
A process that has threads must not be copied, for what they hold stays held in the copy. Nor should a decoder that
crashes have anything of ours in its hands: so a command makes twins before it opens anything, and they close all that
is open.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from typing import IO, NoReturn

from difPy.workers import worker

_FIRST = 3
"""Of the numbers of open files, behind those that every process has."""


_GARBAGE = 700, 10, 10
"""After how many things made it is looked for, as in other processes: a picture may hang on it."""


class Twin:
    """A twin as its parent has it: what is needed of `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._status: int | None = None
        self._lock = threading.Lock()  # once it has been waited for, its number may be that of another process

    @property
    def returncode(self) -> int:
        """Its exit status, or minus the signal that ended it; 0 if nobody may know it, or it still lives."""
        return self._status or 0

    def poll(self) -> int | None:
        """How it ended; None if it lives."""
        with self._lock:
            if self._status is None:
                try:
                    pid, status = os.waitpid(self.pid, os.WNOHANG)
                except ChildProcessError:  # who started us had us ignore how our children end
                    self._status = 0
                else:
                    self._status = os.waitstatus_to_exitcode(status) if pid else None
            return self._status

    def wait(self, timeout: float | None = None) -> int:
        """How it ended, when it has.

        Raises
        ------
        subprocess.TimeoutExpired
            It still lives.
        """
        until = time.monotonic() + (timeout or 0)
        pause = 0.0005
        while (status := self.poll()) is None:
            if timeout is not None and time.monotonic() >= until:
                raise subprocess.TimeoutExpired("a worker", timeout)
            time.sleep(pause)
            pause = min(2 * pause, 0.05)
        return status

    def kill(self) -> None:
        """End it, if it lives."""
        with self._lock:
            if self._status is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, signal.SIGKILL)


def is_possible() -> bool:
    """Whether this process can have a twin: on Linux, while it has one thread, and a standard input and outputs."""
    if sys.platform != "linux" or not all(map(_is_open, range(_FIRST))):
        return False
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _close_all() -> None:
    for number in map(int, os.listdir("/proc/self/fd")):
        if number >= _FIRST:
            with contextlib.suppress(OSError):  # that with which we have listed them
                os.close(number)


def twin() -> tuple[Twin, IO[bytes], IO[bytes]]:
    """A twin that works for us, and the pipes to it and from it.

    Raises
    ------
    OSError
        There may be no more processes, or files.
    """
    requests, to_it = os.pipe()
    try:
        from_it, replies = os.pipe()
    except OSError:
        os.close(requests)
        os.close(to_it)
        raise
    # Until it bears signals as workers do, none may reach it. It never sees Ctrl-C: we end it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        pid = os.fork()
        if pid == 0:
            _work(requests, replies, before)
    except OSError:
        os.close(to_it)
        os.close(from_it)
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(requests)
        os.close(replies)
    return Twin(pid), os.fdopen(to_it, "wb", worker.BUFFER), os.fdopen(from_it, "rb", worker.BUFFER)


def _work(requests: int, replies: int, blocked: set[int | signal.Signals]) -> NoReturn:
    """Be what a worker is that was started: with two pipes, nothing else that is open, and signals as they were."""
    status = 1
    try:
        gc.freeze()  # or looking for garbage would copy all that we share
        gc.set_threshold(*_GARBAGE)
        for number in signal.valid_signals():
            if callable(signal.getsignal(number)):
                signal.signal(number, signal.SIG_DFL)
        os.dup2(requests, 0)
        os.dup2(replies, 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        _close_all()
        signal.pthread_sigmask(signal.SIG_SETMASK, {*blocked, signal.SIGINT})
        worker.main()
        status = 0
    finally:
        os._exit(status)
