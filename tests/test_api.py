"""The functions of a program: index, find, query, plan, apply, undo, over an index that remembers."""

import os
import shutil
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

import difPy
from difPy import act, workers
from difPy.workers import Serial


@pytest.fixture
def archive(tmp_path, photo):
    """An archive with a duplicate of its own, and a folder of new pictures, two of which the archive has."""
    old, new = tmp_path / "archive", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    photo(1).save(old / "one.png")
    photo(1).save(old / "one again.bmp")
    photo(2).save(old / "two.png")
    photo(1).save(new / "one, much larger.tif")
    photo(2).rotate(90, expand=True).save(new / "two, turned.png")
    photo(3).save(new / "three.png")
    photo(3).save(new / "three again.png")
    return tmp_path


def names(groups):
    return {
        os.path.basename(group.keeper.path): sorted(os.path.basename(member.file.path) for member in group.members)
        for group in groups
    }


def test_reference_pictures_are_kept_and_never_matched_among_themselves(archive):
    library = difPy.index(archive / "new", reference=archive / "archive")
    found = names(difPy.find(library).groups)
    assert found.pop("two.png") == ["two, turned.png"]
    (kept,) = {"three.png", "three again.png"} & set(found)
    del found[kept]
    assert set(found.values().__iter__().__next__()) == {"one, much larger.tif"}
    assert len(found) == 1


def test_a_reference_inside_a_searched_directory_is_a_reference(archive):
    library = difPy.index(archive, reference=archive / "archive")
    listed = [member.file.path for group in difPy.find(library).groups for member in group.members]
    assert listed
    assert not [path for path in listed if "archive" + os.sep in path[len(str(archive)) :]]


def test_a_second_run_decodes_nothing_and_answers_the_same(archive):
    first = difPy.index(archive)
    second = difPy.index(archive)
    assert (first.decoded, second.decoded) == (6, 0)  # two files have the same bytes
    assert difPy.find(first).groups == difPy.find(second).groups


def test_moved_renamed_copied_and_touched_files_are_recognised(archive):
    difPy.index(archive)
    os.rename(archive / "archive", archive / "renamed")
    shutil.copy(archive / "new" / "three.png", archive / "new" / "copied.png")
    os.utime(archive / "new" / "three again.png")
    library = difPy.index(archive)
    assert library.decoded == 0
    assert len(library) == 8


def test_without_a_cache_nothing_is_remembered(archive, tmp_path):
    assert difPy.index(archive, cache=False).decoded == 6
    assert difPy.index(archive, cache=tmp_path / "own.sqlite").decoded == 6
    assert difPy.index(archive, cache=tmp_path / "own.sqlite").decoded == 0


def test_failures_are_remembered_and_tried_again_when_the_file_changes(tmp_path, photo):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    first = difPy.index(tmp_path)
    second = difPy.index(tmp_path)
    assert [failure.path for failure in first.failures] == [str(broken)]
    assert [failure.path for failure in second.failures] == [str(broken)]
    assert (first.decoded, second.decoded) == (1, 0)
    photo(1).save(broken)
    third = difPy.index(tmp_path)
    assert (len(third), third.failures) == (1, [])


def test_another_px_size_is_another_look(archive):
    difPy.index(archive)
    assert difPy.index(archive, px_size=64).decoded == 6


@pytest.mark.parametrize(
    ("keep", "kept", "words"),
    [
        ([], "large.bmp", "larger file"),
        (["size"], "large.bmp", "larger file"),
        (["lossless"], "large.bmp", "BMP keeps every pixel and WEBP does not"),
        (["lossless", "oldest"], "old.png", "it is older"),
        (["oldest", "lossless"], "oldest.webp", "it is older"),
        (["newest"], "new.webp", "it is newer"),
        (["metadata"], "taken.webp", "where it was taken"),
        (["path=*.webp", "path=*old*"], "oldest.webp", 'matches "*old*"'),
        (["folder={}/best"], "best.webp", "it is in "),
        (["shortest"], "z.webp", "its path is shorter"),
        (["resolution", "shortest"], "wide.jpg", "more pixels (240 x 160 against 120 x 80)"),
    ],
)
def test_keep_policies_choose_the_kept_picture_and_say_why(tmp_path, photo, keep, kept, words):
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "a maker", "a model"
    placed = Image.Exif()
    placed.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (48.0, 8.0, 0.0)
    (tmp_path / "best").mkdir()
    photo(1).save(tmp_path / "large.bmp")
    photo(1, (240, 160)).save(tmp_path / "wide.jpg", quality=30)
    photo(1).save(tmp_path / "old.png")
    for name in ("oldest.webp", "new.webp", "best/best.webp", "z.webp"):
        photo(1).save(tmp_path / name, lossless=True)
    photo(1).save(tmp_path / "made.webp", lossless=True, exif=exif)
    photo(1).save(tmp_path / "taken.webp", lossless=True, exif=placed)
    for number, path in enumerate(sorted(tmp_path.glob("**/*.*"))):
        days = {"oldest.webp": 0, "old.png": 1, "new.webp": 99}.get(path.name, number + 2)
        os.utime(path, (days * 86_400, days * 86_400))
    (group,) = difPy.find(difPy.index(tmp_path), 1000, keep=[one.format(tmp_path) for one in keep]).groups
    assert len(group.members) == 8
    assert os.path.basename(group.keeper.path) == kept
    assert words in group.why


def test_a_picture_is_kept_because_it_is_a_reference_though_another_is_larger(tmp_path, photo):
    (tmp_path / "new").mkdir()
    (tmp_path / "known").mkdir()
    photo(1).save(tmp_path / "new" / "large.bmp")
    photo(1).save(tmp_path / "known" / "small.png")
    library = difPy.index(tmp_path / "new", reference=tmp_path / "known")
    (group,) = difPy.find(library, keep=["size"]).groups
    assert group.keeper.path == str(tmp_path / "known" / "small.png")
    assert group.why == f'Kept because it is in the reference folder "{tmp_path / "known"}".'


@pytest.mark.parametrize("known", ["a", "z", "new/known"])
def test_a_file_is_a_reference_if_one_of_its_names_lies_in_a_reference(tmp_path, photo, known):
    """Else a plan for the new pictures would remove names of the reference."""
    known = tmp_path / known
    (tmp_path / "new").mkdir()
    known.mkdir()
    photo(1).save(tmp_path / "new" / "large.bmp")
    photo(1).save(known / "m.png")
    os.link(known / "m.png", tmp_path / "new" / "m.png")
    library = difPy.index(tmp_path / "new", reference=known)
    plan = difPy.plan(difPy.find(library).groups, "delete")
    assert [step.file.path for step in plan.steps] == [str(tmp_path / "new" / "large.bmp")]


def test_a_searched_directory_may_lie_inside_a_reference(tmp_path, photo):
    (tmp_path / "new").mkdir()
    photo(1).save(tmp_path / "known.png")
    photo(1).save(tmp_path / "new" / "large.bmp")
    os.link(tmp_path / "new" / "large.bmp", tmp_path / "new" / "again.bmp")
    plan = difPy.plan(difPy.find(difPy.index(tmp_path / "new", reference=tmp_path)).groups, "delete")
    assert [step.file.path for step in plan.steps] == [str(tmp_path / "new" / "again.bmp")]


def test_a_directory_searched_and_referred_to_by_two_names_is_a_reference(archive, tmp_path):
    (tmp_path / "alias").symlink_to(archive)
    assert difPy.find(difPy.index(archive, reference=tmp_path / "alias")).groups == []


def test_groups_that_a_person_said_are_none_stay_away_until_a_new_picture_joins(archive, photo):
    decisions = act.Decisions()
    for group in difPy.find(difPy.index(archive)).groups:
        decisions.remember([file.digest for file in group.files])
    assert difPy.find(difPy.index(archive), decisions=decisions).groups == []
    photo(3).save(archive / "new" / "three, a third time.webp", lossless=True)
    (group,) = difPy.find(difPy.index(archive), decisions=decisions).groups
    assert len(group.files) == 3


def test_plan_apply_undo_leaves_everything_as_it_was(archive):
    before = {path: path.read_bytes() for path in sorted(archive.rglob("*")) if path.is_file()}
    library = difPy.index(archive / "new", reference=archive / "archive")
    outcome = difPy.apply(difPy.plan(difPy.find(library).groups, "move", destination=archive / "moved"))
    assert len(outcome.done) == 3
    assert {path: path.read_bytes() for path in sorted(archive.rglob("*")) if path.is_file()} != before
    difPy.undo(outcome.journal)
    assert {path: path.read_bytes() for path in sorted(archive.rglob("*")) if path.is_file()} == before


def test_query_finds_what_matches_a_picture_outside_the_library(archive, photo, tmp_path):
    asked = tmp_path / "asked.webp"
    photo(1).transpose(Image.Transpose.ROTATE_180).save(asked, lossless=True)
    library = difPy.index(archive / "archive")
    matches, failures = difPy.query(asked, library)
    assert failures == []
    assert sorted(os.path.basename(near.file.path) for near in matches) == ["one again.bmp", "one.png"]
    assert {(near.distance, near.orientation) for near in matches} == {(0.0, 2)}


def test_a_query_says_what_it_could_not_read(archive, tmp_path):
    asked = tmp_path / "asked"
    asked.mkdir()
    broken, pipe = asked / "broken.png", asked / "pipe.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    os.mkfifo(pipe)
    library = difPy.index(archive / "archive")
    matches, failures = difPy.query([asked, archive / "archive" / "two.png"], library)
    assert matches == []
    assert sorted(failure.path for failure in failures) == [str(broken), str(pipe)]


def test_a_library_whose_index_is_emptied_before_it_is_searched_looks_again(archive):
    library = difPy.index(archive)
    assert len(library) == 7
    difPy.index(archive / "new").index.clear()
    assert len(difPy.find(library).groups) == 3


def test_a_picture_of_the_library_does_not_match_itself(archive):
    library = difPy.index(archive / "archive")
    matches, _ = difPy.query([archive / "archive" / "one.png", archive / "archive" / "two.png"], library)
    assert [os.path.basename(near.file.path) for near in matches] == ["one again.bmp"]


@pytest.fixture
def large(tmp_path, photo, monkeypatch):
    """Photos so large that they are sketched, no two of them alike: in this process, which has loaded the reader."""
    import_module("difPy.decode.bounds")
    monkeypatch.setattr(workers, "executor", lambda _: Serial())
    for seed in range(3):
        photo(seed, (1_700, 1_200)).save(tmp_path / f"{seed}.jpg", quality=90)
    return tmp_path


def sketches(library):
    return int((library.gallery.errors > 0).sum())


def test_exact_decodes_every_picture_in_full_and_is_remembered(large):
    assert sketches(difPy.index(large, cache=False)) == 3
    assert sketches(difPy.index(large, exact=True)) == 0
    again = difPy.index(large)
    assert (again.decoded, sketches(again)) == (0, 0)


def test_exact_decodes_in_full_what_was_only_sketched_before(large):
    difPy.index(large)
    exact = difPy.index(large, exact=True)
    assert (exact.decoded, len(exact), sketches(exact)) == (3, 3, 0)
    assert difPy.index(large, exact=True).decoded == 0


def test_a_sketched_file_that_has_rotted_is_a_failure_once_it_is_to_be_exact(large):
    library = difPy.index(large)
    rotten = large / "1.jpg"
    before = rotten.stat()
    rotten.write_bytes(bytes(before.st_size))
    os.utime(rotten, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert len(library) == 3
    exact = difPy.index(large, exact=True)
    assert [failure.path for failure in exact.failures] == [str(rotten)]
    assert exact.gallery.files.paths == [str(large / "0.jpg"), str(large / "2.jpg")]
    assert (len(exact), sketches(exact)) == (2, 0)


def test_build_takes_exact(large):
    dif = difPy.build(large, exact=True, cache=False)
    assert dif.stats["process"]["build"]["parameters"]["exact"] is True
    assert not dif._library.gallery.errors.any()
    with pytest.raises(difPy.errors.WrongType, match="exact must be True or False, not 1"):
        difPy.build(large, exact=1)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from([40, 900]), st.integers(0, 3)), min_size=2, max_size=6),
    st.sampled_from(["duplicates", "similar", 50]),
)
def test_query_agrees_with_find(tmp_path_factory, photo, pictures, similarity):
    """Small pictures and large ones, which are sketched first."""
    folder = tmp_path_factory.mktemp("pictures")
    for number, (seed, width, turns) in enumerate(pictures):
        image = photo(seed, (width, width * 3 // 4)).rotate(90 * turns, expand=True)
        image.save(folder / f"{number}.jpg", quality=90)
    first, *others = sorted(folder.iterdir())
    library = difPy.index(others, cache=False)
    asked, _ = difPy.query(first, library, similarity)
    alone = difPy.index(others, reference=first, cache=False)
    groups = difPy.find(alone, similarity).groups
    found = [member.file.path for group in groups if group.keeper.path == str(first) for member in group.members]
    assert sorted(near.file.path for near in asked) == sorted(found)


@pytest.mark.parametrize("how", ["made anew", "renamed", "another"])
def test_workers_of_a_folder_that_is_another_one_now_are_not_asked_again(tmp_path, monkeypatch, photo, how):
    """Relative paths lead where they lead now, not where they led when the workers were started."""
    for turn in range(2):
        folder = tmp_path / ("work" if how != "another" else f"work{turn}")
        if turn and how == "made anew":
            shutil.rmtree(folder)
        elif turn and how == "renamed":
            folder.rename(tmp_path / "elsewhere")
        folder.mkdir()
        monkeypatch.chdir(folder)
        for name in ("a.png", "b.png"):
            photo(turn).save(name)
        library = difPy.index(".", cache=False)
        assert not library.failures
        assert len(difPy.find(library).groups) == 1
