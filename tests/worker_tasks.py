"""Tasks that worker processes import: the good, the bad and the murderous."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from pathlib import Path


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
    """Threads of this process after numpy has multiplied matrices, and what numba is told."""
    import numpy as np

    np.ones((500, 500)) @ np.ones((500, 500))
    return len(os.listdir("/proc/self/task")), os.environ.get("NUMBA_NUM_THREADS")
