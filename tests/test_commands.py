"""The verbs of the command, run as a person runs them."""

import csv
import json
import os
import subprocess
import sys
from importlib import import_module
from xml.etree import ElementTree

import pytest

from difPy.commands import NAMES


@pytest.fixture
def pictures(tmp_path, photo):
    folder = tmp_path / "pictures"
    folder.mkdir()
    photo(1).save(folder / "a.png")
    photo(1).save(folder / "b.bmp")
    photo(2).save(folder / "c.png")
    return folder


@pytest.fixture
def difpy(tmp_path):
    def run(*arguments, code=0, said=""):
        command = [sys.executable, "-m", "difPy", *map(os.fspath, arguments)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
        assert done.returncode == code, done.stderr.decode()
        assert b"Traceback" not in done.stderr
        assert said in done.stderr.decode()
        return done.stdout.decode()

    return run


def test_every_verb_has_help(difpy):
    for verb in sorted(NAMES):
        assert "usage: difpy " + verb in difpy(verb, "--help")


def test_index_says_how_much_was_decoded(difpy, pictures):
    assert "3 pictures, 3 decoded" in difpy("index", pictures)
    assert "3 pictures, 0 decoded" in difpy("index", pictures)


def test_exact_decodes_in_full(difpy, pictures, photo):
    import_module("difPy.decode.bounds")  # compiled now, it is loaded for a picture as large as this one
    photo(9, (900, 600)).resize((9_000, 6_000)).save(pictures / "large.jpg", quality=90)
    difpy("index", pictures)
    assert "4 pictures, 1 decoded" in difpy("index", "--exact", pictures)
    assert "4 pictures, 0 decoded" in difpy("index", "--exact", pictures)


def test_find_writes_each_format(difpy, pictures, tmp_path):
    kept, match = str(pictures / "a.png"), str(pictures / "b.bmp")
    assert kept in difpy("find", pictures)
    (group,) = json.loads(difpy("find", pictures, "--format", "json"))
    assert (group["kept"], group["matches"][0]["path"], group["matches"][0]["mse"]) == (kept, match, 0)
    assert json.loads(difpy("find", pictures, "--format", "jsonl").splitlines()[0]) == group
    (row,) = csv.DictReader(difpy("find", pictures, "--format", "csv").splitlines())
    assert (row["kept"], row["match"], row["why"]) == (kept, match, group["why"])
    difpy("find", pictures, "--format", "junit", "-o", "report.xml")
    suite = ElementTree.parse(tmp_path / "report.xml").getroot()
    assert (suite.get("failures"), suite[0].get("name")) == ("1", kept)


def test_find_fails_on_duplicates_only_if_asked_and_only_if_there_are_any(difpy, pictures):
    difpy("find", pictures)
    difpy("find", pictures, "--fail-on-duplicates", code=1)
    (pictures / "b.bmp").unlink()
    difpy("find", pictures, "--fail-on-duplicates")
    assert 'failures="0"' in difpy("find", pictures, "--format", "junit")


def test_a_test_set_that_leaked_into_the_training_set_fails_the_pipeline(difpy, pictures, tmp_path, photo):
    test = tmp_path / "test"
    test.mkdir()
    photo(7).save(test / "held out.png")
    (pictures / "b.bmp").unlink()
    difpy("find", pictures, "--reference", test, "--fail-on-duplicates")
    photo(7).save(pictures / "leaked.png")
    difpy("find", pictures, "--reference", test, "--fail-on-duplicates", code=1)


def test_query_tells_what_matches_a_picture(difpy, pictures, tmp_path, photo):
    photo(2).save(tmp_path / "asked.webp", lossless=True)
    answer = difpy("query", "asked.webp", pictures)
    assert "asked.webp: 1 match" in answer
    assert f"{pictures / 'c.png'}" in answer
    difpy("query", "asked.webp", code=2)


def test_plan_changes_nothing_apply_does_and_undo_takes_back(difpy, pictures):
    difpy("plan", pictures, "-a", "delete", "-o", "plan.json")
    assert len(os.listdir(pictures)) == 3
    assert "would be" in difpy("apply", "plan.json", "--dry-run")
    assert len(os.listdir(pictures)) == 3
    assert "1 file deleted" in difpy("apply", "plan.json", "--yes")
    assert sorted(os.listdir(pictures)) == ["a.png", "c.png"]


def test_what_cannot_be_undone_is_said_before_it_is_done(difpy, pictures):
    """Also of a plan whose action was changed by hand."""
    difpy("plan", pictures, "-a", "trash", "-o", "plan.json")
    plan = pictures.parent / "plan.json"
    plan.write_text(plan.read_text().replace('"action": "trash"', '"action": "delete"'))
    words = "difpy: plan.json: 1 file, 28.9 kB: this CANNOT be undone."
    assert "would be" in difpy("apply", "plan.json", "--dry-run", said=words)
    difpy("apply", "plan.json", code=2, said=f"{words} Nobody can be asked here: look at it, and say --yes")
    assert (pictures / "b.bmp").exists()
    assert "To take it back" not in difpy("apply", "plan.json", "--yes")
    assert "not restored" in difpy("undo", "--yes", code=3)


def test_what_could_not_be_read_is_said(difpy, pictures):
    """Else a picture of the test set that is damaged would count as one that has not leaked."""
    (pictures / "broken.png").write_bytes((pictures / "a.png").read_bytes()[:100])
    (pictures / "notes.txt").write_text("no picture")
    for verb in (["index"], ["find"], ["plan", "-a", "trash"]):
        difpy(*verb, pictures, said=f"difpy: not compared: {pictures / 'broken.png'}: truncated")


def test_a_file_that_is_there_is_not_written_over_and_that_is_said_before_the_search(difpy, pictures, tmp_path):
    (tmp_path / "taken").write_text("precious")
    for verb in (["find"], ["plan", "-a", "trash"]):
        difpy(*verb, pictures, "-o", "taken", code=2, said='"taken" exists already: name another file')
    assert (tmp_path / "taken").read_text() == "precious"


def test_undo_without_a_name_names_the_newest_job_and_takes_it_back(difpy, pictures, tmp_path):
    before = (pictures / "b.bmp").read_bytes()
    difpy("plan", pictures, "-a", "move", "--to", "moved", "-o", "plan.json")
    difpy("apply", "plan.json")
    assert (tmp_path / "moved" / "b.bmp").read_bytes() == before
    assert "1 done, 0 undone" in difpy("journal")
    difpy("undo", code=2, said="To undo the newest job: 1 file moved just now in")
    assert "1 file restored" in difpy("undo", "--yes")
    assert (pictures / "b.bmp").read_bytes() == before
    assert "0 done, 1 undone" in difpy("journal", "--recover")
    difpy("undo", "--yes", code=2, said="there is nothing to undo in the newest job")


def test_a_plan_can_be_a_script_or_a_table(difpy, pictures, tmp_path):
    rows = list(csv.DictReader(difpy("plan", pictures, "-a", "delete", "--format", "csv").splitlines()))
    assert len(rows) == 1
    difpy("plan", pictures, "-a", "delete", "--format", "sh", "-o", "plan.sh")
    subprocess.run(["sh", "plan.sh"], cwd=tmp_path, check=True, capture_output=True)
    assert sorted(os.listdir(pictures)) == ["a.png", "c.png"]


def test_reference_pictures_are_never_in_a_plan(difpy, pictures, tmp_path):
    plan = json.loads(difpy("plan", "--reference", pictures, pictures, "-a", "trash"))
    assert plan["steps"] == []


def test_what_is_distinct_is_left_out_until_that_is_forgotten(difpy, pictures):
    difpy("distinct", pictures / "a.png", pictures / "b.bmp")
    assert json.loads(difpy("find", pictures, "--format", "json")) == []
    difpy("distinct", "--forget", pictures / "a.png", pictures / "b.bmp")
    assert len(json.loads(difpy("find", pictures, "--format", "json"))) == 1


def test_what_is_distinct_is_held_back_though_another_picture_has_joined_its_group(difpy, pictures, photo):
    difpy("distinct", pictures / "a.png", pictures / "b.bmp")
    photo(1).save(pictures / "d.tif")
    assert len(json.loads(difpy("find", pictures, "--format", "json"))[0]["matches"]) == 2
    plan = json.loads(difpy("plan", pictures, "-a", "delete"))
    assert [step["file"]["path"] for step in plan["steps"]] == [str(pictures / "d.tif")]
    assert [held["path"] for held in plan["held"]] == [str(pictures / "b.bmp")]


def test_the_cache_can_be_looked_at_pruned_and_emptied(difpy, pictures):
    difpy("index", pictures)
    assert "3 pictures at px_size 50" in difpy("cache", "info")
    (pictures / "c.png").unlink()
    assert "Forgotten: 1 file" in difpy("cache", "prune")
    assert "2 pictures at px_size 50" in difpy("cache", "info")
    difpy("cache", "clear")
    assert "3 pictures" not in difpy("cache", "info")


def test_wrong_usage_and_missing_plans_are_clear(difpy, tmp_path):
    difpy("plan", "nowhere", "-a", "trash", code=2)
    difpy("apply", "nowhere.json", code=2, said='the plan "nowhere.json" cannot be read: No such file or directory')
    (tmp_path / "plan.json").write_text("{}")
    difpy("apply", "plan.json", code=2)
