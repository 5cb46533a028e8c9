"""Acting on real disks that are full, read-only or pulled out, and on a file that nobody may touch."""

import os
import subprocess

import pytest

from acting import contents, find, litter, picture, write
from difPy import act
from difPy.act import Action
from difPy.errors import JournalBroken


def allowed(*command):
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture
def disk_of(tmp_path):
    """Maker of small disks in memory: `disk_of("64k")` is the folder it is mounted on."""
    mounted = []

    def make(size):
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        if not allowed("mount", "-t", "tmpfs", "-o", f"size={size}", "difpy-test", os.fspath(folder)):
            pytest.skip("only root may mount disks")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run(["umount", "-l", folder], check=False, capture_output=True)


def planned(root, action, **options):
    groups, digests = find(root)
    return act.plan(groups, action, digests=digests, **options)


@pytest.fixture
def root(tmp_path):
    """Pictures of 20 kB, of which a disk of 64 kB takes three."""
    fill(tmp_path / "in")
    return tmp_path / "in"


def fill(root):
    write(root / "kept.jpg", b"A" * 20_000)
    for number in range(6):
        write(root / str(number) / "copy.jpg", b"A" * 20_000, hours=number + 1)


@pytest.mark.parametrize(
    ("mode", "trash"),
    [(None, ".Trash-{}"), (0o1777, ".Trash/{}"), (0o777, ".Trash-{}")],
    ids=["none", "sticky", "open"],
)
def test_a_drive_has_a_trash_of_its_own_in_which_nothing_is_searched(disk_of, mode, trash):
    """One that all users share must be sticky, or others could take what is in it."""
    drive = disk_of("256k")
    fill(drive / "in")
    if mode is not None:
        (drive / ".Trash").mkdir()
        (drive / ".Trash").chmod(mode)
    before = picture(drive / "in")
    outcome = act.apply(planned(drive, "trash"))
    assert len(outcome.done) == 6
    home = drive / trash.format(os.getuid())
    assert len(os.listdir(home / "files")) == 6
    note = (home / "info" / "copy.jpg.trashinfo").read_text()
    assert "\nPath=in/" in note, "from the top of the drive on, wherever that will be"
    assert not planned(drive, "delete").steps
    assert not act.undo(outcome.journal).failed
    assert picture(drive / "in") == before
    assert os.listdir(home / "files") == os.listdir(home / "info") == []


def test_a_full_disk_takes_what_it_can_and_nothing_half(root, disk_of):
    full = disk_of("64k")
    before, everything = picture(root), contents(root)
    outcome = act.apply(planned(root, "move", destination=full / "out"))
    assert len(outcome.done) == 3
    assert {failure.why.split(":")[0] for failure in outcome.failed} == {"No space left on device"}
    assert contents(root, full) == everything
    assert not litter(root, full)
    assert not act.undo(outcome.journal).failed
    assert picture(root) == before
    assert os.listdir(full) == []


def test_a_full_disk_cannot_take_files_back_until_there_is_room(disk_of, tmp_path):
    small = disk_of("192k")
    fill(small / "in")
    before = picture(small)
    outcome = act.apply(planned(small / "in", "move", destination=tmp_path / "out"))
    assert len(outcome.done) == 6
    hog = write(small / "hog", b"x" * 120_000)
    undone = act.undo(outcome.journal)
    assert 0 < len(undone.restored) < 6
    assert all("No space left" in failure.reason for failure in undone.failed)
    assert not litter(small, tmp_path / "out")
    os.unlink(hog)
    assert not act.undo(outcome.journal).failed
    assert picture(small) == before


def test_a_journal_on_a_full_disk_stops_everything_and_tells_the_truth(root, disk_of, tmp_path, monkeypatch):
    """The journal's disk fills up while steps are done: what it tells of was done, or is said not to be."""
    before, everything = picture(root), contents(root)
    for size in ("4k", "8k"):
        small = disk_of(size)
        monkeypatch.setenv("DIFPY_STATE_DIR", str(small / "state"))
        write(small / "hog", b"x" * 3000)
        plan = planned(root, "move", destination=tmp_path / "out")
        try:
            outcome = act.apply(plan)
        except JournalBroken as error:
            assert "No space left" in str(error)
        else:
            assert len(outcome.done) == 6
        assert contents(root, tmp_path / "out") == everything
        os.unlink(small / "hog")
        for entry in act.journals():
            assert not act.undo(entry.path).failed
        assert picture(root) == before


@pytest.mark.parametrize("action", [Action.MOVE, Action.DELETE, Action.HARDLINK, Action.SYMLINK])
def test_a_read_only_source_stays_as_it_is(disk_of, tmp_path, action):
    source = disk_of("1m")
    fill(source / "in")
    before = picture(source)
    plan = planned(source / "in", action, destination=tmp_path / "out" if action is Action.MOVE else None)
    assert allowed("mount", "-o", "remount,ro", os.fspath(source))
    outcome = act.apply(plan)
    assert len(outcome.failed) == 6
    assert "Read-only file system" in outcome.failed[0].why
    assert picture(source) == before
    assert contents(tmp_path / "out") == {}
    assert not litter(tmp_path / "out")


def test_a_read_only_destination_gets_nothing(root, disk_of):
    destination = disk_of("1m")
    assert allowed("mount", "-o", "remount,ro", os.fspath(destination))
    before = picture(root)
    outcome = act.apply(planned(root, "move", destination=destination / "out"))
    assert "Read-only file system" in outcome.failed[0].why
    assert picture(root) == before


def test_a_disk_pulled_out_in_between_is_said_to_be_gone(disk_of, tmp_path):
    source = disk_of("1m")
    fill(source / "in")
    plan = planned(source / "in", "delete")
    assert allowed("umount", os.fspath(source))
    outcome = act.apply(plan)
    assert not outcome.done
    assert all("is not there any more" in skip.why for skip in outcome.skipped)


def test_a_disk_mounted_anew_is_undone_though_it_has_another_number(disk_of, tmp_path):
    """After a restart a disk may have another device number, and the files on it are the same."""
    source = disk_of("1m")
    fill(source / "in")
    outcome = act.apply(planned(source / "in", "delete"))
    assert len(outcome.done) == 6
    second = disk_of("1m")
    subprocess.run(["cp", "-a", source / "in", second], check=True)
    subprocess.run(["umount", "-l", source], check=True)
    assert allowed("mount", "--move", os.fspath(second), os.fspath(source)) or allowed(
        "mount", "--bind", os.fspath(second), os.fspath(source)
    )
    assert len(act.undo(outcome.journal).restored) == 6
    assert contents(source / "in") == {b"A" * 20_000: 7}


@pytest.mark.parametrize("action", [Action.MOVE, Action.DELETE, Action.HARDLINK])
def test_a_file_that_nobody_may_touch_stays(root, tmp_path, action):
    copy = root / "0" / "copy.jpg"
    if not allowed("chattr", "+i", os.fspath(copy)):
        pytest.skip("no immutable files here")
    try:
        before = picture(root)[str(copy)]
        outcome = act.apply(planned(root, action, destination=tmp_path / "out" if action is Action.MOVE else None))
        assert [failure.step.file.path for failure in outcome.failed] == [str(copy)]
        assert "Operation not permitted" in outcome.failed[0].why
        assert picture(root)[str(copy)] == before
        assert len(outcome.done) == 5
    finally:
        allowed("chattr", "-i", os.fspath(copy))


def test_a_file_that_nobody_may_touch_is_not_left_twice(root, disk_of):
    """Copied to another disk, but not to be removed here: then the copy goes."""
    copy = root / "0" / "copy.jpg"
    other = disk_of("1m")
    if not allowed("chattr", "+i", os.fspath(copy)):
        pytest.skip("no immutable files here")
    try:
        outcome = act.apply(planned(root, "move", destination=other / "out"))
        assert len(outcome.failed) == 1
        assert contents(other) == {b"A" * 20_000: 5}
        assert not litter(other, root)
    finally:
        allowed("chattr", "-i", os.fspath(copy))


def test_a_destination_that_is_the_source_mounted_elsewhere_moves_nothing(root, tmp_path):
    """As where a system takes names that differ in case for one: the paths differ, the folder is the same."""
    again = tmp_path / "again"
    again.mkdir()
    if not allowed("mount", "--bind", os.fspath(root / "0"), os.fspath(again)):
        pytest.skip("only root may mount disks")
    try:
        before = picture(root / "0")
        outcome = act.apply(planned(root, "move", destination=again, protect=[str(root / str(n)) for n in range(1, 6)]))
        assert [skip.why for skip in outcome.skipped] == ["it is in the destination already"]
        assert picture(root / "0") == before
    finally:
        subprocess.run(["umount", again], check=True)


def test_a_folder_mounted_twice_loses_nothing_but_its_duplicates(root, tmp_path):
    again = tmp_path / "again"
    again.mkdir()
    if not allowed("mount", "--bind", os.fspath(root), os.fspath(again)):
        pytest.skip("only root may mount disks")
    try:
        groups, digests = find(root, again)
        outcome = act.apply(act.plan(groups, "delete", digests=digests))
        assert len(outcome.done) == 6
        assert contents(root) == {b"A" * 20_000: 1}
        assert not act.undo(outcome.journal).failed
        assert contents(root) == {b"A" * 20_000: 7}
    finally:
        subprocess.run(["umount", again], check=True)


@pytest.mark.parametrize("trouble", ["link", "theirs", "writable"])
def test_a_trash_that_others_could_have_made_is_not_used(disk_of, tmp_path, trouble):
    drive = disk_of("256k")
    fill(drive / "in")
    trash = drive / f".Trash-{os.getuid()}"
    if trouble == "link":
        (tmp_path / "theirs").mkdir()
        os.symlink(tmp_path / "theirs", trash)
    else:
        trash.mkdir(mode=0o700)
        os.chown(trash, *((65534, 65534) if trouble == "theirs" else (-1, -1)))
        trash.chmod(0o777 if trouble == "writable" else 0o700)
    before = picture(drive)
    outcome = act.apply(planned(drive / "in", "trash"))
    assert {failure.why.split(": ")[0] for failure in outcome.failed} == {f'the trash "{trash}" is not used'}
    assert picture(drive) == before
    assert contents(tmp_path / "theirs") == {}


def test_a_trash_on_a_drive_into_which_others_may_look_is_shut(disk_of):
    """On a stick of Windows' it cannot be, and is used all the same: there, nobody else may write to it."""
    drive = disk_of("256k")
    fill(drive / "in")
    trash = drive / f".Trash-{os.getuid()}"
    trash.mkdir(mode=0o755)
    for _ in range(2):
        outcome = act.apply(planned(drive / "in", "trash"))
        assert len(outcome.done) == 6
        assert trash.stat().st_mode & 0o777 == 0o700
        assert not act.undo(outcome.journal).failed


def test_where_the_shared_trash_is_somebody_elses_ones_own_is_used(disk_of):
    drive = disk_of("256k")
    fill(drive / "in")
    (drive / ".Trash").mkdir()
    (drive / ".Trash").chmod(0o1777)
    theirs = drive / ".Trash" / str(os.getuid())
    theirs.mkdir(mode=0o700)
    os.chown(theirs, 65534, 65534)
    assert len(act.apply(planned(drive / "in", "trash")).done) == 6
    assert os.listdir(theirs) == []
    assert len(os.listdir(drive / f".Trash-{os.getuid()}" / "files")) == 6


def test_what_does_not_fit_on_a_full_disk_is_not_there_by_half(disk_of):
    small = disk_of("16k")
    with pytest.raises(OSError, match="No space left"):
        act.write_new(small / "plan.json", b"x" * 100_000)
    assert os.listdir(small) == []
