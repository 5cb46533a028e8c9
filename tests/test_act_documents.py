"""A plan as JSON, CSV and shell script; journals, read back whatever has happened to them; decisions."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acting import apply, contents, find, picture, trash, write
from difPy import act
from difPy.act import Action, Companion, Decisions, Held, Plan, Seen, Step
from difPy.act.chain import sealed
from difPy.act.journal import state_folder
from difPy.act.names import numbered
from difPy.act.story import read
from difPy.errors import JournalBroken, WrongValue

AWKWARD = [
    "plain.jpg",
    "it's.jpg",
    'quo"te.jpg',
    "new\nline.jpg",
    "\udcff\udcfe.jpg",
    "-rf",
    "$(touch pwned).jpg",
    "; rm -rf x",
]

TAILS = (".jpg", ".jpg.json", ".xmp")

paths = st.one_of(
    st.sampled_from(AWKWARD),
    st.binary(min_size=1, max_size=30).filter(lambda name: not set(name) & set(b"\0")).map(os.fsdecode),
).map(lambda name: os.path.join(os.path.abspath(os.sep), name))
digests = st.none() | st.binary(min_size=32, max_size=32)
whole = st.integers(0, 2**64)
seen = st.builds(Seen, paths, whole, st.integers(-(2**62), 2**62), whole, whole, digests, st.just("") | paths)
companions = st.builds(
    Companion, seen, st.none() | paths, st.booleans(), st.none() | seen, st.lists(paths, max_size=2).map(tuple)
)
steps = st.builds(
    Step,
    st.integers(0, 10**6),
    st.sampled_from(Action),
    seen,
    seen,
    st.floats(0, 65025),
    st.text(),
    st.none() | paths,
    st.lists(companions, max_size=2).map(tuple),
)
plans = st.builds(
    Plan,
    st.lists(steps, max_size=3).map(tuple),
    st.lists(st.builds(Held, st.integers(0, 99), paths, paths, st.text()), max_size=2).map(tuple),
)


@pytest.fixture
def root(tmp_path):
    """Awkward names: of each kind of picture the first is kept."""
    for number, name in enumerate(AWKWARD):
        write(tmp_path / "in" / str(number % 3) / name, b"A" * 40, hours=number)
    write(tmp_path / "in" / "b.png", b"B" * 50)
    write(tmp_path / "in" / "0" / "b.png", b"B" * 45)
    return tmp_path / "in"


def planned(root, action, **options):
    groups, known = find(root)
    return act.plan(groups, action, digests=known, **options)


class TestJson:
    @given(plans)
    def test_a_plan_comes_back_from_json_as_it_was(self, plan):
        text = act.to_json(plan)
        text.encode()
        assert act.from_json(text) == act.from_json(text.encode()) == plan

    def test_a_plan_may_be_applied_from_anywhere(self, root, monkeypatch):
        monkeypatch.chdir(root)
        text = act.to_json(planned(os.curdir, "delete"))
        monkeypatch.chdir("/")
        outcome = apply(act.from_json(text))
        assert len(outcome.done) == 8, outcome.skipped

    def test_a_person_can_take_steps_out(self, root):
        plan = planned(root, "delete")
        value = json.loads(act.to_json(plan))
        del value["steps"][1:]
        assert act.from_json(json.dumps(value)).steps == plan.steps[:1]

    def test_it_says_in_words_what_happens_and_whether_it_can_be_undone(self, root):
        text = act.to_json(planned(root, "delete"))
        assert "byte for byte the same as" in text
        assert "CANNOT be undone" in text
        assert "can be made again from the kept picture" in text

    @pytest.mark.parametrize(
        ("spoil", "words"),
        [
            (lambda plan: plan.pop("steps"), 'no list "steps"'),
            (lambda plan: plan.update(difPy="journal"), "not a plan"),
            (lambda plan: plan.update(version=2), "version 2"),
            (lambda plan: plan["steps"][0].pop("keeper"), "steps 1: .keeper. is missing"),
            (lambda plan: plan["steps"][0].update(action="burn"), "steps 1: .action. is one of .* not 'burn'"),
            (lambda plan: plan["steps"][0].update(distance="far"), "steps 1: .distance. should be"),
            (
                lambda plan: plan["steps"][0]["file"].update(path=""),
                "steps 1: .path. should be a path from the root on, not ''",
            ),
            (lambda plan: plan["steps"][0]["file"].update(path="a\0b"), "should be a path"),
            (
                lambda plan: plan["steps"][0]["file"].update(size=True),
                "steps 1: .size. should be a whole number .* not True",
            ),
            (lambda plan: plan["steps"][0]["file"].update(digest="abc"), "steps 1: .digest. has 64"),
            (lambda plan: plan["steps"][0]["file"].update(digest="abcd"), "64 hexadecimal figures"),
            (lambda plan: plan["steps"].insert(0, []), "steps 1: a step should be an object"),
        ],
    )
    def test_a_plan_edited_badly_is_refused_with_the_place(self, root, spoil, words):
        value = json.loads(act.to_json(planned(root, "delete")))
        spoil(value)
        with pytest.raises(WrongValue, match=words.replace("(", r"\(")):
            act.from_json(json.dumps(value))

    def test_what_is_no_json_is_refused(self):
        for text in ("", "nonsense", b"\xff\xfe", "[]"):
            with pytest.raises(WrongValue):
                act.from_json(text)


class TestCsv:
    def test_it_has_a_row_for_every_picture_also_for_those_held_back(self, root):
        plan = planned(root, "delete", protect=["it's.jpg"])
        rows = list(csv.DictReader(io.StringIO(act.to_csv(plan))))
        assert len(rows) == len(plan.steps) + len(plan.held)
        assert {row["path"] for row in rows} == {s.file.path for s in plan.steps} | {held.path for held in plan.held}
        assert rows[-1]["action"] == "hold"
        assert "protected" in rows[-1]["why"]


@pytest.mark.skipif(os.name == "nt", reason="there is no sh")
class TestShell:
    """The script does what the plan says, with any names, and checks before it acts."""

    def run(self, plan, folder, code=0):
        script = folder / "script.sh"
        script.write_bytes(act.to_shell(plan))
        done = subprocess.run(["sh", script], cwd=folder, capture_output=True, text=True, errors="replace", check=False)
        assert done.returncode == code, done.stderr
        assert not (folder / "pwned").exists()
        assert not list(folder.glob("**/*.difpy*"))
        return done

    @pytest.mark.parametrize("action", [Action.MOVE, Action.DELETE, Action.HARDLINK, Action.SYMLINK])
    def test_it_does_what_apply_does(self, root, tmp_path, action):
        options = {"destination": tmp_path / "out" if action is Action.MOVE else None, "protect": ["b.png"]}
        plan = planned(root, action, **options)
        before = picture(root)
        outcome = apply(plan)
        applied = {path: facts[:5] for path, facts in picture(root, tmp_path / "out").items()}
        act.undo(outcome.journal)
        assert picture(root) == before
        plan = planned(root, action, **options)
        done = self.run(plan, tmp_path)
        assert f"{len(plan.steps)} done, 0 left" in done.stdout
        scripted = {path: facts[:5] for path, facts in picture(root, tmp_path / "out").items()}
        if action is Action.SYMLINK:
            assert scripted.keys() == applied.keys()
            assert sum(facts[0] == "link" for facts in scripted.values()) == len(plan.steps)
            assert all(os.path.samefile(step.file.path, step.keeper.path) for step in plan.steps)
        else:
            assert scripted == applied

    @pytest.mark.parametrize("action", [Action.MOVE, Action.DELETE, Action.HARDLINK, Action.SYMLINK, Action.TRASH])
    def test_other_names_of_a_picture_share_its_fate(self, tmp_path, action, monkeypatch):
        """The trash is that of the desktop where there is one, else that of trash-cli."""
        monkeypatch.setenv("PATH", os.pathsep.join((os.environ["PATH"], os.path.dirname(sys.executable))))
        kept, copy = write(tmp_path / "in" / "a.jpg", b"A" * 9), write(tmp_path / "in" / "b.jpg", b"A" * 9, hours=1)
        os.link(copy, tmp_path / "in" / "c.jpg")
        plan = planned(tmp_path / "in", action, destination=tmp_path / "out" if action is Action.MOVE else None)
        done = self.run(plan, tmp_path)
        assert "1 done, 0 left as they are" in done.stdout
        assert contents(tmp_path / "in") == {b"A" * 9: 1}
        for name in ("b.jpg", "c.jpg"):
            assert action.links == (tmp_path / "in" / name).exists()
            assert not action.links or os.path.samefile(tmp_path / "in" / name, kept)
        if action is Action.TRASH:
            assert sorted(os.listdir(os.path.join(trash(), "files"))) == ["b.jpg", "c.jpg"]

    @pytest.mark.parametrize("action", [Action.DELETE, Action.HARDLINK])
    def test_what_has_taken_the_place_of_another_name_is_left(self, tmp_path, action):
        write(tmp_path / "in" / "a.jpg", b"A" * 9)
        os.link(write(tmp_path / "in" / "b.jpg", b"A" * 9, hours=1), tmp_path / "in" / "c.jpg")
        plan = planned(tmp_path / "in", action)
        os.unlink(tmp_path / "in" / "c.jpg")
        write(tmp_path / "in" / "c.jpg", b"precious", hours=1)
        before = picture(tmp_path / "in")
        assert "0 done, 1 left" in self.run(plan, tmp_path).stdout
        assert picture(tmp_path / "in") == before

    @pytest.mark.parametrize("action", [Action.HARDLINK, Action.SYMLINK])
    def test_a_link_leads_to_what_is_kept_though_that_is_known_by_a_link(self, tmp_path, action):
        outside = write(tmp_path / "outside" / "a.jpg", b"A" * 9)
        os.makedirs(tmp_path / "in" / "sub")
        os.symlink("../outside/a.jpg", tmp_path / "in" / "a.jpg")
        copy = write(tmp_path / "in" / "sub" / "b.jpg", b"A" * 9, hours=1)
        self.run(planned(tmp_path / "in", action), tmp_path)
        assert os.path.samefile(copy, outside)
        assert os.path.islink(copy) == (action is Action.SYMLINK)

    @pytest.mark.parametrize("taken", ["b.jpg", "b.xmp", "b.jpg.json"])
    def test_a_picture_and_what_belongs_to_it_get_the_same_number(self, tmp_path, taken):
        """As `apply` gives them."""
        write(tmp_path / "in" / "a.jpg", b"A" * 9)
        write(tmp_path / "in" / "sub" / "b.jpg", b"A" * 9, hours=1)
        for tail in TAILS[1:]:
            write(tmp_path / "in" / "sub" / f"b{tail}", b"note")
        write(tmp_path / "out" / taken, b"theirs")
        plan = planned(tmp_path / "in", "move", destination=tmp_path / "out")
        outcome = apply(plan)
        applied = sorted(os.listdir(tmp_path / "out"))
        act.undo(outcome.journal)
        self.run(planned(tmp_path / "in", "move", destination=tmp_path / "out"), tmp_path)
        assert sorted(os.listdir(tmp_path / "out")) == applied == sorted([taken, *(f"b (2){t}" for t in TAILS)])

    def test_a_sidecar_that_has_changed_or_gone_holds_its_picture_back(self, tmp_path):
        write(tmp_path / "in" / "a.jpg", b"A" * 9)
        write(tmp_path / "in" / "sub" / "b.jpg", b"A" * 9, hours=1)
        note = write(tmp_path / "in" / "sub" / "b.xmp", b"note")
        plan = planned(tmp_path / "in", "move", destination=tmp_path / "out")
        for change in (lambda: write(note, b"longer note"), lambda: os.unlink(note)):
            change()
            assert "b.xmp" in self.run(plan, tmp_path).stderr
            assert (tmp_path / "in" / "sub" / "b.jpg").exists()

    def test_what_fails_is_counted_and_told_by_the_exit_code(self, root, tmp_path):
        plan = planned(root, "move", destination=write(tmp_path / "out", b"a file"), protect=["b.png"])
        before = picture(root)
        done = self.run(plan, tmp_path, code=1)
        assert f"0 done, 0 left as they are, {len(plan.steps)} failed" in done.stdout
        assert picture(root) == before

    def test_reflinks_share_blocks_where_they_can_be_and_fail_cleanly_where_not(self, root, tmp_path):
        plan = planned(root, "reflink", protect=["b.png"])
        before = picture(root)
        possible = subprocess.run(["cp", "--reflink=always", plan.steps[0].keeper.path, tmp_path / "x"], check=False)
        done = self.run(plan, tmp_path, code=0 if possible.returncode == 0 else 1)
        assert f"{len(plan.steps)} {'done' if possible.returncode == 0 else 'failed'}" in done.stdout
        assert picture(root) == before

    def test_it_leaves_what_has_changed_and_says_so(self, root, tmp_path):
        plan = planned(root, "delete")
        os.unlink(plan.steps[0].keeper.path)
        write(plan.steps[-1].file.path, b"A")
        done = self.run(plan, tmp_path)
        assert "what is kept for it is not there any more" in done.stderr
        assert "it has changed" in done.stderr
        assert "2 left as they are" in done.stdout

    def test_it_never_overwrites(self, root, tmp_path):
        write(tmp_path / "out" / "b.png", b"theirs")
        before = contents(tmp_path)
        self.run(planned(root, "move", destination=tmp_path / "out"), tmp_path)
        os.unlink(tmp_path / "script.sh")
        assert contents(tmp_path) == before
        assert (tmp_path / "out" / "b (2).png").read_bytes() == b"B" * 45

    def test_bytes_that_differ_behind_the_times_are_left(self, root, tmp_path):
        plan = planned(root, "delete")
        path = next(step.file.path for step in plan.steps if step.identical)
        with open(path, "r+b") as file:
            file.write(b"Z")
        done = self.run(plan, tmp_path)
        assert "has not the bytes" in done.stderr
        assert os.path.exists(path)

    def test_an_edited_plans_bad_steps_are_left_out(self, root, tmp_path):
        step = planned(root, "delete").steps[0]
        plan = Plan((step, Step(0, Action.DELETE, step.keeper, step.file, 0.0, "")))
        done = self.run(plan, tmp_path)
        assert "0 done" in done.stdout
        assert b"# left out" in act.to_shell(plan)

    def test_sidecars_go_with_their_picture(self, tmp_path):
        root = tmp_path / "in"
        write(root / "a.jpg", b"A" * 9)
        write(root / "a.xmp", b"note")
        write(root / "sub" / "a.jpg", b"A" * 9, hours=1)
        write(root / "sub" / "a.xmp", b"note")
        self.run(planned(root, "delete"), tmp_path)
        assert os.listdir(root / "sub") == []
        write(root / "sub" / "a.jpg", b"A" * 9, hours=1)
        write(root / "sub" / "a.heic", b"A" * 9, hours=1)
        write(root / "sub" / "a.xmp", b"note")
        self.run(planned(root, "move", destination=tmp_path / "out"), tmp_path)
        assert os.listdir(root / "sub") == []
        assert sorted(os.listdir(tmp_path / "out")) == ["a.heic", "a.jpg", "a.xmp"]


class TestJournal:
    @pytest.fixture
    def journal(self, root, tmp_path):
        outcome = apply(planned(root, "move", destination=tmp_path / "out"))
        return outcome.journal

    def test_it_lies_in_the_state_folder_and_is_listed_oldest_first(self, journal, root):
        act.undo(journal)
        second = apply(planned(root, "delete")).journal
        listed = act.journals()
        assert [entry.path for entry in listed] == [journal, second]
        assert [entry.action for entry in listed] == ["move", "delete"]
        assert [(entry.done, entry.undone, entry.open) for entry in listed] == [(0, 8, 0), (8, 0, 0)]
        assert journal.startswith(os.environ["DIFPY_STATE_DIR"])

    def test_without_the_variable_it_lies_where_the_system_wants_it(self, monkeypatch):
        monkeypatch.delenv("DIFPY_STATE_DIR")
        assert "difpy" in state_folder().lower()

    def test_nothing_planned_writes_no_journal(self):
        assert apply(Plan(())).journal is None
        assert act.journals() == []

    def test_whatever_is_cut_off_it_can_be_read_and_undone(self, journal, root, tmp_path):
        """Any prefix of the journal brings back what it tells of; the rest is where it was moved to."""
        whole_text = Path(journal).read_bytes()
        head = whole_text.index(b"\n") + 1
        before = contents(root, tmp_path / "out")
        for length in range(len(whole_text), head, -211):
            with open(journal, "wb") as file:
                file.write(whole_text[:length])
            undone = act.undo(journal)
            assert not undone.failed
            assert contents(root, tmp_path / "out") == before
            story = read(journal)
            assert not story.damaged
            assert not story.open
            told = {act_.path for act_ in story.acts.values()}
            assert {path for path in told if not os.path.lexists(path)} == set()
            for act_ in story.acts.values():  # do it again, by hand
                os.makedirs(os.path.dirname(act_.to), exist_ok=True)
                if not os.path.lexists(act_.to):
                    os.rename(act_.path, act_.to)

    def test_a_line_that_was_damaged_is_named_and_the_others_are_undone(self, journal, root):
        """But for the next one, which nothing vouches for."""
        lines = Path(journal).read_bytes().split(b"\n")
        lines[2] = lines[2][: len(lines[2]) // 2] + b"\x00garbage"
        with open(journal, "wb") as file:
            file.write(b"\n".join(lines))
        undone = act.undo(journal)
        assert any("line 3 is damaged" in failure.reason for failure in undone.failed)
        assert any("line 4 is damaged" in failure.reason for failure in undone.failed)
        assert len(undone.restored) == 6

    @pytest.mark.parametrize("text", [b"", b"nonsense", b"{}\n", b'{"difPy":"plan"}\n', b"\xff\xfe\n"])
    def test_other_files_are_not_taken_for_journals(self, tmp_path, text):
        path = tmp_path / "x.jsonl"
        path.write_bytes(text)
        for function in (act.undo, act.recover):
            with pytest.raises(JournalBroken, match="is not a journal"):
                function(path)
        assert path.read_bytes() == text

    def test_a_later_versions_journal_is_left_alone(self, tmp_path):
        path = tmp_path / "x.jsonl"
        path.write_bytes(sealed({"difPy": "journal", "version": 99, "token": "12345678"}, b"")[0])
        with pytest.raises(JournalBroken, match="another difPy"):
            act.undo(path)

    def test_a_journal_that_is_not_there_is_an_error(self, tmp_path):
        with pytest.raises(JournalBroken, match="No such file"):
            act.undo(tmp_path / "nothing.jsonl")

    def test_a_state_folder_that_cannot_be_written_stops_everything(self, root, tmp_path, monkeypatch):
        monkeypatch.setenv("DIFPY_STATE_DIR", write(tmp_path / "file", b""))
        before = picture(root)
        with pytest.raises(JournalBroken, match="cannot be written"):
            apply(planned(root, "delete"))
        assert picture(root) == before

    def test_a_journal_that_is_being_written_is_not_undone_by_another(self, root, tmp_path):
        """Else an undo would meet steps that are just being done."""
        plan = planned(root, "move", destination=tmp_path / "out")
        refused = []

        def meddle(phase, done, total):
            (entry,) = act.journals()
            for function in (act.undo, act.recover):
                try:
                    function(entry.path)
                except JournalBroken as error:
                    refused.append(str(error))

        outcome = apply(plan, progress=meddle)
        assert len(outcome.done) == len(plan.steps)
        assert "another difPy" in refused[0]
        assert not act.undo(outcome.journal).failed

    def test_ctrl_c_leaves_whole_steps_and_a_journal_that_can_be_undone(self, root, tmp_path):
        before = picture(root)
        script = f"""
import os, signal, sys
sys.path.insert(0, {os.path.dirname(__file__)!r})
from acting import Tap, find
from difPy import act
groups, known = find({str(root)!r})
plan = act.plan(groups, "move", destination={str(tmp_path / "out")!r}, digests=known)
def before(number, name, *arguments):
    if name == "rename_new" and len(os.listdir({str(tmp_path / "out")!r})) == 3:
        os.kill(os.getpid(), signal.SIGINT)
Tap(setattr, before)
try:
    act.apply(plan)
except KeyboardInterrupt:
    print("interrupted")
"""
        run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        assert run.stdout == "interrupted\n", run.stderr
        (entry,) = act.journals()
        assert entry.open == 0
        assert 3 <= entry.done <= 4
        assert not act.undo(entry.path).failed
        assert picture(root) == before


class TestDecisions:
    """What is said not to be duplicates is remembered by content, and comes back only when a new picture joins it."""

    A, B, C, D = (bytes([number]) * 32 for number in range(4))

    def test_a_group_once_decided_stays_away_until_a_new_picture_joins_it(self):
        Decisions().remember([self.A, self.B, self.C])
        decisions = Decisions()
        assert decisions.suppressed([self.C, self.A, self.B])
        assert decisions.suppressed([self.A, self.C]), "one of them was removed"
        assert not decisions.suppressed([self.A, self.B, self.C, self.D])
        assert not decisions.suppressed([self.D])

    def test_decided_pairs_make_a_decided_group(self):
        decisions = Decisions()
        decisions.remember([self.A, self.B])
        decisions.remember([self.B, self.C])
        assert not decisions.suppressed([self.A, self.B, self.C])
        decisions.remember([self.A, self.C])
        assert decisions.suppressed([self.A, self.B, self.C])

    def test_one_more_file_with_the_same_bytes_is_news(self):
        decisions = Decisions()
        decisions.remember([self.A, self.A, self.B])
        assert decisions.suppressed([self.A, self.A, self.B])
        assert decisions.suppressed([self.A, self.A])
        assert not decisions.suppressed([self.A, self.A, self.A])

    def test_what_was_decided_can_be_taken_back(self):
        decisions = Decisions()
        decisions.remember([self.A, self.B])
        decisions.remember([self.A, self.B, self.C])
        decisions.remember([self.C, self.D])
        decisions.forget([self.A, self.B])
        for known in (decisions, Decisions()):
            assert len(known) == 1
            assert not known.suppressed([self.A, self.B])
            assert known.suppressed([self.C, self.D])

    def test_a_decision_that_a_crash_cut_off_is_none_and_spoils_no_other(self):
        decisions = Decisions()
        decisions.remember([self.A, self.B])
        with open(decisions.path, "ab") as file:
            file.write(b'{"apart": ["0202')
        Decisions().remember([self.C, self.D])
        again = Decisions()
        assert len(again) == 2
        assert again.suppressed([self.C, self.D])

    def test_what_makes_no_sense_is_passed_over(self, tmp_path):
        path = tmp_path / "decisions.jsonl"
        path.write_bytes(b'[]\n{}\nnull\n{"apart": 3}\n{"apart": ["zz"]}\n{"other": []}\n\xff\n')
        assert len(Decisions(path)) == 0

    def test_a_file_that_cannot_be_written_is_an_error(self, tmp_path):
        with pytest.raises(JournalBroken, match="cannot be"):
            Decisions(tmp_path).remember([self.A])

    @pytest.mark.skipif(sys.platform == "win32", reason="no limit of this kind there")
    @pytest.mark.parametrize("room", [10, 220, 400, 700], ids=lambda room: f"room for {room} bytes more")
    def test_of_what_is_decided_together_a_full_disk_takes_all_or_nothing(self, room):
        import resource

        decisions = Decisions()
        decisions.remember([self.C, self.D])
        before, limits = Path(decisions.path).read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
        agreed = [act.Judgement((self.A, last), agreed=True) for last in (self.B, self.C, self.D, bytes(32))]
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + room, limits[1]))
        try:
            with pytest.raises(JournalBroken, match="File too large"):
                decisions.say(judged=agreed, forgotten=[[self.C, self.D]])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert Path(decisions.path).read_bytes() == before
        for known in (decisions, Decisions()):
            assert known.judgement([self.A, self.B]) is None
            assert known.suppressed([self.C, self.D])
        decisions.say(judged=agreed, forgotten=[[self.C, self.D]])
        for known in (decisions, Decisions()):
            assert known.judgement([self.A, self.B]).agreed
            assert not known.suppressed([self.C, self.D])


@given(
    st.text(min_size=1, max_size=300).filter(lambda name: "/" not in name and "\0" not in name), st.integers(1, 9999)
)
def test_numbered_names_fit_and_end_as_they_did(name, number):
    name = os.fsdecode(name.encode("utf-8", "surrogatepass")[:250].decode("utf-8", "ignore").encode()) or "x"
    stem, extension = os.path.splitext(name)
    made = numbered(os.path.join("to", name), stem, number)
    assert len(os.fsencode(os.path.basename(made))) <= 255
    assert made.endswith(extension)
    assert os.path.dirname(made) == "to"
