"""What others have written into a journal, or a failing disk, is not obeyed."""

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from acting import apply, find, picture, write
from difPy import act
from difPy.act.chain import lines, sealed
from difPy.act.story import read
from difPy.errors import JournalBroken

STEPS = 20


@pytest.fixture
def folder(tmp_path):
    """A folder in memory where there is such a thing."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else tmp_path) as folder:
        yield Path(folder)


def acted(folder, actions=("move", "hardlink", "delete")):
    """A tree, what it was, and the journal of some steps of each action."""
    root = folder / "in"
    for number, action in enumerate(actions):
        data = bytes([65 + number]) * 9
        write(root / action / "kept.jpg", data)
        for copy in range(STEPS // len(actions) + (number == 0) * (STEPS % len(actions))):
            write(root / action / f"{copy}.jpg", data, hours=copy + 1)
    write(folder / "outside" / "victim.jpg", b"none of its business")
    before = picture(folder)
    steps = []
    for action in actions:
        groups, digests = find(root / action)
        out = folder / "out" if action == "move" else None
        steps += act.plan(groups, action, digests=digests, destination=out).steps
    journal = folder / "state" / "journal.jsonl"
    outcome = apply(act.Plan(tuple(steps)), journal)
    assert len(outcome.done) == STEPS
    return before, journal


def rewritten(journal, change):
    """The journal with its records changed, and right seals."""
    records = [line.record for line in lines(str(journal))]
    seal, written = b"", []
    for record in change(records):
        record.pop("seal", None)
        line, seal = sealed(record, seal)
        written.append(line)
    journal.write_bytes(b"".join(written))


def flips(told, every=1):
    """The journal with one bit flipped, in each of its bytes."""
    rng = random.Random(1)
    for place in range(0, len(told), every):
        flipped = bytearray(told)
        flipped[place] ^= 1 << rng.randrange(8)
        yield place, bytes(flipped)


def test_one_flipped_bit_in_any_byte_of_a_journal_is_said_and_what_it_touches_is_not_obeyed(folder):
    _, journal = acted(folder)
    true, told = read(str(journal)), journal.read_bytes()
    for place, flipped in flips(told):
        journal.write_bytes(flipped)
        try:
            story = read(str(journal))
        except JournalBroken:
            continue
        torn = story.states != true.states  # the last line has lost its end, as in a crash
        assert story.damaged or torn or place == len(told) - 1, place
        assert story.acts.items() <= true.acts.items(), place
        assert story.now.items() <= true.now.items(), place
        assert set(story.folders) <= set(true.folders), place


def test_after_one_flipped_bit_undo_restores_exactly_or_says_what_it_cannot(folder):
    exact = doubted = 0
    for number, every in enumerate(range(0, 12_000, 271)):
        made = folder / str(number)
        before, journal = acted(made)
        told = journal.read_bytes()
        place = every % len(told)
        journal.write_bytes(told[:place] + bytes([told[place] ^ 1 << number % 8]) + told[place + 1 :])
        try:
            undone = act.undo(journal)
            doubtful = bool(undone.failed)
        except JournalBroken:
            doubtful = True
        now = picture(made)
        assert inside_of(now).keys() <= inside_of(before).keys(), place
        assert picture(made / "outside") == {
            path: v for path, v in before.items() if path.startswith(f"{made}/outside/")
        }
        if doubtful:
            doubted += 1
        else:
            exact += 1
            assert inside_of(now) == inside_of(before), place
    assert doubted > 20


def inside_of(found):
    return {path: what for path, what in found.items() if "/in/" in path}


@pytest.mark.parametrize(
    "change",
    [
        {"temporary": "/abs/victim"},
        {"temporary": "../outside/victim.jpg"},
        {"temporary": ".difpy-00000000-0"},
        {"path": "relative.jpg"},
        {"path": "/in/../outside/victim.jpg"},
        {"path": ""},
        {"path": None},
        {"to": "SAME"},
        {"n": -1},
        {"n": True},
        {"unit": 1 << 70},
        {"action": "explode"},
        {"same": "yes"},
        {"keeper": "kept.jpg"},
        {"others": ["relative.jpg"]},
        {"surprise": 1},
        {"was": {}},
        {"was.mode": 0o4755},
        {"was.mode": -1},
        {"was.digest": "00"},
        {"was.attributes": {"../x": "AA=="}},
        {"was.size": 1e300},
    ],
    ids=str,
)
def test_values_that_no_difpy_wrote_are_not_obeyed(folder, change):
    before, journal = acted(folder, ("move",))
    (name, value), *_ = change.items()

    def changed(records):
        first = next(record for record in records if record.get("is") == "intent")
        where = first
        *above, last = name.split(".")
        for part in above:
            where = where[part]
        where[last] = first["path"] if value == "SAME" else value
        return records

    rewritten(journal, changed)
    victim = folder / "outside" / "victim.jpg"
    undone = act.undo(journal)
    assert undone.failed, "it is said"
    assert victim.read_bytes() == b"none of its business"
    assert not Path("/abs/victim").exists()
    assert len(undone.restored) == STEPS - 1
    now = picture(folder)
    assert {path for path in now if "/in/" in path} <= before.keys()


@pytest.mark.parametrize("edit", ["removed", "repeated", "swapped", "from another"])
def test_lines_that_were_moved_are_named(folder, edit):
    _, journal = acted(folder, ("move",))
    told = journal.read_bytes().splitlines(keepends=True)
    if edit == "removed":
        del told[3]
    elif edit == "repeated":
        told.insert(3, told[2])
    elif edit == "swapped":
        told[2], told[3] = told[3], told[2]
    else:
        told[3] = sealed({"is": "intent", "n": 1}, b"another")[0]
    journal.write_bytes(b"".join(told))
    undone = act.undo(journal)
    assert any("is damaged" in failure.reason for failure in undone.failed)
    assert {path for path in picture(folder) if "/in/" in path}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such files here")
@pytest.mark.parametrize("kind", ["fifo", "link", "writable", "theirs", "folder"])
def test_a_journal_that_others_could_have_written_is_refused(folder, kind):
    _, journal = acted(folder, ("move",))
    before = picture(folder / "in")
    if kind == "fifo":
        journal.unlink()
        os.mkfifo(journal)
    elif kind == "link":
        target = write(folder / "open" / "journal.jsonl", journal.read_bytes(), mode=0o666)
        journal.unlink()
        os.symlink(target, journal)
    elif kind == "writable":
        journal.chmod(0o666)
    elif kind == "theirs":
        if os.geteuid():
            pytest.skip("only root may give files away")
        os.chown(journal, 65534, 65534)
    else:
        journal.unlink()
        journal.mkdir()
    with pytest.raises(JournalBroken):
        act.undo(journal)
    assert picture(folder / "in") == before


def test_among_many_journals_one_that_cannot_be_read_is_listed_and_the_others_work(folder, monkeypatch):
    monkeypatch.setenv("DIFPY_STATE_DIR", str(folder / "state"))
    for name in ("one", "two"):
        write(folder / name / "kept.jpg", b"A")
        write(folder / name / "copy.jpg", b"A", hours=1)
        groups, digests = find(folder / name)
        apply(act.plan(groups, "delete", digests=digests))
    first, second = act.journals()
    Path(second.path).write_bytes(b"nonsense\n")
    command = [sys.executable, "-m", "difPy"]
    listed = subprocess.run([*command, "journal"], capture_output=True, text=True, check=False)
    assert (listed.returncode, first.path in listed.stdout, second.path in listed.stderr) == (3, True, True)
    newest = subprocess.run([*command, "undo"], capture_output=True, text=True, check=False)
    assert newest.returncode == 2
    assert "Name the one to undo" in newest.stderr
    assert not (folder / "one" / "copy.jpg").exists()
    named = subprocess.run([*command, "undo", first.path], capture_output=True, text=True, check=False)
    assert named.returncode == 0
    assert (folder / "one" / "copy.jpg").exists()


def test_the_newest_journal_is_the_last_one_begun_whatever_the_clock_says(folder, monkeypatch):
    monkeypatch.setenv("DIFPY_STATE_DIR", str(folder / "state"))
    write(folder / "in" / "kept.jpg", b"A")
    write(folder / "in" / "copy.jpg", b"A", hours=1)
    groups, digests = find(folder / "in")
    first = apply(act.plan(groups, "delete", digests=digests)).journal
    ahead = os.path.join(os.path.dirname(first), os.path.basename(first).replace("-20", "-30", 1))
    os.rename(first, ahead)  # as of a clock that went wrong by a thousand years
    act.undo(ahead)
    groups, digests = find(folder / "in")
    second = apply(act.plan(groups, "delete", digests=digests)).journal
    assert [entry.path for entry in act.journals()] == [ahead, second]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no such owners here")
@pytest.mark.parametrize("name", ["state", "decisions.jsonl"])
def test_state_that_others_may_write_is_refused(folder, monkeypatch, name):
    state = folder / "state"
    state.mkdir(mode=0o700)
    monkeypatch.setenv("DIFPY_STATE_DIR", str(state))
    if name == "state":
        state.chmod(0o777)
    else:
        write(state / name, b"{}\n", mode=0o666)
    with pytest.raises(JournalBroken, match=r"written by others|others may write"):
        act.Decisions().remember([b"1" * 32, b"2" * 32])
