"""Altered copies, from files to plans: what is found, with which verdict, what may go; nothing is computed twice."""

import contextlib
import functools
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

import difPy
from difPy.errors import IndexUnusable, MissingExtra
from difPy.model import Verdict
from forging import forge_findings
from pictures import busy, saved


def cropped(image, left=0.1, top=0.1, right=0.9, bottom=0.9):
    return image.crop(
        (round(image.width * left), round(image.height * top), round(image.width * right), round(image.height * bottom))
    )


def captioned(image, text="A caption of some length below it"):
    page = ImageOps.expand(image, (0, 0, 0, 60), "white")
    ImageDraw.Draw(page).text((30, image.height + 10), text, fill="black", font_size=28)
    return page


def written_over(image, text="ONLY A SAMPLE"):
    image = image.copy()
    ImageDraw.Draw(image).text(
        (image.width / 2, image.height / 2), text, fill="white", font_size=48, anchor="mm", stroke_width=3,
        stroke_fill="black",
    )  # fmt: skip
    return image


ALTERED = {
    "crop": cropped,
    "border": lambda image: ImageOps.expand(image, 30, "black"),
    "caption": captioned,
    "grey": lambda image: image.convert("L"),
    "mirrored": ImageOps.mirror,
    "turned": lambda image: image.rotate(12, Image.Resampling.BICUBIC, expand=True, fillcolor="white"),
    "quarter": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "smaller": lambda image: cropped(image).resize((240, 180)),
}


def found(*folders, similarity="deep", cache=False, **options):
    index_options = {name: options.pop(name) for name in ("reference", "processes") if name in options}
    return difPy.find(difPy.index(*folders, cache=cache, **index_options), similarity, **options)


def names(settled):
    """Groups as sets of file names, the kept one first."""
    return [
        (os.path.basename(group.keeper.path), {os.path.basename(member.file.path) for member in group.members})
        for group in settled.groups
    ]


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    """One picture and all its copies, and two others, of which one is alone."""
    folder = tmp_path_factory.mktemp("collection")
    original = busy(1)
    saved(original, folder / "original.png")
    saved(original, folder / "encoded.jpg", quality=80)
    for name, change in ALTERED.items():
        saved(change(original), folder / f"{name}.jpg", quality=90)
    saved(busy(2), folder / "other.jpg")
    saved(cropped(busy(3)), folder / "third crop.jpg")
    saved(busy(3), folder / "third.png")
    return folder


def test_deep_finds_every_altered_copy_and_nothing_else(collection):
    settled = found(collection)
    groups = dict(names(settled))
    assert len(groups) == 2 and settled.failures == []
    first, second = sorted(groups, key=lambda kept: "third" in kept)
    assert {first, *groups[first]} == {"original.png", "encoded.jpg", *(f"{name}.jpg" for name in ALTERED)}
    assert {second, *groups[second]} == {"third.png", "third crop.jpg"}


def test_verdicts_are_told_apart_and_say_what_was_done(collection, tmp_path):
    for name in ("original.png", "encoded.jpg", "crop.jpg", "mirrored.jpg", "grey.jpg"):
        shutil.copy(collection / name, tmp_path)
    shutil.copy(collection / "original.png", tmp_path / "twin.png")
    (group,) = found(tmp_path, keep="path=*original.png").groups
    assert os.path.basename(group.keeper.path) == "original.png"
    members = {os.path.basename(member.file.path): member for member in group.members}
    assert {name: member.verdict for name, member in members.items()} == {
        "twin.png": Verdict.IDENTICAL,
        "encoded.jpg": Verdict.SAME,
        "crop.jpg": Verdict.ALTERED,
        "mirrored.jpg": Verdict.SAME,
        "grey.jpg": Verdict.ALTERED,
    }
    assert "cut to 10-90 % across, 10-90 % down" in members["crop.jpg"].likeness
    assert "in grey" in members["grey.jpg"].likeness
    assert all(member.distance > 0 for member in members.values() if member.verdict is Verdict.ALTERED)


def test_what_shows_most_is_kept_and_the_report_says_so(tmp_path):
    original = busy(5)
    saved(original, tmp_path / "whole.jpg", quality=60)
    saved(cropped(original).resize((1600, 1200)), tmp_path / "large crop.png")
    saved(written_over(original).resize((960, 720)), tmp_path / "written over.png")
    (group,) = found(tmp_path).groups
    assert os.path.basename(group.keeper.path) == "whole.jpg"
    assert "shows more" in group.why


def test_copies_finds_what_is_framed_alike(collection):
    settled = found(collection, similarity="copies")
    (group,) = [group for group in settled.groups if len(group.members) > 2]
    files = {os.path.basename(file.path) for file in group.files}
    assert files >= {"original.png", "encoded.jpg", "border.jpg", "caption.jpg", "grey.jpg", "mirrored.jpg"}


def test_pictures_that_share_a_part_are_listed_apart_and_are_in_no_group(tmp_path):
    one, two = busy(7), busy(8)
    half = one.copy()
    half.paste(two.crop((0, 0, 260, 360)), (0, 0))
    saved(one, tmp_path / "one.png")
    saved(half, tmp_path / "half.png")
    settled = found(tmp_path)
    assert settled.groups == []
    assert [one.verdict for one in settled.shared] == [Verdict.PART]


def test_copies_that_no_kept_picture_shows_are_told_beside_the_groups(tmp_path):
    """Two crops with little in common are copies of one picture, and not of each other: one of them is kept."""
    original = busy(9, (640, 480))
    saved(cropped(original, 0, 0, 0.7, 1), tmp_path / "left.png")
    saved(cropped(original, 0.3, 0, 1, 1), tmp_path / "right.png")
    saved(cropped(original, 0.62, 0, 1, 1), tmp_path / "far right.png")
    settled = found(tmp_path)
    grouped = {frozenset((kept, *members)) for kept, members in names(settled)}
    beside = {(os.path.basename(one.first.path), os.path.basename(one.second.path)) for one in settled.shared}
    told = {frozenset(pair) for pair in beside} | grouped
    assert any({"left.png", "right.png"} <= some for some in told)
    assert any({"far right.png", "right.png"} <= some for some in told)


def test_turned_and_mirrored_copies_are_left_out_if_asked(collection):
    def members(**options):
        return set().union(*(members | {kept} for kept, members in names(found(collection, **options))))

    assert "mirrored.jpg" not in members(mirror=False)
    assert "quarter.jpg" not in members(rotate=False)
    assert {"mirrored.jpg", "crop.jpg"} <= members(rotate=False)


def test_references_are_kept_and_folders_searched_apart(collection, tmp_path):
    (tmp_path / "archive").mkdir()
    (tmp_path / "new").mkdir()
    shutil.copy(collection / "crop.jpg", tmp_path / "archive")
    shutil.copy(collection / "border.jpg", tmp_path / "archive")
    shutil.copy(collection / "original.png", tmp_path / "new")
    assert names(found(tmp_path / "new", reference=tmp_path / "archive")) in (
        [("border.jpg", {"original.png"})],
        [("crop.jpg", {"original.png"})],
    )
    assert names(found(tmp_path / "new", tmp_path / "archive", in_folder=True)) != []
    (tmp_path / "archive" / "border.jpg").unlink()
    assert names(found(tmp_path / "new", tmp_path / "archive", in_folder=True)) == []


def test_the_answer_depends_on_contents_alone(collection, tmp_path):
    """Neither on the number of processes nor on names and order: which of two equal ones is kept is told by name."""
    expected = names(found(collection, processes=1))
    for position, path in enumerate(sorted(collection.iterdir(), reverse=True)):
        folder = tmp_path / f"{position:02}"
        folder.mkdir()
        shutil.copy2(path, folder)
    assert names(found(tmp_path, processes=2)) == expected


@given(st.permutations(range(5)), st.sampled_from([1, 2]), st.sampled_from(["copies", "deep"]))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_files_are_called_and_the_processes_are_the_answer_is_the_same(few, order, processes, similarity):
    with tempfile.TemporaryDirectory() as folder:
        for place, name in zip(order, sorted(os.listdir(few)), strict=True):
            shutil.copy2(few / name, os.path.join(folder, f"{place}{name[-4:]}"))
        answer = told(found(folder, similarity=similarity, processes=processes))
    assert answer == few_are(few, similarity)
    assert answer


@functools.cache
def few_are(few, similarity):
    return told(found(few, similarity=similarity, processes=1))


def told(settled):
    """Groups, by what the files hold, with what was done to each picture in numbers."""
    return {
        (group.keeper.digest, member.file.digest, member.distance, str(member.change and member.change.numbers()))
        for group in settled.groups
        for member in group.members
    }


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    folder = tmp_path_factory.mktemp("few")
    image = busy(11)
    saved(image, folder / "original.png")
    saved(captioned(image), folder / "captioned.png")
    saved(ImageOps.mirror(cropped(image, 0, 0, 0.95, 0.95)), folder / "cropped.jpg", quality=70)
    saved(image.rotate(12, Image.Resampling.BICUBIC, expand=True), folder / "tilted.jpg", quality=80)
    saved(busy(12), folder / "other.png")
    for path in folder.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return folder


def test_what_was_described_and_judged_is_not_computed_again(collection, tmp_path):
    first = found(collection, cache=tmp_path / "index.sqlite")
    similar = {"encoded.jpg", "mirrored.jpg", "quarter.jpg"}  # go by their mean squared error
    assert first.described == len(list(collection.iterdir())) - len(similar)
    assert first.judged > 0
    again = found(collection, cache=tmp_path / "index.sqlite")
    assert (again.described, again.judged) == (0, 0)
    assert names(again) == names(first)
    assert [group.members for group in again.groups] == [group.members for group in first.groups]


def with_number(name, value):
    """Bytes of a verdict in, the same with that number in the place of one of its own, out."""

    def change(content):
        verdict = json.loads(content)
        *path, last = name.split(".")
        place = verdict
        for step in path:
            place = place[step]
        place[last] = value
        return json.dumps(verdict).encode()

    return change


SENSELESS = [
    ("deep", lambda content: b"a descriptor"),
    ("deep", lambda content: content[:4] + b"\xff" * (len(content) - 4)),
    ("copies", lambda content: content[:-1]),
    ("copies", lambda content: b"\xff" * len(content)),
    ("detail", lambda content: b"1"),
    ("detail", lambda content: bytes(8)),
    ("detail", lambda content: b"\xff" * 8),
    *(
        (f"{method} verdicts", with_number(*wrong))
        for method, wrong in [
            ("deep", ("mse", float("nan"))),
            ("deep", ("agree", "much")),
            ("deep", ("change", None)),
            ("deep", ("change.between", [0.0] * 9)),
            ("copies", ("change.between", [1, 0, 0, 0, 1, 0, float("inf"), 0, 1])),
            ("copies", ("change.first.size", [-3, 0])),
            ("copies", ("change.second.tone.gain", 1e300)),
        ]
    ),
    ("deep verdicts", lambda content: b"[]"),
    ("copies verdicts", lambda content: b"{"),
]


@pytest.fixture(scope="module")
def remembered(tmp_path_factory):
    """Two pictures, and indexes in which what the methods make of them is remembered."""
    folder = tmp_path_factory.mktemp("remembered")
    (folder / "pictures").mkdir()
    saved(busy(7), folder / "pictures" / "original.png")
    saved(ImageOps.expand(busy(7).resize((240, 180)), 20, "black"), folder / "pictures" / "framed.png")
    for similarity in ("deep", "copies"):
        assert names(found(folder / "pictures", similarity=similarity, cache=folder / similarity, processes=1))
    return folder


@pytest.mark.parametrize(("way", "change"), SENSELESS)
def test_what_an_index_holds_that_makes_no_sense_is_refused_with_the_way_out(way, change, remembered, tmp_path):
    """Whatever its checksum says."""
    similarity = "copies" if way.startswith("copies") else "deep"
    index = tmp_path / similarity
    with contextlib.closing(sqlite3.connect(remembered / similarity)) as whole:
        whole.execute("VACUUM INTO ?", (str(index),))  # what is not in the main file yet, too
    forge_findings(index, way, change)
    with pytest.raises(IndexUnusable, match=r"makes no sense.*difpy cache clear"):
        found(remembered / "pictures", similarity=similarity, cache=index, processes=1)


def test_a_run_that_was_killed_loses_nothing_that_it_had_found(tmp_path):
    pictures, index = tmp_path / "pictures", tmp_path / "index.sqlite"
    pictures.mkdir()
    for seed in range(60):
        saved(busy(seed), pictures / f"{seed}.png")
    command = [sys.executable, "-m", "difPy", "find", pictures, "-s", "deep", "--cache", index, "--quiet"]
    running = subprocess.Popen([*map(str, command), "--processes", "1"], stdout=subprocess.DEVNULL)
    count = 0
    while running.poll() is None and not count:
        time.sleep(0.05)
        if index.exists():
            try:
                with sqlite3.connect(index) as connection:
                    (count,) = connection.execute("SELECT count(*) FROM finding").fetchone()
            except sqlite3.OperationalError:
                pass
    running.send_signal(signal.SIGKILL)
    running.wait()
    with sqlite3.connect(index) as connection:
        (count,) = connection.execute("SELECT count(*) FROM finding").fetchone()
    assert 0 < count < 60
    assert found(pictures, cache=index).described == 60 - count


def test_a_picture_that_vanishes_on_the_way_is_a_failure_and_the_others_are_found(collection, tmp_path):
    for name in ("original.png", "crop.jpg", "border.jpg"):
        shutil.copy(collection / name, tmp_path)
    library = difPy.index(tmp_path, cache=False)
    assert len(library.gallery) == 3
    (tmp_path / "border.jpg").unlink()
    settled = difPy.find(library, "deep")
    assert [os.path.basename(failure.path) for failure in settled.failures] == ["border.jpg"]
    assert names(settled) == [("original.png", {"crop.jpg"})]


# What may go


def test_altered_copies_are_planned_apart_and_never_with_others(collection):
    groups = found(collection).groups
    count = sum(len(group.members) for group in groups)
    same, altered = (difPy.plan(groups, "trash", altered=altered) for altered in (False, True))
    assert {os.path.basename(step.file.path) for step in same.steps} <= {"encoded.jpg", "mirrored.jpg", "quarter.jpg"}
    assert all(step.altered for step in altered.steps)
    assert all(not step.altered for step in same.steps)
    assert len(same.steps) + len(same.held) == len(altered.steps) + len(altered.held) == count
    assert any("planned apart" in held.why for held in same.held)


def test_a_picture_of_which_the_kept_one_is_only_a_crop_is_held_back_unless_named(collection, tmp_path):
    shutil.copy(collection / "original.png", tmp_path)
    shutil.copy(collection / "crop.jpg", tmp_path)
    groups = found(tmp_path, keep="path=*crop.jpg").groups
    plan = difPy.plan(groups, "trash", altered=True)
    assert plan.steps == ()
    assert "shows more" in plan.held[0].why
    named = difPy.plan(groups, "trash", altered=True, even=["*original.png"])
    assert [os.path.basename(step.file.path) for step in named.steps] == ["original.png"]


def test_what_is_needed_is_said_where_it_is_missing():
    code = """
import sys
sys.modules["cv2"] = None  # as if it were not installed
import difPy, tempfile
try:
    with tempfile.TemporaryDirectory() as folder:
        difPy.find(difPy.index(folder, cache=False), "deep")
except difPy.errors.MissingExtra as error:
    print(error)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "pip install 'difPy[deep]'" in told and "OpenCV" in told
    assert MissingExtra.exit_code == 3


def test_an_altered_copy_is_judged_anew_before_it_is_deleted_for_good(collection, tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for name in ("original.png", "crop.jpg", "grey.jpg"):
        shutil.copy(collection / name, pictures)
    plan = difPy.plan(found(pictures).groups, "delete", altered=True)
    assert len(plan.steps) == 2
    times = os.stat(pictures / "grey.jpg")
    saved(busy(50), pictures / "grey.jpg", quality=90)
    forged = [
        step if step.file.path.endswith("crop.jpg") else _as_it_is(step, pictures / "grey.jpg", times)
        for step in plan.steps
    ]
    outcome = difPy.apply(replace(plan, steps=tuple(forged)))
    assert [os.path.basename(done.step.file.path) for done in outcome.done] == ["crop.jpg"]
    (skipped,) = outcome.skipped
    assert "no altered copy" in skipped.why


def _as_it_is(step, path, times):
    """The step as a forged plan has it: the file is the one that is there now."""
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    status = os.stat(path)
    seen = replace(
        step.file, size=status.st_size, mtime_ns=status.st_mtime_ns, device=status.st_dev, inode=status.st_ino,
        digest=None,
    )  # fmt: skip
    return replace(step, file=seen)


# The command


def run(*arguments):
    command = [sys.executable, "-m", "difPy", *map(os.fspath, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_command_says_what_was_done_in_words_and_numbers_and_what_is_remembered(collection, tmp_path):
    for name in ("original.png", "crop.jpg"):
        shutil.copy(collection / name, tmp_path)
    assert "altered copy: cut to 10-90 % across, 10-90 % down" in run("find", tmp_path, "-s", "deep")
    ((match,),) = [group["matches"] for group in json.loads(run("find", tmp_path, "-s", "deep", "--format", "json"))]
    assert match["verdict"] == "altered copy"
    assert match["change"]["crop"] == pytest.approx([0.1, 0.1, 0.9, 0.9], abs=0.01)
    assert match["change"]["scale"] == pytest.approx(1, abs=0.02)
    told = run("cache", "info")
    assert "deep: 2 entries" in told and "deep verdicts: 1 entries" in told


def test_the_documented_face_finds_altered_copies_and_leaves_them_where_they_are(collection, tmp_path, capsys):
    for name in ("original.png", "crop.jpg", "encoded.jpg"):
        shutil.copy(collection / name, tmp_path)
    search = difPy.search(difPy.build(tmp_path, show_progress=False), similarity="deep", show_progress=False)
    assert search.stats["process"]["search"]["matches_found"] == {"duplicates": 0, "similar": 1, "altered": 1}
    ((kept, matches),) = search.result.items()
    assert os.path.basename(kept) == "original.png"
    assert all(distance > 0 for _, distance in matches)
    search.delete(silent_del=True)
    assert "planned apart" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["crop.jpg", "original.png"]


def test_a_picture_is_looked_up_among_its_altered_copies(collection):
    library = difPy.index(collection, cache=False)
    near, failures = difPy.query(collection / "crop.jpg", library, "deep")
    assert failures == []
    found = {os.path.basename(one.file.path): one for one in near}
    assert {"original.png", "encoded.jpg", "smaller.jpg"} <= found.keys()
    assert not {"crop.jpg", "other.jpg", "third.png"} & found.keys()
    assert found["original.png"].change is not None and "shows more" in found["original.png"].likeness


def test_what_was_found_is_remembered_to_the_last_number(collection, tmp_path):
    """Changes, verdicts and what is beside the groups, too."""
    old = tmp_path / "old"
    shutil.copytree(collection, old)
    for path in old.iterdir():
        os.utime(path, ns=(0, 1_500_000_000_000_000_005))
    first = found(old, cache=tmp_path / "cache")
    phases = []
    again = found(old, cache=tmp_path / "cache", progress=lambda phase, *_: phases.append(phase))
    assert not phases
    assert again.groups == first.groups
    assert again.shared == first.shared
    assert any(member.change for group in again.groups for member in group.members)
    assert found(old, cache=tmp_path / "cache", similarity="copies").groups != []
