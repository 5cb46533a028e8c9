"""Leaks between two sides: what a gate says, and what an archive does not have yet."""

import csv
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import difPy
from data_sets import as_folder, as_parquet, as_tar, encoded
from difPy import cli
from difPy.errors import WrongValue

GATE = ("--only-reference", "--fail-on-duplicates")
PAGE = Path(__file__).parents[1] / "docs" / "data-sets.md"


@pytest.fixture
def sides(tmp_path, photo):
    """A training set that holds ten duplicates, and a test set that holds one."""
    train = {f"{number:02}.png": encoded(photo(number)) for number in range(10)}
    train |= {f"copy-{name}": data for name, data in train.items()}
    test = {f"{number}.png": encoded(photo(number)) for number in (20, 21)}
    as_folder(tmp_path / "train", train)
    as_folder(tmp_path / "test", test | {"20 again.png": test["20.png"]})
    return tmp_path


@pytest.fixture
def difpy(tmp_path, monkeypatch, capsys):
    """The command, in this process: its workers serve for the next one, too."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, code=0):
        ended = cli.main(list(map(os.fspath, arguments)))
        out, said = capsys.readouterr()
        assert ended == code, said
        return out, said

    return run


def test_duplicates_of_one_side_are_no_leak_and_one_across_is(difpy, sides, photo):
    out, said = difpy("find", "train", "--reference", "test", *GATE)
    assert out == "No matches.\n" and "compared 23 pictures, 3 of them of the reference" in said
    photo(21).transpose(2).save(sides / "train" / "leaked.png")
    out, _ = difpy("find", "train", "--reference", "test", *GATE, code=1)
    assert out.splitlines()[0].startswith("test/21.png") and "train/leaked.png" in out
    assert len(out.splitlines()) == 3
    (group,) = json.loads(difpy("find", "train", "--reference", "test", *GATE, "--format", "json", code=1)[0])
    assert [match["path"] for match in group["matches"]] == ["train/leaked.png"]


def test_what_one_side_holds_twice_is_not_even_compared(sides, photo):
    photo(21).transpose(2).save(sides / "train" / "leaked.png")
    photo(20).save(sides / "train" / "leaked.jpg", quality=95)
    photo(20).save(sides / "train" / "leaked again.jpg", quality=90)
    photo(5).save(sides / "train" / "of this side.jpg", quality=90)
    library = difPy.index(sides / "train", reference=sides / "test", cache=False, processes=1)
    whole, across = (difPy.find(library, 60, only_reference=only, processes=1) for only in (False, True))
    there = str(sides / "test")
    assert across.groups == [group for group in whole.groups if group.keeper.path.startswith(there)]
    assert [len(group.members) for group in across.groups] == [2, 1]
    assert 0 < across.compared < whole.compared


@pytest.mark.parametrize("empty", ["train", "test"])
def test_a_gate_that_compared_nothing_fails(difpy, sides, empty):
    for picture in (sides / empty).iterdir():
        picture.write_bytes(b"no picture")
    _, said = difpy("find", "train", "--reference", "test", *GATE, code=3)
    assert f'no picture was found in "{empty}": nothing there was compared, and that is no pass' in said


def test_a_gate_stands_between_shards_too(difpy, sides):
    shard = as_tar(sides / "train.tar", {one.name: one.read_bytes() for one in (sides / "train").iterdir()})
    held = {one.name: one.read_bytes() for one in (sides / "test").iterdir()}
    table = as_parquet(sides / "test.parquet", held)
    difpy("find", shard, "--reference", table, *GATE)
    leaky = as_parquet(sides / "leaky.parquet", held | {"new.png": (sides / "train" / "03.png").read_bytes()})
    out, _ = difpy("find", shard, "--reference", leaky, *GATE, code=1)
    assert f"{leaky}::3" in out and f"{shard}::03.png" in out and f"{shard}::copy-03.png" in out
    as_tar(sides / "empty.tar", {})
    difpy("find", "empty.tar", "--reference", table, *GATE, code=3)


@pytest.mark.skipif(sys.platform == "win32", reason="needs links that anybody may make")
@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_a_file_that_lies_on_both_sides_is_a_leak(difpy, sides, link):
    link(sides / "train" / "04.png", sides / "test" / "linked.png")
    out, _ = difpy("find", "train", "--reference", "test", *GATE, code=1)
    assert out.startswith("test/linked.png") and "train/04.png" in out
    groups = difPy.find(difPy.index(sides / "train", reference=sides / "test"), only_reference=True).groups
    plan = difPy.plan(groups, "trash")
    assert {held.why for held in plan.held if held.path.endswith("/04.png")} == {
        "it is the kept picture under another name"
    }


def test_leaks_need_two_sides(difpy, sides):
    _, said = difpy("find", "train", *GATE, code=2)
    assert "--reference DIRECTORY" in said
    with pytest.raises(WrongValue, match="needs a reference"):
        difPy.find(difPy.index(sides / "train"), only_reference=True)


def test_a_mistake_of_ours_is_not_taken_for_a_leak(sides):
    script = "from difPy import cli; cli.main = lambda arguments: 1 / 0; cli.main_exit()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3 and "ZeroDivisionError" in done.stderr


def test_new_lists_what_the_archive_does_not_have(difpy, sides, photo):
    photo(3).transpose(2).save(sides / "test" / "3 turned.png")
    (sides / "train" / "broken.png").write_bytes(b"none")
    out, said = difpy("new", "train", "--reference", "test")
    names = [f"train/{copy}{number:02}.png" for copy in ("", "copy-") for number in range(10) if number != 3]
    assert out.splitlines() == names
    assert "18 pictures of them are not in the reference" in said and "train/broken.png" in said
    rows = csv.DictReader(difpy("new", "train", "--reference", "test", "--format", "csv")[0].splitlines())
    assert [(row["path"], row["width"]) for row in rows] == [(name, "120") for name in names]
    first = json.loads(difpy("new", "train", "--reference", "test", "--format", "jsonl")[0].splitlines()[0])
    assert (first["path"], first["format"]) == (names[0], "PNG")
    difpy("new", "train", code=2)


def test_query_takes_folders_formats_and_ends_as_a_gate_does(difpy, sides, photo):
    photo(21).save(sides / "train" / "leaked.bmp")
    (sides / "train" / "notes.txt").write_text("no picture")
    out, said = difpy("query", "train", "--reference", "test")
    assert out.splitlines()[-3:-1][0] == "train/leaked.bmp: 1 match"
    assert "1 of 21 pictures have a match." in out and "compared 21 pictures with 3" in said
    difpy("query", "train", "--reference", "test", "--fail-on-duplicates", code=1)
    (row,) = csv.DictReader(difpy("query", "train", "--reference", "test", "--format", "csv")[0].splitlines())
    assert (row["picture"], row["match"], row["verdict"]) == ("train/leaked.bmp", "test/21.png", "identical")
    answers = json.loads(difpy("query", "train", "--reference", "test", "--format", "json")[0])
    assert [len(one["matches"]) for one in answers] == [0] * 20 + [1]
    (sides / "empty").mkdir()
    for asked, where in (("empty", "test"), ("train", "empty")):
        difpy("query", asked, "--reference", where, "--fail-on-duplicates", code=3)


@pytest.mark.parametrize("key", ["run", "entry"])
def test_what_the_page_gives_to_copy_is_a_gate_that_runs(difpy, sides, key, photo):
    """The commands of the workflow, and of the hook, as they stand on the page."""
    (command,) = re.findall(rf"^ *(?:- )?{key}: difpy (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    (sides / ".difpy").mkdir()
    difpy(*shlex.split(command))
    photo(21).save(sides / "train" / "leaked.png")
    difpy(*shlex.split(command), *(["--force"] if key == "run" else []), code=1)
