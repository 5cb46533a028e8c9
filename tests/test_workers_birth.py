"""Workers see the folder that the caller is in, and bear the signals that the caller was told to bear."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import difPy
import worker_tasks as tasks
from difPy.workers import Processes, dismiss
from pictures import scene

PROMPT = 20.0
IGNORED = [signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGPIPE, signal.SIGCHLD]


def loss(_, why):
    return why


@pytest.fixture(autouse=True)
def _no_worker_left(monkeypatch, tmp_path):
    dismiss()
    monkeypatch.chdir(tmp_path)  # and back
    yield
    dismiss()


def filled(folder):
    """A folder with two pictures of the same pixels, which is now the current one."""
    folder.mkdir()
    os.chdir(folder)
    for name in ("a.png", "b.bmp"):
        scene(1).save(name)


def matches():
    """How many pictures of the current folder match another, and how many files could not be read."""
    search = difPy.search(difPy.build(".", cache=False, show_progress=False), show_progress=False)
    return len(search.result), search.stats["invalid_files"]["count"]


def test_a_folder_that_was_deleted_and_made_anew_under_its_name_is_another_one(tmp_path):
    for _ in range(2):
        filled(tmp_path / "work")
        assert matches() == (1, 0)
        os.chdir(tmp_path)
        shutil.rmtree("work")


def test_a_folder_that_took_the_name_of_another_is_not_mistaken_for_it(tmp_path):
    filled(tmp_path / "one")
    assert matches() == (1, 0)
    os.chdir(tmp_path)
    os.rename("one", "two")
    filled(tmp_path / "one")
    os.rename("a.png", "c.png")
    assert matches() == (1, 0)


def test_a_folder_that_was_renamed_is_still_the_same(tmp_path):
    filled(tmp_path / "one")
    first = set(Processes(1).map(tasks.busy_pid, [0.0], lost=loss))
    os.rename(tmp_path / "one", tmp_path / "two")
    assert set(Processes(1).map(tasks.busy_pid, [0.0], lost=loss)) == first
    assert matches() == (1, 0)


def test_a_worker_that_is_replaced_works_in_the_folder_the_run_began_in(tmp_path):
    filled(tmp_path / "work")
    found = Processes(1).map(tasks.die_or_look, ["a.png", "exit", "b.bmp"], lost=lambda item, _: item)
    seen = [next(found)]
    os.chdir(tmp_path)
    assert seen + list(found) == [True, "exit", True]


def test_in_a_folder_that_is_gone_absolute_paths_still_work(tmp_path):
    filled(tmp_path / "work")
    path = str(tmp_path / "a.png")
    shutil.move("a.png", path)
    shutil.rmtree(tmp_path / "work")
    assert list(Processes(1).map(tasks.die_or_look, [path], lost=loss)) == [True]


# Signals that are ignored on arrival, as under nohup, or in the background of a script


def started(script, folder, signals):
    """A script whose signals are ignored from the first moment on."""
    (folder / "script.py").write_text(
        "import os, signal\nimport worker_tasks as tasks\nfrom difPy.workers import *\n" + script
    )
    ignore = f"import os, signal, sys; [signal.signal(one, signal.SIG_IGN) for one in {[*map(int, signals)]}]"
    command = [sys.executable, "-c", f"{ignore}; os.execv(sys.argv[1], sys.argv[1:])", sys.executable, "script.py"]
    paths = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=paths, cwd=folder)


def test_signals_that_are_ignored_on_arrival_stay_ignored(tmp_path):
    script = """
print("go", flush=True)
print(list(Processes(2).map(tasks.wait, [0.05] * 20, lost=lambda item, loss: loss)) == [0.05] * 20)
"""
    with started(script, tmp_path, IGNORED) as program:
        assert program.stdout.readline() == "go\n"
        while program.poll() is None:
            for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
                program.send_signal(number)
            time.sleep(0.05)
        assert program.communicate(timeout=PROMPT) == ("True\n", "")


def test_where_nobody_may_ask_how_a_process_ended_a_crash_is_not_held_against_the_item(tmp_path):
    script = """
for one in Processes(2).map(tasks.die, [1, "segfault", 2], lost=lambda item, loss: loss):
    print(one)
"""
    with started(script, tmp_path, [signal.SIGCHLD]) as program:
        said, wrong = program.communicate(timeout=PROMPT)
    why = "its worker process ended, and nothing says why; the next run tries again"
    assert (said, wrong) == (f"1\nLoss(reason='{why}', lasting=False)\n2\n", "")


def test_a_worker_heeds_the_limit_of_its_time_though_the_signal_for_that_is_ignored(tmp_path):
    script = """
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGXCPU])
print(*Processes(2, seconds=1).map(tasks.spin, [100], lost=lambda item, loss: loss))
"""
    with started(script, tmp_path, [signal.SIGXCPU]) as program:
        said, wrong = program.communicate(timeout=PROMPT)
    assert (said, wrong) == ("Loss(reason='it took longer than 1 s', lasting=True)\n", "")
