"""`difpy index`, killed at any moment and run again: the index of an undisturbed run, and little work done twice."""

import bisect
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import numpy as np
import psutil
import pytest
from PIL import Image

import store_tasks as made

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process is killed as POSIX does it")

WITNESS = """
import os, sys, time
folder, log = os.environ["WITNESS_FOLDER"], os.environ["WITNESS_LOG"]
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(folder):
        file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)  # each time: what is open a twin of us closes
        os.write(file, f"{time.monotonic()} {arguments[0]}\\n".encode())
        os.close(file)
sys.addaudithook(hook)
"""  # what any Python process runs first, ours and their workers: it tells of every picture that is opened
SECONDS = 2.0
BATCH = 256  # so many pictures are handed to the index at once, or those of a second


@pytest.fixture
def index(tmp_path):
    """`index(cache, log, workers)` starts `difpy index` of the pictures; the log tells which were opened, and when."""
    (tmp_path / "sitecustomize.py").write_text(WITNESS)

    def start(cache, log, workers):
        environment = {
            "PYTHONPATH": str(tmp_path),
            "WITNESS_FOLDER": str(tmp_path / "pictures") + os.sep,
            "WITNESS_LOG": str(log),
        }
        options = [tmp_path / "pictures", "--cache", cache, "--processes", str(workers)]
        command = [sys.executable, "-m", "difPy", "index", *options]
        return subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    return start


def draw(folder, count, size):
    """Pictures of one look and of as many contents as there are, each of another size; and two that are damaged."""
    folder.mkdir()
    coarse = np.random.default_rng(1).integers(0, 256, (6, 8, 3), np.uint8)
    Image.fromarray(coarse).resize(size).save(folder / "first.png", compress_level=1)
    data = (folder / "first.png").read_bytes()
    for number in range(1, count):
        (folder / f"{number}.png").write_bytes(data + b"\0" * number)
    (folder / "cut off.png").write_bytes(data[: len(data) // 2])
    (folder / "text.png").write_bytes(b"no picture")
    for path in folder.iterdir():
        os.utime(path, (1e9, 1e9))  # old enough to be trusted


def opened(log):
    """Seconds and path of each picture opened."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [(float(line.split(" ", 1)[0]), line.split(" ", 1)[1]) for line in lines]


def most_in(seconds, times):
    """The most of the times that lie within so many seconds."""
    times = sorted(times)
    return max((bisect.bisect(times, start + seconds) - at for at, start in enumerate(times)), default=0)


def kill(process, log, count, moments):
    """Kill it at any moment, or, mostly, once it has opened so many; its workers must end by themselves."""
    if moments.random() < 0.2:
        time.sleep(moments.uniform(0, 1))
    else:
        least = moments.randrange(1, count)
        while process.poll() is None and (log.read_bytes().count(b"\n") if log.exists() else 0) < least:
            time.sleep(0.005)
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.kill()
    process.communicate()
    assert psutil.wait_procs(children, timeout=30)[1] == []


@pytest.mark.parametrize(("count", "size", "workers", "kills"), [(400, (30, 20), 1, 21), (24, (2_000, 1_500), 2, 4)])
def test_an_index_whose_making_was_killed_is_that_of_an_undisturbed_run(tmp_path, index, count, size, workers, kills):
    """What is opened twice was opened within two seconds: it was not in the index when the process was killed."""
    draw(tmp_path / "pictures", count, size)
    with index(tmp_path / "undisturbed", tmp_path / "log", workers) as process:
        said, complaints = process.communicate()
    assert said.decode().startswith(f"{count} pictures, {count + 2} decoded")
    assert set(Counter(path for _, path in opened(tmp_path / "log")).values()) == {1}
    expected = made.dump(tmp_path / "undisturbed")
    moments, twice, saved = random.Random(count), [], []
    for number in range(kills):
        cache, first, second = (tmp_path / f"{name}{number}" for name in ("index", "first", "second"))
        with index(cache, first, workers) as process:
            kill(process, first, count, moments)
        with index(cache, second, workers) as process:
            assert process.communicate()[1] == complaints, "of the two damaged files alone"
        assert process.returncode == 0
        assert made.dump(cache) == expected
        before, again = dict(map(reversed, opened(first))), {path for _, path in opened(second)}
        assert len(before.keys() | again) == count + 2
        twice.append(len(before.keys() & again))
        saved.append(count + 2 - len(again))
        assert twice[-1] <= most_in(SECONDS, before.values())
    if count > BATCH:
        assert max(twice) <= 2 * BATCH
        assert any(BATCH <= number < count for number in saved), "some were killed when there was something to lose"
