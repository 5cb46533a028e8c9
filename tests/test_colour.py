"""Colour profiles: the same numbers may look otherwise, and other numbers the same."""

import io
import random
import struct
from importlib import import_module

import numpy as np
import pytest
from PIL import Image, ImageCms

import difPy
import parts_of_files as made
import pictures
from difPy import decode
from difPy.decode import icc
from difPy.model import Failure, Picture

P3 = icc.profile(((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), icc.D65, icc.srgb())
ADOBE = icc.profile(((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), icc.D65, icc.power(2.2))
WIDE = icc.profile(((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)), (0.3457, 0.3585), icc.power(1.8))
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SRGB_2 = icc.profile(icc.SRGB, icc.D65, icc.srgb()[::4])  # as others write it
PHOTO = pictures.scene(4, (160, 120))


def look(data, name="a", px=20):
    found = decode.decode(data, name, px, exact=True)
    assert isinstance(found, Picture), found
    return found


def encoded(kind, profile=None, image=PHOTO, **options):
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    return pictures.encode(image, kind, **options, **({"icc_profile": profile} if profile else {}))


def shown_as(profile, image=PHOTO):
    """The numbers that show the image in another space, as a program converts them."""
    to = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    return ImageCms.profileToProfile(image, ImageCms.createProfile("sRGB"), to, renderingIntent=1)


def grey(curve):
    """A profile of grey with that curve."""
    tone = b"curv\0\0\0\0" + struct.pack(">I", len(curve)) + np.round(curve * 65535).astype(">u2").tobytes()
    white = b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in (0.9642, 1, 0.8249))
    tags = struct.pack(">I", 2) + b"wtpt" + struct.pack(">II", 156, 20) + b"kTRC" + struct.pack(">II", 176, len(tone))
    head = struct.pack(">I4xI", 176 + len(tone), 0x02400000) + b"mntrGRAYXYZ " + bytes(12) + b"acsp" + bytes(28)
    return (head + white[8:]).ljust(128, b"\0") + tags + white + tone


def png(*chunks):
    data = pictures.encode(PHOTO, "PNG")
    return data[:33] + b"".join(pictures.png_chunk(kind, content) for kind, content in chunks) + data[33:]


def chromaticities(*numbers):
    return struct.pack(">8I", *(round(number * 100_000) for number in numbers))


GAMMA = struct.pack(">I", 45455)
SRGB_POINTS = chromaticities(0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
P3_POINTS = chromaticities(0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True}), ("JPEG", {}), ("AVIF", {}), ("HEIF", {"quality": 90})],
)
def test_the_same_numbers_in_another_space_are_not_identical(kind, options):
    plain, *others = [look(encoded(kind, profile, **options)) for profile in (None, P3, ADOBE, WIDE)]
    assert len({plain.identity, *(other.identity for other in others)}) == 4
    for profile in (SRGB, SRGB_2):
        same = look(encoded(kind, profile, **options))
        assert same.identity == plain.identity and np.array_equal(same.tensor, plain.tensor)


@pytest.mark.parametrize(
    "chunks",
    [
        [(b"gAMA", struct.pack(">I", 100_000))],
        [(b"gAMA", struct.pack(">I", 55_556))],
        [(b"gAMA", GAMMA), (b"cHRM", P3_POINTS)],
        [(b"cICP", bytes([9, 16, 0, 1]))],
        [(b"cICP", bytes([12, 13, 0, 1]))],
        [(b"cICP", bytes([9, 18, 0, 1]))],
    ],
    ids=["linear", "gamma 1.8", "P3 points", "PQ", "P3", "HLG"],
)
def test_what_a_png_says_of_its_colours_in_numbers_counts(chunks):
    plain, said = look(png()), look(png(*chunks))
    assert said.identity != plain.identity and not np.array_equal(said.tensor, plain.tensor)


@pytest.mark.parametrize(
    "chunks",
    [
        [(b"gAMA", GAMMA)],
        [(b"gAMA", GAMMA), (b"cHRM", SRGB_POINTS)],
        [(b"sRGB", b"\0"), (b"gAMA", struct.pack(">I", 100_000))],
        [(b"cHRM", P3_POINTS)],
        [(b"cICP", bytes([1, 13, 0, 1])), (b"gAMA", struct.pack(">I", 100_000))],
        [(b"cICP", bytes([2, 2, 0, 1]))],
    ],
)
def test_a_png_that_says_srgb_in_other_words_is_one_that_says_nothing(chunks):
    plain, said = look(png()), look(png(*chunks))
    assert said.identity == plain.identity and np.array_equal(said.tensor, plain.tensor)


def test_one_space_is_the_same_said_by_a_profile_and_by_numbers():
    by_number, by_points = png((b"cICP", bytes([12, 13, 0, 1]))), png((b"gAMA", GAMMA), (b"cHRM", P3_POINTS))
    assert look(encoded("PNG", P3)).identity == look(by_number).identity == look(by_points).identity


def test_the_numbers_of_a_heif_and_an_avif_count():
    plain = encoded("AVIF")
    place = plain.index(b"nclx")
    p3 = plain[: place + 4] + struct.pack(">HH", 12, 13) + plain[place + 8 :]
    assert look(p3).identity != look(plain).identity
    heic = encoded("HEIF", quality=90)
    place = heic.index(b"nclx")
    p3 = look(heic[: place + 4] + struct.pack(">HH", 12, 13) + heic[place + 8 :])
    assert p3.identity != look(heic).identity and not np.array_equal(p3.tensor, look(heic).tensor)


def test_the_profile_of_a_jpeg_2000_counts():
    plain = encoded("JPEG2000", irreversible=False)
    place = plain.index(b"colr") - 4
    size = int.from_bytes(plain[place : place + 4], "big")
    head = plain.index(b"jp2h") - 4

    def with_profile(profile):
        box = made.box(b"colr", b"\2\0\0" + profile)
        longer = int.from_bytes(plain[head : head + 4], "big") + len(box) - size
        start = plain[:head] + longer.to_bytes(4, "big") + plain[head + 4 : place]
        return look(start + box + plain[place + size :])

    found = [look(plain), with_profile(P3), with_profile(ADOBE)]
    assert len({one.identity for one in found}) == 3 and not np.array_equal(found[1].tensor, found[0].tensor)
    assert with_profile(SRGB).identity == found[0].identity


def test_a_photo_is_similar_to_itself_in_other_spaces(tmp_path):
    pictures.saved(PHOTO, tmp_path / "a.png")
    for name, profile in (("p3", P3), ("adobe", ADOBE), ("srgb", SRGB)):
        pictures.saved(shown_as(profile), tmp_path / f"{name}.png", icc_profile=profile)
    pictures.saved(shown_as(P3), tmp_path / "lost.png")  # the numbers of P3 without its profile
    (group,) = difPy.find(difPy.index(tmp_path, cache=False), "similar").groups
    assert {file.path.rpartition("/")[2] for file in group.files} >= {"p3.png", "adobe.png", "srgb.png", "a.png"}
    assert all(member.distance < 3 for member in group.members)


def test_equal_numbers_of_other_looks_are_far_apart_at_full_resolution(tmp_path):
    plain, p3 = Image.new("RGB", (30, 30), (30, 220, 40)), tmp_path / "p3.png"
    pictures.saved(plain, tmp_path / "a.png")
    pictures.saved(plain, p3, icc_profile=P3)
    pictures.saved(Image.fromarray(look(p3.read_bytes(), px=30).tensor), tmp_path / "b.png")
    files = {file.path.rpartition("/")[2]: file for file in difPy.index(tmp_path, cache=False).gallery.files}
    far = decode.full_resolution_distance(files["a.png"], files["p3.png"], (0,))
    near = decode.full_resolution_distance(files["b.png"], files["p3.png"], (0,))
    assert far > 100 and near == pytest.approx(1 / 2700)  # what looks the same differs in what is not seen


def test_grey_has_profiles_of_its_own():
    image = PHOTO.convert("L")
    plain = look(encoded("PNG", image=image))
    dark = look(encoded("PNG", grey(icc.power(3.0)), image=image))
    assert dark.identity != plain.identity and dark.tensor.mean() < plain.tensor.mean() - 10
    for same in (grey(icc.srgb()), SRGB):
        assert look(encoded("PNG", same, image=image)).identity == plain.identity


def test_a_profile_of_other_colours_only_tells_pictures_apart():
    plain, strange = look(encoded("JPEG")), look(encoded("JPEG", grey(icc.power(3.0))))
    assert strange.identity != plain.identity and np.array_equal(strange.tensor, plain.tensor)
    inks = [
        look(pictures.encode(PHOTO.convert("CMYK"), "JPEG", icc_profile=p)) for p in (b"inks 1" * 40, b"inks 2" * 40)
    ]
    assert inks[0].identity != inks[1].identity and np.array_equal(inks[0].tensor, inks[1].tensor)


def test_no_profile_however_broken_costs_a_picture():
    draw = random.Random(2)
    whole = look(encoded("PNG"))
    for profile in (P3, SRGB, grey(icc.srgb())):
        for _ in range(60):
            data = bytearray(profile)
            for _ in range(draw.choice([1, 4, 30])):
                data[draw.randrange(min(len(data), draw.choice([132, 300, 10**5])))] = draw.choice([0, 1, 0x7F, 0xFF])
            cut = bytes(data[: draw.choice([len(data), len(data) // 2, 100, 3])])
            found = decode.decode(encoded("JPEG", cut), "a.jpg", 10, exact=draw.random() < 0.5)
            assert not isinstance(found, Failure), found
    zeros = look(png((b"gAMA", GAMMA), (b"cHRM", bytes(32))))
    assert np.array_equal(zeros.tensor, whole.tensor)


def test_pages_of_other_colours_are_not_identical():
    def pages(*profiles):
        images = [PHOTO.copy() for _ in profiles]
        for image, profile in zip(images, profiles, strict=True):
            image.info |= {"icc_profile": profile} if profile else {}
            image.encoderinfo = dict(image.info)
        return look(pictures.encode(images[0], "TIFF", save_all=True, append_images=images[1:])).identity

    assert pages(None, P3) == pages(None, P3)
    assert len({pages(None, None), pages(None, P3), pages(None, ADOBE), pages(P3, P3)}) == 4


@pytest.mark.parametrize("profile", [P3, ADOBE, WIDE], ids=["P3", "Adobe RGB", "wide"])
def test_a_photo_of_another_space_is_decoded_in_full(profile):
    """However large: no bound is proven for what a profile makes of the colours of a sketch."""
    import_module("difPy.decode.bounds")
    scene = pictures.scene(1, (460, 275)).resize((1840, 1100))
    for icc_profile, is_sketched in ((None, True), (profile, False)):
        data = encoded("JPEG", icc_profile, image=scene, quality=85)
        found = decode.decode(data, "a.jpg", 20, exact=False)
        assert isinstance(found, Picture)
        assert (found.error > 0) is is_sketched


# How a picture is held and cropped


def turned(image, box, **options):
    """An AVIF with one more box that says how it is shown."""
    return made.with_property(pictures.encode(image, "AVIF", quality=95, **options), *box)


def clap(width, height, right=0, down=0):
    return b"clap", struct.pack(">IIIIiIiI", width, 1, height, 1, right, 1, down, 1)


def test_a_cropped_avif_is_the_part_that_is_shown():
    image = pictures.scene(1, (128, 96))
    whole, cropped = pictures.encode(image, "AVIF", quality=95), turned(image, clap(64, 48, 16, -8))
    found, pixels = look(cropped), Image.open(io.BytesIO(whole)).crop((48, 16, 112, 64))
    assert (found.width, found.height) == (64, 48)
    assert found.identity == look(pictures.encode(pixels, "PNG")).identity
    heic = encoded("HEIF", image=image, quality=90)
    assert look(made.with_property(heic, *clap(64, 48))).width == 64
    large = turned(pictures.scene(2, (1600, 1200)), clap(800, 600), speed=10)
    assert (decode.decode(large, "a", 20, exact=False).width, look(large).width) == (800, 800)


@pytest.mark.parametrize("box", [clap(0, 48), clap(400, 400), clap(64, 48, 100), clap(128, 96)])
def test_a_crop_that_cannot_be_is_none(box):
    image = pictures.scene(1, (128, 96))
    assert look(turned(image, box)).identity == look(pictures.encode(image, "AVIF", quality=95)).identity


@pytest.mark.parametrize("box", [(b"irot", b"\1"), (b"irot", b"\2"), (b"imir", b"\0"), (b"imir", b"\1")])
def test_a_turned_avif_is_seen_as_it_is_shown(box):
    image = pictures.scene(1, (128, 96))
    upright, found = look(pictures.encode(image, "AVIF", quality=95)), look(turned(image, box))
    assert found.identity == upright.identity  # it is the same, turned or mirrored
    assert not np.array_equal(found.tensor, upright.tensor)
    assert found.width == (96 if box == (b"irot", b"\1") else 128)
