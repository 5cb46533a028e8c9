"""Two difPys that act on the same files at the same time."""

import subprocess
import sys
from pathlib import Path

import pytest
from blake3 import blake3

from acting import contents, litter, trash, write
from difPy import act
from difPy.model import Group, Member
from difPy.scan import scan

PICTURES = 200
EQUAL_NAMES = 300
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


def apply_at_once(plans, folder):
    """Apply each of the plans in a process of its own; how many of its steps were done, and how many failed."""
    applies = []
    for number, plan in enumerate(plans):
        path = folder / f"{number}.json"
        path.write_text(act.to_json(plan))
        command = [sys.executable, "-c", APPLY, path]
        applies.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    for process in applies:
        assert process.stdout.readline() == "ready\n"
    for process in applies:
        process.stdin.write("go\n")
        process.stdin.flush()
    return [tuple(map(int, process.communicate()[0].split())) for process in applies]


@pytest.mark.parametrize("action", ["delete", "trash", "move", "symlink"])
def test_plans_that_contradict_each_other_lose_no_picture(tmp_path, action):
    """What each of them keeps, the other one would remove."""
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    pictures = [f"picture {number}".encode() for number in range(PICTURES)]
    for number, data in enumerate(pictures):
        for folder in (one, two):
            write(f"{folder}/{number:04}.jpg", data)
    plans = [keeping(kept, other, action, tmp_path / "moved") for kept, other in ((one, two), (two, one))]
    done, failed = zip(*apply_at_once(plans, tmp_path), strict=True)
    assert (sum(done), sum(failed)) == (PICTURES, 0)
    assert set(contents(one, two)) == set(pictures)
    assert not litter(tmp_path)


@pytest.mark.parametrize("action", ["trash", "move"])
def test_both_find_names_for_files_that_are_called_the_same(tmp_path, action):
    plans = []
    for folder in ("one", "two"):
        kept, copies = tmp_path / folder / "kept", tmp_path / folder / "copies"
        for number in range(EQUAL_NAMES):
            for copy in (kept, copies):
                write(copy / str(number) / "cover.jpg", f"{folder} {number}".encode())
        plans.append(keeping(str(kept), str(copies), action, tmp_path / "moved"))
    assert apply_at_once(plans, tmp_path) == [(EQUAL_NAMES, 0)] * 2
    gone = tmp_path / "moved" if action == "move" else Path(trash()) / "files"
    assert len(list(gone.iterdir())) == 2 * EQUAL_NAMES
    for journal in act.journals():
        assert not act.undo(journal.path).failed
    assert contents(tmp_path).total() == 4 * EQUAL_NAMES + len(plans)


def test_where_turns_cannot_be_taken_a_plan_is_carried_out_all_the_same(tmp_path, monkeypatch):
    for folder in ("one", "two"):
        write(tmp_path / folder / "a.jpg", b"A")
    plan = keeping(str(tmp_path / "one"), str(tmp_path / "two"), "delete", None)
    state = tmp_path / "state"
    state.write_bytes(b"a file, where a folder should be")
    monkeypatch.setenv("DIFPY_STATE_DIR", str(state))
    assert len(act.apply(plan, tmp_path / "journal.jsonl").done) == 1
    assert contents(tmp_path / "one", tmp_path / "two") == {b"A": 1}
