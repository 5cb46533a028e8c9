"""What an attacker found in the first version of the last looks, and what they must not cost an honest user."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from acting import Tap, contents, find, litter, picture, trash, write
from difPy import act
from difPy.act import Action
from difPy.act.chain import lines, sealed
from difPy.act.names import numbered
from difPy.errors import JournalBroken

BYTES = b"A" * 99
DIFPY = [sys.executable, "-m", "difPy"]


class Cut(BaseException):
    """The process ends here."""


def pair(folder, action, destination=None, **attributes):
    """A picture and its copy, and the plan that lets the copy go."""
    kept = write(folder / "kept.jpg", BYTES)
    copy = write(folder / "copy.jpg", BYTES, hours=1, **attributes)
    groups, digests = find(folder)
    return kept, copy, act.plan(groups, action, destination=destination, digests=digests)


def cut_before(work, name, nth=0):
    """Do it up to a call with that name, as if the process was killed there."""
    seen = []

    def before(number, called, *arguments):
        if called == name:
            seen.append(called)
            if len(seen) == nth + 1:
                raise Cut

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Cut):
        Tap(patch.setattr, before)
        work()


@pytest.fixture
def other_drive(tmp_path):
    if not os.path.isdir("/dev/shm") or os.stat("/dev/shm").st_dev == os.stat(tmp_path).st_dev:
        pytest.skip("there is one file system only")
    folder = Path("/dev/shm") / f"difpy-{os.getpid()}-{tmp_path.name}"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("how", ["recover", "undo"])
def test_a_stranger_under_the_old_name_is_no_reason_to_remove_what_was_moved(tmp_path, other_drive, how):
    _, copy, plan = pair(tmp_path / "in", "move", other_drive / "out")
    journal = tmp_path / "journal" / "j.jsonl"
    cut_before(lambda: act.apply(plan, journal), "unlink", 1)  # the source is gone, our own name beside the target not
    assert not os.path.exists(copy)
    write(copy, b"another picture")
    getattr(act, how)(journal)
    found = contents(tmp_path / "in", other_drive)
    assert found[BYTES] == 2, found
    assert found[b"another picture"] == 1


def test_what_somebody_made_of_a_moved_copy_is_not_taken_back(tmp_path, other_drive):
    _, copy, plan = pair(tmp_path / "in", "move", other_drive / "out")
    journal = tmp_path / "journal" / "j.jsonl"
    cut_before(lambda: act.apply(plan, journal), "keep_writers_out")
    (moved,) = (path for path in (other_drive / "out").iterdir() if path.name == "copy.jpg")
    with open(moved, "ab") as file:
        file.write(b"edited")
    recovered = act.recover(journal)
    assert "both stay" in recovered.failed[0].reason
    assert moved.read_bytes() == BYTES + b"edited"
    assert Path(copy).read_bytes() == BYTES


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="there are no such attributes here")
@pytest.mark.parametrize("action", ["move", "delete", "hardlink"])
@pytest.mark.parametrize("name", ["user.app/tag", "user.a b", "user.\u00e9\nline"])
def test_whatever_an_attribute_is_called_what_was_done_can_be_undone(tmp_path, action, name):
    destination = tmp_path / "out" if action == "move" else None
    _, _, plan = pair(tmp_path / "in", action, destination, attributes={name: b"1"})
    before = picture(tmp_path / "in")
    outcome = act.apply(plan)
    assert len(outcome.done) == 1
    assert not act.undo(outcome.journal).failed
    assert picture(tmp_path / "in") == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says who has a file open")
def test_an_orphaned_hard_link_that_somebody_writes_to_is_not_replaced(tmp_path):
    kept, copy, plan = pair(tmp_path / "in", "hardlink")
    outcome = act.apply(plan)
    os.unlink(kept)
    with open(copy, "r+b", buffering=0) as file:
        undone = act.undo(outcome.journal)
        file.write(b"edited")
    assert "open" in undone.failed[0].reason
    assert Path(copy).read_bytes().startswith(b"edited")
    assert not litter(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no such modes here")
def test_no_journal_is_begun_where_an_undo_would_not_trust_it(tmp_path):
    _, copy, plan = pair(tmp_path / "in", "delete")
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.raises(JournalBroken, match="is not begun"):
        act.apply(plan, shared / "j.jsonl")
    assert os.path.exists(copy)
    shared.chmod(0o1777)  # as /tmp: nobody else can rename it there
    outcome = act.apply(plan, shared / "j.jsonl")
    assert not act.undo(outcome.journal).failed


def two_runs(tmp_path):
    """Two runs in the state folder; the journal of the newer."""
    for name in ("one", "two"):
        _, _, plan = pair(tmp_path / name, "delete")
        act.apply(plan)
    return Path(act.journals()[-1].path)


def test_a_damaged_newest_journal_is_said_to_be_and_no_older_one_taken(tmp_path):
    journal = two_runs(tmp_path)
    journal.write_bytes(journal.read_bytes().replace(b'"unit":0', b'"unit":1', 1))
    listed = subprocess.run([*DIFPY, "journal"], capture_output=True, text=True, check=False)
    assert (listed.returncode, "is damaged" in listed.stderr) == (3, True)
    undone = subprocess.run([*DIFPY, "undo"], capture_output=True, text=True, check=False)
    assert undone.returncode == 2
    assert not (tmp_path / "one" / "copy.jpg").exists()


@pytest.mark.parametrize("change", ["flipped", "nonsense"])
def test_a_whole_last_line_that_has_changed_is_damage_however_often_it_is_undone(tmp_path, change):
    _, _, plan = pair(tmp_path / "in", "delete")
    journal = tmp_path / "journal" / "j.jsonl"
    cut_before(lambda: act.apply(plan, journal), "unlink")
    told = journal.read_bytes().splitlines(keepends=True)
    if change == "flipped":
        told[-1] = told[-1].replace(b'"unit":0', b'"unit":1')
    else:
        (*_, before) = lines(str(journal))
        told.append(sealed({"is": ["a", "list"]}, before.seal)[0])
    journal.write_bytes(b"".join(told))
    for _ in range(3):
        assert any("is damaged" in failure.reason for failure in act.undo(journal).failed)


def test_a_line_without_end_is_no_journal_of_ours(tmp_path):
    path = tmp_path / "big.jsonl"
    path.touch(mode=0o600)
    os.truncate(path, 1 << 30)
    with pytest.raises(JournalBroken, match="no end"):
        act.undo(path)


def test_the_longest_of_endings_leaves_no_room_for_a_number_and_does_not_hang():
    assert len(numbered("b." + "x" * 251, "b", 2)) < 300


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no such modes here")
@pytest.mark.parametrize("action", ["delete", "move", "hardlink"])
def test_in_a_folder_that_cannot_be_listed_all_can_be_done_and_undone(tmp_path, action):
    """Root may list all: so a user does it who is not root."""
    if os.geteuid():
        pytest.skip("tests run as root play a user who may not list a folder")
    _, _, plan = pair(tmp_path / "in", action, tmp_path / "out" if action == "move" else None)
    (tmp_path / "in").chmod(0o311)
    try:
        outcome = act.apply(plan)
        assert not act.undo(outcome.journal).failed
    finally:
        (tmp_path / "in").chmod(0o755)


@pytest.mark.parametrize("home", ["/nonexistent", "theirs"])
def test_who_only_looks_needs_no_folder_for_journals(tmp_path, monkeypatch, photo, home):
    (tmp_path / "pictures").mkdir()
    photo(1).save(tmp_path / "pictures" / "a.png")
    if home == "theirs":
        home = str(tmp_path / "theirs")
        os.mkdir(home)
        if not os.geteuid():
            os.chown(home, 65534, 65534)
    monkeypatch.delenv("DIFPY_STATE_DIR")
    monkeypatch.setenv("HOME", home)
    command = [*DIFPY, "find", tmp_path / "pictures", "--no-cache"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the trash is another one there")
def test_ones_own_trash_may_be_a_link_of_ones_own(tmp_path):
    _, _, plan = pair(tmp_path / "in", Action.TRASH)
    place = Path(trash())
    place.parent.mkdir(parents=True)
    (tmp_path / "bigger").mkdir(mode=0o700)
    place.symlink_to(tmp_path / "bigger")
    outcome = act.apply(plan)
    assert len(outcome.done) == 1
    assert (tmp_path / "bigger" / "files" / "copy.jpg").exists()
    assert not act.undo(outcome.journal).failed
