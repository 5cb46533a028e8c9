"""Plans that were edited badly, or written to deceive: a sentence, never a traceback, and nothing is lost."""

import copy
import json
import os
import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acting import apply, contents, find, picture, write
from difPy import act
from difPy.act import Action, Companion, Plan, Seen, Step
from difPy.act.members import LONGEST, members
from difPy.errors import UsageError, WrongValue

DIFPY = [sys.executable, "-m", "difPy"]
NEW = b"B" * 50


def planned(root, action, **options):
    groups, known = find(root)
    return act.plan(groups, action, digests=known, **options)


@pytest.fixture
def root(tmp_path):
    """Two copies of one picture, with a sidecar, and another name of the second."""
    write(tmp_path / "in" / "kept.jpg", b"A" * 40)
    write(tmp_path / "in" / "kept.xmp", b"note")
    write(tmp_path / "in" / "one" / "a.jpg", b"A" * 40, hours=1)
    write(tmp_path / "in" / "one" / "a.xmp", b"note")
    write(tmp_path / "in" / "two" / "b.jpg", b"A" * 40, hours=2)
    os.link(tmp_path / "in" / "two" / "b.jpg", tmp_path / "in" / "two" / "c.jpg")
    return tmp_path / "in"


CHANCE = st.integers(0, 1000).map(random.Random)


class TestText:
    """The text of a plan: however it was written, and cut, it is read as `json.loads` reads it, or refused."""

    VALUES = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(), parts, max_size=4),
        max_leaves=20,
    )

    @given(st.dictionaries(st.text(), VALUES, max_size=5), st.sampled_from([None, 0, 3]), CHANCE)
    def test_members_are_those_of_json_wherever_the_text_is_cut(self, value, indent, chance):
        text = json.dumps(value, indent=indent, ensure_ascii=chance.random() < 0.5)
        found = {name: one if name_is_plain(one) else list(one) for name, one in members(cut(text, chance))}
        assert found == value

    @given(st.dictionaries(st.text(), VALUES, max_size=5), CHANCE)
    def test_what_is_cut_off_is_refused(self, value, chance):
        text = json.dumps(value)
        with pytest.raises(ValueError, match="line 1: "):
            for _ in members(cut(text[: chance.randrange(len(text))], chance)):
                pass

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "the text ends, and '{' is to come"),
            ("   \n\n [1]", "line 3: '{' should stand here"),
            ('{"a": 1} {', "behind the last bracket"),
            ('{"a": 1, "a": 2}', "'a' comes twice"),
            ('{"a": {"b": 1, "b": 2}}', "a name comes twice in one object"),
            ('{"a": NaN}', "NaN is not a number"),
            ('{"a": [-Infinity]}', "-Infinity is not a number"),
            ('{"a": ' + "[" * 100_000, "too many brackets"),
            ('{"a": {"b": ' + '{"c":' * 100_000, "too many brackets"),
            ('{"a": "' + "x" * (2 * LONGEST), "more than"),
            ('{"a": ' + "9" * 5000 + "}", "limit"),
            ("{1: 2}", "a name in double quotes"),
            ('{"a" 1}', "':' should stand here"),
            ('{\n"a": [1,\n2 3]}', "line 3: ']' should stand here"),
            ('{"a": [1,]}', "Expecting value"),
        ],
        ids=range(15),
    )
    def test_what_is_no_json_is_refused_with_the_line(self, text, words):
        pieces = (text[start : start + 1_000_000] for start in range(0, len(text), 1_000_000))
        with pytest.raises(ValueError, match=r"^line \d+: ") as refused:
            for _ in members(pieces):
                pass
        assert words in str(refused.value)


def name_is_plain(value):
    return not hasattr(value, "__next__")


def cut(text, chance):
    """The text in pieces of any length."""
    while text:
        length = chance.choice([0, 1, 2, 5, 40])
        yield text[:length]
        text = text[length:]


class TestFile:
    """What is named as a plan need not be one."""

    def refused(self, path, *words):
        applied = subprocess.run([*DIFPY, "apply", path], capture_output=True, text=True, check=False, timeout=60)
        assert applied.returncode == 2, applied.stderr
        assert applied.stderr.count("\n") == 1, applied.stderr
        for word in words:
            assert word in applied.stderr

    def test_a_folder_a_pipe_a_device_or_nothing_at_all_is_refused(self, tmp_path):
        self.refused(tmp_path, "cannot be read")
        self.refused(tmp_path / "gone", "No such file")
        if hasattr(os, "mkfifo"):
            os.mkfifo(tmp_path / "pipe")
            self.refused(tmp_path / "pipe", "not a regular file")
        if os.path.exists("/dev/zero"):
            self.refused("/dev/zero", "not a regular file")

    @pytest.mark.parametrize(
        "content",
        [b"", b"\0" * 5_000_000, b"\xff\xd8\xff\xe0 a picture", b"{" * 100_000, b'{"difPy": "pl\xff"}', b'"plan"'],
        ids=["empty", "zeros", "picture", "brackets", "not UTF-8", "text"],
    )
    def test_what_is_no_plan_is_refused_with_its_name(self, content, tmp_path):
        write(tmp_path / "plan.json", content)
        with pytest.raises(WrongValue, match=r"plan\.json"):
            act.read_plan(tmp_path / "plan.json")

    def test_a_name_that_no_file_can_have_is_refused(self):
        with pytest.raises(UsageError, match="no file can have"):
            act.read_plan("a\0b")

    def test_a_plan_cut_off_anywhere_is_refused(self, root, tmp_path):
        text = act.to_json(planned(root, "delete")).encode()
        for length in range(0, len(text.rstrip()), 7):
            write(tmp_path / "plan.json", text[:length])
            with pytest.raises(WrongValue, match=r"plan\.json"):
                act.read_plan(tmp_path / "plan.json")

    @pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
    @pytest.mark.parametrize("indent", [None, 4])
    def test_an_editor_may_indent_it_sort_its_names_and_mark_it(self, root, tmp_path, coding, indent):
        plan = planned(root, "move", destination=tmp_path / "out")
        value = json.loads(act.to_json(plan))
        path = write(tmp_path / "plan.json", json.dumps(value, indent=indent, sort_keys=True).encode(coding))
        assert act.read_plan(path) == act.from_json(act.to_json(plan))

    def test_what_repeats_from_step_to_step_is_in_memory_once(self, root):
        one, other, *_ = act.from_json(act.to_json(planned(root, "delete"))).steps
        assert one.keeper is other.keeper
        assert one.why is other.why
        assert one.file.root is other.file.root is one.keeper.root
        assert one.file.digest is other.file.digest is one.keeper.digest


STRANGE = [None, True, -1, 0, 1.5, 1e400, 2**63, 2**64, 2**130, "", "a\0b", "\ud800", "../a", [], {}, [[]], "x" * 500]


def mutated(value, chance):
    """The same with one thing in it replaced, dropped, doubled or put elsewhere."""
    value = copy.deepcopy(value)
    places = list(places_in(value))
    holder, key = chance.choice(places)
    how = chance.randrange(4)
    if how == 0:
        holder[key] = chance.choice(STRANGE)
    elif how == 1:
        del holder[key]
    elif how == 2:
        other, name = chance.choice(places)
        holder[key] = copy.deepcopy(other[name])
    elif isinstance(holder, list):
        holder.insert(key, chance.choice([*STRANGE, holder[key]]))
    else:
        holder[chance.choice([*STRANGE[9:12], key.upper()])] = holder.pop(key)
    return value


def places_in(value):
    for key, part in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(part, (dict, list)):
            yield from places_in(part)


@pytest.mark.parametrize("action", Action)
def test_whatever_is_changed_in_a_plan_it_is_refused_or_loses_nothing(root, tmp_path, action):
    """300 plans with up to three changes each are read, rehearsed, written as CSV and script; ten are carried out."""
    options = {"destination": tmp_path / "out" if action is Action.MOVE else None, "protect": ["c.jpg"]}
    value = json.loads(act.to_json(planned(root, action, **options)))
    before, chance, read = contents(root), random.Random(5), 0
    for _ in range(300):
        changed = value
        for _ in range(chance.randint(1, 3)):
            changed = mutated(changed, chance)
        try:
            plan = act.from_json(json.dumps(changed))
        except WrongValue as error:
            assert str(error).isprintable()
            assert len(str(error)) < 500
            continue
        read += 1
        try:
            outcome = apply(plan, dry_run=True)
        except WrongValue as error:  # a destination that cannot be one
            assert "destination" in str(error)
            continue
        act.to_csv(plan)
        act.to_shell(plan)
        assert len(outcome.done) + len(outcome.skipped) + len(outcome.failed) == len(plan.steps)
        if read % 20 == 0:
            journal = apply(plan, tmp_path / f"journal{read}").journal
            assert set(contents(root, tmp_path / "out", os.environ["XDG_DATA_HOME"])) >= set(before)
            assert journal is None or not act.undo(journal).failed
    assert read > 20
    assert contents(root) == before


def seen(path, **facts):
    """A file as it is on the disk."""
    now = os.stat(path)
    return Seen(os.fspath(path), now.st_size, now.st_mtime_ns, now.st_dev, now.st_ino, **facts)


def refusal(file, keeper, action=Action.TRASH, **options):
    step = Step(0, action, file, keeper, 0.0, "", **options)
    outcome = apply(Plan((step,)))
    assert not outcome.done
    return (*outcome.skipped, *outcome.failed)[0].why


class TestPlaces:
    """Where nothing is kept, nothing is kept for a picture that goes."""

    @pytest.mark.parametrize("trash", ["Trash/files", ".Trash-1000/files", ".Trash/501/files", "$RECYCLE.BIN/S-1-5"])
    def test_a_picture_in_a_trash_is_no_reason_to_remove_another(self, tmp_path, trash):
        file = write(tmp_path / "a.jpg", NEW)
        kept = write(tmp_path / trash / "b.jpg", NEW)
        assert "will not stay there" in refusal(seen(file), seen(kept))
        deep = tmp_path / "x" / ".." / trash / "b.jpg"
        (tmp_path / "x").mkdir()
        assert "will not stay there" in refusal(seen(file), seen(deep))
        assert os.path.exists(file)

    def test_within_a_trash_that_was_searched_on_purpose_pictures_may_go(self, tmp_path):
        write(tmp_path / "Trash" / "files" / "a.jpg", NEW)
        write(tmp_path / "Trash" / "files" / "b.jpg", NEW, hours=1)
        assert len(apply(planned(tmp_path / "Trash" / "files", "delete")).done) == 1

    def test_a_plan_holds_back_what_only_a_trash_has_too(self, tmp_path):
        write(tmp_path / "Trash" / "files" / "a.jpg", NEW)
        write(tmp_path / "in" / "b.jpg", NEW, hours=1)
        groups, known = find(tmp_path / "Trash" / "files", tmp_path / "in")
        plan = act.plan(groups, "delete", digests=known)
        assert not plan.steps
        assert "the trash of a user" in plan.held[0].why

    @pytest.mark.skipif(not os.path.isdir("/proc/self/cwd"), reason="there is no /proc")
    def test_what_a_system_shows_of_its_processes_is_neither_kept_nor_moved_nor_a_destination(
        self, tmp_path, monkeypatch
    ):
        monkeypatch.chdir(tmp_path)
        file, other = write(tmp_path / "a.jpg", NEW), write(tmp_path / "b.jpg", NEW)
        with open(other, "rb") as held:
            os.unlink(other)
            descriptor = f"/proc/{os.getpid()}/fd/{held.fileno()}"
            assert 'lies in "/proc"' in refusal(seen(file), seen(descriptor)), "it is gone with this process"
            assert 'lies in "/dev"' in refusal(seen(file), seen(f"/dev/fd/{held.fileno()}"))
        kept = write(tmp_path / "c.jpg", NEW)
        assert 'lies in "/proc"' in refusal(seen("/proc/self/cwd/a.jpg"), seen(kept))
        assert 'lies in "/proc"' in refusal(seen(file), seen(kept), Action.MOVE, to="/proc/self/cwd/moved.jpg")
        assert 'lies in "/sys"' in refusal(seen(file), seen(kept), Action.MOVE, to="/home/../sys/moved.jpg")

    def test_what_lies_outside_the_directory_that_it_names_is_not_acted_on(self, tmp_path):
        file, kept = write(tmp_path / "in" / "a.jpg", NEW), write(tmp_path / "out" / "b.jpg", NEW)
        inside = os.fspath(tmp_path / "in")
        assert "does not lie in" in refusal(seen(file), seen(kept, root=inside))
        assert "does not lie in" in refusal(seen(kept, root=inside), seen(file))
        through = os.path.join(inside, os.pardir, "out", "b.jpg")
        assert "does not lie in" in refusal(seen(file), seen(through, root=inside))
        assert "does not lie in" in refusal(seen(file), seen(kept, root=inside[:-1])), "in is not below i"

    def test_a_picture_is_not_kept_for_itself_however_its_path_is_written(self, root):
        file = root / "one" / "a.jpg"
        (root / "link").symlink_to(root / "one")
        for path in (f"{root}/two/../one/a.jpg", f"{root}//one/./a.jpg", f"{root}/link/a.jpg"):
            for number in (0, seen(file).inode):
                step = Step(0, Action.TRASH, seen(file), Seen(path, *facts(file), number), 0.0, "")
                before = picture(root)
                assert not apply(Plan((step,))).done
                assert picture(root) == before

    def test_a_step_that_names_a_foreign_file_as_its_sidecar_is_refused_where_that_lies_nowhere(self, root):
        companion = Companion(Seen("/proc/self/mem", 0, 0, 0, 0), sidecar=True, to="/x/a.xmp")
        file, kept = seen(root / "one" / "a.jpg"), seen(root / "kept.jpg")
        assert 'lies in "/proc"' in refusal(file, kept, companions=(companion,))


def facts(path):
    now = os.stat(path)
    return now.st_size, now.st_mtime_ns, now.st_dev


def test_an_apply_in_which_nothing_was_done_says_why_and_fails(root, tmp_path):
    write(tmp_path / "plan.json", act.to_json(planned(root, "trash")).encode())
    write(root / "kept.jpg", b"C" * 41)
    for options in ([], ["--dry-run"]):
        command = [*DIFPY, "apply", tmp_path / "plan.json", *options]
        applied = subprocess.run(command, capture_output=True, text=True, check=False)
        assert applied.returncode == 3
        assert "has changed since the scan (40 bytes then, 41 now)" in applied.stdout
        assert "make a new plan" in applied.stderr
