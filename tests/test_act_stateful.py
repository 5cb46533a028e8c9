"""Any sequence of find, plan, apply and undo on a real tree, with files changing in between."""

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from acting import contents, find, litter, picture, trash, write
from difPy import act
from difPy.act import Action, disk

NAMES = ["a.jpg", "A.JPG", "b.png", "new\nline.gif", "\udcff.jpg"]
FOLDERS = ["", "one", "one/two", "out"]
CONTENTS = [b"A" * 10, b"A" * 10 + b"x", b"B" * 20, b"B" * 20 + b"y"]
ACTIONS = [Action.TRASH, Action.MOVE, Action.DELETE, Action.HARDLINK, Action.SYMLINK]

places = st.builds(os.path.join, st.sampled_from(FOLDERS), st.sampled_from(NAMES))


class Archive(RuleBasedStateMachine):
    """A person, a few programs, and difPy, all at work in one folder."""

    @initialize(files=st.lists(st.tuples(places, st.sampled_from(CONTENTS)), min_size=3, max_size=8))
    def start(self, files):
        self.folder = tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        self.saved = {name: os.environ.get(name) for name in ("HOME", "XDG_DATA_HOME", "DIFPY_STATE_DIR")}
        os.environ.update(dict.fromkeys(self.saved, os.path.join(self.folder, "home")))
        os.environ["XDG_DATA_HOME"] += "/data"
        os.mkdir(os.environ["HOME"])
        self.root = os.path.join(self.folder, "in")
        os.mkdir(self.root)
        self.plan = None
        self.journals = []
        self.hours = 0
        for place, data in files:
            self.write(place, data, 0o644)

    def teardown(self):
        for name, value in getattr(self, "saved", {}).items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
        shutil.rmtree(getattr(self, "folder", ""), ignore_errors=True)

    def at(self, place):
        return os.path.join(self.root, place)

    # What others do.

    @rule(place=places, data=st.sampled_from(CONTENTS), mode=st.sampled_from([0o644, 0o600]))
    def write(self, place, data, mode):
        self.hours += 1
        path = self.at(place)
        if os.path.islink(path):
            os.unlink(path)
        write(path, data, hours=self.hours, mode=mode, attributes={"user.hours": b"%d" % self.hours})

    @rule(data=st.data())
    def link(self, data):
        found = self.files()
        if found:
            source, place = data.draw(st.sampled_from(found)), data.draw(places)
            kind = data.draw(st.sampled_from([os.link, os.symlink]))
            os.makedirs(os.path.dirname(self.at(place)), exist_ok=True)
            if not os.path.lexists(self.at(place)):
                kind(source, self.at(place))

    @rule(data=st.data())
    def remove(self, data):
        found = self.files()
        if found:
            os.unlink(data.draw(st.sampled_from(found)))

    @rule(data=st.data(), place=places)
    def rename(self, data, place):
        found = self.files()
        if found:
            os.makedirs(os.path.dirname(self.at(place)), exist_ok=True)
            os.replace(data.draw(st.sampled_from(found)), self.at(place))

    # What difPy does.

    @rule(action=st.sampled_from(ACTIONS), keep_structure=st.booleans(), protect=st.sampled_from([(), ("b.png",)]))
    def plan_for(self, action, keep_structure, protect):
        groups, digests = find(self.root)
        self.plan = act.plan(
            groups,
            action,
            destination=self.at("out") if action is Action.MOVE else None,
            keep_structure=keep_structure,
            protect=protect,
            digests=digests,
        )
        assert not self.plan.refusals()
        assert act.from_json(act.to_json(self.plan)) == self.plan

    @rule(action=st.sampled_from(ACTIONS), then_undo=st.booleans())
    def plan_and_apply(self, action, then_undo):
        self.plan_for(action, False, ())
        if self.plan.steps:
            self.apply(then_undo)

    @precondition(lambda self: self.plan and self.plan.steps)
    @rule(then_undo=st.booleans())
    def apply(self, then_undo):
        before, names, kinds = contents(self.root, os.path.join(trash(), "files")), picture(self.root), self.alike()
        readable = self.readable()
        outcome = act.apply(self.plan)
        assert not outcome.failed, outcome.failed
        assert len(outcome.done) + len(outcome.skipped) == len(self.plan.steps)
        self.promise(outcome, before, kinds, readable)
        if outcome.journal and then_undo:
            undone = act.undo(outcome.journal)
            lost = {path for done in outcome.done if not done.step.undoable for path in self.names(done.step)}
            assert {failure.path for failure in undone.failed} == lost
            assert {path: facts[:5] for path, facts in picture(self.root).items()} == {
                path: facts[:5] for path, facts in names.items() if path not in lost
            }
        elif outcome.journal:
            self.journals.append(outcome.journal)

    @rule(actions=st.lists(st.sampled_from(ACTIONS), min_size=2, max_size=4))
    def apply_several_and_undo_them_in_reverse(self, actions):
        """Nobody else at work in between: all comes back but what was said to be lost, and copies of that alone."""
        before, journals, lost = picture(self.root), [], set()
        for action in actions:
            self.plan_for(action, False, ())
            outcome = act.apply(self.plan)
            assert not outcome.failed, outcome.failed
            journals += [outcome.journal] if outcome.journal else []
            lost |= {path for done in outcome.done if not done.step.undoable for path in self.names(done.step)}
        failed = {failure.path for journal in reversed(journals) for failure in act.undo(journal).failed}
        assert lost <= failed
        assert lost or not failed
        now = {path: facts[:5] for path, facts in picture(self.root).items()}
        assert now == {path: facts[:5] for path, facts in before.items() if path not in failed}

    def promise(self, outcome, before, kinds, readable):
        """What each action promises about the bytes that are there."""
        after = contents(self.root, os.path.join(trash(), "files"))
        action = self.plan.steps[0].action
        if action in (Action.TRASH, Action.MOVE):
            assert after == before
        elif action is Action.DELETE:
            assert 0 <= sum(before.values()) - sum(after.values()) <= len(outcome.done)
            assert self.alike() == kinds, "every kind of picture is still there"
        else:
            assert set(after) == set(before)
            assert self.readable() == readable, "every name leads to the bytes it led to"

    @precondition(lambda self: self.journals)
    @rule(data=st.data())
    def undo(self, data):
        """Days later: others have been at work, so not all comes back, but nothing that is there goes."""
        before, names = contents(self.root, os.path.join(trash(), "files")), self.readable()
        journal = data.draw(st.sampled_from(self.journals))
        undone = act.undo(journal)
        assert not before - contents(self.root, os.path.join(trash(), "files"))
        now = self.readable()
        for path, data_before in names.items():
            assert now.get(path, data_before) == data_before
        for path in undone.restored:
            assert os.path.isfile(path)
            assert not os.path.islink(path)

    @precondition(lambda self: self.journals)
    @rule()
    def recover(self):
        before = picture(self.root)
        for journal in self.journals:
            recovered = act.recover(journal)
            assert not recovered.ended + recovered.rolled_back + recovered.failed
        assert picture(self.root) == before

    # What is true all the time.

    @invariant()
    def nothing_of_ours_lies_about(self):
        if hasattr(self, "root"):
            assert not litter(self.root)

    def files(self):
        return sorted(path for path, facts in picture(self.root).items() if facts[0] != "folder")

    def names(self, step):
        return [step.file.path, *(part.seen.path for part in step.companions)]

    def alike(self):
        return {data[:1] for data in contents(self.root)}

    def readable(self):
        return {path: Path(path).read_bytes() for path in self.files() if os.path.isfile(path)}


TestArchive = Archive.TestCase
TestArchive.settings = settings(
    max_examples=120, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_the_machine_does_act():
    """It would be vain if no step were ever done."""
    assert disk.exists(os.curdir)
    archive = Archive()
    archive.start([("a.jpg", CONTENTS[0]), ("one/a.jpg", CONTENTS[0])])
    try:
        archive.plan_for(Action.MOVE, False, ())
        archive.apply(False)
        assert os.path.isfile(archive.at("out/a.jpg"))
        assert len(archive.journals) == 1
    finally:
        archive.teardown()
