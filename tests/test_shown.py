"""What a file shows beside its picture makes it another one: films, gain maps, layers, small versions, times."""

import os
import random
import struct

import numpy as np
import pytest
from PIL import Image

import difPy
import parts_of_files as made
import pictures
from difPy import decode, parts, report
from difPy.decode import beside, payload
from difPy.decode.behind import LEAST_UNKNOWN
from difPy.decode.opening import Opened
from difPy.model import Failure, Picture


def look(data, name="a.jpg"):
    found = decode.decode(data, name, 20, exact=True)
    assert isinstance(found, Picture), found
    return found


def names(data, name="a.jpg"):
    return [line.split(": ")[0] for line in look(data, name).beside.splitlines()]


def encoded(kind, seed=1, **options):
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    if kind == "JXL":
        import pillow_jxl  # noqa: F401
    return pictures.encode(pictures.scene(seed), kind, **options)


JPEG = encoded("JPEG", quality=90)

# Films, sound and further pictures


@pytest.mark.parametrize(
    ("still", "behind"),
    [
        (JPEG, made.film()),
        (JPEG, b"\0\0\x30\x0a\x10\0\0\0MotionPhoto_Data" + made.film() + b"SEFH" + bytes(40) + b"SEFT"),
        (encoded("JPEG", progressive=True), bytes(100) + made.film()),
        (encoded("PNG"), made.film()),
        (encoded("WEBP", lossless=True), made.film()),
        (encoded("HEIF", quality=90), made.box(b"mpvd", made.film())),
        (encoded("AVIF"), made.box(b"mpvd", made.film())),
        (encoded("HEIF", quality=90), made.film()),
        (encoded("HEIF", quality=90), made.movie() + made.box(b"mdat", made.film())),
        (encoded("AVIF"), made.movie() + made.box(b"mdat", made.film())),
        (encoded("GIF"), made.film()),
        (encoded("GIF", save_all=True, append_images=[pictures.scene(2)]), made.film()),
        (encoded("BMP"), made.film()),
        (encoded("JXL", lossless=True, use_container=True), made.film()),
    ],
    ids=[
        "JPEG",
        "Samsung",
        "progressive",
        "PNG",
        "WebP",
        "HEIC",
        "AVIF",
        "behind HEIC",
        "in HEIC",
        "in AVIF",
        "GIF",
        "frames",
        "BMP",
        "JXL",
    ],
)
def test_a_film_behind_a_picture_makes_it_another_one(still, behind):
    with_film = look(still + behind)
    assert names(still + behind) == ["a film"] and names(still) == []
    assert with_film.identity != look(still).identity
    assert np.array_equal(with_film.tensor, look(still).tensor)
    assert look(still + behind[:-200] + bytes(200)).identity != with_film.identity


def test_the_same_film_behind_the_same_picture_is_the_same_whatever_the_notes_say():
    exif = Image.Exif()
    exif[0x010E] = "beach"
    tagged = encoded("JPEG", quality=90, exif=exif)
    assert look(tagged + made.film()).identity == look(JPEG + made.film()).identity


@pytest.mark.parametrize(
    "behind", [b"", bytes(100_000), b"\r\n", b"made by a program", np.random.default_rng(0).bytes(LEAST_UNKNOWN - 1)]
)
def test_padding_and_a_few_bytes_behind_a_picture_are_nothing_to_show(behind):
    assert look(JPEG + behind).identity == look(JPEG).identity


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "JPEG2000", "HEIF", "AVIF"])
def test_much_that_is_unknown_behind_a_picture_counts(kind):
    whole, behind = encoded(kind), b"\xff" * LEAST_UNKNOWN
    assert names(whole) == names(whole + behind[1:]) == [] and names(whole + behind) == ["data behind the picture"]
    assert look(whole + behind).identity != look(whole).identity == look(whole + behind[1:]).identity


def test_a_thumbnail_in_the_notes_is_nothing_to_show():
    thumbnail = pictures.encode(pictures.scene(5).resize((60, 40)), "JPEG")
    assert look(made.after_start(JPEG, 0xE1, b"Exif\0\0" + thumbnail)).identity == look(JPEG).identity


@pytest.mark.parametrize("preview", [True, False])
def test_a_camera_s_preview_behind_a_picture_is_nothing_to_show(tmp_path, preview):
    path = pictures.mpo(tmp_path / "a.mpo", [pictures.scene(1), pictures.scene(1).resize((60, 40))])
    data = path.read_bytes()
    second = data.rindex(struct.pack("<I", 0x030000), 0, data.index(b"\xff\xda")) + 16  # in the index, by 16 bytes
    kind = struct.pack("<I", 0x010001 if preview else 0)
    assert names(data[:second] + kind + data[second + 4 :]) == ([] if preview else ["picture 2"])


def test_which_picture_of_a_stereo_photo_differs_is_said(tmp_path):
    scenes = [pictures.scene(seed) for seed in range(3)]
    pictures.mpo(tmp_path / "a.mpo", scenes)
    pictures.mpo(tmp_path / "b.mpo", [*scenes[:2], pictures.scene(9)])
    pictures.mpo(tmp_path / "c.mpo", [scenes[0], pictures.scene(9), scenes[2]])
    groups = difPy.find(difPy.index(tmp_path, cache=False), "similar").groups
    notes = {member.note for group in groups for member in group.members}
    assert notes <= {"differs in picture 2", "differs in picture 3", "differs in picture 2 and picture 3"}
    assert len(notes) == 2
    assert all(note in report.text(groups) and note in report.as_json(groups) for note in notes)
    steps = difPy.plan(groups, "trash").steps
    assert all("though it differs in picture" in step.why for step in steps) and len(steps) == 2


def gain_map(seed):
    return made.with_xmp(encoded("JPEG", seed), b'<rdf hdrgm:Version="1.0" hdrgm:GainMapMax="3"/>')


def test_photos_whose_gain_maps_differ_or_lack_are_not_identical():
    photo = made.with_xmp(JPEG, b'<rdf hdrgm:Version="1.0"/><Container:Directory/>')
    assert names(photo + gain_map(3)) == ["a gain map"]
    found = {look(data).identity for data in (JPEG, photo + gain_map(3), photo + gain_map(4))}
    assert len(found) == 3
    assert look(photo).identity == look(JPEG).identity  # a note that lost what it speaks of
    assert look(JPEG + gain_map(3)).identity == look(photo + gain_map(3)).identity


def test_depth_and_sound_in_extended_notes_count():
    def noted(name, content):
        xmp = b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 40 + name + b'="' + content + b'"'
        return made.after_start(JPEG, 0xE1, xmp)

    depth, sound = noted(b"GDepth:Data", b"abc"), noted(b"GAudio:Data", b"abc")
    assert (names(depth), names(sound)) == (["a depth map"], ["sound"])
    assert len({look(data).identity for data in (JPEG, depth, sound, noted(b"GDepth:Data", b"abd"))}) == 4
    assert look(noted(b"Note:Text", b"abc")).identity == look(JPEG).identity


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (b"urn:com:apple:photo:2020:aux:hdrgainmap", "a gain map"),
        (b"urn:mpeg:hevc:2015:auxid:2", "a depth map"),
        (b"urn:com:apple:photo:2018:aux:hairmatte", "an auxiliary picture"),
    ],
)
def test_auxiliary_pictures_of_a_heif_count_as_what_they_are(kind, name):
    def avif(seed):
        image = pictures.scene(1)
        image.putalpha(pictures.scene(seed).convert("L"))
        data = pictures.encode(image, "AVIF", quality=90)
        alpha = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"
        assert data.count(alpha) == 1
        return data.replace(alpha, kind.ljust(len(alpha), b"\0"))

    one, other = avif(2), avif(3)
    assert names(one) == names(other) == [name]
    assert look(one).identity != look(other).identity


# Layers and versions


def test_layers_of_a_photoshop_file_are_what_it_shows():
    blank = b"\xff" * (64 * 64 * 3)
    colours = [(255, 0, 0)], [(0, 0, 255)], [(255, 0, 0), (0, 255, 0)]
    ways = [{"deep": deep, "large": large} for deep in (False, True) for large in (False, True)]
    files = [made.layered_psd(blank, (64, 64), some, **way) for some in colours for way in ways]
    flat = look(made.layered_psd(blank, (64, 64), []))
    assert flat.identity == look(made.layered_psd(blank, (64, 64), [], large=True)).identity
    assert (
        flat.beside == ""
        and flat.identity == look(pictures.encode(Image.new("RGB", (64, 64), "white"), "BMP")).identity
    )
    assert all(names(data) == ["layers"] for data in files)
    assert len({flat.identity, *(look(data).identity for data in files)}) == 13


def test_layers_that_are_others_are_never_removed_however_alike_the_pictures(tmp_path):
    blank = b"\xff" * (64 * 64 * 3)
    for name, colour in (("red.psd", (255, 0, 0)), ("blue.psd", (0, 0, 255))):
        (tmp_path / name).write_bytes(made.layered_psd(blank, (64, 64), [colour]))
    Image.new("RGB", (64, 64), "white").save(tmp_path / "blank.bmp")
    plan = difPy.plan(difPy.find(difPy.index(tmp_path, cache=False), "similar", keep="path=red.psd").groups, "trash")
    assert [os.path.basename(step.file.path) for step in plan.steps] == ["blank.bmp"]
    assert [held.why for held in plan.held] == ["it holds layers that the kept picture does not"]


@pytest.mark.parametrize("written", [b'GDepth:Data="%s"', b"GDepth:Data='%s'", b"><GDepth:Data>%s</GDepth:Data>"])
def test_a_small_depth_map_in_the_notes_counts_whatever_else_they_say(written):
    one, other, noted = (
        look(made.with_xmp(JPEG, b'<rdf:Description xmp:Rating="%d" ' % rating + written % data + b"/>")).identity
        for rating, data in ((1, b"AAAA" * 999), (1, b"BBBB" * 999), (5, b"AAAA" * 999))
    )
    assert one == noted and len({one, other, look(JPEG).identity}) == 3


def test_the_drawing_that_fireworks_keeps_in_a_png_is_what_it_shows():
    flat = encoded("PNG")
    red, blue = (flat[:33] + pictures.png_chunk(b"mkBT", colour * 999) + flat[33:] for colour in (b"red", b"blue"))
    assert names(red) == names(blue) == ["layers"]
    assert len({look(data).identity for data in (flat, red, blue)}) == 3


def test_layers_that_photoshop_put_into_a_tiff_are_what_it_shows():
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    def tiff(block):
        tags = ImageFileDirectory_v2()
        tags[37724], tags.tagtype[37724] = block, 7
        return pictures.encode(pictures.scene(1), "TIFF", tiffinfo=tags)

    one, other = (tiff(b"Adobe Photoshop Document Data Block\0MIB8ryaL" + rest) for rest in (b"red", b"blue"))
    assert names(one) == ["layers"] and names(tiff(b"Adobe Photoshop Document Data Block\0MIB8ttaP")) == []
    assert look(one).identity != look(other).identity


@pytest.mark.parametrize("kind", ["ico", "cur", "icns"])
def test_icons_whose_small_versions_differ_are_not_identical(kind):
    def icon(small, *, turned=False):
        images = [Image.new("RGBA", (n, n), colour) for n, colour in ((16, small), (32, "green"))]
        if kind == "icns":
            coded = [pictures.encode(image.resize((n, n)), "PNG") for image, n in zip(images, (256, 512), strict=True)]
            return made.icns(dict(zip((b"ic08", b"ic09"), coded, strict=True)))
        coded = [pictures.encode(image, "PNG" if kind == "ico" else "DIB") for image in images]
        if kind == "cur":  # a bitmap of twice the height, the second half a mask
            coded = [
                data[:8] + struct.pack("<i", 2 * n) + data[12:] + bytes(n * max(4, n // 8))
                for data, n in zip(coded, (16, 32), strict=True)
            ]
        order = slice(None, None, -1 if turned else 1)
        return made.ico(coded[order], [16, 32][order], 1 if kind == "ico" else 2)

    red, blue = icon("red"), icon("blue")
    assert names(red) == ["smaller versions"]
    assert look(red).identity == look(icon("red")).identity != look(blue).identity
    assert look(red).identity == look(icon("red", turned=True)).identity


def test_an_icon_of_one_size_is_the_picture_in_it():
    image = pictures.scene(1, (32, 32))
    icon = made.ico([pictures.encode(image, "PNG")], [32])
    assert look(icon).identity == look(pictures.encode(image, "PNG")).identity


# Times


def animation(kind, duration=(40, 60, 80), seeds=(1, 2, 3), **options):
    frames = [pictures.scene(seed).quantize(32).convert("RGB").quantize(32) for seed in seeds]
    frames = frames if kind == "GIF" else [frame.convert("RGB") for frame in frames]
    if kind == "WEBP":
        options |= {"lossless": True}
    times = list(duration)
    return pictures.encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=times, **options)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_the_same_frames_at_other_times_are_not_identical(kind):
    files = [animation(kind), animation(kind, (40, 60, 90)), animation(kind, (60, 40, 80))]
    assert len({look(data).identity for data in files}) == 3
    assert names(files[0]) == ["the times of its frames"]


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_the_same_frames_another_number_of_times_are_not_identical(kind):
    assert len({look(animation(kind, loop=loop)).identity for loop in (0, 1, 2)}) == 3


def test_an_animation_is_the_same_in_every_format_that_keeps_its_times():
    gif, png, webp = (animation(kind, loop=loop) for kind, loop in (("GIF", 2), ("PNG", 3), ("WEBP", 3)))
    assert look(gif).identity == look(png).identity == look(webp).identity
    assert look(animation("GIF")).identity == look(animation("PNG", loop=1)).identity  # once, where nothing is said


def test_pages_have_no_times():
    assert names(animation("TIFF")) == []


# Held back


def test_what_holds_more_than_the_kept_picture_is_held_back_with_the_reason(tmp_path):
    for seed in (1, 2, 3):
        (tmp_path / f"{seed}.jpg").write_bytes(encoded("JPEG", seed, quality=90))
        pictures.saved(Image.open(tmp_path / f"{seed}.jpg"), tmp_path / f"{seed}.png")
    for seed, behind in ((1, made.film()), (2, gain_map(7)), (3, b"")):
        with (tmp_path / f"{seed}.jpg").open("ab") as file:
            file.write(behind)
    assert difPy.search(difPy.build(tmp_path, show_progress=False), show_progress=False).lower_quality == [
        str(tmp_path / "3.jpg")
    ]
    for _ in range(2):  # the second time from the index
        library = difPy.index(tmp_path)
        plan = difPy.plan(difPy.find(library, "similar").groups, "trash")
        assert {held.path: held.why for held in plan.held} == {
            str(tmp_path / "1.jpg"): "it holds a film that the kept picture does not",
            str(tmp_path / "2.jpg"): "it holds a gain map that the kept picture does not",
        }
        assert [step.file.path for step in plan.steps] == [str(tmp_path / "3.png")]  # identical, and the larger file
    assert library.decoded == 0


def test_what_holds_less_goes_for_what_holds_more(tmp_path):
    (tmp_path / "a.jpg").write_bytes(JPEG)
    (tmp_path / "b.jpg").write_bytes(JPEG + made.film(size=300_000))
    groups = difPy.find(difPy.index(tmp_path, cache=False), "similar").groups
    plan = difPy.plan(groups, "trash")
    assert [step.file.path for step in plan.steps] == [str(tmp_path / "a.jpg")] and not plan.held


def test_a_plan_that_forgot_the_film_is_not_carried_out(tmp_path):
    from dataclasses import replace

    (tmp_path / "a.jpg").write_bytes(JPEG + made.film())
    pictures.saved(pictures.scene(1), tmp_path / "a.bmp")
    (group,) = difPy.find(difPy.index(tmp_path, cache=False), 100).groups
    forgetful = replace(group, members=tuple(replace(member, holds="") for member in group.members))
    outcome = difPy.apply(difPy.plan([forgetful], "delete"), tmp_path / "journal")
    assert "it holds a film" in outcome.skipped[0].why and (tmp_path / "a.jpg").exists()


def test_what_differs_is_said_of_what_both_have():
    one = parts.written({"a film": bytes(32), "picture 2": bytes(32)})
    other = parts.written({"a film": bytes([1] * 32), "picture 2": bytes(32), "layers": bytes(32)})
    assert (parts.lacking(one, other), parts.lacking(other, one)) == ("", "layers")
    assert parts.differing(one, other) == parts.differing(other, one) == "a film"


# Whatever it is


def test_no_damage_makes_a_picture_that_holds_more_an_exception():
    draw = random.Random(1)
    image = pictures.scene(1, (32, 32))
    image.putalpha(pictures.scene(2, (32, 32)).convert("L"))
    heif, avif = encoded("HEIF", quality=50) + made.box(b"mpvd", made.film()), pictures.encode(image, "AVIF")
    icon = made.ico([pictures.encode(image, "PNG")] * 3, [32, 16, 8])
    psd = made.layered_psd(b"\xff" * 3072, (32, 32), [(9, 9, 9)] * 2)
    for sound in (JPEG + gain_map(1) + made.film(), heif, avif, icon, psd, made.icns({b"ic08": icon, b"ic09": icon})):
        for _ in range(40):
            data = bytearray(sound)
            for _ in range(draw.choice([1, 3, 20])):
                data[draw.randrange(min(len(data), draw.choice([60, 600, 10**6])))] = draw.choice([0, 1, 0x7F, 0xFF])
            assert isinstance(decode.decode(bytes(data), "a", 10, exact=draw.random() < 0.5), (Picture, Failure))


def test_an_icon_that_names_its_versions_over_and_over_is_done_at_once():
    version = pictures.encode(pictures.scene(1, (64, 64)), "PNG")
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, 1 << 20, 0)
    large = struct.pack("<BBBBHHII", 64, 64, 0, 0, 1, 32, len(version), 6 + 16 * 65_535)
    data = struct.pack("<HHH", 0, 1, 65_535) + large + entry * 65_534 + version + bytes(1 << 20)
    assert names(data) == ["data behind the picture"]


def test_a_heif_whose_lists_name_the_same_over_and_over_is_done_at_once():
    """Its items are a chain, each of which says that it has the whole file as its code, and all properties."""
    count = 4000
    names = b"".join(made.box(b"infe", struct.pack(">BxxxHH4sx", 2, n, 0, b"hvc1")) for n in range(count))
    places = b"".join(struct.pack(">HHHII", n, 0, 1, 0, 0) for n in range(count))
    ways = b"".join(made.box(b"dimg", struct.pack(">HHH", n, 1, n + 1)) for n in range(count))
    helpers = b"".join(made.box(b"auxl", struct.pack(">HHH", n, 1, 0)) for n in range(1, count))
    owned = b"".join(struct.pack(">HB200B", n, 200, *[1] * 200) for n in range(count))
    meta = bytes(4) + b"".join(
        made.box(kind, content)
        for kind, content in [
            (b"pitm", struct.pack(">IH", 0, 0)),
            (b"iinf", struct.pack(">IH", 0, count) + names),
            (b"iloc", struct.pack(">IBBH", 0, 0x44, 0, count) + places),
            (b"iref", bytes(4) + ways + helpers),
            (
                b"iprp",
                made.box(b"ipco", made.box(b"hvcC", bytes(100_000)))
                + made.box(b"ipma", struct.pack(">II", 0, count) + owned),
            ),
        ]
    )
    data = made.box(b"ftyp", b"heic") + made.box(b"meta", meta) + bytes(1 << 20)
    image = Opened(Image.new("RGB", (8, 8)), data, "HEIF")
    assert beside.beside(image).keys() == {"data behind the picture"}
    image.image.info["bit_depth"] = 10
    assert payload.hidden(image, b"bytes") == b"bytes"
