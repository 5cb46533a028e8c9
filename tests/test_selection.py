"""What a person wants looked at: patterns by the rules of .gitignore, sizes, depth and age."""

import os
from datetime import date, datetime, timedelta

import pytest

import difPy
from difPy.errors import UsageError
from difPy.scan import scan
from difPy.selection import DEFAULTS, Selection


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Files of 1 byte, and the folder above as the working directory."""
    for path in ("top.jpg", "a/one.jpg", "a/two.tif", "a/b/three.jpg", "old/four.jpg", "a/old/five.jpg"):
        file = tmp_path / "Pictures" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "Pictures"


def found(*roots, **chosen):
    """Names of what is found."""
    return {os.path.basename(path) for path in scan(list(map(str, roots)), selection=Selection(**chosen)).files.paths}


EVERY = {"top.jpg", "one.jpg", "two.tif", "three.jpg", "four.jpg", "five.jpg"}


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        ("*.tif", EVERY - {"two.tif"}),
        ("old/", EVERY - {"four.jpg", "five.jpg"}),
        ("old", EVERY - {"four.jpg", "five.jpg"}),
        ("/old/", EVERY - {"four.jpg"}),
        ("a/b", EVERY - {"three.jpg"}),
        ("b/", EVERY - {"three.jpg"}),
        ("**/old/f*", EVERY - {"four.jpg", "five.jpg"}),
        ("one.tif", EVERY),
        (["*", "!top.jpg"], {"top.jpg"}),
        (["a/*", "!a/old/"], {"top.jpg", "four.jpg", "five.jpg"}),
        (["# a comment", "top.jpg"], EVERY - {"top.jpg"}),
        ("Pictures/old", EVERY - {"four.jpg"}),
        ("./Pictures/a/*.jpg", EVERY - {"one.jpg"}),
        ("Pictures", EVERY),
    ],
)
@pytest.mark.parametrize("root", ["Pictures", "./Pictures/", "absolute"])
def test_patterns_are_those_of_gitignore_or_paths_as_a_person_names_them(tree, root, exclude, left):
    assert found(tree if root == "absolute" else root, exclude=exclude) == left


def test_a_whole_path_is_one_place(tree):
    assert found("Pictures", exclude=[str(tree / "a")]) == {"top.jpg", "four.jpg"}


def test_what_lies_behind_a_link_is_left_out_like_the_rest(tree, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "six.jpg").write_bytes(b"x")
    (tree / "old link").symlink_to(tmp_path / "elsewhere")
    assert found("Pictures") == EVERY | {"six.jpg"}
    assert found("Pictures", exclude="* link/") == EVERY
    assert found("Pictures", max_depth=1) == {"top.jpg"}


def test_a_given_folder_or_file_is_never_left_out_itself(tree):
    assert found("Pictures/old", "Pictures/a/two.tif", exclude=["old/", "*.tif"]) == {"four.jpg", "two.tif"}
    assert found("Pictures", "Pictures/a/old", exclude="old/") == EVERY - {"four.jpg"}


@pytest.mark.parametrize("pattern", DEFAULTS)
def test_what_other_programs_keep_is_left_out_unless_asked_for(tree, pattern):
    folder = tree / pattern.replace("**/", "").replace("*", "x").rstrip("/")
    folder.mkdir(parents=True)
    (folder / "hidden.jpg").write_bytes(b"x")
    assert found("Pictures") == EVERY
    assert found(folder) == {"hidden.jpg"}
    assert found("Pictures", default_excludes=False) == EVERY | {"hidden.jpg"}
    assert found("Pictures", exclude=f"!{pattern}") == EVERY | {"hidden.jpg"}


def test_depth_size_and_age_leave_out(tree):
    assert found("Pictures", max_depth=1) == {"top.jpg"}
    assert found("Pictures", max_depth=2) == EVERY - {"three.jpg", "five.jpg"}
    (tree / "top.jpg").write_bytes(b"x" * 1500)
    assert found("Pictures", min_size="1.5kB") == found("Pictures", min_size=1500) == {"top.jpg"}
    assert found("Pictures", min_size="1501") == set()
    os.utime(tree / "top.jpg", (1e9, 1e9))
    for when in ("1h", "2001-09-10", date(2001, 9, 10), datetime.now() - timedelta(hours=2)):
        assert found("Pictures", newer_than=when) == EVERY - {"top.jpg"}
    assert found("Pictures", newer_than="2001-09-08") == EVERY


@pytest.mark.parametrize(
    "wrong",
    [
        {"exclude": 5},
        {"exclude": [5]},
        {"exclude": " "},
        {"exclude": "!"},
        {"default_excludes": 1},
        {"min_size": -1},
        {"min_size": "ten"},
        {"min_size": 1.5},
        {"min_pixels": "640 by 480"},
        {"min_pixels": True},
        {"max_depth": 0},
        {"max_depth": "2"},
        {"newer_than": "yesterday"},
        {"newer_than": 5},
    ],
)
def test_what_cannot_be_is_refused_by_its_name(wrong):
    (name,) = wrong
    with pytest.raises(UsageError, match=name):
        Selection(**wrong)


def test_small_pictures_are_left_out_and_said_to_be(tmp_path, photo):
    photo(1, (120, 80)).save(tmp_path / "a.png")
    photo(2, (60, 40)).save(tmp_path / "b.png")
    library = difPy.index(tmp_path, min_pixels="100x80")
    assert (len(library), library.left_out) == (1, {str(tmp_path / "b.png"): "fewer than 8,000 pixels"})
    assert len(difPy.index(tmp_path)) == 2, "the index knows it all the same"


def test_a_reference_is_compared_whatever_its_age(tmp_path, photo):
    for folder in ("new", "archive"):
        (tmp_path / folder).mkdir()
        photo(1).save(tmp_path / folder / "a.png")
    os.utime(tmp_path / "archive" / "a.png", (1e9, 1e9))
    library = difPy.index(tmp_path / "new", reference=tmp_path / "archive", newer_than="1d", cache=False)
    assert len(difPy.find(library).groups) == 1


def test_a_pattern_that_leaves_nothing_out_is_reported(tmp_path, photo):
    photo(1).save(tmp_path / "a.png")
    said = []
    difPy.index(tmp_path, exclude=["*.png", "*.tfi", "!*.jpg"], cache=False, warn=said.append)
    assert said == ['exclude "*.tfi" leaves nothing out']
