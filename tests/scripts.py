"""Scripts that are run as programs of their own, and what is left of them."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

LIVELY = 60.0  # seconds after which something hangs; nothing takes a tenth of it


def wait_until(condition, seconds=LIVELY):
    """Wait for a condition; its last value."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.01)
    return value


@contextlib.contextmanager
def run_script(script, folder, *arguments):
    """A script at work as the leader of a process group, with an empty folder for temporary files."""
    (folder / "script.py").write_text(script)
    (folder / "temporary").mkdir()
    with subprocess.Popen(
        [sys.executable, str(folder / "script.py"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent), "TMPDIR": str(folder / "temporary")},
        start_new_session=True,
    ) as parent:
        try:
            yield parent
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(parent.pid, signal.SIGKILL)


def alive(group):
    """Processes of a group that still run (an orphan may stay a zombie where nobody reaps it)."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            pass
    return found
