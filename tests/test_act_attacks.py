"""Somebody saves, removes or swaps files while difPy acts on them, before each of its calls and at any moment.

What they saved is somewhere afterwards, byte for byte; what difPy was to act on is there, or has its likeness; and
nothing outside the folders it was given has changed.
"""

import contextlib
import dataclasses
import itertools
import os
import shutil
import tempfile
import threading
from functools import partial
from pathlib import Path

import pytest

from acting import Tap, contents, find, litter, picture, trash, write
from difPy import act
from difPy.act import Action, disk
from difPy.notes import Notes

ROUNDS = 1000
WAYS = ["trash", "move", "move across", "delete", "hardlink", "symlink"]
BYTES = b"A" * 99
KEPT_WAITING = 0.01  # seconds for somebody who writes, and may be kept waiting, by a lease, until we are done


@pytest.fixture
def fast_folder(tmp_path, monkeypatch):
    """A folder in memory where there is such a thing, with the trash in it."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else tmp_path) as folder:
        monkeypatch.setenv("HOME", folder)
        monkeypatch.setenv("XDG_DATA_HOME", os.path.join(folder, "data"))
        monkeypatch.setenv("DIFPY_STATE_DIR", os.path.join(folder, "state"))
        yield folder


@pytest.fixture
def elsewhere(tmp_path, fast_folder):
    """A folder on another file system than the pictures are on."""
    if os.stat(tmp_path).st_dev == os.stat(fast_folder).st_dev:
        pytest.skip("there is one file system only")
    return tmp_path


class Scene:
    """A picture and its copy in a folder of its own, something else beside them, and something outside."""

    def __init__(self, way, folder, elsewhere):
        self.action = Action(way.split()[0])
        self.folder, self.elsewhere = folder, os.path.join(elsewhere, os.path.basename(folder))
        self.root, self.outside = os.path.join(folder, "in"), os.path.join(folder, "outside")
        self.kept = write(os.path.join(self.root, "kept.jpg"), BYTES)
        self.copy = write(os.path.join(self.root, "inner", "copy.jpg"), BYTES, hours=1)
        write(os.path.join(self.outside, "copy.jpg"), b"none of its business", hours=1)
        self.untouched = picture(self.outside)
        groups, digests = find(self.root)
        self.out = os.path.join(self.elsewhere if way == "move across" else folder, "out")
        destination = self.out if self.action is Action.MOVE else None
        self.plan = act.plan(groups, self.action, destination=destination, digests=digests)
        self.journal = os.path.join(folder, "journal.jsonl")

    def everywhere(self):
        return contents(self.folder, self.elsewhere, trash())

    def clear(self):
        for folder in (self.folder, self.elsewhere, trash()):
            shutil.rmtree(folder, ignore_errors=True)


def save_by_replacing(scene):
    new = write(scene.copy + ".new", b"saved anew")
    os.replace(new, scene.copy)
    return b"saved anew"


def save_in_place(scene):
    with open(scene.copy, "wb") as file:
        file.write(b"saved in place")
    return b"saved in place"


def change_a_byte_and_set_the_time_back(scene):
    facts = os.lstat(scene.copy)
    with open(scene.copy, "r+b", buffering=0) as file:
        file.write(b"a")
        os.utime(file.fileno(), ns=(facts.st_atime_ns, facts.st_mtime_ns))
    return b"a" + BYTES[1:]


def remove_what_is_kept(scene):
    require_another(scene)
    os.unlink(scene.kept)
    return BYTES


def replace_what_is_kept(scene):
    require_another(scene)
    os.replace(write(scene.kept + ".new", b"another picture"), scene.kept)
    return BYTES


def swap_the_folder_for_a_link(scene):
    inner = os.path.dirname(scene.copy)
    os.rename(inner, inner + " moved")
    os.symlink(scene.outside, inner)
    return BYTES


def require_another(scene):
    """Whoever removes the last one has done so themselves."""
    if scene.everywhere()[BYTES] < 2:
        raise OSError("it is the last one")


ATTACKS = [
    save_by_replacing,
    save_in_place,
    change_a_byte_and_set_the_time_back,
    remove_what_is_kept,
    replace_what_is_kept,
    swap_the_folder_for_a_link,
]


WRITING = [save_in_place, change_a_byte_and_set_the_time_back]


class Attacker:
    """Strikes once, before a call with this number, from a thread of its own, for it may be kept waiting."""

    def __init__(self, number, strike, scene):
        self.number, self.strike, self.scene = number, strike, scene
        self.struck, self.saved, self.thread = False, None, None

    def before(self, number, name, *arguments):
        if number == self.number:
            self.struck = True
            self.thread = threading.Thread(target=self.run)
            self.thread.start()
            self.thread.join(KEPT_WAITING if self.strike in WRITING else None)

    def run(self):
        with contextlib.suppress(OSError):  # what it was about to touch is not there now
            self.saved = self.strike(self.scene)

    def during(self, work):
        with pytest.MonkeyPatch.context() as patch:
            Tap(patch.setattr, self.before)
            work()
        if self.thread is not None:
            self.thread.join()


CASES = [
    pytest.param(way, strike, undo, id=f"{way}-{strike.__name__}-{'undo' if undo else 'apply'}")
    for way in WAYS
    for strike in ATTACKS
    for undo in (False, True)
    if not (undo and way == "hardlink" and strike in WRITING)  # who writes to a hard link writes to what is kept
]


@pytest.mark.parametrize(("way", "strike", "undo"), CASES)
def test_whoever_strikes_before_whichever_call_nothing_is_lost(fast_folder, elsewhere, way, strike, undo):
    for number in itertools.count():
        scene = Scene(way, os.path.join(fast_folder, str(number)), elsewhere)
        attacker = Attacker(number, strike, scene)
        if undo:
            act.apply(scene.plan, scene.journal)
            attacker.during(lambda scene=scene: act.undo(scene.journal))
        else:
            attacker.during(lambda scene=scene: act.apply(scene.plan, scene.journal))
        if attacker.saved is not None:
            found = scene.everywhere()
            assert attacker.saved in found, (number, found)
            assert picture(scene.outside) == scene.untouched, number
            assert not litter(scene.folder, scene.elsewhere), number
        scene.clear()
        if not attacker.struck:
            break
    assert number > 10


class Noted(Scene):
    """The same, and what the copy says is written beside the kept picture: that XMP file is what is struck."""

    def __init__(self, name, folder, elsewhere):
        super().__init__("trash", folder, elsewhere)
        self.copy, beside = os.path.join(self.root, name), None
        if name == "kept.xmp":
            facts = os.lstat(write(self.copy, b"note"))
            beside = act.Seen(self.copy, facts.st_size, facts.st_mtime_ns, facts.st_dev, facts.st_ino)
        step = dataclasses.replace(self.plan.steps[0], merge=act.Merge(self.copy, Notes(rating=5), beside))
        self.plan = act.Plan((step,))


@pytest.mark.parametrize("strike", [save_by_replacing, save_in_place, replace_what_is_kept])
@pytest.mark.parametrize("name", ["kept.xmp", "kept.jpg.xmp"])
@pytest.mark.parametrize("undo", [False, True], ids=["apply", "undo"])
def test_an_xmp_file_saved_anew_before_whichever_call_is_not_lost(fast_folder, elsewhere, name, strike, undo):
    for number in itertools.count():
        scene = Noted(name, os.path.join(fast_folder, str(number)), elsewhere)
        attacker = Attacker(number, strike, scene)
        apply = partial(act.apply, scene.plan, scene.journal, merge=lambda old, notes: (old or b"") + b"more")
        if undo:
            apply()
            attacker.during(partial(act.undo, scene.journal))
        else:
            attacker.during(apply)
        if attacker.saved is not None:
            assert attacker.saved in scene.everywhere(), number
            assert not litter(scene.folder, scene.elsewhere), number
        scene.clear()
        if not attacker.struck:
            break
    assert number > 10


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("undo", [False, True], ids=["apply", "undo"])
def test_a_thousand_pictures_saved_anew_at_any_moment_are_all_there(fast_folder, elsewhere, way, undo):
    """A thread saves the pictures one after the other, in both ways, while they are acted on in the same order."""
    action = Action(way.split()[0])
    root = os.path.join(fast_folder, "in")
    write(os.path.join(root, "kept.jpg"), BYTES)
    copies = [write(os.path.join(root, "inner", f"{n:04}.jpg"), BYTES, hours=n + 1) for n in range(ROUNDS)]
    groups, digests = find(root)
    out = os.path.join(elsewhere if way == "move across" else fast_folder, "out")
    plan = act.plan(groups, action, destination=out if action is Action.MOVE else None, digests=digests)
    copies = [step.file.path for step in plan.steps]
    journal = os.path.join(fast_folder, "journal.jsonl")
    at, saved = 0, []

    def told(what, done, total):
        nonlocal at
        at = done

    def saver():
        for number, path in enumerate(copies):
            data = f"saved anew {number}".encode()
            while at < number - 128:  # not too far ahead of who acts, block by block
                pass
            try:
                if number % 2 and not action.links:  # a link leads to what is kept, and all that are saved to it, too
                    with open(path, "wb") as file:
                        file.write(data)
                else:
                    os.replace(write(path + ".new", data), path)
            except OSError:
                continue
            saved.append(data)

    if undo:
        act.apply(plan, journal)
        copies = [step.file.path for step in reversed(plan.steps)]
    thread = threading.Thread(target=saver)
    thread.start()
    if undo:
        act.undo(journal, progress=told)
    else:
        act.apply(plan, journal, progress=told)
    at = ROUNDS * 2
    thread.join()
    found = contents(fast_folder, elsewhere, trash())
    assert not [data for data in saved if data not in found]
    assert BYTES in found
    assert not litter(fast_folder)
    assert len(saved) > ROUNDS // 2


def test_a_large_picture_saved_anew_while_it_is_copied_to_another_drive_is_moved_back_to_no_harm(
    fast_folder, elsewhere, monkeypatch
):
    """250 MB: somebody who saves in the middle of the copying finds what they saved, where they saved it."""
    large = b"A" * 250_000_000
    root, out = os.path.join(fast_folder, "in"), os.path.join(elsewhere, "out")
    kept, copy = write(os.path.join(root, "kept.jpg"), large), write(os.path.join(root, "copy.jpg"), large, hours=1)
    groups, _ = find(root)
    plan = act.plan(groups, "move", destination=out)
    written, pieces = disk.write, itertools.count()

    def write_and_save(descriptor, data):
        written(descriptor, data)
        if len(data) == disk.CHUNK and next(pieces) == 100:
            os.replace(write(copy + ".new", b"saved anew"), copy)

    monkeypatch.setattr(disk, "write", write_and_save)
    outcome = act.apply(plan)
    assert len(outcome.failed) == 1
    assert Path(copy).read_bytes() == b"saved anew"
    assert os.path.getsize(kept) == len(large)
    assert not litter(fast_folder, elsewhere)
    assert not os.path.isdir(out) or os.listdir(out) == []


@pytest.mark.skipif(not shutil.which("chattr"), reason="there is no way to make a folder append-only")
@pytest.mark.parametrize("action", ["hardlink", "symlink", "reflink", "delete", "move"])
def test_in_a_folder_that_only_takes_nothing_of_ours_is_left(tmp_path, action):
    import subprocess

    write(tmp_path / "in" / "kept.jpg", BYTES)
    write(tmp_path / "in" / "inner" / "copy.jpg", BYTES, hours=1)
    groups, digests = find(tmp_path / "in")
    plan = act.plan(groups, action, destination=tmp_path / "out" if action == "move" else None, digests=digests)
    inner = tmp_path / "in" / "inner"
    if subprocess.run(["chattr", "+a", inner], capture_output=True, check=False).returncode:
        pytest.skip("only root may make a folder append-only, and not on every file system")
    try:
        before = picture(tmp_path / "in")
        outcome = act.apply(plan)
        assert len(outcome.failed) == 1
        assert picture(tmp_path / "in") == before
    finally:
        subprocess.run(["chattr", "-a", inner], check=True)
