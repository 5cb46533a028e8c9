"""The user's document of difPy, sentence by sentence: parameters, output, actions."""

import json
import os
import pathlib

import numpy as np
import pytest
from PIL import Image

import difPy
from difPy.errors import DifPyError


@pytest.fixture
def folder(tmp_path, photo):
    """Two folders with two pairs of equal pictures, one picture in two sizes, and two files that are no pictures."""
    a, b = tmp_path / "A", tmp_path / "B"
    (a / "sub").mkdir(parents=True)
    b.mkdir()
    photo(1).save(a / "one.bmp")
    photo(1).save(a / "sub" / "one.png")
    photo(2).save(a / "two.png")
    photo(2).save(b / "two copy.png")
    photo(3).save(a / "three.png")
    photo(3).resize((240, 160), Image.Resampling.LANCZOS).save(b / "three large.png")
    (b / "notes.txt").write_text("no picture")
    (b / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    return tmp_path


def names(result):
    """The result with file names for paths."""
    return {
        os.path.basename(kept): {os.path.basename(path): mse for path, mse in found} for kept, found in result.items()
    }


def test_basic_usage_one_build_several_searches(folder):
    dif = difPy.build(str(folder))
    duplicates = difPy.search(dif, similarity="duplicates")
    similar = difPy.search(dif, similarity="similar")
    assert names(duplicates.result) == {"one.bmp": {"one.png": 0.0}, "two copy.png": {"two.png": 0.0}} or names(
        duplicates.result
    ) == {"one.bmp": {"one.png": 0.0}, "two.png": {"two copy.png": 0.0}}
    assert {"three large.png"} <= set(names(similar.result))
    assert duplicates.stats["process"]["search"]["parameters"]["similarity_mse"] == 0
    assert similar.stats["process"]["search"]["parameters"]["similarity_mse"] == 5


@pytest.mark.parametrize("spell", [lambda a, b: (a, b), lambda a, b: ([a, b],), lambda a, b: (pathlib.Path(a), [b])])
def test_several_folders_are_searched_as_their_union(folder, spell):
    search = difPy.search(difPy.build(*spell(str(folder / "A"), str(folder / "B")), show_progress=False))
    assert sorted(map(os.path.basename, search.lower_quality)) in (["one.png", "two copy.png"], ["one.png", "two.png"])


def test_the_keys_of_in_folder_are_the_given_directories(folder):
    roots = [str(folder / "A") + os.sep, str(folder / "B")]
    search = difPy.search(difPy.build(roots, in_folder=True))
    assert set(search.result) == {roots[0]}
    assert names(search.result[roots[0]]) == {"one.bmp": {"one.png": 0.0}}
    assert search.lower_quality == [str(folder / "A" / "sub" / "one.png")]


def test_not_recursive_leaves_subfolders_alone(folder):
    dif = difPy.build(folder / "A", recursive=False)
    assert {os.path.basename(path) for path in dif._filename_dictionary.values()} == {"one.bmp", "two.png", "three.png"}


def test_a_single_file_is_a_build_of_one(folder):
    dif = difPy.build(folder / "A" / "two.png")
    assert dif.stats["total_files"] == 1
    assert difPy.search(dif).result == {}


def test_limit_extensions_decides_which_files_are_tried(folder, photo):
    photo(9).save(folder / "picture.unknown", format="PNG")
    limited, all_files = difPy.build(folder), difPy.build(folder, limit_extensions=False)
    logs = limited.stats["invalid_files"]["logs"]
    assert logs[str(folder / "picture.unknown")] == "Unsupported file type"
    assert logs[str(folder / "B" / "notes.txt")] == "Unsupported file type"
    assert str(folder / "picture.unknown") in all_files._filename_dictionary.values()
    assert str(folder / "B" / "notes.txt") in all_files.stats["invalid_files"]["logs"]


@pytest.mark.parametrize("px_size", [10, 50, 64.0])
def test_px_size_is_the_size_of_the_tensors(folder, px_size):
    dif = difPy.build(folder, px_size=px_size)
    assert {tensor.shape for tensor in dif._tensor_dictionary.values()} == {(px_size, px_size, 3)}
    assert {tensor.dtype for tensor in dif._tensor_dictionary.values()} == {np.dtype(np.uint8)}


def test_tensors_are_pillow_bicubic_of_the_full_picture(folder):
    dif = difPy.build(folder)
    for number, path in dif._filename_dictionary.items():
        with Image.open(path) as image:
            expected = np.asarray(image.convert("RGB").resize((50, 50), Image.Resampling.BICUBIC))
        assert np.array_equal(dif._tensor_dictionary[number], expected)


def test_a_threshold_may_be_any_number_and_is_inclusive(folder):
    dif = difPy.build(folder)
    everything = difPy.search(dif, similarity=65025)
    assert len(everything.lower_quality) == len(dif._filename_dictionary) - 1
    mse = names(difPy.search(dif, similarity=5).result)["three large.png"]["three.png"]
    assert 0 < mse <= 5
    assert "three large.png" in names(difPy.search(dif, similarity=mse).result)
    assert "three large.png" not in names(difPy.search(dif, similarity=np.nextafter(mse, 0)).result)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_rotate_finds_turned_copies(tmp_path, photo, turn):
    photo(1).save(tmp_path / "a.png")
    photo(1).rotate(turn, expand=True).save(tmp_path / "b.png")
    dif = difPy.build(tmp_path)
    assert len(difPy.search(dif).lower_quality) == 1
    assert difPy.search(dif, rotate=False).result == {}


def test_mirror_finds_mirrored_copies_and_is_off_by_default(tmp_path, photo):
    photo(1).save(tmp_path / "a.png")
    photo(1).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "b.png")
    dif = difPy.build(tmp_path)
    assert difPy.search(dif).result == {}
    assert len(difPy.search(dif, mirror=True).lower_quality) == 1
    assert len(difPy.search(dif, mirror=True, rotate=False).lower_quality) == 1


def test_lazy_asks_for_equal_dimensions_of_duplicates_only(tmp_path):
    Image.new("RGB", (100, 100), "teal").save(tmp_path / "small.png")
    Image.new("RGB", (200, 200), "teal").save(tmp_path / "large.png")
    dif = difPy.build(tmp_path)
    assert difPy.search(dif, lazy=True).result == {}
    assert len(difPy.search(dif, lazy=False).lower_quality) == 1
    assert len(difPy.search(dif, similarity="similar").lower_quality) == 1
    assert difPy.search(dif, similarity="similar", same_dim=True).result == {}
    assert len(difPy.search(dif, same_dim=False).lower_quality) == 1


def test_lower_quality_is_a_list_of_all_but_the_largest_file_of_each_group(folder):
    search = difPy.search(difPy.build(folder), similarity="similar")
    assert isinstance(search.lower_quality, list)
    for kept, found in search.result.items():
        assert all(os.path.getsize(kept) >= os.path.getsize(path) for path, _ in found)
    assert set(search.lower_quality) == {path for found in search.result.values() for path, _ in found}
    assert not set(search.lower_quality) & set(search.result)


def test_stats_have_the_documented_shape_and_are_ready_for_json(folder):
    search = difPy.search(
        difPy.build([str(folder / "B"), str(folder / "A")], processes=1), similarity="similar", chunksize=7
    )
    stats = json.loads(json.dumps(search.stats))
    assert stats["directory"] == [str(folder / "A"), str(folder / "B")]
    assert set(stats) == {"directory", "process", "total_files", "invalid_files"}
    assert set(stats["process"]["build"]["duration"]) == {"start", "end", "seconds_elapsed"}
    assert stats["process"]["build"]["parameters"] == {
        "recursive": True,
        "in_folder": False,
        "limit_extensions": True,
        "px_size": 50,
        "processes": 1,
        "exact": False,
    }
    assert set(stats["process"]["search"]["duration"]) == {"start", "end", "seconds_elapsed"}
    parameters = stats["process"]["search"]["parameters"]
    assert {"similarity_mse": 5, "rotate": True, "lazy": True, "chunksize": 7}.items() <= parameters.items()
    assert isinstance(parameters["processes"], int)
    assert stats["process"]["search"]["files_searched"] == 6
    assert stats["process"]["search"]["matches_found"] == {"duplicates": 2, "similar": 1}
    assert stats["total_files"] == 8
    assert stats["invalid_files"]["count"] == 2
    assert set(stats["invalid_files"]["logs"]) == {str(folder / "B" / "notes.txt"), str(folder / "B" / "broken.png")}


def test_each_search_has_stats_of_its_own(folder):
    dif = difPy.build(folder)
    first = difPy.search(dif)
    before = json.dumps(first.stats)
    difPy.search(dif, similarity="similar", rotate=False)
    assert json.dumps(first.stats) == before
    assert "search" not in dif.stats["process"]


def test_build_and_search_take_the_number_of_processes(folder):
    results = [
        difPy.search(difPy.build(folder, processes=n), "similar", processes=n, chunksize=n).result for n in (1, 2, 3)
    ]
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize(
    ("keywords", "kind"),
    [
        ({"recursive": 1}, TypeError),
        ({"in_folder": "yes"}, TypeError),
        ({"limit_extensions": None}, TypeError),
        ({"px_size": 9}, ValueError),
        ({"px_size": 5001}, ValueError),
        ({"px_size": 50.5}, ValueError),
        ({"px_size": "50"}, TypeError),
        ({"px_size": True}, TypeError),
        ({"show_progress": 0}, TypeError),
        ({"processes": 0}, ValueError),
        ({"processes": 1.5}, TypeError),
        ({"logs": "yes"}, TypeError),
    ],
)
def test_wrong_values_of_build_are_clear_errors(folder, keywords, kind):
    (name,) = keywords
    with pytest.raises(kind, match=name) as caught:
        difPy.build(folder, **keywords)
    assert isinstance(caught.value, DifPyError)


@pytest.mark.parametrize(
    ("keywords", "kind"),
    [
        ({"similarity": -1}, ValueError),
        ({"similarity": "high"}, ValueError),
        ({"similarity": float("nan")}, ValueError),
        ({"similarity": float("inf")}, ValueError),
        ({"similarity": None}, TypeError),
        ({"similarity": True}, TypeError),
        ({"rotate": "no"}, TypeError),
        ({"lazy": 2}, TypeError),
        ({"same_dim": 0}, TypeError),
        ({"mirror": "yes"}, TypeError),
        ({"processes": -3}, ValueError),
        ({"logs": 1}, TypeError),
        ({"chunksize": 0}, ValueError),
        ({"chunksize": "many"}, TypeError),
        ({"threshold": 5}, TypeError),
    ],
)
def test_wrong_values_of_search_are_clear_errors(tmp_path, keywords, kind):
    dif = difPy.build(tmp_path)
    (name,) = keywords
    with pytest.raises(kind, match=name) as caught:
        difPy.search(dif, **keywords)
    assert isinstance(caught.value, DifPyError)


def test_what_is_no_directory_is_a_clear_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        difPy.build(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="no directory"):
        difPy.build()
    with pytest.raises(TypeError, match=r"difPy\.build"):
        difPy.search(str(tmp_path))


def test_the_object_may_be_named_as_the_document_names_it(tmp_path):
    dif = difPy.build(tmp_path)
    assert difPy.search(difPy_obj=dif).result == difPy.search(difpy_obj=dif).result == {}


def test_an_empty_folder_has_no_matches(tmp_path):
    search = difPy.search(difPy.build(tmp_path))
    assert (search.result, search.lower_quality) == ({}, [])
    assert search.stats["total_files"] == 0


def test_search_takes_its_parameters_in_the_order_of_the_document(folder):
    search = difPy.search(difPy.build(folder), "similar", False, False, 1, 7, False)
    parameters = search.stats["process"]["search"]["parameters"]
    given = {"similarity_mse": 5, "rotate": False, "lazy": False, "processes": 1, "chunksize": 7}
    assert given.items() <= parameters.items()


@pytest.mark.parametrize("parameters", [("duplicates", True, True, True), ("similar", True, False, None, True)])
def test_the_order_of_difpy_4_2_1_is_refused_by_its_name(folder, parameters):
    with pytest.raises(TypeError, match=r"True.*lazy, processes, chunksize, show_progress.*4\.2\.1") as caught:
        difPy.search(difPy.build(folder), *parameters)
    assert isinstance(caught.value, difPy.UsageError)


def test_logs_is_taken_with_a_warning_that_it_does_nothing(folder):
    with pytest.warns(DeprecationWarning, match="logs has no effect") as warned:
        dif = difPy.build(folder, logs=True)
    assert warned[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="logs has no effect"):
        difPy.search(dif, logs=False)


def test_what_was_moved_is_deleted_where_it_is_now(folder, capsys):
    search = difPy.search(difPy.build(folder))
    search.move_to(str(folder / "aside") + os.sep)
    assert capsys.readouterr().out == f'Moved 2 files(s) to "{folder / "aside"}"\n'
    assert {os.path.dirname(path) for path in search.lower_quality} == {str(folder / "aside")}
    assert all(map(os.path.exists, search.lower_quality))
    search.delete(silent_del=True)
    assert capsys.readouterr().out == "Deleted 2 file(s)\n"
    assert (search.lower_quality, os.listdir(folder / "aside")) == ([], [])


def test_of_what_was_moved_all_names_are_deleted_also_numbered_ones(folder, capsys):
    (moved,) = (path for path in difPy.search(difPy.build(folder / "A")).lower_quality)
    os.link(moved, folder / "A" / "another name.png")
    (folder / "aside").mkdir()
    (folder / "aside" / "another name.png").write_text("taken")
    search = difPy.search(difPy.build(folder / "A"))
    search.move_to(folder / "aside")
    search.delete(silent_del=True)
    assert "Deleted 1 file(s)" in capsys.readouterr().out
    assert os.listdir(folder / "aside") == ["another name.png"]


def test_what_was_moved_and_has_changed_since_is_left_and_said_to_be(folder, capsys):
    search = difPy.search(difPy.build(folder / "A"))
    search.move_to(folder / "aside")
    (path,) = search.lower_quality
    pathlib.Path(path).write_bytes(b"somebody was faster")
    search.delete(silent_del=True)
    assert f"Deleted 0 file(s)\nLeft 1 file(s) where they are:\n  {path}: " in capsys.readouterr().out
    assert search.lower_quality == [path]


def test_what_was_moved_can_be_moved_on(folder):
    search = difPy.search(difPy.build(folder / "A"))
    search.move_to(folder / "one")
    search.move_to(folder / "two")
    assert (os.listdir(folder / "one"), os.listdir(folder / "two")) == ([], ["one.png"])
    assert search.lower_quality == [str(folder / "two" / "one.png")]


@pytest.mark.parametrize(
    ("same_bytes", "words"),
    [
        (0, "To delete: 1 file, ... kB: this CANNOT be undone."),
        (1, "To delete: 2 files, ... kB: difpy undo can bring back 1 file; 1, "),
    ],
)
def test_delete_says_how_much_and_what_can_be_had_back_before_it_asks(folder, same_bytes, words, capsys, monkeypatch):
    if same_bytes:
        (folder / "A" / "copy of three.png").write_bytes((folder / "A" / "three.png").read_bytes())
    monkeypatch.setattr("builtins.input", lambda question: print(question) or "n")
    difPy.search(difPy.build(folder / "A")).delete()
    told = capsys.readouterr().out
    begin, end = words.split("...")
    assert told.startswith(begin) and end in told.splitlines()[0]
    assert told.endswith("(y/n) \nDeletion canceled.\n")


def test_what_is_excluded_is_not_looked_at(folder):
    assert difPy.search(difPy.build(folder, exclude="sub/")).result.keys() == {str(folder / "B" / "two copy.png")} or (
        difPy.search(difPy.build(folder, exclude="sub/")).result.keys() == {str(folder / "A" / "two.png")}
    )
    dif = difPy.build(folder / "A", exclude=["*.png", "!one.png"])
    assert sorted(map(os.path.basename, dif._filename_dictionary.values())) == ["one.bmp", "one.png"]
    assert dif.stats["process"]["build"]["left_out"][str(folder / "A" / "two.png")] == 'excluded by "*.png"'


def test_pictures_of_a_reference_are_kept_and_never_touched(folder):
    search = difPy.search(difPy.build(folder / "A", reference=folder / "B"))
    assert str(folder / "B" / "two copy.png") in search.result
    search.delete(silent_del=True)
    assert (folder / "B" / "two copy.png").exists() and not (folder / "A" / "two.png").exists()
    assert search.stats["directory"] == [str(folder / "A")]
    assert search.stats["process"]["build"]["parameters"]["reference"] == [str(folder / "B")]


def test_another_rule_for_what_is_kept_goes_before_that_of_the_document(folder):
    search = difPy.search(difPy.build(folder / "A"), keep="path=*.png")
    assert names(search.result) == {"one.png": {"one.bmp": 0.0}}
