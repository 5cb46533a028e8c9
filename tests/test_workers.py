"""Executors map; whatever a file does to a worker, the run goes on and nothing is left behind."""

from __future__ import annotations

import functools
import math
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import worker_tasks as tasks
from difPy.errors import WorkersFailed
from difPy.files import File
from difPy.model import Picture
from difPy.traits import Lossless, Notes
from difPy.workers import Processes, Serial, crew, dismiss, worker
from difPy.workers.replies import Replies, paced
from scripts import LIVELY, alive, run_script, wait_until

PROMPT = 10.0  # seconds for what takes 0.1 s; tasks that are to be ended would take 100 s
MIB = 1 << 20


def reason(_, loss):
    return loss.reason


def children():
    return psutil.Process().children(recursive=True)


@pytest.fixture(autouse=True)
def _nothing_left_behind():
    """Every test here leaves no thread, no open pipe and no process, once those that wait for work are dismissed."""
    before = len(os.listdir("/proc/self/fd"))
    yield
    dismiss()
    assert children() == []
    assert [t.name for t in threading.enumerate() if t.name.startswith("difPy")] == []
    assert wait_until(lambda: len(os.listdir("/proc/self/fd")) <= before, 5)


class Counted(Sequence):
    """A sequence that knows how far it was read."""

    def __init__(self, item, length):
        self.item, self.length, self.furthest = item, length, -1

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        self.furthest = max(self.furthest, index)
        return self.item


# Results


@settings(max_examples=10, deadline=None)
@given(
    items=st.lists(
        st.floats() | st.integers() | st.just("no number") | st.text(st.characters(), max_size=3), max_size=40
    ),
    n=st.integers(1, 3),
)
def test_serial_and_processes_give_equal_results(items, n):
    here = list(Serial().map(tasks.invert, items, lost=lambda item, loss: (item, loss)))
    there = list(Processes(n).map(tasks.invert, items, lost=lambda item, loss: (item, loss)))
    assert pickle.dumps(here) == pickle.dumps(there) or repr(here) == repr(there)
    assert len(here) == len(items)


def test_results_come_in_the_order_of_the_items_though_the_first_is_the_slowest():
    items = [0.5, *[0.0] * 20, 0.2, 0.1]
    assert list(Processes(2).map(tasks.wait, items, lost=reason)) == items


def test_an_exception_of_the_task_loses_the_item_with_what_it_says():
    for executor in (Serial(), Processes(2)):
        assert list(executor.map(tasks.invert, [2, 0, 4], lost=reason)) == [
            0.5,
            "its decoder failed (ZeroDivisionError: division by zero)",
            0.25,
        ]


def test_a_result_that_cannot_be_sent_loses_the_item():
    (why,) = Processes(1).map(tasks.unpicklable, [1], lost=reason)
    assert "its decoder failed" in why and "pickle" in why


def test_no_items_no_workers():
    assert list(Processes(4).map(tasks.wait, [], lost=reason)) == []


def test_no_more_workers_than_items():
    results = Processes(8).map(tasks.busy_pid, [0.3, 0.3], lost=reason)
    assert isinstance(next(results), int)
    assert len(children()) <= 2
    results.close()


ENOUGH_FOR_TWO = [0.2, 0.2, *[0.0] * 40]


def test_two_workers_work_at_once():
    assert len(set(Processes(2).map(tasks.busy_pid, ENOUGH_FOR_TWO, lost=reason))) == 2


def test_a_few_small_items_are_left_to_one_worker_and_a_few_large_ones_are_not():
    assert len(set(Processes(2).map(tasks.busy_pid, [0.0] * 10, lost=reason))) == 1
    dismiss()
    assert len(set(Processes(2).map(tasks.busy_pid, [0.5] * 20, lost=reason))) == 2


def test_large_items_and_large_results_pass_in_both_directions():
    items = [bytes([i]) * (2 * MIB) for i in range(30)]
    assert list(Processes(2).map(tasks.echo, items, lost=reason)) == items


def test_names_that_are_not_utf8_pass_in_both_directions():
    items = ["caf\udce9.jpg", "\N{PILE OF POO}", "new\nline"]
    assert list(Processes(1).map(tasks.echo, items, lost=reason)) == items


def test_a_partial_of_a_function_is_a_task():
    assert list(Processes(2).map(functools.partial(pow, 2), range(5), lost=reason)) == [1, 2, 4, 8, 16]


def test_what_a_codec_prints_is_neither_seen_nor_taken_for_a_result(capfd):
    assert list(Processes(1).map(tasks.print_in_c, ["noise"] * 3, lost=reason)) == ["noise"] * 3
    assert capfd.readouterr() == ("", "")


def test_a_worker_computes_in_one_thread():
    (result,) = Processes(1).map(tasks.threads, [0], lost=reason)
    assert result == (2, "1")  # the other one waits for items


# Laziness


def test_nothing_starts_before_the_first_result_is_asked_for():
    items = Counted(1.0, 10)
    Processes(2).map(tasks.wait, items, lost=reason)
    assert items.furthest == -1


def test_a_million_items_are_read_a_bounded_number_ahead_of_the_results():
    items = Counted(MIB, 1_000_000)  # results of 1 MiB
    results = Processes(2).map(tasks.repeat, items, lost=reason)
    next(results)
    wait_until(lambda: items.furthest >= 128)
    time.sleep(0.5)
    assert 128 <= items.furthest < 128 + 2 * 64 + 2
    for _ in range(10):
        next(results)
    assert wait_until(lambda: items.furthest >= 138)
    results.close()


def test_a_million_small_items_are_read_a_bounded_number_ahead_too():
    items = Counted("x", 1_000_000)
    results = Processes(2).map(tasks.echo, items, lost=reason)
    next(results)
    assert wait_until(lambda: items.furthest == 2 * 1024)
    time.sleep(0.2)
    assert items.furthest == 2 * 1024
    results.close()


def test_closing_the_iterator_stops_busy_workers():
    results = Processes(2).map(tasks.wait_in_c, [0, 100, 100], lost=reason)
    assert next(results) == 0
    assert wait_until(lambda: len(children()) == 2)
    began = time.monotonic()
    results.close()
    assert children() == [] and time.monotonic() - began < PROMPT


def test_an_exception_in_the_consumer_stops_the_workers():
    with pytest.raises(LookupError, match="of the consumer"):
        for _ in Processes(2).map(tasks.wait, [0.0, *[0.05] * 1000], lost=reason):
            raise LookupError("of the consumer")
    assert children() == []


def test_a_worker_that_was_ended_as_its_reply_arrived_does_not_wait_for_work(monkeypatch):
    receive = worker.receive_all

    def receive_slowly(*arguments):
        replies = receive(*arguments)
        time.sleep(0.3)  # in which the other worker's result is taken, and the work is broken off
        return replies

    monkeypatch.setattr(worker, "receive_all", receive_slowly)
    results = Processes(2).map(tasks.echo, range(1000), lost=reason)
    assert next(results) == 0
    results.close()
    assert children() == []


# Replies


@pytest.fixture
def replies():
    """What is read from a pipe as from a worker, and the end of the pipe that a worker writes to."""
    read, write = os.pipe()
    with open(read, "rb", worker.BUFFER) as pipe, open(write, "wb", buffering=0) as end:
        yield Replies(pipe), end


def test_replies_that_have_come_are_taken_at_once_and_one_that_is_half_there_is_waited_for(replies):
    some, end = replies
    for reply in (b"one", b"", b"three"):
        worker.send(end, reply)
    end.write(struct.pack("<Q", 4) + b"fo")
    threading.Timer(0.1, end.write, [b"ur"]).start()
    assert some.take(4, 1.0) == [b"one", b"", b"three", b"four"]


def test_a_worker_that_has_become_quicker_soon_waits_for_us_no_more():
    pace = 0.02
    for _ in range(3):
        pace = paced(pace, 0.06, came=10, awaited=0)  # all were there when they were looked for
    assert pace < 0.001
    assert paced(0.2, 0.4, came=1, awaited=0) == pytest.approx(0.25)  # of one item at a time each takes what it takes


def test_millions_of_items_that_take_no_time_are_no_end_of_a_run(replies):
    """Halved, and halved again, what one takes was 0 some day, and so many of them in a second infinite."""
    some, end = replies
    pace = math.inf
    for _ in range(2000):
        pace = paced(pace, 0.0001, came=64, awaited=0)
    worker.send(end, b"one")
    assert some.take(64, pace) == [b"one"]


def test_what_a_worker_had_replied_is_taken_though_it_died_amid_the_next_reply(replies):
    some, end = replies
    worker.send(end, b"one")
    end.write(struct.pack("<Q", 4) + b"tw")
    end.close()
    assert [some.take(2, 1.0), some.take(1, 1.0)] == [[b"one"], []]


def test_results_of_all_sizes_pass_when_many_are_taken_at_a_time():
    items = [bytes([i % 251]) * (MIB if i % 50 == 25 else i * 40) for i in range(300)]
    assert list(Processes(2).map(tasks.echo, items, lost=reason)) == items


def test_pictures_and_files_that_a_worker_sends_are_what_it_had():
    """All kinds of values: a sketch, and a film with transparency, whose views are several."""
    tensors = np.arange(4 * 10 * 10 * 3, dtype=np.uint8).reshape(4, 10, 10, 3)
    rest = 8, 1.5, "JPEG", 3, True, bytes(range(32)), 2, Notes.PLACE | Notes.RATING, Lossless.YES, "a film: 00", 70_000
    for views, identity in ((None, None), (tensors, bytes(range(32, 64)))):
        had = Picture(640, 480, 2, tensors[0], views, identity, *rest)
        (picture,) = Processes(1).map(tasks.echo, [had], lost=reason)
        for name in Picture._fields:
            mine, sent = getattr(had, name), getattr(picture, name)
            assert type(mine) is type(sent)
            assert np.array_equal(mine, sent) if isinstance(mine, np.ndarray) else mine == sent
    file = File("caf\udce9.jpg", "", 1, 2, 3, 4, ("one",), (), True, bytes(32), 5, 6, "PNG", "2024", "a camera")
    assert list(Processes(1).map(tasks.echo, [file], lost=reason)) == [file]


# Workers that have nothing to do


def pids():
    return set(Processes(2).map(tasks.busy_pid, ENOUGH_FOR_TWO, lost=reason))


def test_the_next_run_takes_over_workers_that_have_nothing_to_do():
    first = pids()
    assert len(first) == 2 and pids() == first
    assert list(Processes(2).map(tasks.echo, range(100), lost=reason)) == list(range(100))
    assert {child.pid for child in children()} == first


@pytest.mark.parametrize("change", ["folder", "environment", "path", "memory"])
def test_but_not_workers_that_were_started_in_another_way(change, monkeypatch, tmp_path):
    first = pids()
    memory = 4 << 30
    if change == "folder":
        monkeypatch.chdir(tmp_path)
    elif change == "environment":
        monkeypatch.setenv("SOMETHING", "else")
    elif change == "path":
        monkeypatch.syspath_prepend(tmp_path)
    else:
        memory -= 1
    second = set(Processes(2, memory=memory).map(tasks.busy_pid, ENOUGH_FOR_TWO, lost=reason))
    assert not first & second
    assert {child.pid for child in children()} == second  # the first have ended


def test_workers_that_are_killed_while_they_wait_cost_nothing():
    first = pids()
    for child in children():
        child.kill()
    assert not first & pids()


def test_workers_that_wait_for_long_enough_end_by_themselves(monkeypatch):
    monkeypatch.setattr(crew, "_IDLE_SECONDS", 0.3)
    pids()
    assert wait_until(lambda: not children() and "difPy crew" not in {t.name for t in threading.enumerate()}, PROMPT)
    assert len(pids()) == 2


def test_a_task_that_cannot_be_loaded_is_an_error_for_workers_taken_over_too():
    pids()
    task = functools.partial(tasks.echo, tasks.OnlyIn(os.getpid()))
    with pytest.raises(WorkersFailed, match="cannot load its task"):
        next(Processes(2).map(task, [1, 2], lost=reason))


def test_a_fork_leaves_the_workers_to_its_parent(tmp_path):
    script = """
import os, psutil
import worker_tasks as tasks
from difPy.workers import Processes
def pids():
    return set(Processes(2).map(tasks.busy_pid, [0.2, 0.2, *[0.0] * 40], lost=lambda item, loss: loss.reason))
first = pids()
if child := os.fork():
    assert os.waitpid(child, 0)[1] == 0
    print(pids() == first)
else:
    os._exit(bool(first & pids()))
"""
    with run_script(script, tmp_path) as parent:
        assert parent.communicate(timeout=LIVELY) == ("True\n", "")
        assert wait_until(lambda: not alive(parent.pid), PROMPT)


def test_a_program_that_ends_ends_its_workers(tmp_path):
    script = """
import worker_tasks as tasks
from difPy.workers import Processes
print(list(Processes(2).map(tasks.echo, [1, 2], lost=lambda item, loss: loss.reason)))
"""
    with run_script(script, tmp_path) as parent:
        assert parent.communicate(timeout=LIVELY) == ("[1, 2]\n", "")
        assert not alive(parent.pid)


def test_it_works_in_a_thread():
    results = []
    thread = threading.Thread(target=lambda: results.extend(Processes(2).map(tasks.echo, range(100), lost=reason)))
    thread.start()
    thread.join(LIVELY)
    assert results == list(range(100))


# Bad files


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("segfault", "its decoder crashed (signal 11)"),
        ("abort", "its decoder crashed (signal 6)"),
        ("exit", "its decoder ended the process (exit status 3)"),
        ("sys.exit", "its decoder failed (SystemExit: enough)"),
        ("kill", "it was killed (signal 9), as systems do when memory runs out; the next run tries again"),
    ],
)
def test_an_item_that_kills_its_worker_is_lost_alone_with_the_reason(how, why):
    items = [*range(50), how, *range(50)]
    assert list(Processes(2).map(tasks.die, items, lost=reason)) == [*range(50), why, *range(50)]


def test_fifty_killers_among_five_hundred_items_cost_fifty_items():
    items = [("segfault", "abort", "exit")[i % 3] if i % 10 == 7 else i for i in range(500)]
    results = list(Processes(2).map(tasks.die, items, lost=lambda item, _: ("lost", item)))
    assert results == [item if isinstance(item, int) else ("lost", item) for item in items]


def test_nothing_but_killers_still_ends():
    assert list(Processes(2).map(tasks.die, ["exit"] * 10, lost=lambda *_: "lost")) == ["lost"] * 10


def test_an_innocent_item_whose_worker_is_killed_is_tried_again(tmp_path):
    items = [str(tmp_path / f"{i}") for i in range(5)]
    assert list(Processes(2).map(tasks.die_once, items, lost=reason)) == ["survived"] * 5


def test_workers_killed_from_outside_cost_nothing():
    results = Processes(2).map(tasks.wait, [0.02] * 100, lost=reason)
    seen = [next(results)]
    for _ in range(4):
        seen += [next(results) for _ in range(10)]
        for child in children()[:1]:
            child.kill()
    assert seen + list(results) == [0.02] * 100


@pytest.mark.parametrize("task", [tasks.wait, tasks.wait_in_c])
def test_an_item_that_takes_too_long_is_lost_even_in_c_code_that_holds_the_gil(task):
    items = [0, 0, 100, 0, 100, 0]
    assert list(Processes(2, seconds=0.5).map(task, items, lost=reason)) == [
        "it took longer than 1.5 s, of which it hardly worked; the next run tries again" if item else 0
        for item in items
    ]


def test_time_in_which_the_run_itself_is_suspended_does_not_count(tmp_path):
    script = """
import worker_tasks as tasks
from difPy.workers import Processes
for result in Processes(1, seconds=1).map(tasks.wait, [0, 0.7, 0.7], lost=lambda item, loss: loss.reason):
    print(result, flush=True)
"""
    with run_script(script, tmp_path) as parent:
        assert parent.stdout.readline() == "0\n"
        os.killpg(parent.pid, signal.SIGSTOP)
        time.sleep(2)
        os.killpg(parent.pid, signal.SIGCONT)
        assert parent.communicate(timeout=LIVELY) == ("0.7\n0.7\n", "")


@pytest.mark.parametrize("task", [tasks.allocate, tasks.allocate_array])
def test_an_item_that_needs_too_much_memory_is_lost(task):
    results = Processes(1, memory=512 * MIB).map(task, [MIB, 1024 * MIB, MIB], lost=reason)
    assert list(results) == [MIB, "it needed more than 0.5 GiB of memory", MIB]


def test_memory_that_earlier_items_have_leaked_is_not_held_against_an_item():
    items = [200 * MIB] * 4
    assert list(Processes(1, memory=512 * MIB).map(tasks.leak, items, lost=reason)) == items


def test_a_task_that_workers_cannot_load_is_an_error_that_says_why():
    task = functools.partial(tasks.echo, tasks.OnlyIn(os.getpid()))
    with pytest.raises(WorkersFailed, match=r"cannot load its task \(ImportError: a library is not there\)"):
        next(Processes(2).map(task, [1, 2], lost=reason))


def test_workers_that_cannot_be_started_are_an_error(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(WorkersFailed, match="/nowhere/python"):
        next(Processes(2).map(tasks.wait, [0.0], lost=reason))


def test_threads_that_the_system_does_not_give_are_an_error():
    threading.stack_size(1 << 50)
    try:
        with pytest.raises(WorkersFailed, match=r"can't start new thread.*ulimit"):
            next(Processes(2).map(tasks.wait, [0.0], lost=reason))
    finally:
        threading.stack_size(0)


def test_workers_that_die_on_start_are_an_error(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(WorkersFailed, match="die on start with exit status 1"):
        next(Processes(2).map(tasks.wait, [0.0], lost=reason))


# Ends

BUSY = """
import sys
import functools, worker_tasks as tasks
from difPy.workers import Processes
task = functools.partial(tasks.announce, folder=sys.argv[1])
try:
    print("go", flush=True)
    list(Processes(2).map(task, [100] * 10, lost=lambda item, loss: loss.reason))
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize(
    ("send", "number", "status", "said"),
    [
        (os.killpg, signal.SIGINT, 0, "go\ninterrupted\n"),
        (os.kill, signal.SIGINT, 0, "go\ninterrupted\n"),
        (os.killpg, signal.SIGTERM, -signal.SIGTERM, "go\n"),
        (os.kill, signal.SIGTERM, -signal.SIGTERM, "go\n"),
        (os.kill, signal.SIGHUP, -signal.SIGHUP, "go\n"),
        (os.kill, signal.SIGKILL, -signal.SIGKILL, "go\n"),
    ],
)
def test_a_signal_ends_the_run_at_once_though_workers_are_busy_in_c_code(send, number, status, said, tmp_path):
    folder = tmp_path / "busy"
    folder.mkdir()
    with run_script(BUSY, tmp_path, str(folder)) as parent:
        assert wait_until(lambda: len(os.listdir(folder)) == 2)
        at_work = alive(parent.pid)
        assert len(at_work) == 3
        assert [m.path for process in at_work for m in process.memory_maps() if m.path.startswith("/dev/shm")] == []
        send(parent.pid, number)
        assert wait_until(lambda: not alive(parent.pid), PROMPT)
        assert parent.communicate(timeout=LIVELY) == (said, "")
        assert parent.returncode == status
    assert os.listdir(tmp_path / "temporary") == []


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.02, 0.04, 0.08, 0.16])
def test_ctrl_c_while_workers_start_is_as_quiet(delay, tmp_path):
    folder = tmp_path / "busy"
    folder.mkdir()
    with run_script(BUSY, tmp_path, str(folder)) as parent:
        assert parent.stdout.readline() == "go\n"
        time.sleep(delay)
        os.killpg(parent.pid, signal.SIGINT)
        assert wait_until(lambda: not alive(parent.pid), PROMPT)
        assert parent.communicate(timeout=LIVELY) == ("interrupted\n", "")


def test_ctrl_c_that_the_caller_survives_costs_nothing(tmp_path):
    script = """
import signal
import worker_tasks as tasks
from difPy.workers import Processes
caught = []
signal.signal(signal.SIGINT, lambda *_: caught.append(1))
print("go", flush=True)
results = list(Processes(2).map(tasks.wait, [0.01] * 200, lost=lambda item, loss: loss.reason))
print(results == [0.01] * 200, len(caught) > 1)
"""
    with run_script(script, tmp_path) as parent:
        assert parent.stdout.readline() == "go\n"
        while parent.poll() is None:
            os.killpg(parent.pid, signal.SIGINT)
            time.sleep(0.03)
        assert parent.communicate(timeout=LIVELY) == ("True True\n", "")


@pytest.mark.parametrize("task", [None, tasks.wait])
def test_a_worker_whose_pipe_is_closed_ends_by_itself_also_amid_its_task(task):
    process = subprocess.Popen([sys.executable, worker.__file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        if task:
            worker.send(process.stdin, pickle.dumps((sys.path, {}, 1 << 30, None)))
            worker.send(process.stdin, worker.TASK + pickle.dumps(task))
            worker.send(process.stdin, worker.ITEM + pickle.dumps(100))
            process.stdin.flush()
            assert worker.receive(process.stdout) == worker.READY
        process.stdin.close()
        assert process.wait(PROMPT) == 0
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def test_a_script_that_ends_with_an_iterator_half_used_leaves_nothing(tmp_path):
    script = """
import worker_tasks as tasks
from difPy.workers import Processes
results = Processes(2).map(tasks.wait_in_c, [0, 100, 100], lost=lambda item, loss: loss.reason)
print(next(results))
raise SystemExit(5)
"""
    with run_script(script, tmp_path) as parent:
        assert parent.communicate(timeout=LIVELY) == ("0\n", "")
        assert parent.returncode == 5
        assert wait_until(lambda: not alive(parent.pid), PROMPT)


def test_a_task_that_has_to_prepare_does_so_once_in_each_worker_before_the_first_item():
    assert list(Processes(2).map(tasks.Prepared(), range(100), lost=lambda item, loss: loss.reason)) == [1] * 100


def test_a_task_that_cannot_prepare_is_no_fault_of_an_item():
    with pytest.raises(WorkersFailed, match="no decoder here"):
        list(Processes(1).map(tasks.Unprepared(), [1, 2], lost=lambda item, loss: loss.reason))
