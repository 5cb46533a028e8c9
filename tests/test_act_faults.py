"""Every call that apply and undo make to the system fails in turn, and the process is killed before each of them.

Run as a script, the module does the killing: ``python test_act_faults.py CASE FOLDER``.
"""

import contextlib
import dataclasses
import errno
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from acting import Tap, contents, find, litter, picture, trash, write
from difPy import act
from difPy.act import Action, disk
from difPy.act.story import read
from difPy.errors import DifPyError, JournalBroken
from difPy.notes import Notes

READS = {"lstat", "stat", "facts", "real", "names", "read_link", "open_folder", "open_file", "read", "listed"}
READS |= {"keep_writers_out", "are_writers_kept_out", "is_append_only"}
CHANGES_NOTHING = READS | {"sync", "sync_folder", "forget_cached", "close"}
ERRORS = [errno.ENOSPC, errno.EPERM, errno.EXDEV, errno.EIO, errno.EROFS]
CASES = ["trash", "move", "move across", "delete", "hardlink", "symlink", "reflink"]
CASES += ["trash and write a note", "move and write more", "delete and write a note"]


class Case:
    """A small tree in which everything happens: hard links, a sidecar with its likeness, attributes, a made folder."""

    def __init__(self, name, folder):
        self.action = Action(name.split()[0])
        self.root = os.path.join(folder, "in")
        self.out = os.path.join(folder, "out", "deep")
        self.journal = os.path.join(folder, "journal", "journal.jsonl")
        self.folder = folder
        kept = write(os.path.join(self.root, "kept.jpg"), b"A" * 99)
        first = write(
            os.path.join(self.root, "one", "a.jpg"), b"A" * 99, hours=1, mode=0o640, attributes={"user.rating": b"5"}
        )
        write(os.path.join(self.root, "two", "a.jpg"), b"A" * 99, hours=2)
        os.link(first, os.path.join(self.root, "two", "other.jpg"))
        for path in (kept, first):
            write(path.removesuffix(".jpg") + ".xmp", b"note")
        self.before = picture(self.root)
        groups, digests = find(self.root)
        destination = self.out if self.action is Action.MOVE else None
        self.plan = act.plan(groups, self.action, destination=destination, digests=digests)
        assert len(self.plan.steps) == 2
        self.notes = os.path.join(self.root, "kept.xmp" if name.endswith("more") else "kept.jpg.xmp")
        if "write" in name:
            beside = act.Seen(self.notes, *seen(self.notes)) if os.path.exists(self.notes) else None
            merges = (act.Merge(self.notes, Notes(title=word), beside) for word in ("one", "two"))
            self.plan = act.Plan(tuple(map(with_merge, self.plan.steps, merges)))

    def everywhere(self):
        return [self.folder, trash()]

    def check(self, outcome):
        """What apply says is so, and nothing is lost."""
        untouched = [step.step for step in (*outcome.skipped, *outcome.failed)]
        unclear = [
            step.step for step in outcome.failed if "could not be put back" in step.why or "not known" in step.why
        ]
        now = picture(self.root)
        for step in untouched:
            for path in paths(step):
                assert step in unclear or now[path] == self.before[path], (path, outcome)
        said = Path(self.notes).read_bytes() if os.path.exists(self.notes) else b""
        assert (b"one" in said) == any(done.step.merge for done in outcome.done) or unclear, outcome
        for done in outcome.done:
            if not self.action.links:
                assert not any(path in now for path in paths(done.step))
            if self.action is Action.MOVE:
                assert Path(done.to).read_bytes() == b"A" * 99
        self.nothing_is_lost()

    def nothing_is_lost(self):
        """The kept picture and its sidecar are as they were; everything else is somewhere, or has its likeness."""
        now = picture(self.root)
        for name in ("kept.jpg", "kept.xmp"):
            path = os.path.join(self.root, name)
            if path == self.notes and now[path][1] == merged(b"note", Notes(title="one")):
                assert now[path][0] == "file"
            else:
                assert now[path][:5] == self.before[path][:5]
        found = contents(*self.everywhere())
        if self.action in (Action.TRASH, Action.MOVE):
            assert found[b"A" * 99] >= 3, found
            rewritten = now[os.path.join(self.root, "kept.xmp")] != self.before[os.path.join(self.root, "kept.xmp")]
            assert found[b"note"] >= 2 - rewritten, found

    def check_undone(self, *, undone_before=False):
        """After a recover and an undo without faults, the tree is as it was and nothing of ours is left."""
        if os.path.exists(self.journal) and Path(self.journal).read_bytes().count(b"\n"):
            act.recover(self.journal)
            story = read(self.journal)
            assert not story.open
            self.nothing_is_lost()
            last = {story.acts[number].path: number for number in story.states}  # a step may be told anew
            for path, number in last.items():
                there, state = os.path.lexists(path), story.states[number]
                if path == self.notes:
                    continue  # whether it is as it was is seen below, when all is undone
                if state in ("dropped", "undone"):
                    assert there
                elif state == "done" and not self.action.links:
                    assert not there or undone_before
            undone = act.undo(self.journal)
            assert not undone.failed, undone
        assert picture(self.root) == self.before
        assert not litter(self.folder)
        assert not os.path.exists(self.out)


def merged(old, notes):
    """What an XMP file becomes: who writes it is no business of these tests."""
    return (old or b"") + notes.title.encode()


def seen(path):
    facts = os.lstat(path)
    return facts.st_size, facts.st_mtime_ns, facts.st_dev, facts.st_ino


def with_merge(step, merge):
    return dataclasses.replace(step, merge=merge)


def paths(step):
    return [step.file.path, *(part.seen.path for part in step.companions)]


@pytest.fixture
def fast_folder(tmp_path):
    """A folder in memory where there is such a thing: thousands of trials sync to it."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else tmp_path) as folder:
        yield folder


@pytest.fixture(params=CASES)
def case(request, fast_folder, monkeypatch):
    """Makes the tree anew each time it is called."""
    monkeypatch.setenv("HOME", fast_folder)
    monkeypatch.setenv("XDG_DATA_HOME", os.path.join(fast_folder, "data"))
    _prepare(request.param, monkeypatch.setattr)
    numbers = itertools.count()

    def make():
        shutil.rmtree(trash(), ignore_errors=True)
        return Case(request.param, os.path.join(fast_folder, str(next(numbers))))

    return make


def _prepare(name, patch):
    """Reflinks where there are none, and a second file system within one: the calls answer as they would there."""
    if name == "reflink":
        patch(disk, "clone", lambda place, to: os.write(to, Path(place.path).read_bytes()))
    if name == "move across":
        rename, link = disk.rename_new, disk.link

        def across(call):
            def refuse(source, target):
                if ("out" in source.path.split(os.sep)) != ("out" in target.path.split(os.sep)):
                    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), source.path, None, target.path)
                call(source, target)

            return refuse

        patch(disk, "rename_new", across(rename))
        patch(disk, "link", across(link))


def counted(case):
    """Names of the calls of an undisturbed apply, and of the undo of it."""
    with pytest.MonkeyPatch.context() as patch:
        undisturbed = case()
        tap = Tap(patch.setattr)
        outcome = act.apply(undisturbed.plan, undisturbed.journal, merge=merged)
        assert len(outcome.done) == 2, outcome
        applied = len(tap.seen)
        undone = act.undo(undisturbed.journal)
        assert not undone.failed
    undisturbed.check_undone()
    return tap.seen[:applied], tap.seen[applied:]


def faults(names):
    """Every call with every error it may give: what only looks finds no disk full, read-only, or another."""
    for number, name in enumerate(names):
        for error in [errno.EIO, errno.EPERM] if name in READS else ERRORS:
            yield number, name, error


@contextlib.contextmanager
def trial_of(case, *what, undone_before=False):
    """One trial; a failure says which call it was, a success leaves nothing."""
    trial = case()
    try:
        yield trial
        trial.nothing_is_lost()
        trial.check_undone(undone_before=undone_before)
    except AssertionError as error:
        error.add_note(" ".join(map(str, what)))
        raise
    shutil.rmtree(trial.folder)


def failing(number, error, *, lasting=False):
    def before(at, name, *arguments):
        if at == number or (lasting and at > number):
            if name == "close":
                os.close(*arguments)  # a file is closed even if closing it fails
            raise OSError(error, os.strerror(error))

    return before


def test_whatever_call_of_apply_fails_nothing_is_lost_and_the_journal_is_true(case):
    applied, _ = counted(case)
    for number, name, error in faults(applied):
        with trial_of(case, number, name, errno.errorcode[error]) as trial:
            outcome = None
            with pytest.MonkeyPatch.context() as patch, contextlib.suppress(DifPyError):
                Tap(patch.setattr, failing(number, error))
                outcome = act.apply(trial.plan, trial.journal, merge=merged)
            if outcome is not None:
                trial.check(outcome)


def test_from_whatever_call_on_all_calls_fail_nothing_is_lost(case):
    """A disk that is pulled out."""
    applied, _ = counted(case)
    for number, name in enumerate(applied):
        with (
            trial_of(case, number, name) as trial,
            pytest.MonkeyPatch.context() as patch,
            contextlib.suppress(DifPyError),
        ):
            Tap(patch.setattr, failing(number, errno.EIO, lasting=True))
            act.apply(trial.plan, trial.journal, merge=merged)


def test_whatever_call_of_undo_fails_it_can_be_run_again(case):
    _, undone = counted(case)
    for number, name, error in faults(undone):
        with trial_of(case, number, name, errno.errorcode[error], undone_before=True) as trial:
            act.apply(trial.plan, trial.journal, merge=merged)
            with pytest.MonkeyPatch.context() as patch, contextlib.suppress(JournalBroken):
                Tap(patch.setattr, failing(number, error))
                act.undo(trial.journal)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is killed in a copy of itself")
@pytest.mark.parametrize("name", CASES)
def test_killed_before_any_call_nothing_is_lost_and_recover_and_undo_put_all_right(name, fast_folder):
    environment = os.environ | {"HOME": fast_folder, "XDG_DATA_HOME": os.path.join(fast_folder, "data")}
    run = subprocess.run(
        [sys.executable, __file__, name, fast_folder], env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    killed = json.loads(run.stdout)
    assert min(killed.values()) >= 5, killed


class Killer:
    """Runs something in a copy of the process, and kills it before a call that changes the disk.

    Parameters
    ----------
    number : int
        Which of these calls.
    halves : bool
        If it is a write, half of it comes through.
    """

    def __init__(self, number, *, halves=False):
        self.left = number
        self.halves = halves
        self.write = disk.write

    def kills(self, work):
        """Whether the copy was killed; otherwise it made fewer calls."""
        child = os.fork()
        if child:
            _, status = os.waitpid(child, 0)
            if os.WIFSIGNALED(status):
                return True
            assert os.WEXITSTATUS(status) == 0
            return False
        try:
            Tap(setattr, self.before)
            work()
        except BaseException as error:
            os.write(2, repr(error).encode())
            os._exit(1)
        os._exit(0)

    def before(self, number, name, *arguments):
        if name in CHANGES_NOTHING:
            return
        if not self.left:
            if self.halves and name == "write":
                descriptor, data = arguments
                self.write(descriptor, data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1


def kill_everywhere(name, folder):
    """Kill apply, then undo, then the recovery of a killed apply, before each of their calls; prints how often."""
    _prepare(name, setattr)
    numbers = itertools.count()
    count = {"apply": 0, "undo": 0, "recover": 0}

    def case():
        shutil.rmtree(trash(), ignore_errors=True)
        return Case(name, os.path.join(folder, str(next(numbers))))

    applied = [name for name in counted(case)[0] if name not in CHANGES_NOTHING]
    for number in itertools.count():
        with trial_of(case, "apply", number) as trial:
            killed = Killer(number).kills(lambda trial=trial: act.apply(trial.plan, trial.journal, merge=merged))
        if not killed:
            break
        count["apply"] += 1
        if "write" in applied[number : number + 1]:
            with trial_of(case, "apply", number, "half a write") as trial:
                Killer(number, halves=True).kills(
                    lambda trial=trial: act.apply(trial.plan, trial.journal, merge=merged)
                )
    for number in itertools.count():
        with trial_of(case, "undo", number, undone_before=True) as trial:
            act.apply(trial.plan, trial.journal, merge=merged)
            killed = Killer(number).kills(lambda trial=trial: act.undo(trial.journal))
        if not killed:
            break
        count["undo"] += 1
    for first in range(count["apply"] // 2, count["apply"], 3):
        for number in itertools.count():
            with trial_of(case, "recover", first, number) as trial:
                Killer(first).kills(lambda trial=trial: act.apply(trial.plan, trial.journal, merge=merged))
                killed = Killer(number).kills(lambda trial=trial: act.recover(trial.journal))
            if not killed:
                break
            count["recover"] += 1
    print(json.dumps(count))


if __name__ == "__main__":
    kill_everywhere(*sys.argv[1:])
