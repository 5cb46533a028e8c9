"""Scripts without a `__main__` guard run under every start method, and however Python was given them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SNIPPET = """
print("once")
import worker_tasks as tasks
from difPy.workers import executor
work = executor(2)
print(type(work).__name__, list(work.map(tasks.die, [1, "abort", 3], lost=lambda item, loss: "lost")))
"""
ANSWER = "once\nProcesses [1, 'lost', 3]\n"
METHODS = ["fork", "spawn", "forkserver"]


def run_python(*arguments, script="", folder=None):
    """What Python prints; it has to end well, and without a word of complaint."""
    done = subprocess.run(
        [sys.executable, *arguments],
        input=script,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def start_method(name):
    return f"import multiprocessing\nmultiprocessing.set_start_method({name!r})\n"


@pytest.fixture(params=METHODS)
def method(request):
    return request.param


def test_a_plain_script_runs_once(method, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(start_method(method) + SNIPPET)
    assert run_python(str(script)) == ANSWER


def test_a_script_from_standard_input(method):
    assert run_python("-", script=start_method(method) + SNIPPET) == ANSWER


def test_a_script_on_the_command_line(method):
    assert run_python("-c", start_method(method) + SNIPPET) == ANSWER


def test_a_module_run_as_a_script(method, tmp_path):
    (tmp_path / "snippet.py").write_text(start_method(method) + SNIPPET)
    assert run_python("-m", "snippet", folder=tmp_path) == ANSWER


def test_a_notebook_cell(method):
    """A notebook compiles each cell and runs it in a namespace called `__main__`, on standard streams of its own."""
    notebook = f"""
import code, contextlib, io, sys
said = io.StringIO()
with contextlib.redirect_stdout(said):
    cells = code.InteractiveInterpreter({{"__name__": "__main__"}})
    cells.runsource({start_method(method)!r}, symbol="exec")
    cells.runsource({SNIPPET!r}, symbol="exec")
print(said.getvalue(), end="")
"""
    assert run_python("-", script=notebook) == ANSWER


def test_a_thread(method, tmp_path):
    script = tmp_path / "script.py"
    body = "".join(f"    {line}\n" for line in SNIPPET.splitlines())
    script.write_text(
        f"{start_method(method)}import threading\ndef work():\n{body}\n"
        "thread = threading.Thread(target=work)\nthread.start()\nthread.join()\n"
    )
    assert run_python(str(script)) == ANSWER


POOLS = {
    "multiprocessing.Pool": "with multiprocessing.Pool(1) as pool:\n        print(pool.apply(nested))",
    "ProcessPoolExecutor": "with futures.ProcessPoolExecutor(1) as pool:\n        print(pool.submit(nested).result())",
    "multiprocessing.Process": "nested_there = multiprocessing.Process(target=report)\n    nested_there.start()\n"
    "    nested_there.join()",
}


@pytest.mark.parametrize("pool", sorted(POOLS))
def test_inside_a_worker_of_somebody_else_all_is_done_in_that_process(pool, method, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(f"""
import multiprocessing, os, sys
from concurrent import futures
import worker_tasks as tasks
from difPy.workers import executor
def nested():
    pids = executor(2).map(tasks.busy_pid, [0.0], lost=None)
    return type(executor(2)).__name__, list(pids) == [os.getpid()]
def report():
    print(nested(), flush=True)
if __name__ == "__main__":
    multiprocessing.set_start_method({method!r})
    {POOLS[pool]}
""")
    assert run_python(str(script)) == "('Serial', True)\n"


def test_a_program_frozen_into_one_file_works_without_processes():
    script = """
import sys
from difPy.workers import executor
sys.frozen = True
print(type(executor(None)).__name__)
"""
    assert run_python("-", script=script) == "Serial\n"


def test_a_file_in_the_working_directory_named_like_a_module_of_the_standard_library_is_not_imported(tmp_path):
    for name in ("pickle.py", "queue.py", "struct.py"):
        (tmp_path / name).write_text("raise SystemError")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "script.py").write_text(SNIPPET)
    assert run_python(str(tmp_path / "elsewhere" / "script.py"), folder=tmp_path) == ANSWER
