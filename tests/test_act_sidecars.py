"""What belongs to a picture goes with it or holds it back, and is never orphaned silently."""

import contextlib
import os
import socket
import stat
import struct
from pathlib import Path

import pytest

from acting import Tap, contents, find, picture, write
from difPy import act, decode
from difPy.act import Action, belonging, sidecars
from difPy.extensions import RAW

SAID = b"\0" * 5000 + b"com.apple.quicktime.content.identifier" + b"\0" * 100
TERA = 1 << 40


def box(kind, data=b"", *, size=None, wide=False):
    """A box of a film, which may lie about its size."""
    size = 8 * (1 + wide) + len(data) if size is None else size
    return struct.pack(">I4sQ", 1, kind, size) + data if wide else struct.pack(">I4s", size, kind) + data


LIVE = box(b"ftyp", b"qt  ") + box(b"mdat", b"\1" * 999) + box(b"moov", SAID)


@pytest.fixture
def root(tmp_path):
    write(tmp_path / "in" / "kept.jpg", b"A" * 9)
    write(tmp_path / "in" / "sub" / "IMG_1.jpg", b"A" * 9, hours=1)
    return tmp_path / "in"


def planned(root, action="trash", **options):
    groups, digests = find(root)
    return act.plan(groups, action, digests=digests, **options)


def beside(root, *names):
    """Names of the sidecars that go with IMG_1.jpg."""
    plan = planned(root)
    return sorted(os.path.basename(part.seen.path) for step in plan.steps for part in step.companions)


@pytest.mark.parametrize(
    "name",
    [
        "IMG_1.xmp",
        "IMG_1.XMP",
        "IMG_1.jpg.xmp",
        "IMG_1.aae",
        "IMG_1.json",
        "IMG_1.jpg.json",
        "IMG_1.jpg.supplemental-metadata.json",
        "IMG_1.jpg.supplemental-me.json",
        "IMG_1.jpg.s.json",
        "IMG_1.jpg..json",
        "IMG_1.CR2",
        "IMG_1.dng",
        "IMG_1.jpg.pp3",
        "IMG_1.jpg.dop",
        "IMG_1.txt",
        "IMG_1.caption",
        "IMG_1.wav",
        "IMG_1.THM",
        "._IMG_1.jpg",
    ],
)
def test_a_sidecar_is_known_by_its_name_and_goes_and_comes_back_with_its_picture(root, name):
    write(root / "sub" / name, b"note")
    before = picture(root)
    assert beside(root) == [name]
    outcome = act.apply(planned(root))
    assert os.listdir(root / "sub") == []
    assert not act.undo(outcome.journal).failed
    assert picture(root) == before


@pytest.mark.parametrize(
    "name",
    ["IMG_10.xmp", "IMG_10.txt", "img_2.xmp", "IMG_1.jpg.other.json", "IMG_1_edit.xmp", "IMG_1.png.xmp", "IMG_1.mov"],
)
def test_other_files_are_no_sidecars(root, name):
    write(root / "sub" / name, b"a film that merely bears the name")
    assert beside(root) == []


def test_a_live_photos_film_is_known_by_what_it_says(root):
    write(root / "sub" / "IMG_1.MOV", LIVE)
    assert beside(root) == ["IMG_1.MOV"]


@pytest.mark.parametrize(
    "film",
    [
        box(b"wide") + box(b"mdat", b"\1" * 50, wide=True) + box(b"moov", SAID, wide=True),
        box(b"mdat", b"\1" * 50) + box(b"moov", SAID, size=0),  # to the end
        box(b"moov", b"\0" * ((1 << 20) - 5020) + SAID) + box(b"mdat"),  # across two chunks
        box(b"moov", SAID, size=1 << 30),  # cut off
    ],
)
def test_however_its_boxes_say_their_sizes(root, film):
    write(root / "sub" / "IMG_1.mov", film)
    assert beside(root) == ["IMG_1.mov"]


@pytest.mark.parametrize(
    "film",
    [
        b"",
        SAID,  # no boxes
        box(b"mdat", SAID),  # what is shown says nothing
        box(b"free", size=7) + LIVE,
        box(b"free", size=2, wide=True) + LIVE,
        box(b"free", size=(1 << 64) - 1, wide=True) + LIVE,
        box(b"free") * 2000 + LIVE,
        box(b"moov", b"\0" * 100) * 2 + LIVE,
    ],
)
def test_a_film_that_is_broken_or_hostile_is_no_sidecar(root, film):
    write(root / "sub" / "IMG_1.mov", film)
    assert beside(root) == []


def header(seconds, *, wide=False):
    """The box `mvhd`: how many units a second has, and of how many the film consists."""
    lengths = struct.pack(">QQIQ", 0, 0, 600, seconds * 600) if wide else struct.pack(">IIII", 0, 0, 600, seconds * 600)
    return box(b"mvhd", bytes([wide, 0, 0, 0]) + lengths)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize(("seconds", "goes"), [(3, True), (10, True), (11, False), (5400, False)])
def test_a_short_film_of_the_name_goes_along_and_a_long_one_does_not(root, seconds, goes, wide):
    """A poster does not take its film along."""
    film = box(b"ftyp", b"mp42") + box(b"mdat", b"\1" * 99) + box(b"moov", box(b"free") + header(seconds, wide=wide))
    write(root / "sub" / "IMG_1.mp4", film)
    assert beside(root) == ["IMG_1.mp4"] * goes


@pytest.mark.parametrize("kind", [b"mdat", b"moov"])
def test_a_film_of_a_terabyte_is_stepped_over(root, kind):
    film = write(root / "sub" / "IMG_1.mov", box(b"ftyp", b"qt  ") + box(kind, size=TERA - 12 - len(LIVE), wide=True))
    os.truncate(film, TERA - len(LIVE))
    with open(film, "ab") as file:
        file.write(LIVE)
    assert beside(root) == (["IMG_1.mov"] if kind == b"mdat" else [])


def test_a_note_of_a_terabyte_has_no_likeness_and_holds_its_picture_back(root):
    for name in ("kept.xmp", "sub/IMG_1.xmp"):
        os.truncate(write(root / name, b"note"), TERA)
    plan = planned(root, "delete")
    assert not plan.steps and "would be lost" in plan.held[0].why


@pytest.mark.parametrize("name", ["IMG_1.mov", "IMG_1.xmp", "IMG_1.jpg.json", "IMG_1.CR2"])
@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "folder", "link to a device", "link to nowhere"])
def test_what_is_no_file_is_not_opened_whatever_its_name(root, name, kind):
    path = root / "sub" / name
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as one, contextlib.chdir(root / "sub"):
            one.bind(name)
    elif kind == "device":
        if os.geteuid() != 0:
            pytest.skip("only root makes devices")
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero" if kind == "link to a device" else root / "nowhere")
    plan = planned(root)
    assert bool(plan.steps) == (name == "IMG_1.mov")  # no film; or what is no regular file holds the picture back
    assert all("is not a regular file" in held.why for held in plan.held)


@pytest.mark.parametrize(
    ("picture_name", "name"),
    [
        ("A walk along the river in the late autumn (3).jpg", "A walk along the river in the late autumn (3).j.json"),
        ("A walk along the river in the late autumn of 20.jpg", "A walk along the river in the late autumn of 2.json"),
        (
            "A walk along the river in the late autumn of 20(3).jpg",
            "A walk along the river in the late autumn of 2(3).json",
        ),
        ("A walk along the river in the late autumn.jpg", "A walk along the river in the late autumn.jpg.json"),
        ("A walk along the river in the late autu.jpg", "A walk along the river in the late autu.jpg.su.json"),
        ("IMG_9(1).jpg", "IMG_9.jpg.supplemental-metadata(1).json"),
        ("IMG_9-edited.jpg", "IMG_9.jpg.supplemental-me.json"),
        ("IMG_9-modifie\N{COMBINING ACUTE ACCENT}.jpg", "IMG_9.HEIC.json"),
        ("IMG_9-bearbeitet(2).jpg", "IMG_9.jpg(2).json"),
        ("A walk along the river in the late autumn-bearb.jpg", "A walk along the river in the late autumn.jpg.s.json"),
        ("IMG_1234.JPG", "IMG_O1234.AAE"),
        ("IMG_E1234.JPG", "IMG_O1234.AAE"),
        ("IMG_E1234.JPG", "IMG_1234.AAE"),
        ("PXL_1.MP.jpg", "PXL_1.MP"),
        ("MVIMG_1.jpg", "MVIMG_1.MP4"),
        ("IMG_1.JPG", "IMG_1.jpg.json"),
        ("IMG_1.jpg", "._IMG_1.xmp"),
    ],
)
def test_a_name_that_was_cut_or_changed_belongs_all_the_same(root, tmp_path, picture_name, name):
    os.rename(root / "sub" / "IMG_1.jpg", root / "sub" / picture_name)
    write(root / "sub" / name, b"note")
    if name == "._IMG_1.xmp":
        write(root / "sub" / "IMG_1.xmp", b"of which that is one")
    before = picture(root)
    outcome = act.apply(planned(root, "move", destination=tmp_path / "out"))
    assert os.listdir(root / "sub") == [], outcome
    assert {picture_name, name} <= set(os.listdir(tmp_path / "out"))
    assert not act.undo(outcome.journal).failed
    assert picture(root) == before
    assert "would be lost" in planned(root, "delete").held[0].why


@pytest.mark.parametrize(
    ("picture_name", "name"),
    [
        ("A walk along the river.jpg", "A walk along the ri.json"),  # too short to have been cut
        ("IMG_9-edition.jpg", "IMG_9.jpg.json"),
        ("IMG_9-edit.jpg", "IMG_9.jpg.json"),
        ("IMG_9(1).jpg", "IMG_9.jpg(2).json"),
        ("DSC_1234.JPG", "DSC_O1234.AAE"),
        ("IMG_1234.JPG", "IMG_O12345.AAE"),
        ("IMG_1.jpg", "._IMG_2.jpg"),
    ],
)
def test_a_name_that_is_merely_like_it_does_not(root, picture_name, name):
    os.rename(root / "sub" / "IMG_1.jpg", root / "sub" / picture_name)
    write(root / "sub" / name, b"note")
    assert beside(root) == []


@pytest.mark.parametrize(
    ("stays", "name"),
    [
        ("IMG_1-edited.jpg", "IMG_1.jpg.json"),
        ("IMG_1-bewerkt.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("IMG_1.png", "IMG_1.wav"),
        ("IMG_1.heic", "IMG_1.mp4"),
        ("IMG_1.png", "._IMG_1.xmp"),
        ("IMG_1.psb", "IMG_1.xmp"),
        ("IMG_1.tga", "IMG_1.txt"),
        ("IMG_1.heics", "IMG_1.json"),
        ("IMG_1.xcf", "IMG_1.xmp"),
        ("IMG_1.svg", "IMG_1.txt"),
        ("IMG_1.mov", "IMG_1.xmp"),
        ("IMG_1.mov", "IMG_1.thm"),
    ],
)
def test_what_belongs_to_a_picture_that_stays_too_stays(root, stays, name):
    write(root / "sub" / stays, b"Z" * 9)
    write(root / "sub" / name, b"note")
    if name == "._IMG_1.xmp":
        write(root / "sub" / "IMG_1.xmp", b"of which that is one")
    act.apply(planned(root))
    left = {stays, name} | ({"IMG_1.xmp"} if name == "._IMG_1.xmp" else set())
    assert set(os.listdir(root / "sub")) == left


def test_whatever_is_read_as_a_picture_or_a_raw_has_notes_of_its_own():
    assert {f".{extension}" for extension in decode.EXTENSIONS} <= belonging.PICTURES | belonging.RAWS
    assert {f".{extension}" for extension in RAW} <= belonging.RAWS


def test_two_long_names_that_were_cut_alike_share_what_belongs_to_either(root):
    stem = "A walk along the river in the late autumn of 2"
    os.rename(root / "sub" / "IMG_1.jpg", root / "sub" / f"{stem}0.jpg")
    write(root / "sub" / f"{stem}1.jpg", b"Z" * 9)
    write(root / "sub" / f"{stem}.json", b"note")
    assert beside(root) == []


def test_the_note_of_a_raw_goes_where_its_raw_goes(root, tmp_path):
    for name in ("IMG_1.CR2", "IMG_1.CR2.xmp", "IMG_1.xmp"):
        write(root / "sub" / name, name.encode())
    assert beside(root) == ["IMG_1.CR2", "IMG_1.CR2.xmp", "IMG_1.xmp"]
    act.apply(planned(root, "move", destination=tmp_path / "out"))
    assert os.listdir(root / "sub") == []


def test_the_notes_of_a_raw_that_is_kept_stay_with_it(root):
    raw = write(root / "sub" / "IMG_1.CR2", b"A" * 30)
    for name in ("IMG_1.CR2.xmp", "IMG_1.xmp"):
        write(root / "sub" / name, name.encode())
    group = find(root)[0][0]
    plan = act.plan([type(group)(_file_of(raw), group.members)], "trash")
    assert [step.companions for step in plan.steps] == [()]


def test_a_folder_is_listed_once_however_many_pictures_are_in_it(root, monkeypatch):
    for number in range(2, 9):
        write(root / "sub" / f"IMG_{number}.jpg", b"A" * 9, hours=number)
        write(root / "sub" / f"IMG_{number}.jpg.json", b"note")
    groups, _ = find(root)
    tap = Tap(monkeypatch.setattr)
    assert len(sidecars.find(groups)) == 7
    assert tap.seen.count("names") == 2  # and that of the kept picture


def test_takeouts_numbered_notes_belong_to_the_numbered_picture(root):
    write(root / "sub" / "IMG_1(2).jpg", b"A" * 9, hours=2)
    write(root / "sub" / "IMG_1.jpg.json", b"first")
    write(root / "sub" / "IMG_1.jpg(2).json", b"second")
    write(root / "sub" / "IMG_1.jpg.supplemental-metadata(2).json", b"newer second")
    found = sidecars.find(find(root)[0])
    names = {os.path.basename(path): [os.path.basename(s.path) for s in found[path]] for path in found}
    assert names == {
        "IMG_1.jpg": ["IMG_1.jpg.json"],
        "IMG_1(2).jpg": ["IMG_1.jpg(2).json", "IMG_1.jpg.supplemental-metadata(2).json"],
    }


def test_sidecars_keep_their_pictures_name_when_it_gets_a_number(root, tmp_path):
    out = tmp_path / "out"
    for name in ("IMG_1.xmp", "IMG_1.jpg.json"):
        write(root / "sub" / name, b"note")
    write(out / "IMG_1 (2).jpg.json", b"theirs")
    write(out / "img_1.jpg", b"theirs")
    act.apply(planned(root, "move", destination=out))
    assert sorted(os.listdir(out)) == [
        "IMG_1 (2).jpg.json",
        "IMG_1 (3).jpg",
        "IMG_1 (3).jpg.json",
        "IMG_1 (3).xmp",
        "img_1.jpg",
    ]


@pytest.mark.parametrize("action", [Action.TRASH, Action.MOVE, Action.DELETE])
def test_a_shared_sidecar_stays_as_long_as_another_picture_of_the_name_stays(root, tmp_path, action):
    write(root / "sub" / "IMG_1.heic", b"Z" * 9)
    write(root / "sub" / "IMG_1.xmp", b"note")
    plan = planned(root, action, destination=tmp_path / "out" if action is Action.MOVE else None)
    assert [len(step.companions) for step in plan.steps] == [0]
    act.apply(plan)
    assert sorted(os.listdir(root / "sub")) == ["IMG_1.heic", "IMG_1.xmp"]


@pytest.mark.parametrize("held_back", [False, True])
def test_a_sidecar_of_two_pictures_that_both_go_goes_with_the_last(root, tmp_path, held_back):
    other = write(root / "sub" / "IMG_1.heic", b"A" * 9, hours=2)
    write(root / "sub" / "IMG_1.xmp", b"note")
    before = picture(root)
    plan = planned(root, "move", destination=tmp_path / "out")
    assert len(plan.steps) == 2
    if held_back:
        write(other, b"A" * 9, hours=3)  # so its step will be skipped
    outcome = act.apply(plan)
    left = ["IMG_1.heic", "IMG_1.xmp"] if held_back else []
    assert sorted(os.listdir(root / "sub")) == left
    assert not act.undo(outcome.journal).failed
    if not held_back:
        assert picture(root) == before


def test_holding_and_leaving(root):
    write(root / "sub" / "IMG_1.xmp", b"note")
    held = planned(root, sidecars="hold")
    assert not held.steps
    assert "IMG_1.xmp" in held.held[0].why
    left = planned(root, sidecars="leave")
    assert not left.steps[0].companions
    assert "its sidecars stay" in left.steps[0].why
    assert "IMG_1.xmp" in left.steps[0].why


class TestDeleting:
    """Deleting is for good, so a sidecar is deleted only where its likeness stays beside the kept picture."""

    def test_a_sidecar_without_likeness_holds_its_picture_back(self, root):
        write(root / "sub" / "IMG_1.xmp", b"note")
        plan = planned(root, "delete")
        assert not plan.steps
        assert "would be lost" in plan.held[0].why

    def test_a_sidecar_with_its_likeness_goes_and_can_be_had_back(self, root):
        write(root / "sub" / "IMG_1.xmp", b"note", hours=4, mode=0o600)
        write(root / "kept.xmp", b"note")
        before = picture(root)
        outcome = act.apply(planned(root, "delete"))
        assert os.listdir(root / "sub") == []
        assert not act.undo(outcome.journal).failed
        assert picture(root) == before

    def test_a_sidecar_that_only_has_the_size_of_its_likeness_is_not_deleted(self, root):
        write(root / "sub" / "IMG_1.xmp", b"note")
        write(root / "kept.xmp", b"nota")
        before = picture(root)
        outcome = act.apply(planned(root, "delete"))
        assert "would be lost" in outcome.skipped[0].why
        assert picture(root) == before

    def test_a_likeness_that_goes_itself_is_none(self, root):
        """An edited plan: the kept picture's sidecar is doomed elsewhere."""
        write(root / "sub" / "IMG_1.xmp", b"note")
        write(root / "kept.xmp", b"note")
        step = planned(root, "delete").steps[0]
        twin = step.companions[0].twin
        other = act.Step(1, Action.DELETE, twin, step.companions[0].seen, 0.0, "")
        assert set(act.Plan((step, other)).refusals()) == {0, 1}


def test_a_picture_replaced_by_a_link_keeps_its_name_so_its_sidecars_stay(root):
    write(root / "sub" / "IMG_1.xmp", b"note")
    for action in (Action.HARDLINK, Action.SYMLINK):
        outcome = act.apply(planned(root, action, sidecars="hold"))
        assert len(outcome.done) == 1
        assert (root / "sub" / "IMG_1.xmp").exists()
        act.undo(outcome.journal)


def test_a_sidecar_that_is_a_link_or_a_folder_holds_its_picture_back(root, tmp_path):
    os.symlink(write(tmp_path / "note.xmp", b"note"), root / "sub" / "IMG_1.xmp")
    assert "not a regular file" in planned(root).held[0].why


def test_a_sidecar_that_changed_since_the_plan_holds_its_picture_back(root):
    note = write(root / "sub" / "IMG_1.xmp", b"note")
    plan = planned(root)
    write(note, b"longer note")
    outcome = act.apply(plan)
    assert "IMG_1.xmp" in outcome.skipped[0].why
    assert (root / "sub" / "IMG_1.jpg").exists()


def test_a_protected_sidecar_protects_its_picture(root):
    write(root / "sub" / "IMG_1.xmp", b"note")
    assert "protected" in planned(root, protect=["*.xmp"]).held[0].why


def test_a_raw_that_is_a_picture_of_the_search_is_no_sidecar(root):
    """If raws are searched, a raw and its JPEG may be in one group: then each has a step of its own."""
    raw = write(root / "sub" / "IMG_1.CR2", b"A" * 30)
    groups, _ = find(root)
    file = next(group for group in groups).members[0].file
    kept = act.plan([type(groups[0])(_file_of(raw), groups[0].members)], "trash")
    assert file.path.endswith("IMG_1.jpg")
    assert not kept.steps[0].companions


def _file_of(path):
    from difPy.scan import scan

    return scan([path]).files[0]


def test_nothing_is_lost_with_many_sidecars(root, tmp_path):
    for number in range(5):
        for ending in (".jpg", ".xmp", ".jpg.json", ".CR2"):
            data = b"A" * 9 if ending == ".jpg" else f"{number}{ending}".encode()
            write(root / str(number) / f"IMG_1{ending}", data, hours=number + 2)
    before = contents(root)
    outcome = act.apply(planned(root, "move", destination=tmp_path / "out"))
    assert len(outcome.done) == 6
    assert contents(root, tmp_path / "out") == before
    for number in (2, 3, 4, 5):
        stem = tmp_path / "out" / f"IMG_1 ({number})"
        notes = {Path(f"{stem}{ending}").read_bytes()[:1] for ending in (".xmp", ".jpg.json", ".CR2")}
        assert len(notes) == 1, "a picture's sidecars have its number"
