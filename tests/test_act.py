"""Plan, apply, undo: what happens to files, on real trees."""

import dataclasses
import errno
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from acting import HOUR, NOON, Tap, apply, contents, find, litter, picture, trash, write
from difPy import act
from difPy.act import Action, disk, freedesktop, renames
from difPy.act.apply import BLOCK_STEPS
from difPy.act.places import Places
from difPy.errors import JournalBroken, UsageError, WrongValue
from difPy.model import Group, Member
from difPy.scan import scan

LINKS = [Action.HARDLINK, Action.SYMLINK, Action.REFLINK]


@pytest.fixture
def tree(tmp_path):
    """Three groups: byte copies in folders, a copy that is only like its keeper, and a picture like no other."""
    root = tmp_path / "in"
    write(root / "a.jpg", b"A" * 100, hours=1)
    write(root / "one" / "a.jpg", b"A" * 100, hours=2, mode=0o600)
    write(root / "two" / "a.jpg", b"A" * 100, hours=3, mode=0o444)
    write(root / "b.png", b"B" * 200)
    write(root / "one" / "b.png", b"B" * 150)
    write(root / "c.gif", b"C" * 50)
    return root


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder on another file system; where there is no other, renaming into it fails as it would there."""
    for candidate in ("/dev/shm", tempfile.gettempdir()):
        if os.path.isdir(candidate) and os.stat(candidate).st_dev != os.stat(tmp_path).st_dev:
            folder = tempfile.mkdtemp(dir=candidate)
            yield Path(folder)
            shutil.rmtree(folder)
            return
    rename, link = disk.rename_new, disk.link
    inside = os.fspath(tmp_path / "elsewhere")

    def refuse_to_cross(call):
        def across(source, target):
            if source.path.startswith(inside) != target.path.startswith(inside):
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
            call(source, target)

        return across

    monkeypatch.setattr(disk, "rename_new", refuse_to_cross(rename))
    monkeypatch.setattr(disk, "link", refuse_to_cross(link))
    os.mkdir(inside)
    yield Path(inside)


@pytest.fixture
def powerless(monkeypatch):
    """A folder of somebody whom read-only folders stop: root, whom nothing stops, becomes nobody for the while."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setenv("DIFPY_STATE_DIR", os.path.join(folder, "state"))
        monkeypatch.setenv("XDG_DATA_HOME", os.path.join(folder, "data"))
        monkeypatch.setenv("HOME", folder)
        root = hasattr(os, "setresuid") and os.geteuid() == 0
        if root:
            os.chown(folder, 65534, 65534)
            os.setresuid(65534, 65534, 0)
        try:
            yield Path(folder)
        finally:
            if root:
                os.setresuid(0, 0, 0)


@pytest.fixture
def shared_blocks(monkeypatch, tmp_path):
    """Reflinks work: really where the file system can, by copying the bytes where it cannot."""
    source, target = write(tmp_path / "source", b"x"), os.fspath(tmp_path / "target")
    descriptor = os.open(target, os.O_CREAT | os.O_WRONLY)
    try:
        with Places() as at:
            disk.clone(at(os.path.realpath(source)), descriptor)
    except OSError:
        monkeypatch.setattr(disk, "clone", lambda place, to: os.write(to, Path(place.path).read_bytes()))
    finally:
        os.close(descriptor)
        os.unlink(source)
        os.unlink(target)


def planned(root, action, **options):
    groups, digests = find(root)
    return act.plan(groups, action, digests=digests, **options)


def reasons(skipped):
    return " / ".join(skip.why for skip in skipped)


@pytest.mark.usefixtures("shared_blocks")
@pytest.mark.parametrize("action", list(Action))
def test_undo_returns_the_tree_as_it_was(tree, tmp_path, action):
    """Names, bytes, times, modes, and which names are one file."""
    destination = tmp_path / "out" / "deep" if action is Action.MOVE else None
    before = picture(tree)
    plan = planned(tree, action, destination=destination)
    outcome = apply(plan)
    assert not outcome.skipped + outcome.failed
    assert len(outcome.done) == len(plan.steps) == (2 if action.links else 3)
    assert picture(tree) != before or action is Action.REFLINK
    undone = act.undo(outcome.journal)
    lost = [str(tree / "one" / "b.png")] if action is Action.DELETE else []
    assert [failure.path for failure in undone.failed] == lost
    assert picture(tree) == {path: facts for path, facts in before.items() if path not in lost}
    assert not (tmp_path / "out").exists()
    assert not litter(tmp_path)


@pytest.mark.usefixtures("shared_blocks")
@pytest.mark.parametrize("action", list(Action))
def test_undo_brings_back_when_a_file_was_read_last(tree, tmp_path, action):
    """Set to what is still to come, so that reading does not change it."""
    copy = tree / "one" / "a.jpg"
    soon = time.time_ns() + HOUR
    os.utime(copy, ns=(soon, os.stat(copy).st_mtime_ns))
    outcome = apply(planned(tree, action, destination=tmp_path / "out" if action is Action.MOVE else None))
    assert str(copy) in [done.step.file.path for done in outcome.done]
    act.undo(outcome.journal)
    assert os.stat(copy).st_atime_ns == soon


@pytest.mark.usefixtures("shared_blocks")
@pytest.mark.parametrize("action", list(Action))
def test_undo_of_hard_linked_names_brings_back_one_file(tmp_path, action):
    root = tmp_path / "in"
    write(root / "kept.jpg", b"A" * 100)
    copy = write(root / "copy.jpg", b"A" * 100, hours=1)
    os.makedirs(root / "sub")
    os.link(copy, root / "sub" / "other.jpg")
    before = picture(root)
    outcome = apply(planned(root, action, destination=tmp_path / "out" if action is Action.MOVE else None))
    assert len(outcome.done) == 1
    assert outcome.bytes_freed == (0 if action in (Action.MOVE, Action.TRASH) else 100)
    for name in ("copy.jpg", "sub/other.jpg"):
        assert (root / name).exists() == action.links
    assert not act.undo(outcome.journal).failed
    assert picture(root) == before
    assert not litter(tmp_path)


def test_hard_links_move_across_file_systems_and_back_as_one_file(tmp_path, elsewhere):
    root = tmp_path / "in"
    write(root / "kept.jpg", b"A" * 100)
    copy = write(root / "copy.jpg", b"A" * 100, hours=1, mode=0o640)
    os.link(copy, root / "other.jpg")
    before = picture(root)
    outcome = apply(planned(root, "move", destination=elsewhere / "out"))
    assert outcome.bytes_freed == 100
    assert contents(elsewhere) == {b"A" * 100: 1}
    assert sorted(os.listdir(elsewhere / "out")) == ["copy.jpg", "other.jpg"]
    act.undo(outcome.journal)
    assert picture(root) == before
    assert picture(elsewhere) == {}


def test_a_hard_link_outside_the_scan_keeps_the_bytes_and_none_are_said_to_be_freed(tree, tmp_path):
    os.link(tree / "one" / "a.jpg", tmp_path / "outside.jpg")
    outcome = apply(planned(tree, "delete", protect=["b.png", str(tree / "two")]))
    assert len(outcome.done) == 1
    assert outcome.bytes_freed == 0


@pytest.mark.parametrize("keep_structure", [False, True])
def test_move_keeps_the_structure_or_numbers_the_names(tree, tmp_path, keep_structure):
    outcome = apply(planned(tree, "move", destination=tmp_path / "out", keep_structure=keep_structure))
    moved = sorted(os.path.relpath(done.to, tmp_path / "out") for done in outcome.done)
    expected = ["one/a.jpg", "one/b.png", "two/a.jpg"] if keep_structure else ["a (2).jpg", "a.jpg", "b.png"]
    assert moved == [os.path.normpath(path) for path in expected]
    assert all(os.path.isfile(done.to) for done in outcome.done)


def test_move_never_overwrites_and_sees_names_that_differ_in_case_or_accents_only(tmp_path):
    root, out = tmp_path / "in", tmp_path / "out"
    write(root / "z.jpg", b"A" * 9)
    for number, name in enumerate(["IMG.jpg", "img.JPG", "Img.jpg", "caf\u00e9.jpg", "cafe\u0301.jpg"]):
        write(root / str(number) / name, b"A" * 9, hours=1)
    write(out / "img.jpg", b"theirs")
    write(out / "CAFE\u0301.jpg", b"theirs too")
    outcome = apply(planned(root, "move", destination=out))
    assert len(outcome.done) == 5
    names = os.listdir(out)
    assert len(names) == 7
    assert len({name.casefold() for name in map(str, names)}) == 7
    assert Path(out / "img.jpg").read_bytes() == b"theirs"


def test_a_name_taken_while_the_move_is_under_way_is_not_overwritten(tree, tmp_path, monkeypatch):
    """Somebody else writes the very name between the choice and the move."""
    out = tmp_path / "out"
    rename = disk.rename_new

    def race(source, target):
        if target.path == str(out / "a.jpg"):
            write(out / "a.jpg", b"theirs")
        rename(source, target)

    monkeypatch.setattr(disk, "rename_new", race)
    before = picture(tree)
    outcome = apply(planned(tree, "move", destination=out))
    assert len(outcome.done) == 3
    assert sorted(os.listdir(out)) == ["a (2).jpg", "a (3).jpg", "a.jpg", "b.png"]
    assert (out / "a.jpg").read_bytes() == b"theirs"
    assert not act.undo(outcome.journal).failed
    assert picture(tree) == before
    assert os.listdir(out) == ["a.jpg"]


def test_a_move_across_file_systems_keeps_times_mode_and_attributes(tree, tmp_path, elsewhere):
    copy = tree / "one" / "a.jpg"
    if hasattr(os, "setxattr"):
        os.setxattr(copy, "user.rating", b"\x005")
    os.utime(copy, ns=(NOON, NOON + 5 * HOUR))
    was = picture(tree)[str(copy)]
    before = picture(tree)
    outcome = apply(planned(tree, "move", destination=elsewhere / "out"))
    assert outcome.bytes_freed == 350
    assert not litter(elsewhere)
    to = next(done.to for done in outcome.done if done.step.file.path == str(copy))
    assert picture(elsewhere)[to][:5] == was[:5]
    act.undo(outcome.journal)
    assert picture(tree) == before


def test_a_full_destination_leaves_nothing_half_made(tree, tmp_path, elsewhere, monkeypatch):
    """The third write finds the disk full, as a real one would."""
    write_bytes = disk.write
    room = 160

    def full(descriptor, data):
        nonlocal room
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith(".jsonl") if os.path.isdir("/proc/self/fd") else False:
            return write_bytes(descriptor, data)
        room -= len(data)
        if room < 0:
            os.write(descriptor, data[:7])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write_bytes(descriptor, data)

    monkeypatch.setattr(disk, "write", full)
    before = picture(tree)
    outcome = apply(planned(tree, "move", destination=elsewhere / "out"))
    assert len(outcome.done) == 1
    assert len(outcome.failed) == 2
    assert "No space left" in outcome.failed[0].why
    assert len(os.listdir(elsewhere / "out")) == 1
    gone = outcome.done[0].step.file.path
    assert picture(tree) == {path: facts for path, facts in before.items() if path != gone}


@pytest.mark.parametrize("below", ["", "/sub", "/sub/folder"])
def test_a_file_as_destination_is_refused_before_anything_is_done(tree, tmp_path, below):
    out = write(tmp_path / "out", b"a file")
    before = picture(tmp_path)
    with pytest.raises(UsageError, match="must be a folder"):
        apply(planned(tree, "move", destination=out + below))
    assert picture(tmp_path) == before


def test_a_destination_inside_the_source_moves_once_and_not_again(tree):
    out = tree / "one" / "out"
    apply(planned(tree, "move", destination=out))
    after = picture(tree)
    again = planned(tree, "move", destination=out)
    assert not again.steps
    assert {held.why for held in again.held} == {"it is in the destination already"}
    assert not apply(again).done
    assert picture(tree) == after


def test_the_source_folder_as_destination_moves_nothing_within_it(tree):
    plan = planned(tree, "move", destination=tree)
    assert not plan.steps
    assert len(plan.held) == 3


def test_a_destination_that_is_the_source_under_another_name_moves_nothing(tree, tmp_path):
    os.symlink(tree / "one", tmp_path / "alias")
    before = picture(tree / "one")
    outcome = apply(planned(tree, "move", destination=tmp_path / "alias"))
    assert "it is in the destination already" in reasons(outcome.skipped)
    assert len(outcome.done) == 1
    for path, facts in before.items():
        assert picture(tree)[path] == facts


def test_names_as_long_as_they_may_be_get_their_number(tmp_path):
    root, out = tmp_path / "in", tmp_path / "out"
    long = "\u00e9" * 125 + ".jpg"  # 254 bytes
    write(root / "a.jpg", b"A" * 9)
    for folder in "xyz":
        write(root / folder / long, b"A" * 9, hours=1)
    outcome = apply(planned(root, "move", destination=out))
    assert len(outcome.done) == 3, reasons(outcome.failed)
    assert all(len(os.fsencode(name)) <= 255 for name in os.listdir(out))
    assert not act.undo(outcome.journal).failed


@pytest.mark.parametrize("name", [b"new\nline.jpg", b"\xff\xfe.jpg", "\U0001f600.jpg".encode(), b"-rf.jpg", b" .jpg "])
@pytest.mark.parametrize("action", [Action.MOVE, Action.DELETE, Action.SYMLINK])
def test_any_file_name_survives(tmp_path, name, action):
    root = tmp_path / "in"
    write(root / "k.jpg", b"A" * 9)
    write(os.path.join(root, os.fsdecode(name)), b"A" * 9, hours=1)
    before = picture(root)
    destination = tmp_path / "out" if action is Action.MOVE else None
    plan = act.from_json(act.to_json(planned(root, action, destination=destination)).encode())
    outcome = apply(plan)
    assert len(outcome.done) == 1, reasons(outcome.failed)
    assert not act.undo(outcome.journal).failed
    assert picture(root) == before


def test_relative_paths_are_undone_from_anywhere(tree, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = picture(tree)
    outcome = apply(planned("in", "move", destination="out"))
    assert len(outcome.done) == 3
    monkeypatch.chdir("/")
    assert not act.undo(outcome.journal).failed
    assert picture(tree) == before


class TestWhatChangedSinceTheScan:
    """Every step is compared with the disk right before it is done."""

    @pytest.fixture(params=[Action.MOVE, Action.DELETE, Action.HARDLINK, Action.TRASH])
    def plan(self, request, tmp_path):
        self.root = tmp_path / "in"
        self.kept = write(self.root / "kept.jpg", b"A" * 100)
        self.copy = write(self.root / "sub" / "copy.jpg", b"A" * 100, hours=1)
        return planned(self.root, request.param, destination=tmp_path / "out" if request.param == "move" else None)

    def refuses(self, plan, *words):
        before = picture(self.root)
        outcome = apply(plan)
        assert not outcome.done
        assert not outcome.failed
        for word in words:
            assert word in reasons(outcome.skipped)
        assert picture(self.root) == before
        assert reasons(apply(plan, dry_run=True).skipped) == reasons(outcome.skipped)

    def test_a_dry_run_changes_nothing_and_says_what_would_be_done(self, plan, tmp_path):
        before = picture(tmp_path)
        outcome = apply(plan, dry_run=True)
        assert outcome.dry_run
        assert len(outcome.done) == 1
        assert outcome.journal is None
        assert picture(tmp_path) == before

    def test_a_picture_that_is_gone(self, plan):
        os.unlink(self.copy)
        self.refuses(plan, "it is not there any more")

    def test_a_picture_that_has_grown(self, plan):
        write(self.copy, b"A" * 101, hours=1)
        self.refuses(plan, "it has changed since the scan (100 bytes then, 101 now)")

    def test_a_picture_that_was_written_again(self, plan):
        write(self.copy, b"A" * 100, hours=2)
        self.refuses(plan, "it has changed since the scan")

    def test_another_file_of_the_same_name_size_and_time(self, plan):
        other = write(self.root / "other", b"Z" * 100, hours=1)
        os.replace(other, self.copy)
        self.refuses(plan, "it is another file than the one the scan saw")

    def test_a_picture_that_is_a_link_now(self, plan):
        os.rename(self.copy, self.root / "moved.jpg")
        os.symlink(self.root / "moved.jpg", self.copy)
        self.refuses(plan, "it is a symbolic link now")

    def test_a_folder_that_is_a_link_now(self, plan):
        os.rename(self.root / "sub", self.root / "real")
        os.symlink(self.root / "real", self.root / "sub")
        self.refuses(plan, "it is reached through a symbolic link")

    def test_a_folder_in_its_place(self, plan):
        os.unlink(self.copy)
        os.mkdir(self.copy)
        self.refuses(plan, "it is not a regular file any more")

    def test_a_keeper_that_is_gone(self, plan):
        os.unlink(self.kept)
        self.refuses(plan, "what is kept for it", "is not there any more")

    def test_a_keeper_that_has_changed(self, plan):
        write(self.kept, b"A" * 99)
        self.refuses(plan, "what is kept for it", "has changed since the scan")

    def test_a_keeper_that_is_a_folder_now(self, plan):
        os.unlink(self.kept)
        os.mkdir(self.kept)
        self.refuses(plan, "what is kept for it", "is not a regular file any more")

    def test_a_keeper_that_is_the_picture_itself_now(self, plan):
        os.unlink(self.kept)
        os.link(self.copy, self.kept)
        os.utime(self.kept, ns=(NOON, NOON + 7))
        self.refuses(plan)

    def test_applying_twice_is_harmless(self, plan):
        assert len(apply(plan).done) == 1
        after = picture(self.root)
        again = apply(plan)
        assert not again.done
        assert not again.failed
        assert picture(self.root) == after


@pytest.mark.parametrize("action", [Action.DELETE, Action.HARDLINK])
@pytest.mark.parametrize("which", ["one/a.jpg", "a.jpg"])
def test_contents_changed_behind_the_times_are_noticed(tree, action, which):
    """Same size, same time, other bytes: only reading finds it."""
    path = tree / which
    facts = os.stat(path)
    plan = planned(tree, action)
    with open(path, "r+b") as file:
        file.write(b"X")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    outcome = apply(plan)
    said = "it" if which == "one/a.jpg" else f'what is kept for it, "{path}",'
    assert f"{said} has other contents than the scan saw" in reasons(outcome.skipped)
    assert (tree / "one" / "a.jpg").exists()


def test_a_link_is_made_only_if_the_bytes_are_the_same_though_no_digest_was_known(tmp_path):
    root = tmp_path / "in"
    write(root / "a.jpg", b"A1")
    write(root / "b.jpg", b"A2", hours=1)
    groups, _ = find(root)
    groups = [Group(groups[0].keeper, (Member(groups[0].members[0].file, 0.0, 0),))]  # the pixels are the same
    outcome = apply(act.plan(groups, "hardlink"))
    assert "has not the same bytes" in reasons(outcome.skipped)
    write(root / "b.jpg", b"A1", hours=1)
    before = picture(root)
    outcome = apply(act.plan(find(root)[0], "symlink"))
    assert len(outcome.done) == 1
    assert not act.undo(outcome.journal).failed
    assert picture(root) == before


class TestEditedPlans:
    """Whatever a person writes into a plan, what is kept stays."""

    def test_a_plan_that_dooms_a_keeper_loses_those_steps(self, tree):
        plan = planned(tree, "delete")
        third, first, second = plan.steps
        swapped = dataclasses.replace(first, file=first.keeper, keeper=first.file)
        plan = act.from_json(act.to_json(act.Plan((swapped, second, third))))
        assert list(plan.refusals()) == [1]
        outcome = apply(plan)
        assert "is itself to go" in reasons(outcome.skipped)
        assert [done.step.file.path for done in outcome.done] == [str(tree / "a.jpg"), str(tree / "one" / "b.png")]
        assert b"A" * 100 in contents(tree)

    def test_a_plan_that_dooms_every_member_of_a_group_does_nothing_to_it(self, tree):
        _, first, second = planned(tree, "delete").steps
        third = dataclasses.replace(first, file=first.keeper, keeper=second.file)
        plan = act.Plan((first, second, third))
        assert list(plan.refusals()) == [0, 1, 2]
        before = picture(tree)
        assert not apply(plan).done
        assert picture(tree) == before

    def test_a_keeper_doomed_under_another_of_its_names_is_seen(self, tree):
        _, first, second = planned(tree, "delete").steps
        os.link(first.keeper.path, tree / "alias.jpg")
        alias = dataclasses.replace(first.keeper, path=str(tree / "alias.jpg"))
        plan = act.Plan((first, dataclasses.replace(second, file=alias, keeper=second.file)))
        assert 0 in plan.refusals()

    def test_a_file_is_acted_on_once(self, tree):
        first = planned(tree, "delete").steps[0]
        assert list(act.Plan((first, first)).refusals()) == [1]

    def test_an_action_that_was_changed_must_fit_the_step(self, tree):
        write(tree / "one" / "a.xmp", b"note")
        step = next(step for step in planned(tree, "trash").steps if step.companions)
        for action, words in ((Action.DELETE, "would be lost"), (Action.SYMLINK, "cannot become a link")):
            plan = act.Plan((dataclasses.replace(step, action=action),))
            assert words in plan.refusals()[0]
            before = picture(tree)
            assert words in reasons(apply(plan).skipped)
            assert words in reasons(apply(plan, dry_run=True).skipped)
            assert picture(tree) == before

    def test_another_file_is_not_taken_for_another_name(self, tree):
        _, first, second = planned(tree, "delete").steps
        step = dataclasses.replace(first, companions=(act.Companion(second.file),))
        assert "is not another name of it" in act.Plan((step,)).refusals()[0]

    def test_a_move_to_nowhere_is_refused(self, tree):
        step = dataclasses.replace(planned(tree, "delete").steps[0], action=Action.MOVE)
        assert "where to" in act.Plan((step,)).refusals()[0]


class TestLinksThatAreThere:
    """Symbolic links are never acted through, and hard links of one file are one picture."""

    def test_on_a_tree_of_links_nothing_but_real_redundant_files_is_planned(self, tmp_path):
        """The wallpapers problem: most files are symbolic links to others."""
        root = tmp_path / "wallpapers"
        for number in range(6):
            real = write(root / f"real{number}" / "1920x1080.png", b"%d" % number * 60)
            for size in ("800x600", "1024x768", "1280x1024"):
                os.symlink(real, root / f"real{number}" / f"{size}.png")
        os.symlink(root / "real0", root / "default")
        write(root / "copy" / "x.png", b"0" * 60, hours=1)
        write(root / "popular" / "y.png", b"1" * 60, hours=1)
        os.symlink("y.png", root / "popular" / "z.png")
        groups, digests = find(root)
        for action in Action:
            plan = act.plan(groups, action, destination="out" if action is Action.MOVE else None, digests=digests)
            doomed = {step.file.path for step in plan.steps}
            assert doomed == {str(root / "copy" / "x.png")} | (
                {str(root / "popular" / "y.png")} if action.links else set()
            )
            assert not any(os.path.islink(path) for path in doomed)
            held = [(held.path, "z.png" in held.why) for held in plan.held]
            assert held == ([] if action.links else [(str(root / "popular" / "y.png"), True)])
        before = contents(root)
        outcome = apply(act.plan(groups, "delete", digests=digests))
        assert len(outcome.done) == 1
        assert all(os.path.exists(path) for path in picture(root)), "no link dangles"
        assert set(contents(root)) == set(before)

    def test_a_picture_with_links_to_it_is_held_back_unless_its_name_stays(self, tree, tmp_path):
        os.symlink("a.jpg", tree / "one" / "shortcut.jpg")
        for action in (Action.TRASH, Action.MOVE, Action.DELETE):
            plan = planned(tree, action, destination=tmp_path / "out" if action is Action.MOVE else None)
            assert (
                str(tree / "one" / "shortcut.jpg")
                in {held.path: held.why for held in plan.held}[str(tree / "one" / "a.jpg")]
            )
        outcome = apply(planned(tree, "symlink"))
        assert len(outcome.done) == 2
        assert (tree / "one" / "shortcut.jpg").read_bytes() == b"A" * 100

    def test_a_picture_outside_that_a_link_leads_to_is_never_acted_on_but_may_be_kept(self, tmp_path):
        root = tmp_path / "in"
        outside = write(tmp_path / "outside" / "a.jpg", b"A" * 100)
        os.makedirs(root)
        os.symlink(outside, root / "a.jpg")
        write(root / "b.jpg", b"A" * 100, hours=1)
        before = picture(tmp_path)
        for action in (Action.DELETE, Action.HARDLINK, Action.SYMLINK):
            plan = planned(root, action)
            assert [step.file.path for step in plan.steps] == [str(root / "b.jpg")]
            outcome = apply(plan)
            assert len(outcome.done) == 1, reasons(outcome.skipped)
            assert not act.undo(outcome.journal).failed
            assert picture(tmp_path) == before
        write(root / "b.jpg", b"A" * 100, hours=-1)
        assert [held.why for held in planned(root, "delete").held] == ["it is reached through a symbolic link"]

    def test_overlapping_roots_make_no_file_its_own_duplicate(self, tree, tmp_path):
        os.symlink(tree, tmp_path / "alias")
        groups, digests = find(tree, tree / "one", tmp_path / "alias", tree)
        plan = act.plan(groups, "delete", digests=digests)
        assert sorted(step.file.path for step in plan.steps) == [
            str(tree / name) for name in ("one/a.jpg", "one/b.png", "two/a.jpg")
        ]
        assert len(apply(plan).done) == 3
        assert set(contents(tree)) == {b"A" * 100, b"B" * 200, b"C" * 50}

    def test_two_ways_to_one_name_are_not_taken_for_two_names(self, tree, tmp_path):
        """A folder that is mounted twice: the scan sees one file with two names, but there is only one to remove."""
        (group,) = [group for group in find(tree)[0] if group.keeper.path.endswith("a.jpg")]
        os.symlink(tree, tmp_path / "mounted")
        file = group.members[0].file
        twice = file._replace(hard_links=(str(tmp_path / "mounted" / os.path.relpath(file.path, tree)),))
        before = picture(tree)
        outcome = apply(act.plan([Group(group.keeper, (Member(twice, 0.0, 0),))], "delete"))
        assert "mounted twice" in reasons(outcome.skipped)
        assert picture(tree) == before

    def test_names_of_the_keeper_are_never_touched(self, tree):
        os.link(tree / "a.jpg", tree / "two" / "same.jpg")
        plan = planned(tree, "delete")
        assert str(tree / "two" / "same.jpg") not in {step.file.path for step in plan.steps}
        apply(plan)
        assert (tree / "two" / "same.jpg").exists()

    def test_a_symbolic_link_within_a_root_survives_moving_the_root(self, tree, tmp_path):
        apply(planned(tree, "symlink"))
        os.rename(tree, tmp_path / "renamed")
        assert (tmp_path / "renamed" / "one" / "a.jpg").read_bytes() == b"A" * 100

    def test_a_hard_link_across_file_systems_is_held_back(self, tree, elsewhere):
        write(elsewhere / "a.jpg", b"A" * 100, hours=9)
        groups, digests = find(tree, elsewhere)
        plan = act.plan(groups, "hardlink", digests=digests)
        if os.stat(elsewhere).st_dev != os.stat(tree).st_dev:
            assert "another file system" in {held.path: held.why for held in plan.held}[str(elsewhere / "a.jpg")]
        outcome = apply(act.plan(groups, "symlink", digests=digests))
        assert (elsewhere / "a.jpg").is_symlink()
        assert not act.undo(outcome.journal).failed

    def test_a_picture_that_is_only_like_its_keeper_never_becomes_a_link(self, tree):
        for action in LINKS:
            held = {held.path: held.why for held in planned(tree, action).held}
            assert "a link would replace" in held[str(tree / "one" / "b.png")]


class TestUndo:
    """Nothing that is there now is overwritten, and what cannot be undone is said before it is done."""

    def test_what_cannot_be_undone_is_said_in_the_plan(self, tree):
        plan = planned(tree, "delete")
        assert plan.not_undoable == 1
        words = {step.file.path: step.undo_in_words for step in plan.steps}
        assert words[str(tree / "one" / "b.png")] == "CANNOT be undone"
        assert words[str(tree / "one" / "a.jpg")] == "can be made again from the kept picture"
        for action in (Action.TRASH, Action.HARDLINK):
            assert planned(tree, action).not_undoable == 0

    @pytest.mark.parametrize("action", [Action.TRASH, Action.MOVE, Action.DELETE, Action.HARDLINK, Action.SYMLINK])
    def test_what_is_there_now_is_never_overwritten(self, tree, tmp_path, action):
        outcome = apply(planned(tree, action, destination=tmp_path / "out" if action is Action.MOVE else None))
        path = tree / "one" / "a.jpg"
        path.unlink(missing_ok=True)
        write(path, b"new work")
        undone = act.undo(outcome.journal)
        assert str(path) in [failure.path for failure in undone.failed]
        assert path.read_bytes() == b"new work"
        assert not litter(tmp_path)
        path.unlink()
        again = act.undo(outcome.journal)
        assert (str(path) in again.restored) == (not action.links)

    def test_a_moved_file_that_was_changed_since_stays_where_it_is(self, tree, tmp_path):
        outcome = apply(planned(tree, "move", destination=tmp_path / "out"))
        to = next(done.to for done in outcome.done if done.step.file.path == str(tree / "one" / "a.jpg"))
        write(to, b"edited")
        undone = act.undo(outcome.journal)
        assert len(undone.restored) == 2
        assert "neither" in undone.failed[0].reason
        assert Path(to).read_bytes() == b"edited"

    def test_a_deleted_copy_is_not_made_from_a_keeper_that_has_changed(self, tree):
        outcome = apply(planned(tree, "delete"))
        write(tree / "a.jpg", b"A" * 99 + b"Z")
        undone = act.undo(outcome.journal)
        assert not undone.restored
        assert not (tree / "one" / "a.jpg").exists()
        assert not litter(tree)

    def test_a_hard_link_whose_keeper_is_gone_becomes_a_file_of_its_own(self, tree):
        before = picture(tree)
        outcome = apply(planned(tree, "hardlink"))
        (tree / "a.jpg").unlink()
        assert str(tree / "two" / "a.jpg") in act.undo(outcome.journal).restored
        after = picture(tree)
        assert after[str(tree / "two" / "a.jpg")] == before[str(tree / "two" / "a.jpg")]

    def test_undoing_twice_is_harmless(self, tree, tmp_path):
        outcome = apply(planned(tree, "move", destination=tmp_path / "out"))
        assert len(act.undo(outcome.journal).restored) == 3
        before = picture(tmp_path)
        again = act.undo(outcome.journal)
        assert not again.restored
        assert not again.failed
        assert picture(tmp_path) == before

    def test_two_applies_are_undone_in_any_order_as_far_as_can_be(self, tree, tmp_path):
        before = picture(tree)
        first = apply(planned(tree, "hardlink"))
        second = apply(planned(tree, "move", destination=tmp_path / "out"))
        assert not act.undo(second.journal).failed
        assert not act.undo(first.journal).failed
        assert picture(tree) == before

    def test_a_folder_that_was_removed_since_is_made_again(self, tree, tmp_path):
        outcome = apply(planned(tree, "move", destination=tmp_path / "out"))
        shutil.rmtree(tree / "two")
        assert not act.undo(outcome.journal).failed
        assert (tree / "two" / "a.jpg").read_bytes() == b"A" * 100

    def test_a_folder_into_which_somebody_put_something_stays(self, tree, tmp_path):
        outcome = apply(planned(tree, "move", destination=tmp_path / "out"))
        write(tmp_path / "out" / "theirs", b"theirs")
        act.undo(outcome.journal)
        assert os.listdir(tmp_path / "out") == ["theirs"]

    def test_extended_attributes_come_back(self, tree):
        copy = tree / "one" / "a.jpg"
        if hasattr(os, "setxattr"):
            os.setxattr(copy, "user.rating", b"5\x00\xff")
        before = picture(tree)
        for action in (Action.DELETE, Action.HARDLINK, Action.SYMLINK):
            outcome = apply(planned(tree, action, protect=["b.png"]))
            assert len(outcome.done) == 2
            act.undo(outcome.journal)
            assert picture(tree) == before


class TestTrash:
    def test_a_trashed_file_is_in_the_systems_trash_with_its_note(self, tree):
        outcome = apply(planned(tree, "trash"))
        assert len(outcome.done) == 3
        assert outcome.bytes_freed == 0
        files, notes = os.listdir(os.path.join(trash(), "files")), os.listdir(os.path.join(trash(), "info"))
        assert len(files) == len(notes) == 3
        act.undo(outcome.journal)
        assert os.listdir(os.path.join(trash(), "files")) == os.listdir(os.path.join(trash(), "info")) == []

    def test_what_was_emptied_from_the_trash_is_said_to_be_gone(self, tree):
        outcome = apply(planned(tree, "trash"))
        shutil.rmtree(trash())
        undone = act.undo(outcome.journal)
        assert len(undone.failed) == 3

    def test_others_read_the_notes(self, tree):
        """`trash-list` is of another implementation of freedesktop.org's trash."""
        paths = [tree / "one" / name for name in ("a b.jpg", "a%20b.jpg", "é\n.jpg", "ü" * 125 + ".jpg", "-rf.jpg")]
        for path in paths:
            write(path, b"A" * 100, hours=1)
        before = picture(tree)
        outcome = apply(planned(tree, "trash"))
        assert {done.step.file.path for done in outcome.done} >= {os.fspath(path) for path in paths}
        assert sorted(listed()) == sorted(done.step.file.path for done in outcome.done)
        assert not act.undo(outcome.journal).failed
        assert picture(tree) == before
        assert listed() == []

    def test_equal_names_cost_no_more_than_others(self, tmp_path):
        calls = {}
        for count in (20, 80):
            root = tmp_path / str(count)
            write(root / "kept.jpg", b"A" * 9)
            for number in range(count):
                write(root / str(number) / "cover.jpg", b"A" * 9, hours=number + 1)
            plan = planned(root, "trash")
            with pytest.MonkeyPatch.context() as patch:
                tap = Tap(patch.setattr)
                assert len(apply(plan).done) == count
            calls[count] = len(tap.seen)
        assert calls[80] < 4.2 * calls[20], calls

    @pytest.mark.parametrize("there", ["files/a.jpg", "info/a.jpg.trashinfo"])
    def test_what_others_have_in_the_trash_is_left_alone(self, tree, there):
        """Also a file without its note, and a note without its file: somebody may just be about to throw it away."""
        place = write(Path(trash()) / there, b"[Trash Info]\nPath=" + os.fsencode(tree / "one" / "a.jpg") + b"\n")
        before, theirs = picture(tree), picture(trash())[place]
        outcome = apply(planned(tree, "trash"))
        assert len(outcome.done) == 3, reasons(outcome.failed)
        assert picture(trash())[place] == theirs
        assert not act.undo(outcome.journal).failed
        assert picture(tree) == before
        assert picture(trash())[place] == theirs
        assert contents(trash()).total() == 1

    def test_what_another_file_has_taken_the_place_of_in_the_trash_is_said_to_be_gone(self, tree):
        outcome = apply(planned(tree, "trash"))
        for name in os.listdir(os.path.join(trash(), "files")):
            os.unlink(os.path.join(trash(), "files", name))
            write(os.path.join(trash(), "files", name), b"another")
        before = picture(trash())
        assert len(act.undo(outcome.journal).failed) == 3
        assert picture(trash()) == before

    def test_only_its_owner_may_look_into_a_trash_that_is_made(self, tree):
        apply(planned(tree, "trash"))
        assert {os.stat(os.path.join(trash(), part)).st_mode & 0o777 for part in ("", "files", "info")} == {0o700}

    def test_a_file_that_may_not_be_written_goes_to_the_trash_and_comes_back_as_it_was(self, powerless):
        root = powerless / "in"
        write(root / "kept.jpg", b"A" * 9)
        os.link(write(root / "one" / "a.jpg", b"A" * 9, hours=1, mode=0o444), root / "one" / "other.jpg")
        write(root / "two" / "a.jpg", b"A" * 9, hours=1, mode=0o400)
        before = picture(root)
        outcome = apply(planned(root, "trash"))
        assert len(outcome.done) == 2, reasons(outcome.failed)
        modes = [os.stat(os.path.join(trash(), "files", name)).st_mode & 0o777 for name in ("a.jpg", "a (2).jpg")]
        assert modes == [0o444, 0o400]
        assert not act.undo(outcome.journal).failed
        assert picture(root) == before

    def test_what_cannot_go_to_the_trash_may_be_written_no_more_than_before(self, powerless):
        root = powerless / "in"
        write(root / "kept.jpg", b"A" * 9)
        write(root / "locked" / "a.jpg", b"A" * 9, hours=1, mode=0o444)
        os.chmod(root / "locked", 0o555)
        before = picture(root)
        assert len(apply(planned(root, "trash")).failed) == 1
        assert picture(root) == before
        os.chmod(root / "locked", 0o755)

    def test_without_a_trash_the_file_stays_and_the_failure_says_what_else_could_be_done(self, powerless):
        write(powerless / "in" / "kept.jpg", b"A" * 9)
        write(powerless / "in" / "a.jpg", b"A" * 9, hours=1)
        (powerless / "data").mkdir(mode=0o555)
        before = picture(powerless / "in")
        (failed,) = apply(planned(powerless / "in", "trash")).failed
        assert "Permission denied" in failed.why
        assert "move it to a folder" in failed.why
        assert picture(powerless / "in") == before

    def test_a_file_on_another_disk_goes_to_that_disks_trash(self, elsewhere):
        write(elsewhere / "a.jpg", b"A" * 9)
        write(elsewhere / "sub" / "a.jpg", b"A" * 9, hours=1)
        before = picture(elsewhere)
        outcome = apply(planned(elsewhere, "trash"))
        assert len(outcome.done) == 1
        undone = act.undo(outcome.journal)
        assert not undone.failed
        assert picture(elsewhere) == before


class TestTrashOfTheSystemsOwn:
    """Where only the system knows what it does with what it throws away, as on Windows and macOS."""

    @pytest.fixture(autouse=True)
    def _another_system(self, monkeypatch):
        monkeypatch.setattr(freedesktop, "is_used", lambda: False)

    def test_the_system_is_asked(self, tree, monkeypatch):
        """The system is this one, as send2trash knows it; it reads the environment when it is imported."""
        for name in [name for name in sys.modules if name.split(".")[0] == "send2trash"]:
            monkeypatch.delitem(sys.modules, name)
        outcome = apply(planned(tree, "trash"))
        assert len(outcome.done) == 3
        assert sorted(listed()) == sorted(done.step.file.path for done in outcome.done)

    def test_what_is_found_is_taken_out_again(self, tree, monkeypatch):
        folder = os.path.expanduser("~/.Trash")
        os.mkdir(folder)
        numbers = itertools.count()

        def send(path):
            stem, extension = os.path.splitext(os.path.basename(path))
            os.rename(path, os.path.join(folder, f"{stem} {next(numbers)}{extension}"))

        monkeypatch.setattr(disk, "send_to_trash", send)
        before = picture(tree)
        outcome = apply(planned(tree, "trash"))
        assert len(outcome.done) == 3
        assert not act.undo(outcome.journal).failed
        assert picture(tree) == before
        assert os.listdir(folder) == []

    def test_what_is_not_found_is_left_to_the_person(self, tree, tmp_path, monkeypatch):
        monkeypatch.setattr(disk, "send_to_trash", lambda path: os.rename(path, tmp_path / os.path.basename(path)))
        outcome = apply(planned(tree, "trash", protect=[str(tree / "two")]))
        assert len(outcome.done) == 2
        assert "by hand" in act.undo(outcome.journal).failed[0].reason

    def test_a_trash_that_only_says_so_is_a_failure(self, tree, monkeypatch):
        monkeypatch.setattr(disk, "send_to_trash", lambda path: None)
        before = picture(tree)
        outcome = apply(planned(tree, "trash"))
        assert len(outcome.failed) == 3
        assert "still there" in outcome.failed[0].why
        assert picture(tree) == before

    def test_a_drive_without_trash_is_a_failure_and_the_file_stays(self, tree, monkeypatch):
        def refuse(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

        monkeypatch.setattr(disk, "send_to_trash", refuse)
        before = picture(tree)
        outcome = apply(planned(tree, "trash"))
        assert "Permission denied" in outcome.failed[0].why
        assert picture(tree) == before


def listed():
    """Paths that the files in the trash came from, as `trash-list` tells them."""
    command = os.path.join(os.path.dirname(sys.executable), "trash-list")
    told = subprocess.run([command], capture_output=True, check=True).stdout
    return re.findall(r"(?ms)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (.*?)\n(?=\d{4}-|\Z)", os.fsdecode(told))


def test_reflinks_where_there_are_none_are_failures_that_say_so(tree, monkeypatch):
    def refuse(path, descriptor):
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(disk, "clone", refuse)
    before = picture(tree)
    outcome = apply(planned(tree, "reflink"))
    assert len(outcome.failed) == 2
    assert "reflink" in outcome.failed[0].why
    assert picture(tree) == before


@pytest.mark.parametrize("way", ["renameat2", "link", "placeholder"])
def test_a_rename_never_overwrites_on_any_file_system(tmp_path, monkeypatch, way):
    """Where the kernel has no call for it, by a hard link; where there are none, by taking the name first."""
    if way != "renameat2":
        monkeypatch.setattr(renames, "_of_the_system", lambda: None)
    if way == "placeholder":

        def refuse(source, target, **options):
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "link", refuse)
    write(tmp_path / "source", b"mine")
    write(tmp_path / "taken", b"theirs")
    with Places() as at:
        source = at(os.path.join(os.path.realpath(tmp_path), "source"))
        with pytest.raises(FileExistsError):
            disk.rename_new(source, source.beside("taken"))
        assert contents(tmp_path) == {b"mine": 1, b"theirs": 1}
        disk.rename_new(source, source.beside("free"))
        assert sorted(os.listdir(tmp_path)) == ["free", "taken"]
        with pytest.raises(FileNotFoundError):
            disk.rename_new(source, source.beside("other"))
    assert sorted(os.listdir(tmp_path)) == ["free", "taken"]


class TestPlan:
    """A plan is data: what goes, what is kept, what is held back, and why."""

    def test_what_is_protected_is_held_back_and_says_by_what(self, tree, tmp_path):
        for pattern in (str(tree / "one"), "*/one/*", "a.jpg", str(tree / "one" / "a.jpg")):
            plan = planned(tree, "delete", protect=[pattern])
            held = {held.path: held.why for held in plan.held}
            assert held[str(tree / "one" / "a.jpg")] == f'it is protected by "{pattern}"'

    def test_one_protected_name_protects_all_names_of_a_file(self, tree, tmp_path):
        os.makedirs(tree / "archive")
        os.link(tree / "two" / "a.jpg", tree / "archive" / "x.jpg")
        plan = planned(tree, "delete", protect=[str(tree / "archive")])
        assert not {str(tree / "two" / "a.jpg"), str(tree / "archive" / "x.jpg")} & {s.file.path for s in plan.steps}

    def test_the_keeper_of_another_group_is_held_back(self, tree):
        groups, digests = find(tree)
        tangled = [*groups, Group(groups[1].keeper, (Member(groups[0].keeper, 0.0, 0),))]
        plan = act.plan(tangled, "delete", digests=digests)
        assert plan.held[0].why == "it is kept in another group"

    def test_a_file_in_two_groups_goes_once(self, tree):
        groups, digests = find(tree)
        plan = act.plan([groups[0], groups[0]], "delete", digests=digests)
        assert len(plan.steps) == len(groups[0].members)
        assert {held.why for held in plan.held} == {"another step acts on it already"}

    def test_planning_changes_nothing(self, tree, tmp_path):
        before = picture(tmp_path)
        for action in Action:
            planned(tree, action, destination=tmp_path / "out" if action is Action.MOVE else None)
        assert picture(tmp_path) == before

    def test_wrong_wishes_are_refused(self):
        with pytest.raises(WrongValue, match="action must be one of trash, move"):
            act.plan([], "burn")
        with pytest.raises(WrongValue, match="move needs a destination"):
            act.plan([], "move")
        with pytest.raises(WrongValue, match="takes no destination"):
            act.plan([], "delete", destination="out")
        with pytest.raises(WrongValue, match="sidecars must be one of with, hold, leave"):
            act.plan([], "delete", sidecars="burn")

    def test_digests_of_the_scan_are_used(self, tree):
        groups, digests = find(tree)

        def known(file):
            return file._replace(digest=digests[file.path])

        groups = [
            Group(known(g.keeper), tuple(dataclasses.replace(m, file=known(m.file)) for m in g.members)) for g in groups
        ]
        assert act.plan(groups, "delete") == planned(tree, "delete")

    def test_what_a_person_said_is_no_duplicate_is_held_back_though_its_group_is_there_again(self, tree):
        """A further picture has joined the group, so it is shown again; what was said of the two is true still."""
        groups, digests = find(tree)
        kept, copy = str(tree / "b.png"), str(tree / "one" / "b.png")
        decisions = act.Decisions()
        decisions.remember([digests[kept], digests[copy]])
        plan = act.plan(groups, "delete", digests=digests, decisions=decisions)
        assert [(held.path, held.why) for held in plan.held] == [
            (copy, "you said that it is no duplicate of the kept picture")
        ]
        assert len(plan.steps) == 2
        decisions.remember([digests[str(tree / "a.jpg")]] * 2)
        plan = act.plan(groups, "delete", digests=digests, decisions=decisions)
        assert not plan.steps

    def test_a_step_says_why_in_words(self, tree):
        words = {step.file.path: step.why for step in planned(tree, "delete").steps}
        assert words[str(tree / "one" / "a.jpg")] == f'byte for byte the same as "{tree / "a.jpg"}"'
        assert words[str(tree / "one" / "b.png")] == f'like (MSE 1.50) "{tree / "b.png"}"'
        groups = [dataclasses.replace(group, why="Kept because it is older.") for group in find(tree)[0]]
        step = act.plan(groups, "trash").steps[-1]
        assert step.why.endswith('a.jpg", which is kept because it is older'), step.why


def test_progress_is_told_to_the_end(tree, tmp_path):
    told = []
    outcome = apply(planned(tree, "delete"), progress=lambda *report: told.append(report))
    act.undo(outcome.journal, progress=lambda *report: told.append(report))
    assert ("acting", 3, 3) in told
    assert ("undoing", 3, 3) in told


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such folders")
@pytest.mark.parametrize("action", [action for action in Action if action is not Action.REFLINK])
def test_a_read_only_folder_keeps_its_files_and_the_others_are_acted_on(powerless, action):
    root, out = powerless / "in", powerless / "out"
    write(root / "kept.jpg", b"A" * 9)
    for name in ("locked", "open"):
        write(root / name / "a.jpg", b"A" * 9, hours=1)
    os.chmod(root / "locked", 0o555)
    before = picture(root)
    outcome = apply(planned(root, action, destination=out if action is Action.MOVE else None))
    assert [done.step.file.path for done in outcome.done] == [str(root / "open" / "a.jpg")], outcome.failed
    assert [failed.step.file.path for failed in outcome.failed] == [str(root / "locked" / "a.jpg")]
    assert "Permission denied" in outcome.failed[0].why
    assert "b'" not in outcome.failed[0].why, "paths are said as people write them"
    if action is Action.TRASH:
        (gone,) = os.listdir(os.path.join(trash(), "files"))
        assert os.listdir(os.path.join(trash(), "info")) == [f"{gone}.trashinfo"], "no note of what did not go"
    assert picture(root / "locked") == {path: before[path] for path in before if "locked" + os.sep in path}
    assert not act.undo(outcome.journal).failed
    assert picture(root) == before
    os.chmod(root / "locked", 0o755)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such folders")
def test_a_read_only_destination_gets_nothing(powerless):
    root, out = powerless / "in", powerless / "out"
    write(root / "kept.jpg", b"A" * 9)
    write(root / "sub" / "a.jpg", b"A" * 9, hours=1)
    out.mkdir(0o555)
    before = picture(powerless)
    outcome = apply(planned(root, "move", destination=out / "deep"))
    assert "Permission denied" in outcome.failed[0].why
    assert picture(root) == {path: facts for path, facts in before.items() if path.startswith(str(root) + os.sep)}
    assert os.listdir(out) == []


@pytest.mark.parametrize("action", [Action.MOVE, Action.DELETE, Action.SYMLINK])
def test_many_steps_are_done_and_undone_block_by_block(tmp_path, action):
    """More than are told to the journal at once, and some of them with sidecars and other names."""
    root = tmp_path / "in"
    write(root / "kept.jpg", b"A" * 9)
    write(root / "kept.xmp", b"note")
    for number in range(2 * BLOCK_STEPS + 3):
        path = write(root / str(number) / "a.jpg", b"A" * 9, hours=number + 1)
        if number % 50 == 0:
            os.link(path, root / str(number) / "other.jpg")
            write(root / str(number) / "a.xmp", b"note")
    before = picture(root)
    outcome = apply(planned(root, action, destination=tmp_path / "out" if action is Action.MOVE else None))
    assert len(outcome.done) == 2 * BLOCK_STEPS + 3
    assert picture(root) != before
    assert not act.undo(outcome.journal).failed
    assert picture(root) == before
    assert not litter(tmp_path)


def test_the_journal_is_not_written_into_something_that_is_there(tree, tmp_path):
    taken = write(tmp_path / "taken.jsonl", b"precious")
    with pytest.raises(JournalBroken, match="exists already"):
        apply(planned(tree, "delete"), taken)
    assert Path(taken).read_bytes() == b"precious"
    assert len(contents(tree)) == 4


def test_scan_facts_are_what_a_step_goes_by(tree):
    """A file of the scan and a step's file say the same."""
    files = {file.path: file for file in scan([str(tree)]).files}
    for step in planned(tree, "delete").steps:
        file = files[step.file.path]
        assert (file.size, file.mtime_ns, file.device, file.inode) == (
            step.file.size,
            step.file.mtime_ns,
            step.file.device,
            step.file.inode,
        )
