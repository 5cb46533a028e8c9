"""Which one is kept, from files to what a person reads: nothing that a person would miss goes without a word."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from PIL import ExifTags, Image, PngImagePlugin

import difPy
import pictures
from difPy.errors import NoSuchDirectory, WrongValue
from difPy.protection import lies_in, matches


def run(*arguments, cwd, answer="", code=0):
    command = [sys.executable, "-m", "difPy", *map(os.fspath, arguments)]
    done = subprocess.run(command, cwd=cwd, input=answer, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def taken():
    """What a camera writes: its name, the time, the place."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "a maker", "a model"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:11:22 10:00:00"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (48.0, 8.0, 0.0)
    return exif


@pytest.fixture
def original(tmp_path):
    """A photo of a camera, and the larger PNG that somebody made of it, without its metadata."""
    folder = tmp_path / "photos"
    folder.mkdir()
    pictures.saved(pictures.scene(1), folder / "IMG_1.jpg", exif=taken())
    with Image.open(folder / "IMG_1.jpg") as photo:
        clean = Image.frombytes("RGB", photo.size, photo.tobytes())
    pictures.saved(clean, folder / "made from it.png", compress_level=1)
    return folder


def names(paths):
    return [os.path.basename(path) for path in paths]


@pytest.mark.parametrize("form", ["png", "tif", "bmp", "webp"])
def test_a_camera_original_is_kept_before_what_was_made_of_it(tmp_path, original, form):
    with Image.open(original / "made from it.png") as image:
        image.save(original / f"again.{form}", **({"lossless": True} if form == "webp" else {}))
    (group,) = difPy.find(difPy.index(original)).groups
    assert os.path.basename(group.keeper.path) == "IMG_1.jpg"
    assert "its metadata hold what the other's lack: place, date taken, camera" in group.why


def test_the_documented_search_keeps_the_larger_file_and_says_what_goes_with_the_others(original):
    search = difPy.search(difPy.build(original))
    assert names(search.result) == ["made from it.png"]
    assert search.stats["process"]["search"]["more_metadata_than_kept"] == 1
    wise = difPy.search(difPy.build(original), keep="best")
    assert names(wise.result) == ["IMG_1.jpg"]
    assert wise.stats["process"]["search"]["more_metadata_than_kept"] == 0
    assert wise.stats["process"]["search"]["parameters"]["keep"] == ["best"]
    assert names(difPy.search(difPy.build(original), keep=["metadata"]).result) == ["IMG_1.jpg"]


LACKS = "1 of those to go holds metadata that the kept one lacks: place (1), date taken (1), camera (1)."


def test_the_command_says_it_in_its_summary_and_before_it_asks(tmp_path, original):
    done = run("-D", original, "-Z", tmp_path / "out", "-d", "True", cwd=tmp_path, answer="n\n")
    summary, prompt = done.stdout.split("Are you sure")[0].rsplit(LACKS, 1)
    assert LACKS in summary
    assert not prompt.strip()
    assert len(os.listdir(original)) == 2
    done = run("-D", original, "-Z", tmp_path / "out", "--keep", "best", "-d", "True", cwd=tmp_path, answer="y\n")
    assert "lacks" not in done.stdout
    assert os.listdir(original) == ["IMG_1.jpg"]


def test_the_verbs_say_it_in_every_format(tmp_path, original):
    keep = ("--keep", "documented")
    assert "only this one tells: place, date taken, camera" in run("find", original, *keep, cwd=tmp_path).stdout
    found = json.loads(run("find", original, *keep, "--format", "json", cwd=tmp_path).stdout)
    assert found[0]["matches"][0]["more_metadata"] == ["place", "date taken", "camera"]
    assert '"place, date taken, camera"' in run("find", original, *keep, "--format", "csv", cwd=tmp_path).stdout
    assert LACKS in run("plan", original, *keep, "-a", "trash", cwd=tmp_path).stderr
    assert "lacks" not in run("plan", original, "-a", "trash", cwd=tmp_path).stderr


def test_the_more_faithful_file_of_similar_pictures_is_kept_whatever_its_size(tmp_path):
    pictures.saved(pictures.scene(1).quantize(200).convert("RGB"), tmp_path / "scan.webp", lossless=True)
    with Image.open(tmp_path / "scan.webp") as image:
        image.save(tmp_path / "scan.jpg", quality=98, subsampling=0)
        image.save(tmp_path / "scan.tif", compression="jpeg", quality=97)
    (group,) = difPy.find(difPy.index(tmp_path), 30).groups
    assert os.path.basename(group.keeper.path) == "scan.webp"
    assert os.path.getsize(group.keeper.path) < os.path.getsize(tmp_path / "scan.jpg")
    assert "WEBP keeps every pixel and " in group.why


def test_a_lossless_copy_of_a_poor_jpeg_is_not_kept_before_a_good_one(tmp_path):
    pictures.saved(pictures.scene(1), tmp_path / "good.jpg", quality=92)
    pictures.saved(pictures.scene(1), tmp_path / "poor.jpg", quality=30)
    with Image.open(tmp_path / "poor.jpg") as image:
        image.save(tmp_path / "made of the poor one.png")
    (group,) = difPy.find(difPy.index(tmp_path), 500).groups
    assert names(file.path for file in group.files) == ["good.jpg", "poor.jpg", "made of the poor one.png"]


XMP = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    b'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="5"/></rdf:RDF>'
)


@pytest.mark.parametrize("kind", ["xmp", "text", "comment"])
def test_metadata_of_every_kind_are_a_reason_to_keep_a_picture(tmp_path, kind):
    if kind == "text":
        info = PngImagePlugin.PngInfo()
        info.add_text("prompt", "a cat")
        pictures.saved(pictures.scene(1), tmp_path / "told.png", pnginfo=info, compress_level=9)
        pictures.saved(pictures.scene(1), tmp_path / "bare.png", compress_level=1)
    else:
        told = {"xmp": XMP} if kind == "xmp" else {"comment": b"Grandmother, 1950"}
        pictures.saved(pictures.scene(1), tmp_path / "told.jpg", **told)
        shorter = Image.Exif()
        shorter[ExifTags.Base.Software] = "an editor " * 100
        pictures.saved(pictures.scene(1), tmp_path / "bare.jpg", exif=shorter)
    (group,) = difPy.find(difPy.index(tmp_path), keep="metadata").groups
    assert os.path.basename(group.keeper.path).startswith("told")
    assert f"lack: {'rating' if kind == 'xmp' else 'text'}" in group.why


@pytest.mark.parametrize("name", ["IMG_1 (1).jpg", "Kopie von IMG_1.jpg", "IMG_1 copy.jpg", "IMG_1-1.jpg"])
def test_of_two_copies_of_one_file_the_one_named_as_a_copy_goes(tmp_path, name):
    pictures.saved(pictures.scene(1), tmp_path / "IMG_1.jpg")
    shutil.copy2(tmp_path / "IMG_1.jpg", tmp_path / name)
    assert names(difPy.search(difPy.build(tmp_path)).lower_quality) == [name]
    (group,) = difPy.find(difPy.index(tmp_path)).groups
    assert os.path.basename(group.keeper.path) == "IMG_1.jpg"


# Live files only


def test_what_was_left_out_is_named_once(tmp_path, original):
    for place in (".stversions/a.jpg", ".stversions/b.jpg", ".trashed-1735689600-IMG_1.jpg", ".zfs/snapshot/a.jpg"):
        (original / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(original / "IMG_1.jpg", original / place)
    words = (
        "Left out 3 folders or files: old versions, of Syncthing (1), snapshots of ZFS (1), the trash of Android (1)."
    )
    done = run("-D", original, "-Z", tmp_path / "out", cwd=tmp_path)
    assert done.stdout.count(words) == 1
    assert run("find", original, cwd=tmp_path).stderr == f"difpy: {words}\ndifpy: compared 2 pictures\n"
    stats = difPy.build(original).stats
    assert stats["process"]["build"]["left_out"][str(original / ".stversions")] == "old versions, of Syncthing"
    assert (stats["total_files"], stats["invalid_files"]["count"]) == (2, 0)


@pytest.mark.parametrize("place", [".stversions", "#snapshot/GMT-2026", "files_trashbin/files"])
def test_a_live_picture_never_goes_for_one_that_is_not(tmp_path, place):
    """Although the folder was asked for, and holds the larger file."""
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / "live").mkdir()
    pictures.saved(pictures.scene(1), tmp_path / place / "a.bmp")
    pictures.saved(pictures.scene(1), tmp_path / "live" / "a.png")
    roots = [tmp_path / "live", tmp_path / place]
    for keep in ((), "size", f"folder={tmp_path / place}"):
        assert difPy.search(difPy.build(roots), keep=keep).lower_quality == [str(tmp_path / place / "a.bmp")]
    assert difPy.search(difPy.build(tmp_path / place, tmp_path / place)).lower_quality == []


def test_no_plan_removes_a_live_picture_for_a_reference_that_is_not(tmp_path):
    (tmp_path / ".snapshots" / "1").mkdir(parents=True)
    (tmp_path / "live").mkdir()
    for folder in (tmp_path / ".snapshots" / "1", tmp_path / "live"):
        pictures.saved(pictures.scene(1), folder / "a.png")
    library = difPy.index(tmp_path / "live", reference=tmp_path / ".snapshots" / "1")
    plan = difPy.plan(difPy.find(library).groups, "delete")
    assert not plan.steps
    assert "lies in snapshots, and will not stay there" in plan.held[0].why


# What names nothing


@pytest.fixture
def scans(tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    pictures.saved(pictures.scene(1), folder / "SCAN.TIF", format="TIFF", compression="tiff_adobe_deflate")
    pictures.saved(pictures.scene(1), folder / "big.bmp")
    (tmp_path / "empty").mkdir()
    return folder


@pytest.mark.parametrize("pattern", ["*.tif", "*.TIF", "SCAN.tif", "S*.Tif", "*.[tT]if"])
def test_extensions_are_the_same_in_upper_and_lower_case(scans, pattern):
    library = difPy.index(scans)
    (group,) = difPy.find(library, keep=["size", f"path={pattern}"]).groups
    assert os.path.basename(group.keeper.path) == "big.bmp"
    assert "it is protected by" in difPy.plan([group], "delete", protect=[pattern]).held[0].why
    (group,) = difPy.find(library, keep=[f"path={pattern}"]).groups
    assert os.path.basename(group.keeper.path) == "SCAN.TIF"


@pytest.mark.parametrize(
    ("path", "pattern"),
    [("Scans/IMG_1.jpg", "scans/*"), ("SCANS/a.tif", "Scans"), ("Cafe\u0301/a.tif", "CAF\u00c9"), ("a/B.jpg", "b.*")],
)
def test_upper_and_lower_case_are_the_same_where_file_systems_say_so(path, pattern):
    def protects(*, ignoring_case):
        return any(one(path, pattern, ignoring_case=ignoring_case) for one in (lies_in, matches))

    assert protects(ignoring_case=True)
    assert not protects(ignoring_case=False)


def test_a_folder_that_there_is_not_is_refused_whoever_names_it(tmp_path, scans):
    gone = tmp_path / "no such folder"
    groups = difPy.find(difPy.index(scans)).groups
    for wrong in (
        lambda: difPy.find(difPy.index(scans), keep=f"folder={gone}"),
        lambda: difPy.search(difPy.build(scans), keep=f"folder={gone}"),
        lambda: difPy.plan(groups, "delete", protect=[str(gone)]),
    ):
        with pytest.raises(WrongValue, match="no such folder"):
            wrong()
    with pytest.raises(NoSuchDirectory, match="no such folder"):
        difPy.index(scans, reference=gone)
    for verb in (
        ("find", scans, "--keep", f"folder={gone}"),
        ("find", scans, "--reference", gone),
        ("plan", scans, "-a", "delete", "--protect", gone),
        ("-D", scans, "--keep", f"folder={gone}"),
    ):
        assert "no such folder" in run(*verb, cwd=tmp_path, code=2).stderr


def test_a_pattern_or_folder_that_names_no_picture_is_reported(tmp_path, scans):
    told = []
    library = difPy.index(scans, reference=tmp_path / "empty", warn=told.append)
    groups = difPy.find(library, keep=["path=*.nef", f"folder={tmp_path / 'empty'}"], warn=told.append).groups
    difPy.plan(groups, "delete", protect=["*.nef", "*.bmp", str(tmp_path / "empty")], warn=told.append)
    assert [message.split('"')[1] for message in told] == [
        str(tmp_path / "empty"),
        "path=*.nef",
        f"folder={tmp_path / 'empty'}",
        "*.nef",
        str(tmp_path / "empty"),
    ]
    with pytest.warns(UserWarning, match=r'"path=\*.nef" names none'):
        difPy.search(difPy.build(scans), keep="path=*.nef")
    done = run("plan", scans, "-a", "delete", "--protect", "*.nef", "--keep", "path=*.cr3", cwd=tmp_path)
    assert 'protect "*.nef" names no picture' in done.stderr
    assert 'keep "path=*.cr3" names none' in done.stderr


def test_what_protects_by_the_files_beside_a_picture_is_not_reported(scans):
    (scans / "SCAN.xmp").write_text("<x/>")
    told = []
    groups = difPy.find(difPy.index(scans), keep="size").groups
    plan = difPy.plan(groups, "delete", protect=["SCAN.xmp"], warn=told.append)
    assert (plan.steps, told) == ((), [])
