"""Ordinary JPEGs: opened and decoded in fewer steps than Pillow takes, to what Pillow makes of them."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

import pictures
from difPy import decode
from difPy.decode import jpeg, plain_jpeg

XMP = b"<x:xmpmeta><tiff:Orientation>6</tiff:Orientation></x:xmpmeta>"


def exif() -> Image.Exif:
    found = Image.Exif()
    found[272], found[282], found[296], found[274] = "Model 5", 300.0, 3, 6
    return found


SCENE = pictures.scene(size=(90, 70))
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
PLAIN = {
    "baseline": pictures.encode(SCENE, "JPEG"),
    "grey": pictures.encode(SCENE.convert("L"), "JPEG"),
    "progressive": pictures.encode(SCENE, "JPEG", progressive=True),
    "4:2:0": pictures.encode(SCENE, "JPEG", subsampling=2),
    "RGB": pictures.encode(SCENE, "JPEG", keep_rgb=True),
    "restart marks": pictures.encode(SCENE, "JPEG", restart_marker_rows=1),
    "EXIF": pictures.encode(SCENE, "JPEG", exif=exif()),
    "broken EXIF": pictures.encode(SCENE, "JPEG", exif=exif().tobytes()[:20]),
    "resolution, comment, profile, XMP": pictures.encode(
        SCENE, "JPEG", dpi=(300, 300), comment=b"nothing to say", icc_profile=SRGB, xmp=XMP
    ),
    "profile in parts": pictures.encode(SCENE, "JPEG", icc_profile=SRGB + bytes(70_000)),
}


def pillows(data: bytes) -> Image.Image:
    """The image as Pillow opens it, its decoder fed as Pillow does it by itself."""
    image = Image.open(io.BytesIO(data))
    image.decodermaxblock = 1 << 16
    return image


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("data", PLAIN.values(), ids=PLAIN)
def test_an_ordinary_jpeg_says_and_shows_what_pillow_makes_of_it(data):
    ours, theirs = plain_jpeg.opened(data), pillows(data)
    assert ours is not None
    for name in ("format", "mode", "size", "info", "layer", "layers", "bits", "app", "applist", "tile"):
        assert getattr(ours, name) == getattr(theirs, name), name
    assert dict(ours.getexif()) == dict(theirs.getexif())
    assert np.array_equal(ours, theirs)


def test_a_smaller_draft_of_an_ordinary_jpeg_is_pillows():
    ours, theirs = plain_jpeg.opened(PLAIN["4:2:0"]), pillows(PLAIN["4:2:0"])
    for image in (ours, theirs):
        image.draft(None, (20, 20))
    assert ours.size == theirs.size == (45, 35)
    assert np.array_equal(ours, theirs)


BASELINE = PLAIN["baseline"]
OTHERS = {
    "nothing": b"",
    "a start": BASELINE[:3],
    "a header that is cut off": BASELINE[:200],
    "inks": pictures.encode(SCENE.convert("CMYK"), "JPEG"),
    "fill before a mark": BASELINE[:20] + b"\xff" + BASELINE[20:],
    "bytes between segments": BASELINE[:20] + b"\0\0" + BASELINE[20:],
    "a table of half its size": BASELINE.replace(b"\xff\xdb\0\x43", b"\xff\xdb\0\x42"),
    "12 bits": BASELINE.replace(b"\xff\xc0\0\x11\x08", b"\xff\xc1\0\x11\x0c"),
    "no pixels": BASELINE.replace(b"\xff\xc0\0\x11\x08\0\x46", b"\xff\xc0\0\x11\x08\0\0"),
    "PNG": pictures.encode(SCENE, "PNG"),
}


@pytest.mark.parametrize("data", OTHERS.values(), ids=OTHERS)
def test_what_is_no_ordinary_jpeg_is_left_to_pillow(data):
    assert plain_jpeg.opened(data) is None


def test_several_pictures_in_one_file_are_left_to_pillow(tmp_path):
    data = pictures.mpo(tmp_path / "two.mpo", [SCENE, pictures.scene(1, (90, 70))]).read_bytes()
    assert plain_jpeg.opened(data) is None
    assert decode.decode(data, "two.mpo", 10, exact=True).format == "MPO"


def test_the_first_end_mark_is_found_wherever_it_lies():
    random = np.random.default_rng(2)
    for size in [*range(140), 1000, 5000]:
        data = bytes(random.choice([0, 0xD9, 0xFF], size, p=[0.9, 0.05, 0.05]).astype(np.uint8))
        for start in (0, size // 3, size, size + 1):
            place = data.find(jpeg.EOI, start)
            assert jpeg.end_behind(data, start) == (place + 2 if place >= 0 else 0)


def said(image: Image.Image) -> object:
    """Pixels of an image, or what its decoder says of them."""
    try:
        return image.tobytes()
    except Exception as error:
        return type(error), str(error)


@pytest.mark.filterwarnings("ignore")
def test_a_damaged_jpeg_shows_the_same_pixels_or_fails_in_the_same_words():
    """Also where Pillow hands its decoder a piece at a time, which then has to stop and go on."""
    random = np.random.default_rng(5)
    noise = Image.fromarray(random.integers(0, 256, (300, 320, 3), np.uint8))
    files = [pictures.encode(noise, "JPEG", quality=95, progressive=later) for later in (False, True)]
    assert min(map(len, files)) > 1 << 16
    files += [PLAIN["baseline"], PLAIN["progressive"], PLAIN["restart marks"]]
    failed = opened = 0
    for number in range(120):
        broken = bytearray(files[number % len(files)])
        for _ in range(int(random.integers(1, 4))):
            at, size = int(random.integers(2, len(broken))), int(random.integers(1, 6))
            broken[at : at + size] = random.bytes(size if number % 2 else 0)
        data = bytes(broken[: len(broken) if number % 3 else int(random.integers(len(broken)))])
        if (ours := plain_jpeg.opened(data)) is not None:
            opened += 1
            found = said(ours)
            assert found == said(pillows(data)), number
            failed += isinstance(found, tuple)
    assert opened > 80
    assert failed > 20
