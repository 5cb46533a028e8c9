"""docs/differences.md, difference by difference: what difPy 5 does where difPy 4.2.1 did something else."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

import difPy
from difPy.cli import main
from difPy.decode import icc
from parts_of_files import film

P3 = icc.profile(((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), icc.D65, icc.srgb())
PAGE = Path(__file__).parents[1] / "docs" / "differences.md"


def grey(level, size=(40, 40)):
    return Image.new("RGB", size, (level, level, level))


def result(*directories, search=None, **options):
    """Result with bare file names, of a build and a search."""
    found = difPy.search(difPy.build(*directories, show_progress=False, **options), show_progress=False, **search or {})
    return {
        os.path.basename(kept): {os.path.basename(p): mse for p, mse in rest} for kept, rest in found.result.items()
    }


def test_every_difference_on_the_page_has_one_test_here_and_the_other_way_round():
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    named = [re.findall(r"`(test_\w+)`", section) for section in sections]
    assert [len(tests) for tests in named] == [1] * len(sections)
    here = {name for name in globals() if name.startswith("test_")} - {
        "test_every_difference_on_the_page_has_one_test_here_and_the_other_way_round"
    }
    assert {tests[0] for tests in named} == here


def test_pictures_sixteen_levels_apart_are_no_duplicates(tmp_path):
    for level in (0, 16, 128, 240):
        grey(level).save(tmp_path / f"{level}.bmp")
    dif = difPy.build(tmp_path)
    assert difPy.search(dif).result == {}
    ((found,),) = difPy.search(dif, similarity=256).result.values()
    assert found[1] == 256.0


def test_pictures_that_differ_in_one_pixel_are_similar_and_no_duplicates(tmp_path, photo):
    picture = photo(1, (400, 300))
    picture.save(tmp_path / "a.png")
    picture.putpixel((200, 150), tuple(value ^ 1 for value in picture.getpixel((200, 150))))
    picture.save(tmp_path / "b.png")
    dif = difPy.build(tmp_path)
    assert np.array_equal(dif._tensor_dictionary[0], dif._tensor_dictionary[1])
    assert difPy.search(dif).result == {}
    ((found,),) = difPy.search(dif, similarity="similar").result.values()
    assert found[1] == pytest.approx(3 / (400 * 300 * 3))


def test_a_file_is_never_its_own_duplicate(tmp_path, photo):
    (tmp_path / "sub").mkdir()
    photo(1).save(tmp_path / "sub" / "only.png")
    (tmp_path / "link.png").symlink_to(tmp_path / "sub" / "only.png")
    os.link(tmp_path / "sub" / "only.png", tmp_path / "hard.png")
    assert result(tmp_path, tmp_path / "sub", f"{tmp_path}/sub/../sub", tmp_path) == {}


def test_moving_overwrites_nothing(tmp_path, photo):
    for number, folder in enumerate(("a", "b", "c")):
        (tmp_path / folder).mkdir()
        photo(1).save(tmp_path / folder / "IMG_1.png")
        os.utime(tmp_path / folder / "IMG_1.png", (number, number))
    search = difPy.search(difPy.build(tmp_path))
    search.move_to(tmp_path / "moved")
    assert len(set(search.lower_quality)) == 2
    assert len(list((tmp_path / "moved").iterdir())) == 2


def test_more_than_five_thousand_pictures_are_compared_like_few(tmp_path):
    rng = np.random.default_rng(5)
    tensors = rng.integers(0, 256, (5003, 10, 10, 3), np.uint8)
    tensors[1] = tensors[0][:, ::-1, ::-1]  # equal sums of pixels, another picture even when turned
    tensors[-1] = tensors[-2]  # the last picture
    tensors[2] = tensors[3]
    tensors[2, 0, 0, 0] ^= 30
    for number, tensor in enumerate(tensors):
        (tmp_path / f"{number:04}.ppm").write_bytes(b"P6 10 10 255 " + tensor.tobytes())
    dif = difPy.build(tmp_path, px_size=10, show_progress=False)
    found = difPy.search(dif, similarity="similar", show_progress=False).result
    exact = float(np.square(tensors[2].astype(int) - tensors[3]).mean())
    assert {os.path.basename(kept): [os.path.basename(rest[0][0]), rest[0][1]] for kept, rest in found.items()} == {
        "0002.ppm": ["0003.ppm", exact],
        "5001.ppm": ["5002.ppm", 0.0],
    }


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_copies_are_found_in_all_four_turns(tmp_path, photo, turn):
    photo(1).save(tmp_path / "a.png")
    photo(1).rotate(turn, expand=True).save(tmp_path / "b.png")
    assert len(result(tmp_path)) == 1
    assert result(tmp_path, search={"rotate": False}) == {}


def test_exif_says_which_side_is_up(tmp_path, photo):
    exif = Image.Exif()
    exif[0x0112] = 6
    photo(1).save(tmp_path / "upright.png")
    photo(1).transpose(Image.Transpose.ROTATE_90).save(tmp_path / "by exif.png", exif=exif)
    assert len(result(tmp_path, search={"rotate": False})) == 1


def test_in_folder_matches_within_each_given_directory(tmp_path, photo):
    for path in ("a/one.png", "a/deep/down/copy.png", "b/also.png"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        photo(1).save(tmp_path / path)
    found = difPy.search(difPy.build(str(tmp_path / "a"), str(tmp_path / "b"), in_folder=True)).result
    assert list(found) == [str(tmp_path / "a")]


def test_every_dropped_picture_matches_the_kept_one_directly(tmp_path):
    for name, level in (("a", 100), ("b", 102), ("c", 104)):
        grey(level).save(tmp_path / f"{name}.bmp")
        os.utime(tmp_path / f"{name}.bmp", (level, level))
    assert result(tmp_path, search={"similarity": 5}) == {"a.bmp": {"b.bmp": 4.0}}


def test_the_largest_file_is_kept(tmp_path, photo):
    photo(1, (300, 200)).save(tmp_path / "small but heavy.bmp")
    photo(1, (600, 400)).save(tmp_path / "large but light.jpg", quality=60)
    found = difPy.search(difPy.build(tmp_path), similarity=50)
    assert [os.path.basename(path) for path in found.lower_quality] == ["large but light.jpg"]


def test_deleting_nothing_is_no_error(tmp_path, photo, capsys):
    photo(1).save(tmp_path / "only.png")
    difPy.search(difPy.build(tmp_path)).delete(silent_del=True)
    assert capsys.readouterr().out == "Deleted 0 file(s)\n"


def test_brackets_and_dots_in_folder_names_are_letters(tmp_path, photo):
    for number, folder in enumerate(("[2020]", ".hidden", "what?*")):
        (tmp_path / folder).mkdir()
        photo(number).save(tmp_path / folder / "a.png")
    assert difPy.build(tmp_path / "[2020]").stats["total_files"] == 1
    assert difPy.build(tmp_path).stats["total_files"] == 3


def test_formats_of_today_are_read(tmp_path, photo):
    from pillow_heif import from_pillow

    photo(1).save(tmp_path / "a.bmp")
    photo(1).save(tmp_path / "a.jfif", format="JPEG")
    photo(1).save(tmp_path / "a.avif")
    from_pillow(photo(1)).save(tmp_path / "a.heic")
    dif = difPy.build(tmp_path)
    assert (len(dif._filename_dictionary), dif.stats["invalid_files"]["count"]) == (4, 0)


def test_transparency_depth_and_frames_count(tmp_path, photo):
    for number in (1, 2):  # black lines on nothing
        drawing = Image.new("RGBA", (60, 60))
        drawing.paste((0, 0, 0, 255), (10 * number, 0, 10 * number + 9, 60))
        drawing.save(tmp_path / f"drawing {number}.png")
    scan = np.tile(np.arange(60, dtype=np.uint16) * 1000, (60, 1))
    Image.fromarray(scan).save(tmp_path / "scan.png")
    Image.fromarray(scan ^ 1).save(tmp_path / "low bits.png")
    film = [photo(number) for number in (1, 2, 3)]
    film[0].save(tmp_path / "film.tiff", save_all=True, append_images=film[1:])
    film[0].save(tmp_path / "other end.tiff", save_all=True, append_images=[film[1], photo(4)])
    film[0].save(tmp_path / "still.tiff")
    assert result(tmp_path) == {}


def test_colours_are_compared_as_they_are_seen(tmp_path, photo):
    profiles = [ImageCms.createProfile("sRGB"), ImageCms.ImageCmsProfile(io.BytesIO(P3))]
    photo(1).save(tmp_path / "srgb.png")
    ImageCms.profileToProfile(photo(1), *profiles, renderingIntent=1).save(tmp_path / "p3.png", icc_profile=P3)
    photo(1).save(tmp_path / "same numbers.png", icc_profile=P3)
    assert result(tmp_path) == {}
    ((kept, matches),) = result(tmp_path, search={"similarity": "similar"}).items()
    assert {kept, *matches} == {"srgb.png", "p3.png"}


def test_scenes_of_a_10_bit_sensor_are_not_similar(tmp_path, photo):
    for number in (1, 2, 3):
        samples = np.asarray(photo(number).convert("L")).astype(np.uint16) * 4
        Image.fromarray(samples).save(tmp_path / f"{number}.png")
    assert result(tmp_path, search={"similarity": "similar"}) == {}


def test_a_motion_photo_is_no_duplicate_of_its_still(tmp_path, photo):
    photo(1).save(tmp_path / "still.jpg")
    (tmp_path / "motion.jpg").write_bytes((tmp_path / "still.jpg").read_bytes() + film())
    Image.open(tmp_path / "still.jpg").save(tmp_path / "larger.bmp")
    search = difPy.search(difPy.build(tmp_path), "similar")
    assert set(search.result) == {str(tmp_path / "larger.bmp")} and len(search.lower_quality) == 2
    search.delete(silent_del=True)
    assert sorted(os.listdir(tmp_path)) == ["larger.bmp", "motion.jpg"]


def test_a_large_scan_is_no_bomb(tmp_path):
    Image.new("1", (9_600, 9_600), 1).save(tmp_path / "scan.png")
    assert difPy.build(tmp_path).stats["invalid_files"]["count"] == 0


def test_a_file_that_cannot_be_read_is_reported_and_not_printed(tmp_path, photo, capfd):
    photo(1).save(tmp_path / "whole.png")
    (tmp_path / "half.png").write_bytes((tmp_path / "whole.png").read_bytes()[:200])
    dif = difPy.build(tmp_path, show_progress=False)
    assert list(dif.stats["invalid_files"]["logs"]) == [str(tmp_path / "half.png")]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [({"simliarity": 5}, TypeError), ({"similarity": "alike"}, ValueError), ({"rotate": "yes"}, TypeError)],
)
def test_what_makes_no_sense_is_refused(tmp_path, wrong, kind):
    with pytest.raises(kind, match=next(iter(wrong))) as error:
        difPy.search(difPy.build(tmp_path), **wrong)
    assert isinstance(error.value, difPy.UsageError)


def test_lazy_is_for_duplicates_and_same_dim_for_both(tmp_path, photo):
    photo(1, (120, 80)).save(tmp_path / "a.png")
    photo(1, (120, 80)).resize((240, 160), Image.Resampling.LANCZOS).save(tmp_path / "b.png")
    assert result(tmp_path, search={"similarity": 50, "lazy": True}) != {}
    assert result(tmp_path, search={"similarity": 50, "same_dim": True}) == {}


def test_each_search_has_statistics_of_its_own(tmp_path, photo):
    photo(1).save(tmp_path / "a.png")
    dif = difPy.build(tmp_path)
    first, second = difPy.search(dif), difPy.search(dif, similarity=7)
    parameters = [search.stats["process"]["search"]["parameters"] for search in (first, second)]
    assert [values["similarity_mse"] for values in parameters] == [0, 7]
    assert "search" not in dif.stats["process"]
    assert json.loads(json.dumps(second.stats)) == second.stats


def test_files_are_looked_at_again_before_they_are_touched(tmp_path, photo):
    photo(1).save(tmp_path / "a.png")
    photo(1).save(tmp_path / "b.png")
    search = difPy.search(difPy.build(tmp_path))
    (kept,) = search.result
    Path(kept).unlink()
    search.delete(silent_del=True)
    assert len(list(tmp_path.iterdir())) == 1


def test_scripts_need_no_main_guard(tmp_path, photo):
    for number in range(40):
        photo(number % 39).save(tmp_path / f"{number}.png")
    script = tmp_path / "script.py"
    script.write_text(
        f"import multiprocessing\nmultiprocessing.set_start_method('spawn')\nimport difPy\n"
        f"dif = difPy.build({str(tmp_path)!r}, processes=2)\nprint(len(difPy.search(dif, processes=2).result))\n"
    )
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
    assert (run.stdout, run.stderr, run.returncode) == ("1\n", "", 0)


def test_the_command_writes_one_path_a_line_and_overwrites_nothing(tmp_path, photo, capsys):
    for name in ("a.png", "b.png", "c.png"):
        photo(1).save(tmp_path / name)
    for _ in range(2):
        assert main(["-D", str(tmp_path), "-Z", str(tmp_path / "out"), "-p", "False"]) == 0
    lists = sorted((tmp_path / "out").glob("difPy_*_lower_quality.txt"))
    assert [len(list_.read_text().splitlines()) for list_ in lists] == [2, 2]
    assert main(["-D", str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_parameters_come_in_the_order_of_the_document(tmp_path):
    dif = difPy.build(tmp_path)
    assert difPy.search(dif, "similar", True, True, 1, 8, False).result == {}
    with pytest.raises(TypeError, match=r"4\.2\.1 has same_dim and show_progress before processes"):
        difPy.search(dif, "similar", True, True, True)


@pytest.mark.parametrize("folder", ["@eaDir", ".thumbnails", "Photos.photoslibrary/originals", "node_modules/icons"])
def test_what_other_programs_keep_is_left_out(tmp_path, photo, folder):
    (tmp_path / folder).mkdir(parents=True)
    for path in ("a.png", f"{folder}/a.png"):
        photo(1).save(tmp_path / path)
    assert result(tmp_path) == {}
    assert len(difPy.build(tmp_path).stats["process"]["build"]["left_out"]) == 1
    assert len(result(tmp_path, default_excludes=False)) == 1
    assert difPy.build(tmp_path / folder).stats["total_files"] == 1


def test_the_prompt_says_how_much(tmp_path, photo, capsys, monkeypatch):
    for name in ("a.png", "b.png", "c.bmp"):
        photo(1).save(tmp_path / name)
    monkeypatch.setattr("builtins.input", lambda question: "n")
    difPy.search(difPy.build(tmp_path)).delete()
    assert re.match(r"To delete: 2 files, \S+ kB: this CANNOT be undone\.\n", capsys.readouterr().out)
