"""Two difPys that act on the same files at the same time."""

import subprocess
import sys
from pathlib import Path

import pytest
from blake3 import blake3

from acting import contents, litter, write
from difPy import act
from difPy.model import Group, Member
from difPy.scan import scan

PICTURES = 200
APPLY = """
import sys
from difPy import act
with open(sys.argv[1], "rb") as file:
    plan = act.from_json(file.read())
print("ready", flush=True)
sys.stdin.readline()
outcome = act.apply(plan)
print(len(outcome.done), len(outcome.failed))
"""


def keeping(kept, other, action, destination):
    """The plan that keeps the files of one folder, and does that to those of the same names in another."""
    pairs = zip(scan([kept]).files, scan([other]).files, strict=True)
    groups = [Group(keeper, (Member(copy, 0.0, 0),)) for keeper, copy in pairs]
    files = [file for group in groups for file in group.files]
    digests = {file.path: blake3(Path(file.path).read_bytes()).digest() for file in files}
    return act.plan(groups, action, digests=digests, destination=destination if action == "move" else None)


@pytest.mark.parametrize("action", ["delete", "trash", "move", "symlink"])
def test_plans_that_contradict_each_other_lose_no_picture(tmp_path, action):
    """What each of them keeps, the other one would remove."""
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    pictures = [f"picture {number}".encode() for number in range(PICTURES)]
    for number, data in enumerate(pictures):
        for folder in (one, two):
            write(f"{folder}/{number:04}.jpg", data)
    applies = []
    for kept, other in ((one, two), (two, one)):
        plan = tmp_path / f"{len(applies)}.json"
        plan.write_text(act.to_json(keeping(kept, other, action, tmp_path / "moved")))
        command = [sys.executable, "-c", APPLY, plan]
        applies.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    for process in applies:
        assert process.stdout.readline() == "ready\n"
    for process in applies:
        process.stdin.write("go\n")
        process.stdin.flush()
    done, failed = zip(*(map(int, process.communicate()[0].split()) for process in applies), strict=True)
    assert (sum(done), sum(failed)) == (PICTURES, 0)
    assert set(contents(one, two)) == set(pictures)
    assert not litter(tmp_path)


def test_where_turns_cannot_be_taken_a_plan_is_carried_out_all_the_same(tmp_path, monkeypatch):
    for folder in ("one", "two"):
        write(tmp_path / folder / "a.jpg", b"A")
    plan = keeping(str(tmp_path / "one"), str(tmp_path / "two"), "delete", None)
    state = tmp_path / "state"
    state.write_bytes(b"a file, where a folder should be")
    monkeypatch.setenv("DIFPY_STATE_DIR", str(state))
    assert len(act.apply(plan, tmp_path / "journal.jsonl").done) == 1
    assert contents(tmp_path / "one", tmp_path / "two") == {b"A": 1}
