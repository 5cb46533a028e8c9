"""What is readable: the same at any speed, whole or not by what is there, and in words that people understand."""

import io
import re
import struct
import sys
import zipfile

import imagecodecs
import numpy as np
import pytest
from PIL import Image

import pictures
from difPy import contents, decode, memory
from difPy.files import File
from difPy.model import Failure, Picture

PX = 10
FOR_PROGRAMMERS = re.compile(
    r"\b\w+(Error|Exception|Warning)\b|\bNone|\bb['\"]|Traceback|\bobject\b|\bindex\b|out of range|bytes-like|Please|"
    r"\bbuild|from source|argument|unpack|struct|codec\b|0x|[<>{}\[\]_]|image file|literal",
    re.IGNORECASE,
)


def answers(data, name="a.x"):
    """What full decoding and the default say: the reason of a failure, or None."""
    found = [decode.decode(data, name, PX, exact=exact) for exact in (True, False)]
    return [one.reason if isinstance(one, Failure) else None for one in found]


def frames(count=6):
    return [pictures.scene(i, (60, 40)) for i in range(count)]


def encoded(tmp_path):
    """Small files of every format that we can write: name and bytes."""
    scene = pictures.scene(size=(96, 64))
    for name in "a.png a.gif a.tif a.webp a.bmp a.dib a.ppm a.tga a.jp2 a.avif a.heic a.qoi a.dds a.pcx a.sgi".split():  # noqa: SIM905
        yield name, pictures.saved(scene, tmp_path / name).read_bytes()
    for name, options in (("z.tif", {"compression": "tiff_lzw"}), ("j.tif", {"compression": "jpeg"})):
        yield name, pictures.saved(scene, tmp_path / name, **options).read_bytes()
    yield "a.ico", pictures.saved(scene.resize((32, 32)), tmp_path / "a.ico").read_bytes()
    yield "a.icns", pictures.saved(scene.resize((128, 128)), tmp_path / "a.icns").read_bytes()
    yield "a.jxl", pictures.saved(scene, tmp_path / "a.jxl").read_bytes()
    yield "a.xbm", pictures.saved(scene.convert("1"), tmp_path / "a.xbm").read_bytes()
    yield "a.psd", pictures.psd(tmp_path / "a.psd", scene).read_bytes()
    yield "d.psd", pictures.psd(tmp_path / "d.psd", scene, bits=16, packed=True).read_bytes()
    yield "a.dcx", pictures.dcx(tmp_path / "a.dcx", [scene]).read_bytes()
    yield "a.dng", pictures.camera_raw(tmp_path / "a.dng").read_bytes()
    yield "a.mpo", pictures.mpo(tmp_path / "a.mpo", frames(2)).read_bytes()
    for name in ("f.gif", "f.png", "f.webp", "f.tif", "f.avif"):
        yield name, pictures.animation(tmp_path / name, frames()).read_bytes()
    deep = np.asarray(scene).astype(np.uint16) * 16
    yield "deep.jpg", imagecodecs.jpeg8_encode(deep, bitspersample=12)
    yield "big.tif", pictures.bigtiff(tmp_path / "big.tif", scene).read_bytes()


def damages(data, random, count):
    """Cut, with other bytes in its header, with other bytes anywhere, with garbage, with more behind it."""
    for number in range(count):
        broken = bytearray(data)
        match number % 5:
            case 0:
                del broken[random.integers(1, len(data)) :]
            case 1:
                for place in random.integers(0, min(len(data), 400), 3):
                    broken[place] = random.integers(256)
            case 2:
                for place in random.integers(0, len(data), 5):
                    broken[place] = random.integers(256)
            case 3:
                start = random.integers(0, len(data))
                broken[start : start + 40] = random.bytes(40)
            case 4:
                broken += random.bytes(300)
        yield bytes(broken)


# One answer at any speed


def large_jpegs(tmp_path):
    scene = pictures.scene(size=(480, 360))
    yield "baseline", pictures.encode(scene, "JPEG")
    yield "restarts", pictures.encode(scene, "JPEG", restart_marker_blocks=7)
    yield "progressive", pictures.encode(scene, "JPEG", progressive=True)
    yield "grey", pictures.encode(scene.convert("L"), "JPEG", quality=95)
    yield "inks", pictures.encode(scene.convert("CMYK"), "JPEG")
    yield "lossless", imagecodecs.jpeg8_encode(np.ascontiguousarray(scene), lossless=True)
    yield "arithmetic", pictures.arithmetic_jpeg(tmp_path / "a.jpg").read_bytes()


@pytest.mark.parametrize("kind", ["baseline", "restarts", "progressive", "grey", "inks", "lossless", "arithmetic"])
def test_a_jpeg_is_readable_or_not_at_any_speed(tmp_path, kind):
    data = dict(large_jpegs(tmp_path))[kind]
    assert answers(data, "a.jpg") == [None, None]
    random = np.random.default_rng(2)
    said = set()
    for broken in damages(data, random, 25):
        full, default = answers(broken, "a.jpg")
        assert full == default
        said.add(full)
    assert len(said) > 1


def test_garbage_in_the_later_scans_of_a_progressive_jpeg_is_seen_by_default(tmp_path):
    data = bytearray(dict(large_jpegs(tmp_path))["progressive"])
    last = data.rindex(b"\xff\xda")
    data[last + 4 : last + 10] = b"\x09" * 6
    full, default = answers(bytes(data), "a.jpg")
    assert full == default
    assert full.startswith("damaged JPEG")


@pytest.mark.parametrize("format_", ["PNG", "TIFF", "WEBP", "BMP"])
def test_large_pictures_of_other_formats_are_readable_or_not_at_any_speed(format_):
    options = {"WEBP": {"method": 0}, "PNG": {"compress_level": 1}}.get(format_, {})
    data = pictures.encode(pictures.scene(size=(1100, 950)), format_, **options)
    for broken in damages(data, np.random.default_rng(3), 10):
        full, default = answers(broken)
        assert full == default


# Whole or not


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"quality": 95, "subsampling": 0},
        {"progressive": True},
        {"restart_marker_blocks": 5},
        {"restart_marker_rows": 1, "progressive": True},
        {"optimize": True},
    ],
    ids=["baseline", "full colour", "progressive", "restarts", "progressive restarts", "optimal tables"],
)
@pytest.mark.parametrize("kind", ["scene", "flat", "grey"])
def test_a_jpeg_that_lacks_only_its_end_mark_is_compared_and_one_that_lacks_more_is_not(options, kind):
    scene = pictures.scene(size=(130, 90))
    image = {"scene": scene, "flat": Image.new("RGB", (130, 90), "teal"), "grey": scene.convert("L")}[kind]
    data = pictures.encode(image, "JPEG", **options)
    whole = decode.decode(data, "a.jpg", PX, exact=True)
    tails = [b"", b"\xff"]  # half a mark
    if kind != "flat":  # whose code may end in zeros itself
        tails += [bytes(100), b"\xff" + bytes(50)]  # what a disk puts where nothing is
    for tail in tails:
        for exact in (True, False):
            found = decode.decode(data[:-2] + tail, "a.jpg", PX, exact=exact)
            assert isinstance(found, Picture)
            assert found.identity == whole.identity
    pixels = Image.open(io.BytesIO(data)).tobytes()
    header = data.index(b"\xff\xda") + 14
    for cut in {*range(3, 12), *np.linspace(12, len(data) - header, 12).astype(int)}:
        for tail in (b"", bytes(100)):
            found = decode.decode(data[:-cut] + tail, "a.jpg", PX, exact=True)
            if isinstance(
                found, Picture
            ):  # what is cut off says nothing: padding, or the only colour there is a code for
                with Image.open(io.BytesIO(data[:-cut] + b"\xff\xd9")) as shown:
                    assert shown.tobytes() == pixels
                assert found.identity == whole.identity
            else:
                assert found.reason == "truncated JPEG: the file ends before the picture does"


@pytest.mark.parametrize("colour", [0, 9, 255])
def test_a_cut_off_scan_of_a_colour_that_the_picture_has_not_is_a_truncated_jpeg(colour):
    data = pictures.encode(pictures.scene(), "JPEG", restart_marker_rows=1)  # whose blocks have to be counted
    scan = data.index(b"\xff\xda")
    broken = data[:scan] + b"\xff\xda\0\x08\1" + bytes([colour, 0]) + b"\0\x3f\0" + data[scan + 14 : -2]
    assert answers(broken, "a.jpg") == ["truncated JPEG: the file ends before the picture does"] * 2


def test_a_photo_that_was_cut_off_is_no_reason_to_ask_for_more_memory(monkeypatch):
    """Where a decoder may lack memory, what it says of a file is not believed; that there is no end, nobody doubts."""
    monkeypatch.setenv(memory.ROOM, f"{64 << 20}/{1 << 30}")
    assert answers(pictures.encode(pictures.scene(), "JPEG")[:-100], "a.jpg")[0].startswith("truncated JPEG")


def test_the_digest_of_a_jpeg_without_its_end_mark_is_that_of_its_bytes(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(pictures.encode(pictures.scene(), "JPEG")[:-2])
    now = path.stat()
    file = File(str(path), "", now.st_size, now.st_mtime_ns, now.st_dev, now.st_ino)
    assert decode.look(file, PX, exact=False).digest == contents.digest_of(file)
    assert decode.full_resolution_distance(file, file, (0, 2)) < 1


@pytest.mark.parametrize(("name", "frame"), [("f.gif", "GIF"), ("f.png", "PNG"), ("f.tif", "TIFF")])
def test_a_bad_later_frame_is_named_with_what_was_read_before_it(tmp_path, name, frame):
    options = {"compression": "tiff_adobe_deflate"} if name == "f.tif" else {}
    data = pictures.animation(tmp_path / name, frames(), **options).read_bytes()
    cut = pictures.animation(tmp_path / name, frames(4), **options).read_bytes()
    start = len(cut) + 60
    behind = b"" if name == "f.gif" else b"\xab" * 200 + data[start + 200 :]  # what a GIF says is always a picture
    for reason in answers(data[:start] + behind, name):
        assert re.match(
            rf"(damaged|truncated) {frame}: frame [56]( of 6)? cannot be read; the [45] before it were read", reason
        )


# Reasons


def test_reasons_are_for_people_and_name_the_format(tmp_path):
    random = np.random.default_rng(4)
    names = set()
    for name, data in encoded(tmp_path):
        for broken in damages(data, random, 15):
            full, default = answers(broken, name)
            assert full == default, name
            if full is None:
                continue
            assert not FOR_PROGRAMMERS.search(full), full
            assert re.match(
                r"(damaged|truncated) [A-Z]|damaged camera raw|too large: |not a picture: its content is of no known",
                full,
            ), (name, full)
            if full.startswith("not a picture"):  # nothing is left of the signature
                assert broken[:12] != data[:12] or name in ("a.xbm", "a.dib", "a.tga", "a.pcx", "a.im", "a.ppm"), name
            names.add(name)
    assert len(names) > 30


def box(kind):
    return struct.pack(">I", 24) + b"ftyp" + kind + bytes(12)


def archive(kind):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as inside:
        inside.writestr("mimetype", kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a drawing (SVG)"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- drawn -->\n<svg/>", "a drawing (SVG)"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"gimp xcf v011\0", "a GIMP image (XCF)"),
        (archive("application/x-krita"), "a Krita document (KRA)"),
        (archive("image/openraster"), "an OpenRaster document (ORA)"),
        (archive("anything"), "an archive (ZIP)"),
        (box(b"isom"), "a film (MP4)"),
        (box(b"qt  "), "a film (QuickTime)"),
        (b"\x1aE\xdf\xa3" + bytes(40), "a film (Matroska or WebM)"),
        (b"RIFF\x10\0\0\0AVI LIST", "a film (AVI)"),
        (b"v/1\x01" + bytes(40), "an OpenEXR image"),
        (b"#?RADIANCE\n", "a Radiance HDR image"),
        (b"II\xbc\x01" + bytes(40), "a JPEG XR image"),
    ],
)
def test_what_is_no_picture_that_can_be_read_is_called_by_its_name(start, words):
    for reason in answers(start, "a.png"):
        assert reason.startswith(f"unsupported: {words}")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows draws them")
def test_a_windows_metafile_is_unsupported_and_not_damaged():
    placed = b"\xd7\xcd\xc6\x9a\0\0" + struct.pack("<4hHIH", 0, 0, 100, 80, 96, 0, 0)
    for reason in answers(placed + b"\1\0\t\0" + bytes(40), "a.wmf"):
        assert reason.startswith("unsupported: WMF images")


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (box(b"heic"), "damaged HEIC: "),
        (box(b"avif"), "damaged AVIF: "),
        (b"8BPS\0\2" + bytes(60), "damaged PSB: "),
        (b"8BPS\0\1" + bytes(60), "damaged PSD: "),
        (b"BM" + bytes(60), "damaged BMP: "),
        (b"\x89PNG\r\n\x1a\n" + bytes(60), "damaged PNG: "),
        (b"II*\0" + bytes(60), "damaged TIFF: "),
    ],
)
def test_a_header_that_says_nothing_is_damaged_and_the_format_has_a_name(start, words):
    for reason in answers(start):
        assert reason.startswith(words)
        assert not FOR_PROGRAMMERS.search(reason)
