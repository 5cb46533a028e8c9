"""What was found is remembered, and given again only if a search would find just that: whoever changed what since."""

import io
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from PIL import Image

import difPy
from difPy import act, cli
from difPy.match import remembered
from difPy.options import SearchOptions
from difPy.store import open_index

CLOCK = iter(range(1_500_000_000, 1_600_000_000))


def put(path, data):
    """A file as it would be had it been written long ago, at a time of its own: young ones the index does not trust."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    now = next(CLOCK)
    os.utime(path, ns=(now * 10**9, now * 10**9 + 5))


def picture(seed, turns=0, kind="PNG", size=(24, 16)):
    """A small picture that is like no other seed's."""
    image = Image.linear_gradient("L").resize(size).point(lambda level: (level * (seed + 3)) % 256)
    image.rotate(90 * turns, expand=True).save(made := io.BytesIO(), kind)
    return made.getvalue()


def searched(folder, cache, similarity="duplicates", **options):
    """What is found, and the phases of the search."""
    looking = {name: options.pop(name) for name in ("reference",) if name in options}
    library = difPy.index(folder, cache=cache, decode=similarity != "files", **looking)
    phases = []
    found = difPy.find(library, similarity, progress=lambda phase, *_: phases.append(phase), **options)
    return found, set(phases)


@pytest.fixture
def tree(tmp_path):
    """Two folders with pictures that match in several ways; the second is a root of its own, too."""
    top = tmp_path / "tree"
    for name, data in {
        "a/one.png": picture(1),
        "a/one again.png": picture(1),
        "a/one as.bmp": picture(1, kind="BMP"),
        "a/two.png": picture(2),
        "b/one.png": picture(1),
        "b/two turned.png": picture(2, 1),
        "b/three.png": picture(3, size=(48, 32)),
        "b/three small.png": picture(3),
        "b/copy of one.png": picture(1),
    }.items():
        put(top / name, data)
    return top


@pytest.mark.parametrize("similarity", ["files", "duplicates", "similar", 40])
def test_an_unchanged_library_is_not_compared_again(tree, tmp_path, similarity):
    first, phases = searched(tree, tmp_path / "cache", similarity)
    again, phases_again = searched(tree, tmp_path / "cache", similarity)
    assert phases
    assert not phases_again
    assert again.groups == first.groups
    assert (again.searched, again.failures) == (9, [])
    assert again.groups


OPTIONS = [
    {},
    {"similarity": "files"},
    {"similarity": "similar"},
    {"similarity": 2000},
    {"rotate": False},
    {"mirror": True, "similarity": 900},
    {"lazy": False},
    {"same_dim": True, "similarity": "similar"},
    {"in_folder": True},
    {"in_folder": True, "similarity": "files"},
    {"keep": "newest"},
    {"keep": ["path=*again*", "oldest"]},
    {"keep": "folder=b"},
    {"keep": "documented"},
    {"reference": "b"},
    {"reference": "b", "similarity": "files"},
]


def test_every_option_has_an_answer_of_its_own(tree, tmp_path, monkeypatch):
    """Twice with each, all in one index: nobody gets what another asked for."""
    monkeypatch.chdir(tree)
    expected = [searched(["a", "b"], False, **options)[0].groups for options in OPTIONS]
    for _ in range(2):
        for options, groups in zip(OPTIONS, expected, strict=True):
            assert searched(["a", "b"], tmp_path / "cache", **options)[0].groups == groups
    assert len({repr(groups) for groups in expected}) > 9


def test_the_working_folder_is_part_of_what_is_asked(tree, tmp_path, monkeypatch):
    """The same words name another folder there."""
    for name in ("a", "b"):
        put(tree / name / "keep" / "kept.png", picture(1))
    for place, kept in (("a", "a/keep/kept.png"), ("b", "b/keep/kept.png"), ("a", "a/keep/kept.png")):
        monkeypatch.chdir(tree / place)
        found, _ = searched(tree, tmp_path / "cache", keep="folder=keep")
        assert str(tree / kept) in [group.keeper.path for group in found.groups]


class Changes(RuleBasedStateMachine):
    """A tree that changes between searches; one index remembers, and what it says is compared with none at all."""

    names = st.sampled_from(["a.png", "b.png", "c.png", "d/e.png", "d/f.bmp"])

    @initialize()
    def begin(self):
        self.top = Path(tempfile.mkdtemp())
        self.tree, self.cache = self.top / "tree", self.top / "cache"
        for number, name in enumerate(("a.png", "b.png", "d/e.png")):
            put(self.tree / name, picture(number // 2))

    @rule(name=names, seed=st.integers(0, 2), turns=st.integers(0, 1))
    def write(self, name, seed, turns):
        put(self.tree / name, picture(seed, turns))

    @rule(name=names)
    def break_it(self, name):
        put(self.tree / name, b"no picture")

    @rule(name=names)
    def remove(self, name):
        (self.tree / name).unlink(missing_ok=True)

    @rule(one=names, other=names)
    def rename(self, one, other):
        if (self.tree / one).exists():
            (self.tree / other).parent.mkdir(exist_ok=True)
            os.replace(self.tree / one, self.tree / other)

    @rule(one=names, other=names)
    def link(self, one, other):
        if (self.tree / one).exists() and not (self.tree / other).exists():
            (self.tree / other).parent.mkdir(exist_ok=True)
            os.link(self.tree / one, self.tree / other)

    @rule(name=names)
    def touch(self, name):
        if (self.tree / name).exists():
            os.utime(self.tree / name, ns=(0, next(CLOCK) * 10**9 + 7))

    @rule()
    def another_program_indexes(self):
        """It has connections of its own: what it writes is all that it shares with us."""
        difPy.index(self.tree, cache=self.cache)

    @rule()
    def another_program_prunes(self):
        if self.cache.exists():
            with open_index(self.cache, px_size=50, decoders="others", warn=print) as index:
                index.prune()

    @rule(similarity=st.sampled_from(["files", "duplicates", "similar"]), keep=st.sampled_from(["best", "oldest"]))
    def search(self, similarity, keep):
        now, _ = searched(self.tree, False, similarity, keep=keep)
        for _ in range(2):
            found, _ = searched(self.tree, self.cache, similarity, keep=keep)
            assert found.groups == now.groups
            assert found.searched == now.searched

    def teardown(self):
        shutil.rmtree(getattr(self, "top", ""), ignore_errors=True)


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=8, stateful_step_count=12, deadline=None)


def test_what_another_process_changed_and_indexed_is_seen(tree, tmp_path):
    cache = tmp_path / "cache"
    searched(tree, cache)
    put(tmp_path / "new.png", picture(2))
    code = f"""
import os, difPy
os.replace({str(tmp_path / "new.png")!r}, {str(tree / "b" / "three.png")!r})
found = difPy.find(difPy.index({str(tree)!r}, cache={str(cache)!r}))
print(len(found.groups))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found, _ = searched(tree, cache)
    assert found.groups == searched(tree, False)[0].groups
    assert len(found.groups) == int(run.stdout)


def test_an_answer_that_hung_on_a_file_out_of_reach_is_not_remembered(tmp_path, photo):
    """Two pictures that only all of their pixels tell apart are read again, when they are compared."""
    image = photo(1, (200, 200))
    for name in ("a.png", "b.png"):
        image.save(made := io.BytesIO(), "PNG")
        put(tmp_path / "tree" / name, made.getvalue())
        image.putpixel((99, 99), tuple(level ^ 1 for level in image.getpixel((99, 99))))
    library = difPy.index(tmp_path / "tree", cache=tmp_path / "cache")
    os.rename(tmp_path / "tree" / "a.png", tmp_path / "away")
    assert difPy.find(library, "similar").groups == []
    os.rename(tmp_path / "away", tmp_path / "tree" / "a.png")
    found, phases = searched(tmp_path / "tree", tmp_path / "cache", "similar")
    assert phases
    assert [0 < member.distance < 1e-3 for group in found.groups for member in group.members] == [True]


def test_an_answer_on_files_so_young_that_a_change_might_not_show_is_not_remembered(tmp_path):
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"one")
    assert len(searched(tmp_path, tmp_path / "cache", "files")[0].groups) == 1
    _, phases = searched(tmp_path, tmp_path / "cache", "files")
    assert phases


def test_a_policy_of_ones_own_making_is_asked_every_time(tree, tmp_path):
    from difPy.policy import Policy

    for sign in (1, -1):
        own = Policy("own", lambda facts, sign=sign: sign * len(facts.file.path), lambda best, other: "it is so")
        found, phases = searched(tree, tmp_path / "cache", keep=own)
        assert phases
        kept = {group.keeper.path for group in found.groups}
        assert (str(tree / "b" / "copy of one.png") in kept) is (sign < 0)


def test_decisions_of_today_hold_for_what_was_found_yesterday(tree, tmp_path):
    first, _ = searched(tree, tmp_path / "cache")
    decisions = act.Decisions()
    decisions.remember([file.digest for file in first.groups[0].files])
    again, phases = searched(tree, tmp_path / "cache", decisions=decisions)
    assert not phases
    assert again.groups == first.groups[1:]


def test_only_the_latest_answers_are_kept_and_cache_info_tells_them(tree, tmp_path, capsys):
    cache = tmp_path / "cache"
    for number in range(remembered.MOST + 3):
        searched(tree, cache, 100 + number)
    assert not searched(tree, cache, 100 + number)[1]
    assert searched(tree, cache, 100)[1]
    with open_index(cache, px_size=50, decoders="", warn=print) as index:
        entries, size = index.info().findings["answers"]
    assert entries == 2 * remembered.MOST
    assert size < 1 << 16
    assert cli.main(["cache", "info", "--cache", str(cache)]) == 0
    assert f"answers: {entries} entries" in capsys.readouterr().out


def test_an_answer_of_many_groups_comes_in_pieces_and_one_that_is_too_large_is_not_kept(tmp_path):
    groups, cache = 1500, tmp_path / "cache"
    for number in range(groups):
        for name in "ab":
            put(tmp_path / "tree" / f"{name}{number}.jpg", os.urandom(0) + number.to_bytes(4, "big") * 3)
    first, _ = searched(tmp_path / "tree", cache, "files")
    again, phases = searched(tmp_path / "tree", cache, "files")
    assert len(first.groups) == groups
    assert again.groups == first.groups
    assert not phases
    with open_index(cache, px_size=50, decoders="", warn=print) as index:
        assert index.info().findings["answers"][0] > 2
        files = difPy.index(tmp_path / "tree", cache=cache, decode=False).files
        huge = replace(first.groups[0], why=os.urandom(remembered.LARGEST).hex())
        asked = remembered.question(index, files, None, SearchOptions("files"), ["huge"], [], in_folder=False)
        remembered.remember(index, asked, replace(first, groups=[huge]), files)
        assert remembered.recall(index, asked, files, None) is None


@pytest.mark.parametrize("damage", ["cut", "mixed", "no JSON", "other JSON", "bomb"])
def test_an_answer_that_is_none_is_found_anew(tree, tmp_path, damage):
    import hashlib
    import zlib

    files = difPy.index(tree, cache=tmp_path / "cache", decode=False).files
    with open_index(tmp_path / "cache", px_size=50, decoders="", warn=print) as index:
        asked = remembered.question(index, files, None, SearchOptions("files"), [], [], in_folder=False)
        piece = {"no JSON": b"{", "other JSON": b'{"files": []}', "bomb": bytes(1 << 25)}.get(damage, b"{}")
        packed = zlib.compress(piece)
        check = hashlib.blake2b(b"" if damage == "mixed" else packed, digest_size=32).digest()
        head = (2 if damage == "cut" else 1).to_bytes(4, "little") + check
        index.remember(
            remembered.WAY, {remembered._key(asked, number): one for number, one in enumerate([head, packed])}
        )
        assert remembered.recall(index, asked, files, None) is None
    assert searched(tree, tmp_path / "cache", "files")[0].groups == searched(tree, False, "files")[0].groups
