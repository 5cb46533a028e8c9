"""Worker processes: started, kept for some seconds when they have nothing to do, and ended.

A search that follows a build would wait 0.2 s for workers of its own to load what they need. It takes over those of the
build, if its own would be born to the same: the same folder, the same environment.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from difPy.errors import WorkersFailed
from difPy.workers import worker

if TYPE_CHECKING:
    from collections.abc import Callable

_IDLE_SECONDS = 5.0
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
# Memory that a picture leaves serves for the next one. Getting it anew from the system costs a fifth of decoding.
_KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 28),  # of glibc: larger pieces are given back at once ...
    "MALLOC_TRIM_THRESHOLD_": str(1 << 28),  # ... and so is what is free beyond this
    "PILLOW_BLOCKS_MAX": "4",  # of 16 MiB: a picture of 16 megapixels
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a worker is born to: those of one kind can stand in for each other."""

    executable: str
    path: tuple[str, ...]
    folder: tuple[str, int, int]
    """Path, device and inode: one that was made anew under the same name is another one."""
    environment: tuple[tuple[str, str], ...]
    memory: int

    @classmethod
    def now(cls, memory: int) -> Kind:
        """That of a worker that this process would start now, and that may allocate so many bytes."""
        try:
            facts = os.stat(os.curdir)
            folder = (os.getcwd(), facts.st_dev, facts.st_ino)
        except OSError:  # it is gone
            folder = ("", 0, 0)
        return cls(sys.executable, tuple(sys.path), folder, tuple(os.environ.items()), memory)


@dataclass(frozen=True, slots=True, eq=False)
class Worker:
    """A process, and the pipes to it and from it."""

    kind: Kind
    process: subprocess.Popen[bytes]
    requests: IO[bytes]
    replies: IO[bytes]


class Crew:
    """All workers of this process.

    One thread starts them, and lives as long as any of them: on Linux, they die with the thread that started them.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: a process that was forked has not one of the threads, and no right to the workers."""
        self._changed = threading.Condition()  # its lock guards all that follows
        self._wanted: deque[tuple[Kind, queue.SimpleQueue[Worker | WorkersFailed]]] = deque()
        self._living: set[Worker] = set()
        self._idle: deque[tuple[float, Worker]] = deque()  # with when they will have been idle for long enough
        self._thread: threading.Thread | None = None

    def hire(self, kind: Kind) -> Worker:
        """A worker of that kind: an idle one, or a new one.

        Idle ones of other kinds end.

        Raises
        ------
        WorkersFailed
        """
        answer: queue.SimpleQueue[Worker | WorkersFailed] = queue.SimpleQueue()
        with self._changed:
            others = self._take_idle(lambda one: one.kind != kind or one.process.poll() is not None)
            if self._idle:
                answer.put(self._idle.pop()[1])
            else:
                if self._thread is None:
                    thread = threading.Thread(name="difPy crew", target=self._run, daemon=True)
                    thread.start()  # it waits for the lock
                    self._thread = thread
                self._wanted.append((kind, answer))
                self._changed.notify_all()
        for one in others:
            self.end(one)
        found = answer.get()
        if isinstance(found, WorkersFailed):
            raise found
        return found

    def rest(self, one: Worker) -> None:
        """Take back a worker that has nothing to do."""
        with self._changed:
            self._idle.append((time.monotonic() + _IDLE_SECONDS, one))
            self._changed.notify_all()

    def end(self, one: Worker, *, grace: float = 0) -> int:
        """Make sure that a worker is gone, killing it after `grace` seconds; its exit status."""
        try:
            one.process.wait(grace)
        except subprocess.TimeoutExpired:
            one.process.kill()
            one.process.wait()
        one.replies.close()
        with contextlib.suppress(OSError):  # it has not read everything
            one.requests.close()
        with self._changed:
            self._living.discard(one)
            self._changed.notify_all()
        return one.process.returncode

    def dismiss(self) -> None:
        """End all idle workers; returns when they are gone."""
        with self._changed:
            idle, thread = self._take_idle(lambda one: True), self._thread
        for one in idle:
            self.end(one)
        if thread is not None and not self._living:
            thread.join()

    def _take_idle(self, chosen: Callable[[Worker], bool]) -> list[Worker]:
        taken = [one for _, one in self._idle if chosen(one)]
        self._idle = deque((until, one) for until, one in self._idle if one not in taken)
        return taken

    def _run(self) -> None:
        """Start workers that are wanted and end those that were idle for long enough, while there are any."""
        if hasattr(signal, "pthread_sigmask"):
            # Workers inherit the mask, so Ctrl-C never reaches them: we end them. (On Windows they have no console.)
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        while True:
            with self._changed:
                left = self._idle[0][0] - time.monotonic() if self._idle else None
                if not self._wanted and (left is None or left > 0):
                    if not self._living:
                        self._thread = None
                        return
                    self._changed.wait(left)
                    continue
                wanted = self._wanted.popleft() if self._wanted else None
                weary = self._idle.popleft()[1] if wanted is None else None
            if weary is not None:
                self.end(weary)
            if wanted is not None:
                kind, answer = wanted
                answer.put(self._start(kind))

    def _start(self, kind: Kind) -> Worker | WorkersFailed:
        try:
            process = subprocess.Popen(
                [kind.executable, "-P", worker.__file__],  # -P: this folder does not belong on its sys.path
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=worker.BUFFER,
                env={**_KEEP_MEMORY, **dict(kind.environment), **_ONE_THREAD, "PYTHONUTF8": str(sys.flags.utf8_mode)},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            return WorkersFailed(f"worker processes cannot be started with {kind.executable}: {error}")
        assert process.stdin is not None and process.stdout is not None
        one = Worker(kind, process, process.stdin, process.stdout)
        with self._changed:
            self._living.add(one)
        with contextlib.suppress(OSError):  # that it is gone shows when we read
            worker.send(one.requests, pickle.dumps((list(kind.path), kind.memory)))
            one.requests.flush()
        return one


CREW = Crew()
"""That of this process."""

atexit.register(CREW.dismiss)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=CREW.forget)
