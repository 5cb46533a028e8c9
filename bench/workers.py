"""What worker processes cost: difPy's against the standard library's pools, on 3,000 tasks of some 2 ms, and to start.

Run it as ``python bench/workers.py [tasks]``. All pools run the same work in one run, several times, in turns.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from difPy.model import cores
from difPy.workers import Loss, Processes

TENSOR = bytes(7500)


def work(rounds: int) -> bytes:
    """Compute for a while, return as much as a small picture does."""
    for _ in range(rounds):
        pass
    return TENSOR


def load(_: int) -> None:
    """Import what decoding imports."""
    for library in ("numpy", "PIL.Image"):
        importlib.import_module(library)


def lose(_: int, loss: Loss) -> bytes:
    raise RuntimeError(loss.reason)


def seconds(call) -> tuple[float, float]:
    """Seconds by the clock, and processor seconds of this process and its children together."""
    began, before = time.perf_counter(), os.times()
    call()
    return time.perf_counter() - began, sum(os.times()[:4]) - sum(before[:4])


def difpy(task, items) -> int:
    return sum(1 for _ in Processes(cores()).map(task, items, lost=lose))


def pool(task, items) -> int:
    with multiprocessing.get_context("spawn").Pool(cores()) as workers:
        return sum(1 for _ in workers.imap(task, items, chunksize=16))


def futures(task, items) -> int:
    with ProcessPoolExecutor(cores(), mp_context=multiprocessing.get_context("spawn")) as workers:
        return sum(1 for _ in workers.map(task, items, chunksize=16))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    rounds = int(2e-3 / min(seconds(lambda: work(100_000))[0] for _ in range(20)) * 100_000)
    contestants = {
        "the bare loop, in one process": lambda: [work(rounds) for _ in range(count)],
        "difPy": lambda: difpy(work, [rounds] * count),
        "multiprocessing.Pool, chunks of 16": lambda: pool(work, [rounds] * count),
        "ProcessPoolExecutor, chunks of 16": lambda: futures(work, [rounds] * count),
    }
    starts = {
        "difPy": lambda: difpy(load, range(cores())),
        "python -c 'import numpy, PIL.Image'": lambda: subprocess.run(
            [sys.executable, "-c", "import numpy, PIL.Image"], check=True
        ),
    }
    for title, calls in (
        (f"{count} tasks of 2 ms, start included", contestants),
        ("start, with numpy and Pillow", starts),
    ):
        print(f"{title}; {cores()} workers; medians of 5: seconds, processor seconds")
        times = [{name: seconds(call) for name, call in calls.items()} for _ in range(5)]
        for name in calls:
            wall, busy = (statistics.median(column) for column in zip(*(t[name] for t in times), strict=True))
            print(f"  {wall:7.3f} {busy:7.3f}  {name}")


if __name__ == "__main__":
    import workers  # this file once more: tasks must be functions of a module that workers can import

    workers.main()
