"""Whatever an index or a plan says: what cannot be had back is decoded anew, and compared, before it is removed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from blake3 import blake3
from PIL import Image

import difPy
from difPy import act
from forging import forge_identical

DIFPY = [sys.executable, "-m", "difPy"]


def run(*arguments):
    command = [*DIFPY, *map(os.fspath, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def deleting(folder, similarity="duplicates", **options):
    """The plan that deletes all that match, by an index of its own."""
    library = difPy.index(folder, cache=False, px_size=options.pop("px_size", 50))
    return difPy.plan(difPy.find(library, similarity, **options).groups, "delete")


@pytest.fixture
def unlike(tmp_path, photo):
    """Four pictures that look like no other, and what an index calls identical."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(4):
        photo(seed).save(folder / f"{seed}.png")
    assert run("index", folder).returncode == 0
    digests = [blake3(path.read_bytes()).digest() for path in sorted(folder.iterdir())]
    forge_identical(Path(os.environ["DIFPY_CACHE_DIR"]) / "index.sqlite", digests)
    return folder


def test_a_forged_index_deletes_no_picture_by_plan_and_apply(unlike, tmp_path):
    plan = tmp_path / "plan.json"
    assert run("plan", unlike, "-a", "delete", "-o", plan).returncode == 0
    assert len(json.loads(plan.read_text())["steps"]) == 3, "the index was believed"
    applied = run("apply", plan, "--yes")
    assert applied.returncode == 3
    assert applied.stdout.count("decoded again, it is not like") == 3
    assert len(list(unlike.iterdir())) == 4


def test_a_forged_index_deletes_no_picture_through_the_documented_face(unlike, capsys):
    search = difPy.search(difPy.build(unlike, show_progress=False), show_progress=False)
    assert len(search.lower_quality) == 3
    search.delete(silent_del=True)
    assert "Deleted 0 file(s)" in capsys.readouterr().out
    assert len(list(unlike.iterdir())) == 4


def test_a_forged_index_deletes_no_picture_that_it_calls_similar(unlike):
    outcome = difPy.apply(difPy.plan(difPy.find(difPy.index(unlike), "similar").groups, "delete"))
    assert (len(outcome.skipped), len(outcome.done)) == (3, 0)
    assert len(list(unlike.iterdir())) == 4


def test_a_plan_in_which_somebody_wrote_another_distance_deletes_nothing(tmp_path, photo):
    photo(1).save(tmp_path / "a.png")
    image = np.asarray(photo(1)).astype(int) + 1
    Image.fromarray(image.clip(0, 255).astype(np.uint8)).save(tmp_path / "b.png")
    plan = deleting(tmp_path, "similar")
    text = json.loads(act.to_json(plan))
    text["steps"][0]["distance"] = 0
    outcome = difPy.apply(act.from_json(json.dumps(text)))
    assert "decoded again" in outcome.skipped[0].why
    assert len(difPy.apply(plan).done) == 1, "as it was, it may"


def test_without_somebody_who_compares_nothing_is_deleted_for_good(tmp_path, photo):
    photo(1).save(tmp_path / "a.png")
    photo(1).save(tmp_path / "b.bmp")
    plan = deleting(tmp_path)
    assert "nobody has compared" in act.apply(plan).skipped[0].why
    assert len(difPy.apply(plan).done) == 1


@pytest.mark.parametrize(
    "change", ["turned", "mirrored", "resized", "recompressed", "animated", "deep", "other px_size"]
)
def test_what_is_alike_is_deleted_as_before(tmp_path, photo, change):
    image, options = photo(1, (240, 160)), {}
    image.save(tmp_path / "a.png", compress_level=0)
    if change == "turned":
        image.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "b.png")
    elif change == "mirrored":
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "b.png")
        options = {"mirror": True}
    elif change in ("resized", "other px_size"):
        image.resize((120, 80), Image.Resampling.BICUBIC).save(tmp_path / "b.png")
        options = {"similarity": 50, "px_size": 20 if change == "other px_size" else 50}
    elif change == "recompressed":
        image.save(tmp_path / "b.jpg", quality=90)
        options = {"similarity": 50}
    elif change == "animated":
        for name, level in (("a.png", 0), ("b.png", 9)):
            image.save(tmp_path / name, save_all=True, append_images=[photo(2, (240, 160))], compress_level=level)
    else:
        deep = Image.fromarray(np.arange(240 * 160, dtype=np.uint16).reshape(160, 240))
        deep.save(tmp_path / "a.png", compress_level=0)
        deep.save(tmp_path / "b.tif")
    plan = deleting(tmp_path, **options)
    assert [step.undoable for step in plan.steps] == [False]
    outcome = difPy.apply(plan)
    assert len(outcome.done) == 1, outcome.skipped


def test_what_is_changed_after_it_was_compared_is_not_deleted(tmp_path, photo):
    photo(1).save(tmp_path / "a.png")
    photo(1).save(tmp_path / "b.bmp")
    plan = deleting(tmp_path)
    (step,) = plan.steps
    other = Path(step.file.path)

    def change(steps):
        data, times = bytearray(other.read_bytes()), other.stat()
        data[-1] ^= 255
        with open(other, "r+b") as file:
            file.write(data)
        os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
        return [None for _ in steps]

    outcome = act.apply(plan, verify=change)
    assert not outcome.done
    assert other.exists()
