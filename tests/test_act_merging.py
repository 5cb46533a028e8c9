"""What a removed picture says of itself follows to the kept one: into an XMP file beside it, and back with an undo."""

import dataclasses
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import exiv2
import numpy as np
import pytest
from PIL import Image

import difPy
from acting import HOUR, NOON, litter, picture, write
from difPy import act, metadata
from difPy.act.record import from_record
from difPy.errors import UsageError, WrongValue
from difPy.metadata.words import Unreadable
from difPy.model import Failure, Group, Member
from difPy.notes import Notes, contradicted
from difPy.scan import scan

FULL = Notes(5, ("sea", "a, b"), "Dawn", "At the <sea>\nin winter", ("Ann", "Ben"), "Ann", "2024-07-01T18:30:00+02:00")
FULL = dataclasses.replace(FULL, place=(47.5043056, -8.0166667, -3.5))
DARKTABLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:darktable="http://darktable.sf.net/" xmlns:my="http://example.com/my/"
 xmp:Rating="2" darktable:xmp_version="5" my:own="7">
<dc:subject><rdf:Bag><rdf:li>night</rdf:li></rdf:Bag></dc:subject>
<darktable:history><rdf:Seq><rdf:li darktable:num="0" darktable:params="gz02eJw"/></rdf:Seq></darktable:history>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Dusk</rdf:li><rdf:li xml:lang="fr">Soir</rdf:li></rdf:Alt></dc:title>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A kept picture, which says nothing, and two smaller ones of the same pixels."""
    monkeypatch.chdir(tmp_path)
    pixels = np.random.default_rng(1).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    shown = Image.fromarray(pixels).resize((64, 48))
    os.makedirs("in/sub")
    shown.save("in/kept.tif")
    shown.save("in/sub/m.png", compress_level=1)
    shown.save("in/sub/n.png", compress_level=9)
    return tmp_path


def planned(action="trash", **options):
    found = difPy.find(difPy.index("in", cache=False, processes=1), keep="documented")
    return difPy.plan(found.groups, action, merge_metadata=True, processes=1, **options)


def apply(plan, **options):
    return difPy.apply(plan, processes=1, **options)


def said(path):
    notes = metadata.read(os.fspath(path), ()) if not os.fspath(path).endswith(".xmp") else xmp(Path(path).read_bytes())
    assert isinstance(notes, Notes), notes
    return notes


def xmp(data):
    Path("read.xmp").write_bytes(data)
    Image.new("RGB", (8, 8)).save("read.png")
    return metadata.read("read.png", ["read.xmp"])


def note(path, notes, old=None):
    write(path, metadata.written(old, notes))


def test_what_is_written_is_read_again(folder):
    assert xmp(metadata.written(None, FULL)) == FULL


def embed(path, how):
    image = exiv2.ImageFactory.open(os.fspath(path))
    image.readMetadata()
    if how == "EXIF":
        exif = image.exifData()
        for key, value in {
            "Image.Rating": "4",
            "Image.ImageDescription": "Harbour",
            "Image.Artist": "Ann",
            "Image.Copyright": "Ann 2024",
            "Photo.DateTimeOriginal": "2024:07:01 18:30:00",
            "GPSInfo.GPSLatitude": "47/1 30/1 0/1",
            "GPSInfo.GPSLatitudeRef": "S",
            "GPSInfo.GPSLongitude": "8/1 15/1 0/1",
            "GPSInfo.GPSLongitudeRef": "E",
        }.items():
            exif[f"Exif.{key}"] = value
    elif how == "IPTC":
        iptc = image.iptcData()
        for word in ("sea", "night"):
            iptc.add(exiv2.IptcKey("Iptc.Application2.Keywords"), exiv2.StringValue(word))
        iptc["Iptc.Application2.Caption"] = "Harbour"
    else:
        image.xmpData()["Xmp.xmp.Rating"] = "3"
        image.xmpData()["Xmp.dc.title"] = exiv2.LangAltValue({"x-default": "Dawn", "de": "Morgen"})
    image.writeMetadata()


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif"])
@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (
            "EXIF",
            Notes(
                rating=4,
                description="Harbour",
                creators=("Ann",),
                copyright="Ann 2024",
                taken="2024-07-01T18:30:00",
                place=(-47.5, 8.25),
            ),
        ),
        ("IPTC", Notes(keywords=("sea", "night"), description="Harbour")),
        ("XMP", Notes(rating=3, title="Dawn")),
    ],
)
def test_pictures_say_it_in_exif_iptc_or_xmp(folder, name, how, expected):
    Image.new("RGB", (8, 8)).save(name)
    embed(name, how)
    assert said(name) == expected


@pytest.mark.parametrize(
    "nothing", ['xmp:Rating="0"', 'xmp:Rating="0" exif:DateTimeOriginal="0001:01:01 00:00:00.000"']
)
def test_what_darktable_writes_where_nothing_is_known_gives_way(folder, nothing):
    fresh = DARKTABLE.replace(b'xmp:Rating="2"', nothing.encode())
    fresh = fresh.replace(b"xmlns:my=", b'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:my=')
    notes = Notes(rating=5, taken="2019-05-01T10:00:00")
    written = xmp(metadata.written(fresh, notes))
    assert (written.rating, written.taken) == (notes.rating, notes.taken)
    some_day = fresh.replace(b'xmp:Rating="0"', b'exif:DateTimeDigitized="x" photoshop:DateCreated="one summer"')
    some_day = some_day.replace(b"xmlns:my=", b'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:my=')
    with pytest.raises(Unreadable, match="one summer"):
        metadata.written(some_day, notes)


def test_what_windows_and_cameras_write_into_exif_is_read(folder):
    Image.new("RGB", (8, 8)).save("a.jpg")
    image = exiv2.ImageFactory.open("a.jpg")
    image.readMetadata()
    for name, said_there in {"Title": "Dämmerung", "Keywords": "sea; night", "Author": "Ann;Ben"}.items():
        coded = (said_there + "\0").encode("utf-16-le")
        data = exiv2.DataValue(coded, exiv2.ByteOrder.littleEndian, exiv2.TypeId.unsignedByte)
        image.exifData()[f"Exif.Image.XP{name}"] = data
    image.exifData()["Exif.Photo.UserComment"] = exiv2.CommentValue('charset=Unicode At the "Möwe"')
    image.writeMetadata()
    assert said("a.jpg") == Notes(None, ("sea", "night"), "Dämmerung", 'At the "Möwe"', ("Ann", "Ben"))
    image.exifData()["Exif.Photo.UserComment"] = exiv2.CommentValue("charset=Ascii        ")
    image.writeMetadata()
    assert said("a.jpg").description == ""


@pytest.mark.parametrize("day", ["1965", "1965-07", "1965-07-14"])
def test_a_date_that_is_known_no_better_is_one(folder, day):
    slide = DARKTABLE.replace(b'my:own="7"', f'my:own="7" exif:DateTimeOriginal="{day}"'.encode())
    slide = slide.replace(b"xmlns:my=", b'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:my=')
    scanned = Notes(taken="2019-05-01T10:00:00", keywords=("slide",))
    assert xmp(slide).taken == day
    assert xmp(metadata.written(slide, scanned)).taken == day
    assert xmp(metadata.written(None, Notes(taken=day))).taken == day
    assert not contradicted(Notes(taken=day), Notes(taken="1965-07-14T18:00:00"))
    assert contradicted(Notes(taken=day), scanned).taken == scanned.taken


@pytest.mark.parametrize("action", ["trash", "move", "delete"])
def test_what_the_kept_picture_lacks_is_written_beside_it_and_an_undo_takes_it_back(folder, action):
    embed("in/sub/m.png", "EXIF")
    embed("in/sub/n.png", "XMP")
    before = picture("in")
    plan = planned(action, destination="out" if action == "move" else None)
    whys = {os.path.basename(step.file.path): step.why for step in plan.steps}
    assert 'its rating 3, title "Dawn" will be written to "in/kept.tif.xmp"' in whys["n.png"]
    assert 'description "Harbour"' in whys["m.png"]
    assert "its rating 4 will not, for another is known" in whys["m.png"]
    assert act.from_json(act.to_json(plan)).steps[0].merge.notes == plan.steps[0].merge.notes
    outcome = apply(plan)
    assert len(outcome.done) == 2, outcome
    now = said("in/kept.tif.xmp")
    assert (now.rating, now.title, now.place) == (3, "Dawn", (-47.5, 8.25))
    assert Path("in/kept.tif").stat().st_mode == Path("in/kept.tif.xmp").stat().st_mode
    undone = act.undo(outcome.journal)
    if action != "delete":  # deleted PNGs have not the bytes of the kept one
        assert not undone.failed
        assert picture("in") == before
    assert not litter("in")


@pytest.mark.parametrize("name", ["kept.tif.xmp", "kept.xmp", "kept.TIF.XMP"])
def test_an_xmp_file_that_is_there_is_added_to_and_keeps_all_that_it_says(folder, name):
    note("in/sub/m.xmp", Notes(rating=5, keywords=("Night", "sea"), title="Dawn", description="Harbour"))
    write(f"in/{name}", DARKTABLE, hours=3, mode=0o600)
    before = picture("in")
    outcome = apply(planned())
    assert len(outcome.done) == 2, outcome
    data = Path(f"in/{name}").read_bytes()
    assert said(f"in/{name}") == Notes(2, ("night", "sea"), "Dusk", "Harbour")
    assert not metadata.words_of(DARKTABLE) - metadata.words_of(data)
    assert Path(f"in/{name}").stat().st_mode & 0o777 == 0o600
    assert Path(f"in/{name}").stat().st_mtime_ns > NOON + 3 * HOUR + 7
    assert sorted(os.listdir("in")) == ["kept.tif", name, "sub"] or sorted(os.listdir("in")) == [
        name,
        "kept.tif",
        "sub",
    ]
    assert not act.undo(outcome.journal).failed
    assert picture("in") == before


def test_an_xmp_file_that_is_another_pictures_too_is_left_alone(folder):
    note("in/sub/m.xmp", Notes(rating=5))
    Image.new("RGB", (9, 9)).save("in/kept.png")
    write("in/kept.xmp", DARKTABLE.replace(b'xmp:Rating="2"', b""))
    assert {step.merge.path for step in planned().steps if step.merge} == {"in/kept.tif.xmp"}


def test_nothing_is_written_where_nothing_lacks(folder):
    note("in/sub/m.xmp", Notes(rating=5, keywords=("sea",)))
    note("in/kept.xmp", Notes(rating=3, keywords=("Sea", "night")))
    plan = planned()
    assert [step.merge for step in plan.steps] == [None, None]
    assert "its rating 5 will not, for another is known" in plan.steps[0].why


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"no XML",
        b"<a/>",
        DARKTABLE[:-20],
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + DARKTABLE.split(b"\n", 1)[1],
        b"<?xml version='1.0'?>" + b"<a>" * 100_000,
        b"\0" * (5 << 20),
    ],
)
def test_a_picture_stays_if_the_kept_ones_xmp_file_cannot_be_read(folder, broken):
    note("in/sub/m.xmp", Notes(rating=5))
    write("in/kept.xmp", broken)
    plan = planned()
    assert [os.path.basename(step.file.path) for step in plan.steps] == ["n.png"]
    assert "its rating 5 would not be written" in plan.held[0].why
    assert "cannot be read" in plan.held[0].why


def test_a_picture_whose_own_notes_cannot_be_read_goes_and_that_is_said(folder):
    write("in/sub/m.xmp", b"no XML")
    plan = planned()
    assert len(plan.steps) == 2
    assert "what it says cannot be read (it is not well-formed XML" in plan.steps[0].why
    assert isinstance(metadata.read("in/nowhere.jpg", ()), Failure)


def test_what_would_not_be_kept_whole_is_not_written(folder):
    qualified = DARKTABLE.replace(
        b"<rdf:li>night</rdf:li>",
        b"<rdf:li>night</rdf:li></rdf:Bag></dc:subject><dc:subject><rdf:Bag><rdf:li>again</rdf:li>",
    )
    note("in/sub/m.xmp", Notes(title="x", description="Harbour"))
    write("in/kept.xmp", qualified)
    before = picture("in")
    outcome = apply(planned())
    if outcome.failed:
        assert "kept.xmp" in outcome.failed[0].why
        assert Path("in/kept.xmp").read_bytes() == qualified
    act.undo(outcome.journal)
    assert picture("in") == before


@pytest.mark.parametrize("where", ["in/kept.tif", "*.xmp", "in"])
def test_nothing_is_written_where_nothing_may_be_touched(folder, where):
    note("in/sub/m.xmp", Notes(rating=5))
    plan = planned(protect=[where])
    assert not any(step.merge for step in plan.steps)
    assert any("protected" in held.why for held in plan.held)


def test_links_leave_every_name_and_so_every_note(folder):
    Path("in/sub/m.png").write_bytes(Path("in/kept.tif").read_bytes())
    note("in/sub/m.xmp", Notes(rating=5))
    assert [step.merge for step in planned("hardlink").steps] == [None]


@pytest.mark.parametrize("first", ["changed", "gone"])
def test_if_the_first_cannot_go_the_next_one_writes_for_all(folder, first):
    note("in/sub/m.xmp", Notes(rating=5))
    note("in/sub/n.xmp", Notes(rating=3, title="Dawn"))
    plan = planned("move", destination="out")
    assert len(plan.steps) == 2
    better = plan.steps[0].file.path
    if first == "changed":
        Path(better).write_bytes(b"another")
    else:
        os.unlink(better)
    outcome = apply(plan)
    assert [len(outcome.done), len(outcome.skipped)] == [1, 1]
    assert said("in/kept.tif.xmp").title == "Dawn"
    assert not act.undo(outcome.journal).failed
    assert not os.path.exists("in/kept.tif.xmp")


def test_if_none_can_go_nothing_is_written(folder):
    note("in/sub/m.xmp", Notes(rating=5))
    plan = planned()
    for step in plan.steps:
        Path(step.file.path).write_bytes(b"another")
    assert not apply(plan).done
    assert not os.path.exists("in/kept.tif.xmp")


@pytest.mark.parametrize("there", ["new", "changed"])
def test_an_xmp_file_that_somebody_wrote_meanwhile_is_not_touched_and_the_picture_stays(folder, there):
    note("in/sub/m.xmp", Notes(rating=5))
    if there == "changed":
        write("in/kept.tif.xmp", DARKTABLE.replace(b'xmp:Rating="2"', b""))
    plan = planned()
    write("in/kept.tif.xmp", b"theirs")
    before = picture("in")
    outcome = apply(dataclasses.replace(plan, steps=tuple(step for step in plan.steps if step.merge)))
    assert "is not as it was when the plan was made" in outcome.failed[0].why
    assert picture("in") == before


def test_an_undo_leaves_an_xmp_file_that_was_changed_since(folder):
    note("in/sub/m.xmp", Notes(rating=5))
    outcome = apply(planned())
    write("in/kept.tif.xmp", DARKTABLE)
    undone = act.undo(outcome.journal)
    assert [os.path.basename(failure.path) for failure in undone.failed] == ["kept.tif.xmp"]
    assert Path("in/kept.tif.xmp").read_bytes() == DARKTABLE
    assert os.path.exists("in/sub/m.png")


@pytest.mark.parametrize("path", ["/etc/kept.tif.xmp", "in/sub/kept.tif.xmp", "in/kept.tif", "in/other.xmp"])
def test_an_edited_plan_writes_to_no_other_file(folder, path):
    note("in/sub/m.xmp", Notes(rating=5))
    plan = planned()
    text = act.to_json(plan).replace(json.dumps(os.path.abspath("in/kept.tif.xmp")), json.dumps(os.path.abspath(path)))
    outcome = apply(act.from_json(text))
    assert any("is not the XMP file of the kept picture" in one.why for one in outcome.skipped)


@pytest.mark.parametrize(
    "notes",
    [
        '{"rating": 9}',
        '{"keywords": "sea"}',
        '{"keywords": [1]}',
        '{"place": [1]}',
        '{"place": [NaN, 1]}',
        '{"x": 1}',
        "[]",
    ],
)
def test_notes_that_cannot_be_are_refused_with_the_step(folder, notes):
    note("in/sub/m.xmp", Notes(rating=5))
    text = act.to_json(planned())
    assert '{"rating": 5}' in text
    with pytest.raises(WrongValue, match=r"steps 1|not a number"):
        act.from_json(text.replace('{"rating": 5}', notes))


def test_a_likeness_that_is_to_be_rewritten_is_none(folder):
    """Deleting: the sidecar's copy beside the kept picture must stay as it is."""
    note("in/sub/m.xmp", Notes(rating=5))
    note("in/kept.xmp", Notes(rating=5))
    note("in/sub/n.xmp", Notes(rating=4))  # of the same size
    embed("in/sub/m.png", "IPTC")
    plan = planned("delete")
    assert any("rewritten" in held.why for held in plan.held), plan


def test_the_command_says_what_is_written(folder):
    note("in/sub/m.xmp", Notes(rating=5))

    def difpy(*arguments):
        return subprocess.run([sys.executable, "-m", "difPy", *arguments], capture_output=True, text=True, check=True)

    plan = ("plan", "in", "--no-cache", "--keep", "documented", "-a", "trash", "--merge-metadata", "-o", "p.json")
    told = difpy(*plan).stderr
    assert "what they say will be written beside 1 kept picture" in told
    assert f"written to: {os.path.abspath('in/kept.tif.xmp')}" in difpy("apply", "p.json").stdout
    assert said("in/kept.tif.xmp").rating == 5


def test_a_reference_folder_is_not_written_to(folder):
    os.makedirs("archive")
    os.rename("in/kept.tif", "archive/kept.tif")
    note("in/sub/m.xmp", Notes(rating=5))
    command = [sys.executable, "-m", "difPy", "plan", "in", "--reference", "archive", "--no-cache", "-a", "trash"]
    done = subprocess.run([*command, "--merge-metadata", "-o", "p.json"], capture_output=True, text=True, check=True)
    held = json.loads(Path("p.json").read_text())["held"]
    assert ["protected by" in one["why"] for one in held] == [True], done.stderr


def test_metadata_that_was_tampered_with_is_a_value_and_never_an_error(folder):
    Image.new("RGB", (8, 8)).save("a.jpg")
    embed("a.jpg", "EXIF")
    chance = random.Random(5)
    for number in range(400):
        data = bytearray(Path("a.jpg").read_bytes() if number % 2 else DARKTABLE)
        for _ in range(chance.choice((1, 1, 5, 30))):
            data[chance.randrange(min(len(data), 900))] = chance.randrange(256)
        Path("b.jpg" if number % 2 else "b.xmp").write_bytes(data)
        found = metadata.read("b.jpg", ()) if number % 2 else metadata.read("a.jpg", ["b.xmp"])
        assert isinstance(found, (Notes, Failure))
        assert isinstance(found, Failure) or not found or metadata.written(None, found)


def test_values_that_nobody_gives_say_nothing(folder):
    strange = DARKTABLE.replace(b'xmp:Rating="2"', b'xmp:Rating="77"')
    strange = strange.replace(b">Dusk<", b">" + b"x" * 100_000 + b"<")
    assert xmp(strange) == Notes(keywords=("night",))
    many = b"".join(b"<rdf:li>%d</rdf:li>" % number for number in range(5000))
    assert len(xmp(DARKTABLE.replace(b"<rdf:li>night</rdf:li>", many)).keywords) == 1024
    nowhere = b' xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="%s" exif:GPSLongitude="%s"'
    for latitude, longitude in ((b"0,0N", b"0,0E"), (b"95,0N", b"8,0E"), (b"here", b"8,0E"), (b"47,0N", b"")):
        placed = DARKTABLE.replace(b' rdf:about=""', b' rdf:about=""' + nowhere % (latitude, longitude))
        assert xmp(placed).place == ()


def test_without_exiv2_it_is_said_what_to_install(folder, monkeypatch):
    note("in/sub/m.xmp", Notes(rating=5))
    plan = planned()
    monkeypatch.setattr(metadata, "find_spec", lambda name: None)
    for work in (planned, lambda: apply(plan)):
        with pytest.raises(UsageError, match=r"pip install 'difPy\[metadata\]'"):
            work()
    assert not os.path.exists("in/kept.tif.xmp")


@pytest.mark.parametrize(
    "changes",
    [{"path": "/tmp/kept.jpg"}, {"new": None}, {"new": "%"}, {"old": 7}, {"action": "trash"}, {"path": "kept.xmp"}],
)
def test_a_journal_writes_nothing_but_xmp_files(folder, changes):
    note("in/sub/m.xmp", Notes(rating=5))
    journal = apply(planned()).journal
    record = next(
        record for record in map(json.loads, Path(journal).read_text().splitlines()) if record.get("action") == "note"
    )
    record = {name: value for name, value in record.items() if name != "seal"}
    token = record["temporary"].split("-")[1]
    assert from_record(record, token).new is not None
    changed = {name: value for name, value in (record | changes).items() if value is not None}
    with pytest.raises(ValueError):
        from_record(changed, token)


def test_a_raw_gets_the_name_that_lightroom_reads_unless_another_picture_has_it(folder):
    os.rename("in/kept.tif", "in/kept.dng")
    note("in/sub/m.xmp", Notes(rating=5))
    merges = [act.Merge("in/kept.xmp", Notes(rating=5)), act.Merge("in/kept.dng.xmp", Notes(rating=5))]
    for merge in merges:
        files = {os.path.basename(file.path): file for file in scan(["in"]).files}
        group = Group(files["kept.dng"], (Member(files["m.png"], 1.0, 0),))
        plan = act.merging(act.plan([group], "trash"), lambda asked: [metadata.read(*one) for one in asked])
        assert [step.merge for step in plan.steps] == [merge]
        Image.new("RGB", (8, 8)).save("in/kept.jpg")
