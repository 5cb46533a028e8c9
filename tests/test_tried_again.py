"""What circumstances do to a worker is not held against the file it was at; what a file does to its workers is."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import threading

import psutil
import pytest

import difPy
import worker_tasks as tasks
from difPy.workers import Loss, Processes, dismiss
from pictures import bomb, scene

NEXT = "; the next run tries again"


def loss(_, why):
    return why


@pytest.fixture(autouse=True)
def _no_worker_left():
    dismiss()
    yield
    dismiss()


def test_a_worker_that_was_stopped_costs_nothing(tmp_path):
    items = [str(tmp_path / name) for name in ("a", "b", "c")]
    assert list(Processes(2, seconds=0.5).map(tasks.stop, items, lost=loss)) == ["survived"] * 3


def test_one_that_is_stopped_again_loses_the_item_for_now(tmp_path):
    (found,) = Processes(2, seconds=0.3).map(tasks.stop, [str(tmp_path / "always")], lost=loss)
    assert found == Loss(f"it took longer than 0.9 s, of which it hardly worked{NEXT}", lasting=False)


def test_what_keeps_a_processor_busy_for_too_long_is_to_blame():
    found = list(Processes(2, seconds=1).map(tasks.spin, [0, 100, 0], lost=loss))
    assert found == [0, Loss("it took longer than 1 s", lasting=True), 0]


@pytest.mark.parametrize(
    ("how", "times", "lasting"), [("segfault", 3, True), ("abort", 3, True), ("exit", 3, True), ("kill", 2, False)]
)
def test_what_crashes_twice_alone_is_to_blame_and_what_is_killed_is_not(how, times, lasting, tmp_path):
    items = [1, how, 2]
    found = list(Processes(2).map(functools.partial(tasks.log, path=str(tmp_path / "log")), items, lost=loss))
    assert found[0::2] == [1, 2] and found[1].lasting is lasting
    assert (tmp_path / "log").read_text().splitlines().count(how) == times


def test_what_is_in_doubt_is_tried_while_no_other_worker_is_at_work(tmp_path):
    items = [*[0.05] * 40, 0, *[0.05] * 40]
    found = Processes(3).map(functools.partial(tasks.alone_at_second_try, folder=str(tmp_path)), items, lost=loss)
    assert list(found) == [*[0.05] * 40, 1, *[0.05] * 40]


def test_however_many_are_in_doubt_the_results_keep_their_order():
    items = [how for number in range(12) for how in (number, "segfault", "kill")]
    found = list(Processes(3).map(tasks.die, items, lost=lambda item, _: ("lost", item)))
    assert found == [item if isinstance(item, int) else ("lost", item) for item in items]


def test_a_run_that_is_broken_off_while_an_item_is_tried_alone_ends_at_once(tmp_path):
    (tmp_path / "there").touch()
    items = [str(tmp_path / name) for name in ("there", "always", "there")]
    found = Processes(2, seconds=0.3).map(tasks.stop, items, lost=loss)
    next(found)
    found.close()
    dismiss()  # whoever had done its items may rest for some seconds
    assert psutil.Process().children() == []


# Real files, an index that remembers


class Killer:
    """Sends a signal to whatever worker of ours has computed for a while: the one that is at the slow picture."""

    def __init__(self, number, seconds=0.6):
        self.number, self.seconds, self._hit = number, seconds, set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._hunt)

    def __enter__(self):
        self._thread.start()
        return self

    def _hunt(self):
        while not self._over.wait(0.02):
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if process not in self._hit and process.cpu_times().user > self.seconds:
                        process.send_signal(self.number)
                        self._hit.add(process)

    @property
    def sent(self):
        return len(self._hit)

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


@pytest.fixture
def pictures(tmp_path):
    """Some pictures, one of them so slow that its worker can be told by the time it computes."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    bomb(folder / "slow.webp", 1500, 60)
    for number in range(4):
        scene(number).save(folder / f"{number}.png")
    for path in folder.iterdir():
        os.utime(path, (1e9, 1e9))  # what was written just now may be written again, and is looked at again
    return folder


def indexed(pictures, tmp_path):
    library = difPy.index(str(pictures), cache=str(tmp_path / "index.sqlite"), processes=2)
    return len(library), {os.path.basename(one.path): one.reason for one in library.failures}, library.decoded


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_file_whose_worker_was_killed_from_outside_is_decoded_in_the_next_run(number, pictures, tmp_path):
    with Killer(number) as killer:
        known, failures, _ = indexed(pictures, tmp_path)
    assert killer.sent == 2 and known == 4
    assert failures["slow.webp"].startswith(f"it was killed (signal {number:d})")
    assert failures["slow.webp"].endswith(NEXT)
    assert indexed(pictures, tmp_path) == (5, {}, 1)


def test_a_file_that_crashes_each_of_its_workers_is_remembered_and_not_tried_again(pictures, tmp_path):
    with Killer(signal.SIGSEGV) as killer:
        known, failures, decoded = indexed(pictures, tmp_path)
    assert (killer.sent, known, decoded) == (3, 4, 5)
    assert failures == {"slow.webp": "its decoder crashed (signal 11)"}
    assert indexed(pictures, tmp_path) == (4, failures, 0)
