"""Tasks that worker processes import: the good, the bad and the murderous."""

from __future__ import annotations

import ctypes
import dataclasses
import os
import signal
import sys
import threading
import time
from pathlib import Path

from difPy import decode
from difPy.files import File
from difPy.model import Failure
from difPy.workers import worker


def wait(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def wait_in_c(seconds: int) -> int:
    """Sleep in C code that holds the GIL."""
    return ctypes.PyDLL(None).sleep(seconds)


def busy_pid(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def announce(seconds: int, folder: str) -> int:
    """Leave our process id in a folder, then sleep in C code that holds the GIL."""
    (Path(folder) / str(os.getpid())).touch()
    return wait_in_c(seconds)


def invert(number: float) -> float:
    return 1 / number


def die(how: object) -> object:
    """End the process in the way asked for; return anything else."""
    match how:
        case "segfault":
            ctypes.string_at(0)
        case "abort":
            os.abort()
        case "exit":
            os._exit(3)
        case "sys.exit":
            sys.exit("enough")
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
    return how


def die_once(path: str) -> str:
    """Die at the first call for a path, as if the system had killed us for what another process did."""
    if not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "survived"


def stop(path: str) -> str:
    """Stop the process at the first call for a path, as if somebody had suspended it; for good if the path says so."""
    if not Path(path).exists() or path.endswith("always"):
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGSTOP)
    return "survived"


def spin(seconds: float) -> float:
    """Keep a processor busy for so long."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return seconds


def log(how: object, path: str) -> object:
    """Note in a file that an item is tried; then die as asked for."""
    with open(path, "a") as file:
        file.write(f"{how}\n")
    return die(how)


def alone_at_second_try(seconds: float, folder: str) -> float:
    """Say for how long we are at work; the one who works for no time crashes first, and then says if it was alone."""
    mine = Path(folder) / f"{os.getpid()} works"
    if seconds:
        mine.touch()
        time.sleep(seconds)
        mine.unlink()
        return seconds
    try:
        (Path(folder) / "crashed").touch(exist_ok=False)
    except FileExistsError:
        time.sleep(0.2)
        return len(os.listdir(folder))  # but for the note of the crash, nothing
    return ctypes.string_at(0)


def die_or_look(name: str) -> object:
    """Whether there is a file of that name; or what `die` does."""
    return die(name) if name == "exit" else Path(name).exists()


def allocate(size: int) -> int:
    return len(bytearray(size))


def allocate_array(size: int) -> int:
    import numpy as np

    return np.ones(size, np.uint8).size


LEAK = []


def leak(size: int) -> int:
    LEAK.append(bytearray(size))
    return size


class OnlyIn:
    """A part of a task that can be loaded in one process only."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def __reduce__(self) -> tuple[object, ...]:
        return only_in, (self.pid,)


def only_in(pid: int) -> OnlyIn:
    if os.getpid() != pid:
        raise ImportError("a library is not there")
    return OnlyIn(pid)


def print_in_c(text: str) -> str:
    """Write to standard output and standard error as C code does, past Python's streams."""
    os.write(1, text.encode())
    os.write(2, text.encode())
    return sys.stdin.read() + text


def repeat(size: int) -> bytes:
    return bytes(size)


def echo(value: object) -> object:
    return value


def unpicklable(_: object) -> object:
    return lambda: None


def threads(_: object) -> tuple[int, str | None]:
    """Threads of this process after numpy has multiplied matrices, and what other libraries are told."""
    import numpy as np

    np.ones((500, 500)) @ np.ones((500, 500))
    return len(os.listdir("/proc/self/task")), os.environ.get("OMP_NUM_THREADS")


class Reading:
    """A task in two parts, the first of which waits: in which thread it read, and how many items were held at most."""

    def __init__(self, seconds: float, weight: int, until: int = 1 << 30) -> None:
        self.seconds, self.bytes, self.until = seconds, weight, until
        self.held = self.most = 0

    def weight(self, item: int) -> int:
        return self.bytes

    def read(self, item: int) -> bool:
        if item < 0:
            raise OSError("no such item")
        self.held += 1
        self.most = max(self.most, self.held)
        if self.seconds and item < self.until:
            time.sleep(self.seconds)
        return threading.current_thread() is threading.main_thread()

    def work(self, item: int, read_in_turn: bool) -> tuple[int, bool, int]:
        self.held -= 1
        time.sleep(0.005)
        return item, read_in_turn, self.most


class Remembering(Reading):
    """One that reads so many bytes, of one item too many: how many this process has taken so far."""

    def read(self, item: int) -> bytes:
        super().read(item)
        data = b"a" * (200 << 20 if item == 3 else self.bytes)
        if item == 3:
            raise MemoryError(len(data))
        return data

    def work(self, item: int, data: bytes) -> int:
        time.sleep(0.005)
        return worker._taken()


@dataclasses.dataclass(frozen=True, slots=True)
class SlowLook(decode.Look):
    """The task of decoding, as on a slow disk."""

    def read(self, file: File) -> bytes | Failure:
        time.sleep(0.02)
        return decode.Look.read(self, file)


class Prepared:
    """A task that has to prepare: how often it did before it was asked."""

    times = 0

    def prepare(self) -> None:
        self.times += 1

    def __call__(self, item: int) -> int:
        return self.times


class Unprepared(Prepared):
    """One that cannot."""

    def prepare(self) -> None:
        raise ImportError("no decoder here")


def opened(_: object) -> list[str]:
    """What this process has open."""
    return [os.readlink(f"/proc/self/fd/{one}") for one in os.listdir("/proc/self/fd")[:-1]]


def handlers(names: tuple[str, ...]) -> list[object]:
    """What becomes of signals here: numbers, which can be sent."""
    return [int(signal.getsignal(getattr(signal, name))) for name in names]  # type: ignore[arg-type]
