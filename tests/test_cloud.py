"""Runs past one machine: the groups of one machine, wherever the pictures and the run lie, and whoever dies."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

import data_sets
import difPy
from data_sets import as_folder, as_parquet, as_tar, encoded, s3
from difPy import cloud, clues, policy, report
from difPy.cli import main
from difPy.cloud.album import Album
from difPy.cloud.means import who
from difPy.cloud.ranking import ranking
from difPy.errors import RunRefused, WrongValue
from difPy.options import SearchOptions


def drawn(photo):
    """Name -> bytes: photographs; near, turned and mirrored copies; one turned by a quarter; a tie; clear ones."""
    found = {f"{number:03}.png": encoded(photo(number)) for number in range(24)}
    found["near.jpg"] = encoded(photo(1), "JPEG", quality=93)
    found["turned.png"] = encoded(photo(2).transpose(Image.Transpose.ROTATE_90))
    found["mirrored.png"] = encoded(photo(3).transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    found["again.png"] = found["004.png"]
    plain = np.full((300, 300, 3), 90, np.uint8)
    found["plain.png"] = encoded(Image.fromarray(plain))
    plain[150, 150] += 1  # which no tensor shows
    found["speck.png"] = encoded(Image.fromarray(plain))
    clear = photo(5).convert("RGBA")
    clear.putalpha(128)
    found["clear.png"] = encoded(clear)
    found["clearer.webp"] = encoded(clear, "WEBP", lossless=True)
    found["diary.png"] = b"Dear diary"
    return found


@pytest.fixture(scope="module")
def pictures(photo):
    return drawn(photo)


def names(groups):
    """Groups by the names of their pictures alone."""
    return sorted(
        (name(group.keeper), sorted((name(one.file), one.distance, one.orientation) for one in group.members))
        for group in groups
    )


def name(file):
    address = file.address
    if address is None:
        return os.path.basename(file.path)
    return address.member if address.uri.endswith(".tar") else ORDER[int(address.member)]


ORDER = []


def on_one_machine(folder, similarity, **options):
    return names(difPy.find(difPy.index(folder, cache=False, processes=1), similarity, **options).groups)


@pytest.fixture(scope="module")
def server():
    with s3() as address:
        yield address


@pytest.fixture
def bucket(server, monkeypatch, tmp_path):
    """The URL of a bucket of its own."""
    return data_sets.bucket(server, monkeypatch, tmp_path.name)


def put(url, name, data):
    import obstore
    from obstore.store import from_url

    obstore.put(from_url(url, client_options={"allow_http": True}), name, data)


@pytest.mark.parametrize("options", [{"similarity": 0}, {"similarity": 5}, {"similarity": 60, "mirror": True}])
def test_the_groups_of_a_folder_are_those_of_one_machine(tmp_path, pictures, options):
    folder = as_folder(tmp_path / "pictures", pictures)
    run = cloud.index(folder, place=str(tmp_path / "run"), part=7, processes=1)
    found = cloud.find(run, **options, processes=1)
    library = difPy.index(folder, cache=False, processes=1)
    assert found.groups == difPy.find(library, **options).groups
    assert found.failures == library.failures
    assert found.searched == len(pictures) - 1
    assert found.to_arrow().equals(difPy.find(library, **options).to_arrow())


@pytest.mark.parametrize("differs", [0, clues.WHOLE - 1, None])
def test_twins_have_all_of_their_identity_in_common(tmp_path, pictures, differs):
    two = dict.fromkeys(("a.png", "b.png"), pictures["001.png"])
    library = difPy.index(as_folder(tmp_path, two), cache=False, processes=1)
    gallery, (identity, _) = library.gallery, library.gallery.identities
    other = bytes(byte ^ (at == differs) for at, byte in enumerate(identity))
    album = Album(gallery.files, replace(gallery, identities=[identity, other]), np.empty(0), [bytes(32)] * 2, [])
    lead = ranking(album, SearchOptions(), policy.DOCUMENTED, [], in_folder=False).lead
    assert lead.tolist() == ([0, 0] if differs is None else [0, 1])


def test_tars_on_s3_and_parquet_give_the_groups_of_the_folder(tmp_path, pictures, bucket):
    folder = as_folder(tmp_path / "pictures", pictures)
    listed = sorted(pictures)
    shards = [listed[start::3] for start in range(3)]
    for number, shard in enumerate(shards):
        as_tar(tmp_path / "shard.tar", {one: pictures[one] for one in shard})
        put(bucket, f"shards/{number}.tar", (tmp_path / "shard.tar").read_bytes())
    parquet = as_parquet(tmp_path / "rows.parquet", {one: pictures[one] for one in listed})
    ORDER[:] = listed
    expected = on_one_machine(folder, 5)
    assert {"plain.png", "002.png"} <= {one[0] for _, members in expected for one in members}

    run = cloud.index(f"{bucket}/shards/*.tar", place=f"{bucket}/run", part=10, processes=1)
    assert names(cloud.find(run, 5, processes=1).groups) == expected
    assert names(cloud.find(f"{bucket}/run", 5, processes=1).groups) == expected  # from the log alone
    run = cloud.index(parquet, place=str(tmp_path / "run"), part=10, processes=1)
    assert names(cloud.find(run, 5, processes=1).groups) == expected


def test_references_are_kept_and_not_compared_with_each_other(tmp_path, pictures):
    archive = as_folder(tmp_path / "archive", pictures)
    folder = as_folder(tmp_path / "pictures", dict(list(pictures.items())[:10]))
    run = cloud.index(folder, place=str(tmp_path / "run"), reference=archive, part=16, processes=1)
    library = difPy.index(folder, reference=archive, cache=False, processes=1)
    assert cloud.find(run, 5, processes=1).groups == difPy.find(library, 5).groups


def test_what_is_decoded_is_not_decoded_again_and_a_second_writer_changes_nothing(tmp_path, pictures):
    folder, place = as_folder(tmp_path / "pictures", pictures), tmp_path / "run"
    run = cloud.index(folder, place=str(place), part=8, processes=1)
    before = contents(place)
    (place / "pictures/000001.parquet").unlink()  # as if its writer had died between both objects
    cloud.index(folder, place=str(place), part=8, processes=1)
    assert contents(place) == before
    assert run.objects.create("tensors/000001.npy", b"other") is False
    assert contents(place) == before


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


def test_a_second_writer_of_an_object_on_s3_changes_nothing(bucket):
    objects = cloud.Run.of_here(
        f"{bucket}/run", roots=(), references=(), px_size=50, count=0, part=1
    ).objects  # fmt: skip
    assert objects.create("a/b", b"first") is True
    assert objects.create("a/b", b"second") is False
    assert objects.read("a/b") == b"first"
    assert objects.ranges("a/b", [(1, 3), (4, 9)]) == [b"ir", b"t"]
    assert objects.names("a") == ["b"]
    assert objects.names("nothing") == []
    with pytest.raises(FileNotFoundError):
        objects.read("a/c")


@pytest.mark.parametrize("what", ["decoders", "machine"])
def test_a_machine_that_decodes_otherwise_is_refused(tmp_path, pictures, what):
    folder, place = as_folder(tmp_path / "pictures", pictures), tmp_path / "run"
    cloud.index(folder, place=str(place), part=16, processes=1)
    said = json.loads((place / "run.json").read_text())
    (place / "run.json").write_text(json.dumps(said | {what: "another"}))
    (place / "pictures/000001.parquet").unlink()
    with pytest.raises(RunRefused, match="the run was begun with another: the same picture might come out otherwise"):
        cloud.index(folder, place=str(place), part=16, processes=1)
    assert not (place / "pictures/000001.parquet").exists()


def test_a_run_that_is_not_done_is_not_searched(tmp_path, pictures):
    folder, place = as_folder(tmp_path / "pictures", pictures), tmp_path / "run"
    cloud.index(folder, place=str(place), part=16, processes=1)
    (place / "pictures/000001.parquet").unlink()
    with pytest.raises(RunRefused, match=r"1 of the 3 parts .* difpy cloud index goes on with it"):
        cloud.find(str(place))


def test_what_cannot_be_is_a_sentence(tmp_path, pictures):
    folder, place = as_folder(tmp_path / "pictures", {"a.png": pictures["000.png"]}), str(tmp_path / "run")
    with pytest.raises(RunRefused, match="there is no run at"):
        cloud.find(place)
    cloud.index(folder, place=place, processes=1)
    with pytest.raises(RunRefused, match="was begun with px_size 50, not 60: choose another place"):
        cloud.index(folder, place=place, px_size=60)
    with pytest.raises(RunRefused, match="altered copies are found on one machine"):
        cloud.find(place, "deep")
    with pytest.raises(WrongValue, match="is no place that a run can be kept in"):
        cloud.index(folder, place="ftp://somewhere/run")


def test_a_threshold_that_would_compare_all_with_all_is_refused(tmp_path):
    """Noise on grey: unlike, and yet no short vector tells so."""
    noise = np.random.default_rng(1).normal(128, 20, (40, 50, 50, 3)).clip(0, 255).astype(np.uint8)
    pictures = {f"{number}.png": encoded(Image.fromarray(one)) for number, one in enumerate(noise)}
    run = cloud.index(as_folder(tmp_path / "p", pictures), place=str(tmp_path / "run"), processes=1)
    with pytest.raises(RunRefused, match=r"pairs would have to be compared for each of 40 pictures, more than 5"):
        cloud.find(run, 400, candidates=5)
    assert cloud.find(run, 5, candidates=5).groups == []


def test_a_driver_that_is_killed_goes_on_and_leaves_finished_parts_alone(tmp_path, pictures):
    folder, place = as_folder(tmp_path / "pictures", pictures), tmp_path / "run"
    command = [sys.executable, "-m", "difPy", "cloud", "index", folder, "--to", str(place), "--part", "2", "--quiet"]
    driver = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while len(done := list(place.glob("pictures/*"))) < 2 and driver.poll() is None:
        time.sleep(0.005)
    driver.kill()
    assert driver.wait() == -signal.SIGKILL
    before = {path: path.stat().st_mtime_ns for path in done}
    run = cloud.index(folder, place=str(place), part=2, processes=1)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    library = difPy.index(folder, cache=False, processes=1)
    assert cloud.find(run, 5, processes=1).groups == difPy.find(library, 5).groups


def test_a_run_is_listed_once_decoded_by_shares_and_searched_by_the_command(tmp_path, pictures, capsys):
    folder, place = as_folder(tmp_path / "pictures", pictures), str(tmp_path / "run")
    assert main(["cloud", "index", folder, "--to", place, "--part", "8", "--only-list"]) == 0
    assert "33 files in 5 parts, 5 of them to be decoded" in capsys.readouterr().out
    for rank in range(2):
        assert main(["step", "decode", place, "--rank", f"{rank}/2"]) == 0
    assert capsys.readouterr().out.startswith("decode: 3 steps done: ")
    assert main(["cloud", "find", place, "-s", "5", "--format", "json", "--fail-on-duplicates"]) == 1
    found = capsys.readouterr()
    library = difPy.index(folder, cache=False, processes=1)
    assert json.loads(found.out) == json.loads(report.FORMATS["json"](difPy.find(library, 5).groups))
    assert "compared 32 pictures" in found.err
    assert "not compared" in found.err
    assert main(["cloud", "find", place, "-s", "5", "-o", str(tmp_path / "groups.parquet")]) == 0
    assert pq.read_table(tmp_path / "groups.parquet").equals(difPy.find(library, 5).to_arrow())
    (kept,) = Path(place).glob("found/*/groups.parquet")
    assert pq.read_table(kept).equals(difPy.find(library, 5).to_arrow())
    assert main(["step", "decode", place, "--rank", "2/2"]) == 2
    assert "--rank must be K/N with K below N, as 3/1000, not '2/2'" in capsys.readouterr().err


def test_a_place_that_cannot_be_used_and_a_damaged_object_are_sentences(tmp_path, pictures):
    folder, place = as_folder(tmp_path / "pictures", {"a.png": pictures["000.png"]}), tmp_path / "run"
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(RunRefused, match="the place of the run cannot be used: Not a directory"):
        cloud.index(folder, place=str(tmp_path / "taken"))
    cloud.index(folder, place=str(place), processes=1)
    parquet = place / "pictures/000000.parquet"
    parquet.write_bytes(parquet.read_bytes()[:100])
    with pytest.raises(RunRefused, match=r"'pictures/000000.parquet' of the run is damaged \(.*\): remove it"):
        cloud.find(str(place))
    (place / "run.json").write_text("{")
    with pytest.raises(RunRefused, match=r"run.json is no JSON"):
        cloud.find(str(place))


def test_what_fits_one_machine_is_joined_there_and_who_is_missing_is_said():
    here, others, said = cloud.Here(1), cloud.Processes(2), []
    assert who(others, here, 1000, alone=None, warn=said.append) is here
    assert said[0].startswith("1,000 pictures are joined on this machine, as they fit: 0 MB of ")
    assert who(others, here, 1000, alone=False, warn=said.append) is others
    assert who(others, here, 10**12, alone=None, warn=said.append) is others
    assert who(None, here, 1000, alone=None, warn=said.append) is here
    assert len(said) == 1
    with pytest.raises(RunRefused, match=r"takes about 300,000.0 GB of memory, .* have it done by several, as with"):
        who(None, here, 10**12, alone=None, warn=said.append)


PLAIN = """
import sys
sys.modules.update(dict.fromkeys({missing!r}))
from difPy.cli import main
import difPy.cloud
code = main({arguments!r})
print(sorted({{"pyarrow", "obstore", "ray"}} & {{name for name, module in sys.modules.items() if module}}))
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("missing", "arguments", "sentence"),
    [
        (["pyarrow"], ["index", "pictures", "--to", "run"], "takes pyarrow: pip install 'difPy[data]'"),
        (["obstore"], ["index", "pictures", "--to", "s3://bucket/run"], "takes obstore: pip install 'difPy[data]'"),
        (["ray"], ["find", "run", "--ray"], "a run on a cluster needs Ray: pip install 'difPy[ray]'"),
    ],
)
def test_a_plain_install_imports_none_of_it_and_says_what_to_install(tmp_path, pictures, missing, arguments, sentence):
    as_folder(tmp_path / "pictures", {"a.png": pictures["000.png"]})
    script = PLAIN.format(missing=missing, arguments=["cloud", *arguments])
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=60
    )
    assert (run.returncode, run.stdout) == (3, "[]\n")
    assert sentence in run.stderr
