"""What one picture may take does not depend on the number of workers, and what they take together has a bound."""

from __future__ import annotations

import contextlib
import functools
import platform
import subprocess
import sys
import threading

import psutil
import pytest

from difPy import decode, memory
from difPy.scan import scan
from difPy.workers import Processes
from pictures import bomb, scene

MIB = 1 << 20


class Watch:
    """The most memory that the processes started meanwhile had together.

    One that does not run its own program yet still has our memory (vfork), and our command line: it is not counted.
    """

    def __enter__(self):
        self.peak, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def _look(self):
        us = psutil.Process()
        while not self._over.wait(0.02):
            together = 0
            for process in us.children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if process.cmdline() != us.cmdline():
                        together += process.memory_full_info().uss
            self.peak = max(self.peak, together)

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


def looks(folder, workers, **limits):
    files = scan([str(folder)]).files
    look = functools.partial(decode.look, px_size=8, exact=True)
    return list(Processes(workers, **limits).map(look, files, lost=lambda file, loss: loss))


def test_four_bombs_at_once_take_no_more_than_one(tmp_path):
    for number in range(4):
        bomb(tmp_path / f"{number}.webp", 2000, 2, shade=number)
    with Watch() as watch:
        found = looks(tmp_path, 4, memory=128 * MIB)
    assert [picture.frames for picture in found] == [2] * 4
    # Each worker has some 20 MiB to itself, and each bomb has 100.
    assert 50 * MIB < watch.peak < (128 + 4 * 50) * MIB


def test_the_answer_does_not_depend_on_the_number_of_workers(tmp_path):
    for number in range(3):
        bomb(tmp_path / f"{number}.webp", 1000 + 200 * number, 2, shade=number)
    scene(1, (1200, 900)).save(tmp_path / "large.png")
    scene(2).save(tmp_path / "small.jpg")
    (tmp_path / "truncated.png").write_bytes((tmp_path / "large.png").read_bytes()[:50_000])
    scene(3, (700, 700)).save(tmp_path / "large.jp2")
    one, sixteen = ([str(look) for look in looks(tmp_path, n, memory=72 * MIB)] for n in (1, 16))
    assert sixteen == one
    assert sum("Picture(" in look for look in one) == 6


def test_what_needs_more_than_the_machine_has_for_it_says_so_and_may_be_tried_on_another(tmp_path):
    bomb(tmp_path / "a.webp", 2000, 1)
    (loss,) = looks(tmp_path, 2, memory=64 * MIB)
    assert loss.reason == "too large: it needs 0.0969 GiB of memory, and may take 0.0625 GiB of memory here"
    assert not loss.lasting


def test_half_of_what_the_machine_has_is_for_all_workers():
    assert 0 < memory.for_one() <= memory.for_all(1) <= memory.for_all(64) <= memory.of_machine() // 2
    assert memory.of_machine() <= psutil.virtual_memory().total


@pytest.mark.parametrize(
    ("groups", "files", "limits"),
    [
        ("0::/a/b\n", {"a/b/memory.max": "max", "a/memory.max": "1000", "memory.max": "5000"}, [1000, 5000]),
        ("0::/\n", {"memory.max": "700"}, [700]),
        ("5:cpu,memory:/docker/x\n4:cpu:/\n", {"memory/docker/x/memory.limit_in_bytes": "900"}, [900]),
        ("0::/gone\n\nnonsense\n", {}, []),
    ],
)
def test_control_groups_and_those_around_them_bound_the_memory(tmp_path, groups, files, limits):
    (tmp_path / "mine").write_text(groups)
    for name, text in files.items():
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_text(text + "\n")
    assert memory._of_control_groups(str(tmp_path / "root"), str(tmp_path / "mine")) == limits


def test_without_control_groups_there_is_no_such_bound(tmp_path):
    assert memory._of_control_groups(str(tmp_path), str(tmp_path / "none")) == []


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="there it is glibc that gives memory back, or keeps it")
@pytest.mark.parametrize(("first", "kept"), [("process.keep_memory()", True), ("", False)])
def test_a_command_takes_the_memory_of_one_batch_of_pictures_again_for_the_next(first, kept, monkeypatch):
    for name in ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"):
        monkeypatch.delenv(name, raising=False)
    script = f"""if True:
        import resource
        from difPy.commands import process
        {first}
        for _ in range(3):
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            tensors = [bytes([1]) * 7500 for _ in range(1000)]
            taken = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
            del tensors
        print(taken)
    """
    pages = int(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)
    assert (pages < 200) == kept
