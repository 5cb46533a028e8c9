"""The program of a worker process: pickled items come in on standard input, pickled results go out on standard output.

`crew` runs this file as a script, or has a `twin` do what it does. It needs nothing but the standard library until it
has been told the parent's `sys.path`; what is heavy is imported by unpickling the task, or by its `prepare`.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import struct
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import IO, Any

TASK, ITEM = b"T", b"I"
"""What a request begins with: a task, or an item for the last task. Each is replied to."""
READY = b""
_WAKE = b""
"""What is put among the requests when something has been read ahead: whoever waits there looks again."""
SHORT = b"M"
"""What the reply begins with where an item needs more memory than we have: behind it, pickled, how much, or None."""
BUFFER = 1 << 16  # bytes: as much as a pipe holds, if nobody makes it hold more
_SLOW_SECONDS = 1e-3  # a file that takes longer to read is not in memory, or not near; or we were interrupted
_QUICK_ITEMS = 3  # that are read quickly make up for a slow one
_SLOW, _SLOWEST = 4, 32  # what nothing has made up for: from when on items are read ahead, and the most that is kept
_READERS = 16  # threads: slow disks answer many as quickly as one
_READERS_STACK = 1 << 20  # bytes, of the memory that items may take
_AHEAD_BYTES = 1 << 24
_SIZE = struct.Struct("<Q")
_PR_SET_PDEATHSIG = 1
_KEPT_BYTES = 1 << 28


def send(pipe: IO[bytes], frame: bytes) -> None:
    """Write a frame: its size in 8 bytes, then its bytes."""
    pipe.write(_SIZE.pack(len(frame)))
    pipe.write(frame)


def receive(pipe: IO[bytes]) -> bytes | None:
    """Read a frame; None where the other side is gone."""
    header = pipe.read(_SIZE.size)
    if len(header) < _SIZE.size:
        return None
    (size,) = _SIZE.unpack(header)
    frame = pipe.read(size)
    return frame if len(frame) == size else None


def receive_all(pipe: IO[bytes], most: int) -> list[bytes]:
    """Read the frames that have come, up to some bytes; waits for one. An empty list where the other side is gone."""
    data: bytes = pipe.read1(most)  # type: ignore[attr-defined]
    frames, at = [], 0
    while at < len(data):
        end = at + _SIZE.size
        if end > len(data):
            data += pipe.read(end - len(data))
        if end > len(data):
            break
        at, end = end, end + _SIZE.unpack_from(data, at)[0]
        if end > len(data):
            data += pipe.read(end - len(data))
        if end > len(data):
            break
        frames.append(data[at:end])
        at = end
    return frames


def reason(error: BaseException) -> str:
    """Why an item is lost whose task raised.

    Examples
    --------
    >>> reason(ValueError("no such palette"))
    'its decoder failed (ValueError: no such palette)'
    >>> reason(MemoryError())
    'it needed more than the memory there is'
    """
    if isinstance(error, MemoryError):
        return "it needed more than the memory there is"
    return f"its decoder failed ({type(error).__name__}: {error})"


@dataclass(slots=True, eq=False)
class Paper:
    """A request that waits."""

    frame: bytes
    weight: int = 0
    """Bytes that reading it ahead takes."""
    is_ahead: bool = False
    """Whether it is to be read ahead."""
    found: tuple[Any, BaseException | None] | None = None
    """What was read for it, or what was raised."""
    seconds: float = 0.0
    """That it took."""

    @property
    def item(self) -> Any:
        """The item that it asks for."""
        return pickle.loads(memoryview(self.frame)[1:])

    def read(self, task: Any, item: Any) -> None:
        """Read what the task needs for it."""
        began = time.monotonic()
        try:
            found: tuple[Any, BaseException | None] = task.read(item), None
        except BaseException as error:  # it is told when its turn comes, without the memory that its traceback holds
            found = None, error.with_traceback(None)
        self.seconds = time.monotonic() - began
        self.found = found


class Desk:
    """Requests in the order they came, and the work on them.

    A task may have to `prepare`. It may be in two parts, `read` and `work`, and tell by `weight` how many bytes `read`
    takes. Where reading takes long, as on disks that turn and on the network, items are read in threads as they come,
    while one is worked on.

    Parameters
    ----------
    inbox : SimpleQueue
        Where requests come in.
    most : int
        Bytes that may be read ahead; an item of more is read when its turn comes. The threads take no more than that.
    """

    def __init__(self, inbox: queue.SimpleQueue[bytes], most: int) -> None:
        self.task: Any = None
        self._inbox = inbox
        self._papers: deque[Paper] = deque()
        self._most = self._free = most
        self._slow = _SLOW - _QUICK_ITEMS  # quick items that make up for the slow ones: of the first, one is enough
        self._to_read: queue.SimpleQueue[tuple[Paper, Any]] = queue.SimpleQueue()
        self._readers = 0

    def take_on(self, task: Any) -> None:
        """Get ready for a task."""
        if hasattr(task, "prepare"):
            task.prepare()
        self.task = task

    def take(self) -> Paper:
        """The next request; waits for it, and for what is read ahead for it."""
        while True:
            if self._slow >= _SLOW and hasattr(self.task, "read"):
                self._read_ahead()
            if self._papers and (not self._papers[0].is_ahead or self._papers[0].found):
                return self._papers.popleft()
            self._lay_down(self._inbox.get())

    def work(self, paper: Paper) -> Any:
        """Result of the task for an item."""
        item = paper.item
        if not hasattr(self.task, "read"):
            return self.task(item)
        if paper.is_ahead:
            self._free += paper.weight
        else:
            paper.read(self.task, item)
        is_slow = paper.seconds > _SLOW_SECONDS
        self._slow = min(self._slow + _QUICK_ITEMS, _SLOWEST) if is_slow else max(self._slow - 1, 0)
        assert paper.found is not None
        (data, error), paper.found = paper.found, None
        if error is not None:
            raise error
        return self.task.work(item, data)

    def _lay_down(self, frame: bytes) -> None:
        if frame != _WAKE:
            self._papers.append(Paper(frame))

    def _read_ahead(self) -> None:
        """Have items read that are there already, in their order, as far as there is room."""
        if not self._readers:
            self._employ()
        while not self._inbox.empty():
            self._lay_down(self._inbox.get())
        for paper in self._papers:
            if paper.frame[:1] == TASK or not self._readers:
                return
            if not paper.is_ahead:
                item = paper.item
                paper.weight = self.task.weight(item)
                if paper.weight <= self._free:
                    self._free -= paper.weight
                    paper.is_ahead = True
                    self._to_read.put((paper, item))
                elif paper.weight <= self._most:
                    return  # its turn comes when there is room

    def _employ(self) -> None:
        """Start the threads that read, as many of them as the system gives."""
        threading.stack_size(_READERS_STACK)
        with contextlib.suppress(RuntimeError):
            while self._readers < min(_READERS, self._most // _READERS_STACK):
                threading.Thread(target=self._read, daemon=True).start()
                self._readers += 1

    def _read(self) -> None:
        while True:
            paper, item = self._to_read.get()
            paper.read(self.task, item)
            self._inbox.put(_WAKE)


def main() -> None:
    """Work until the parent is gone or kills us."""
    requests, replies = _private_pipes()
    setup = receive(requests)
    if setup is None:
        return
    path, environment, memory, seconds = pickle.loads(setup)
    sys.path[:] = path
    os.environ.update(environment)
    _keep_memory(min(_KEPT_BYTES, memory // 4))
    _die_with_parent()
    inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_fetch, args=(requests, inbox), daemon=True).start()
    desk = Desk(inbox, min(_AHEAD_BYTES, memory // 16))
    bounded = False
    while True:
        paper = desk.take()
        if paper.frame[:1] == TASK:
            try:
                desk.take_on(pickle.loads(memoryview(paper.frame)[1:]))
            except BaseException as error:
                _reply(replies, f"{type(error).__name__}: {error}".encode(errors="backslashreplace"))
            else:
                if not bounded:  # what it takes to run is not held against the items
                    _limit(memory, seconds)
                    bounded = True
                _reply(replies, READY)
        else:
            _reply(replies, _answer(desk, paper))


def _private_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Standard input and output for ourselves alone: a codec that prints must not print into the results."""
    requests, replies = os.fdopen(os.dup(0), "rb", BUFFER), os.fdopen(os.dup(1), "wb", BUFFER)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return requests, replies


def _keep_memory(kept: int) -> None:
    """Keep so much memory when a picture leaves it: getting it anew from the system costs a fifth of decoding.

    And keep it once: of several arenas, each thread that reads ahead would have one, and keep as much there.
    """
    from difPy.memory import keep

    os.environ.setdefault("PILLOW_BLOCKS_MAX", str(min(4, kept >> 24)))  # of 16 MiB: a picture of 16 megapixels
    keep(kept, arenas=1)


def _die_with_parent() -> None:
    """On Linux the kernel kills us when the parent is gone; elsewhere `_fetch` sees it once the GIL is free."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit(memory: int, seconds: float | None) -> None:
    """Bound the memory and the processor's time that we may take from now on, and dump no core.

    The memory is what is private and writable, so mapped files are free.
    """
    if sys.platform == "win32":
        return
    import resource

    limits = {resource.RLIMIT_DATA: _taken() + memory, resource.RLIMIT_CORE: 0}
    if seconds is not None:
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)  # who started us may have ignored it, or blocked it
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGXCPU])
        limits[resource.RLIMIT_CPU] = max(1, round(time.process_time() + seconds))
    for limit, wanted in limits.items():
        _, hard = resource.getrlimit(limit)
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(limit, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _taken() -> int:
    """Bytes of memory that are private and writable now; 0 where the system (no Linux) does not count them so."""
    import resource

    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[5]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0


def _fetch(requests: IO[bytes], inbox: queue.SimpleQueue[bytes]) -> None:
    """Take items off the pipe while the task runs, so that the parent never waits to write; end when it is gone."""
    while (frame := receive(requests)) is not None:
        inbox.put(frame)
    os._exit(0)


def _answer(desk: Desk, paper: Paper) -> bytes:
    try:
        return pickle.dumps((True, desk.work(paper)), pickle.HIGHEST_PROTOCOL)
    except MemoryError as error:
        return SHORT + pickle.dumps(getattr(error, "needed", None))
    except BaseException as error:  # a panic of a Rust codec is a BaseException
        return pickle.dumps((False, reason(error)))


def _reply(replies: IO[bytes], frame: bytes) -> None:
    try:
        send(replies, frame)
        replies.flush()
    except OSError:  # the parent is gone
        os._exit(0)


if __name__ == "__main__":
    main()
