"""`difpy apply`, killed somewhere in hundreds of steps: `difpy journal --recover` and `difpy undo` put all right."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from acting import contents, find, litter, picture, trash, write
from difPy import act
from difPy.act import Action

STEPS = 300
DIFPY = [sys.executable, "-m", "difPy"]


def difpy(*arguments, code=0):
    done = subprocess.run([*DIFPY, *map(os.fspath, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


def kill_apply(plan, journals, least):
    """Kill it once the journal tells of so many steps done."""
    with subprocess.Popen([*DIFPY, "apply", plan], stdout=subprocess.PIPE) as process:
        while process.poll() is None:
            if sum(path.read_bytes().count(b'"is":"done"') for path in journals.glob("*.jsonl")) >= least:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.001)
        process.communicate()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a process is killed as POSIX does it")
@pytest.mark.parametrize("action", [action for action in Action if action is not Action.REFLINK])
def test_a_killed_apply_is_recovered_and_undone(tmp_path, action):
    root, journals = tmp_path / "in", Path(os.environ["DIFPY_STATE_DIR"]) / "journals"
    write(root / "kept.jpg", b"A" * 999)
    write(root / "kept.xmp", b"note")
    for number in range(STEPS):
        path = write(root / str(number) / f"{number}.jpg", b"A" * 999, hours=number + 1)
        if number % 3 == 0:
            os.link(path, root / str(number) / "other.jpg")
            write(root / str(number) / f"{number}.xmp", b"note")
    before = picture(root)
    moments = random.Random(str(action))
    for _ in range(3):
        groups, digests = find(root)
        made = act.plan(groups, action, digests=digests, destination=tmp_path / "out" if action == "move" else None)
        plan = tmp_path / "plan.json"
        plan.write_text(act.to_json(made))
        kill_apply(plan, journals, moments.randrange(STEPS))
        assert picture(root) != before
        assert contents(root)[b"A" * 999] >= 1
        for recover in (["--recover"], []):
            listed = difpy("journal", *recover)
        assert "cut off" not in listed
        assert "done" in listed
        assert contents(root, tmp_path / "out", os.path.join(trash(), "files"))[b"A" * 999] >= 1
        assert "Not restored" not in difpy("undo", "--yes")
        assert picture(root) == before
        assert not litter(tmp_path)
        assert not (tmp_path / "out").exists()
        for path in journals.iterdir():
            path.unlink()
