"""Worker processes: started, or twins of this one, kept for some seconds when they have nothing to do, and ended.

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
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, NamedTuple

from difPy.errors import WorkersFailed
from difPy.memory import ROOM
from difPy.workers import worker
from difPy.workers.twin import Twin, is_possible, twin

if TYPE_CHECKING:
    from collections.abc import Callable

    from difPy.workers.causes import Try

_IDLE_SECONDS = 5.0
_ONE_THREAD = dict.fromkeys(
    (
        "BLIS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    ),
    "1",
)


@dataclass(frozen=True, slots=True)
class Birth:
    """What all workers that this process starts now are born to."""

    executable: str
    path: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    place: tuple[int, int] | None
    """Device and inode of the current folder: another one may have its name by now, or it another name."""
    folder: str = field(compare=False)
    """Its name, then."""

    @classmethod
    def now(cls) -> Birth:
        """That of a worker which this process would start now."""
        try:
            folder = os.getcwd()
        except OSError:  # it is gone
            folder = ""
        return cls(sys.executable, tuple(sys.path), tuple(os.environ.items()), _place(), folder)

    @property
    def where(self) -> str | None:
        """The folder to start a worker in; None for the one we are in, by whatever name."""
        return None if _place() == self.place else self.folder


def _place() -> tuple[int, int] | None:
    try:
        status = os.stat(os.curdir)
    except OSError:  # it is gone
        return None
    return status.st_dev, status.st_ino


class Kind(NamedTuple):
    """What a worker is born to: those of one kind can stand in for each other."""

    birth: Birth
    tried: Try
    most: int
    """Bytes that its items may take in any worker."""
    seconds: float | None = None
    """Of a processor's time that it may take."""


@dataclass(frozen=True, slots=True, eq=False)
class Worker:
    """A process, and the pipes to it and from it."""

    kind: Kind
    process: subprocess.Popen[bytes] | Twin
    requests: IO[bytes]
    replies: IO[bytes]


def begin(thread: threading.Thread) -> None:
    """Start a thread.

    Raises
    ------
    WorkersFailed
        The system gives no more of them.
    """
    try:
        thread.start()
    except RuntimeError as error:
        why = f"{error}: end other programs, or raise what limits processes and memory here (ulimit)"
        raise WorkersFailed(f"worker processes cannot be looked after: {why}") from None


class Crew:
    """All workers of this process.

    One thread starts them, and lives as long as any of them: on Linux, they die with the thread that started them.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: a process that was forked has not one of the threads, and no right to the workers."""
        # It guards all that follows. A Ctrl-C that comes amid what takes it leaves it free, which those of conditions,
        # written in Python, may not be.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
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
        with self._lock:
            others = self._take_idle(lambda one: one.kind != kind or one.process.poll() is not None)
            if self._idle:
                answer.put(self._idle.pop()[1])
            else:
                self._attend()
                self._wanted.append((kind, answer))
                self._changed.notify_all()
        for one in others:
            self.end(one)
        found = answer.get()
        if isinstance(found, WorkersFailed):
            raise found
        return found

    def copy(self, kind: Kind, count: int, load: Callable[[], object] | None = None) -> None:
        """Have so many twins of this process among the workers that have nothing to do, if it can have any.

        What they will need is loaded before, if it is said how: so none loads it by itself.
        """
        if count < 1 or self._living or not is_possible():
            return
        if load is not None:
            load()
        made: list[Worker] = []
        with contextlib.suppress(OSError):  # then there are fewer
            while len(made) < count:
                made.append(Worker(kind, *twin()))
        for one in made:
            _tell(one)
            with self._lock:
                self._living.add(one)
            self.rest(one)
        self._attend()

    def rest(self, one: Worker) -> None:
        """Take back a worker that has nothing to do."""
        with self._lock:
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
        with self._lock:
            self._living.discard(one)
            self._changed.notify_all()
        return one.process.returncode

    def dismiss(self) -> None:
        """End all idle workers; returns when they are gone."""
        with self._lock:
            idle, thread = self._take_idle(lambda one: True), self._thread
        for one in idle:
            self.end(one)
        if thread is not None and not self._living:
            thread.join()

    def _attend(self) -> None:
        """Have a thread that starts workers and ends those that are weary."""
        with self._lock:
            if self._thread is None:
                thread = threading.Thread(name="difPy crew", target=self._run, daemon=True)
                begin(thread)  # it waits for the lock
                self._thread = thread

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
            with self._lock:
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
        birth = kind.birth
        try:
            process = subprocess.Popen(
                [birth.executable, "-P", worker.__file__],  # -P: this folder does not belong on its sys.path
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=worker.BUFFER,
                cwd=birth.where,
                env={**dict(birth.environment), **_ONE_THREAD, "PYTHONUTF8": str(sys.flags.utf8_mode)},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            return WorkersFailed(f"worker processes cannot be started with {birth.executable}: {error}")
        assert process.stdin is not None and process.stdout is not None
        one = Worker(kind, process, process.stdin, process.stdout)
        with self._lock:
            self._living.add(one)
        _tell(one)
        return one


def _tell(one: Worker) -> None:
    """Tell a worker what it is born to, as far as it was not when it was started."""
    kind = one.kind
    environment = {**_ONE_THREAD, ROOM: f"{kind.tried.room}/{kind.most}"}
    with contextlib.suppress(OSError):  # that it is gone shows when we read
        told = (list(kind.birth.path), environment, kind.tried.memory, kind.seconds)
        worker.send(one.requests, pickle.dumps(told))
        one.requests.flush()


CREW = Crew()
"""That of this process."""

atexit.register(CREW.dismiss)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=CREW.forget)
