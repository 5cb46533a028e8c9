"""Twins of a command are workers like all others: they have nothing of its, and end with it."""

from __future__ import annotations

import itertools
import os
import signal
import sys

import pytest

from difPy.workers import dismiss, prepare
from pictures import scene
from scripts import LIVELY, alive, run_script, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="twins are made on Linux only")

PROMPT = 10.0
TWINS = """
import functools, os, sys, threading, psutil
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the command does: its threads would be in the way
import worker_tasks as tasks
from difPy.workers import Processes, prepare, dismiss
def children():
    return {child.pid for child in psutil.Process().children(recursive=True)}
def results(task, items):
    return list(Processes(2, memory=1 << 30).map(task, items, lost=lambda item, loss: loss.reason))
def prepared():
    Processes(2, memory=1 << 30).prepare()
    return children()
"""


def said(script, folder, *arguments):
    """What a script prints that may have twins."""
    with run_script(TWINS + script, folder, *arguments) as program:
        told, wrong = program.communicate(timeout=LIVELY)
        assert (program.returncode, wrong) == (0, "")
        assert not alive(program.pid)
    return told


def test_what_is_to_be_done_is_done_by_twins(tmp_path):
    script = "twins = prepared(); print(len(twins), set(results(tasks.busy_pid, [0.2, 0.2, *[0] * 40])) == twins)"
    assert said(script, tmp_path) == "2 True\n"


def test_ctrl_c_amid_a_lock_leaves_none_that_somebody_waits_for_at_the_end(tmp_path):
    """Locks that are written in Python can be interrupted when they are taken already, and nobody gives them back."""
    script = """
left = int(sys.argv[1])
def amid(frame, event, _):
    global left
    code = frame.f_code
    if code.co_filename != threading.__file__ or code.co_name not in ("__enter__", "__exit__"):
        return None
    if event == "return" if code.co_name == "__enter__" else event == "call":
        left -= 1
        if left < 0:
            sys.settrace(None)
            raise KeyboardInterrupt
    return amid
sys.settrace(amid)
try:
    prepared()
except KeyboardInterrupt:
    print("interrupted")
sys.settrace(None)
dismiss()
"""

    def interrupted(times):
        folder = tmp_path / str(times)
        folder.mkdir()
        return said(script, folder, str(times))

    assert len(list(itertools.takewhile(interrupted, itertools.count()))) > 1


@pytest.mark.parametrize("left", [1, 2, 3, 5])
def test_where_there_may_be_no_more_files_what_was_opened_for_a_twin_is_closed(tmp_path, left):
    script = f"""
import resource
from difPy.workers.twin import twin
before = os.listdir("/proc/self/fd")
resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, before)) + {left}, 1 << 10))
made = []
try:
    while True:
        made.append(twin())
except OSError:
    pass
resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 10, 1 << 10))
print(len(made), len(os.listdir("/proc/self/fd")) - len(before) - 2 * len(made))
for process, *pipes in made:
    process.kill()
    process.wait()
"""
    assert said(script, tmp_path) == f"{int(left > 3)} 0\n"


def test_a_file_that_ends_a_twin_or_takes_too_much_is_lost_alone(tmp_path):
    script = """
twins = prepared()
for kind, items in ((tasks.die, [1, "segfault", "abort", 2, "exit", 3]), (tasks.allocate, [10, 2 << 30, 20])):
    for one in results(kind, items):
        print(one)
print(len(twins), twins & children())
"""
    told = said(script, tmp_path).splitlines()
    assert [one for one in told[:6] if one.isdigit()] == ["1", "2", "3"]
    assert [one.startswith("its decoder") for one in told[:6]].count(True) == 3
    assert (told[6], told[8]) == ("10", "20") and told[7].startswith("it needed more than")
    assert told[9] == "2 set()"


def test_twins_have_nothing_that_the_command_has_open_or_prints(tmp_path):
    script = """
secret = open(sys.argv[1]); print("held back", end="")
prepared()
opened = results(tasks.opened, range(40))[0]
print(); print(results(tasks.print_in_c, ["to nobody"])); print(opened)
"""
    (tmp_path / "secret").write_text("index")
    told, results, opened = said(script, tmp_path, str(tmp_path / "secret")).splitlines()
    assert (told, results) == ("held back", "['to nobody']")
    assert "secret" not in opened and "pipe" in opened


def test_a_process_that_has_threads_or_has_workers_has_no_twin(tmp_path):
    script = """
started = threading.Event(); ends = threading.Event()
thread = threading.Thread(target=ends.wait); thread.start()
print(len(prepared())); ends.set(); thread.join()
twins = prepared(); print(len(twins)); print(prepared() == twins)
dismiss(); print(len(children()))
print(results(tasks.echo, range(5)))
"""
    assert said(script, tmp_path).split("\n") == ["0", "2", "True", "0", "[0, 1, 2, 3, 4]", ""]


def test_a_twin_bears_the_signals_that_the_command_was_told_to_bear_and_no_others(tmp_path):
    script = """
import signal
signal.signal(signal.SIGTERM, lambda *_: print("ours"))
signal.signal(signal.SIGHUP, signal.SIG_IGN)
prepared()
print([signal.Handlers(one).name for one in results(tasks.handlers, [("SIGTERM", "SIGHUP")])[0]])
"""
    assert said(script, tmp_path) == "['SIG_DFL', 'SIG_IGN']\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("busy", [True, False], ids=["busy", "idle"])
def test_twins_end_with_the_command(number, busy, tmp_path):
    script = """
import time
prepared()
print("go", flush=True)
results(functools.partial(tasks.announce, folder=sys.argv[1]), [100] * 40) if sys.argv[2] else time.sleep(100)
"""
    folder = tmp_path / "busy"
    folder.mkdir()
    with run_script(TWINS + script, tmp_path, str(folder), "busy" if busy else "") as program:
        assert program.stdout.readline() == "go\n"
        assert wait_until(lambda: len(os.listdir(folder)) == 2 * busy)
        assert len(alive(program.pid)) == 3
        os.kill(program.pid, number)
        assert wait_until(lambda: not alive(program.pid), PROMPT)


@pytest.mark.parametrize("arguments", [["find", "--no-cache"], ["-p", "False", "-D"]], ids=["verb", "documented"])
def test_the_command_finds_the_same_as_the_library(arguments, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(40):
        scene(number % 20).save(folder / f"{number}.{'png' if number < 20 else 'bmp'}")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    script = """
from difPy import cli
import difPy.workers.crew as crew
started = []
begin = crew.Crew._start
crew.Crew._start = lambda self, kind: started.append(kind) or begin(self, kind)
os.chdir(sys.argv[1])
code = cli.main(sys.argv[2:])
print(code, len(started))
"""
    with run_script(TWINS + script, tmp_path, str(tmp_path), *arguments, str(folder)) as program:
        told, _ = program.communicate(timeout=LIVELY)
    assert told.splitlines()[-1] == "0 0"
    assert told.count(".bmp") >= 10


def test_a_wrong_number_of_processes_is_left_to_who_refuses_it():
    prepare(0)
    prepare(-3)
    dismiss()
