"""Rarer kinds of formats, and formats that Pillow decodes slowly: the same pictures as ever, by other ways."""

import io
import os
import struct
import subprocess
import sys

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

import pictures
from difPy import decode
from difPy.decode import big_tiff, quick
from difPy.files import File
from difPy.model import Failure, Picture

PX = 20


def decoded(data, name="a.x"):
    """A picture, the same by default and in full."""
    found, default = (decode.decode(data, name, PX, exact=exact) for exact in (True, False))
    assert isinstance(found, Picture), found
    assert isinstance(default, Picture)
    return found


def identity(image):
    return decoded(pictures.encode(image, "PNG")).identity


# Kinds that Pillow gives up in


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_a_photoshop_document_is_read_in_8_and_16_bits_small_and_large(tmp_path, mode, bits, large, packed):
    image = (pictures.cutout() if mode == "RGBA" else pictures.scene()).convert(mode)
    found = decoded(pictures.psd(tmp_path / "a.psd", image, bits=bits, large=large, packed=packed).read_bytes())
    assert found.format == "PSD"
    same = pictures.encode(image, "TIFF") if mode == "CMYK" else pictures.encode(image, "PNG")
    assert found.identity == decoded(same).identity


def test_16_bits_of_a_photoshop_document_are_compared_to_the_last(tmp_path):
    for mode in ("L", "RGB", "CMYK"):
        data = bytearray(pictures.psd(tmp_path / "a.psd", pictures.scene().convert(mode), bits=16).read_bytes())
        first = decoded(bytes(data))
        data[-1] ^= 1
        assert decoded(bytes(data)).identity != first.identity


@pytest.mark.parametrize(
    ("masks", "kind", "header"),
    [
        ((0x0F00, 0x00F0, 0x000F, 0xF000), np.uint16, 108),
        ((0x000F, 0x00F0, 0x0F00, 0xF000), np.uint16, 56),
        ((0x001F, 0x07E0, 0xF800, 0), np.uint16, 40),
        ((0x3FF00000, 0x000FFC00, 0x000003FF, 0), np.uint32, 40),
        ((0x3FF, 0xFFC00, 0x3FF00000, 0xC0000000), np.uint32, 124),
        ((0xFF, 0xFF00, 0xFF0000, 0), np.uint32, 52),
    ],
)
def test_a_bmp_is_read_whatever_bits_its_channels_are(tmp_path, masks, kind, header):
    pixels = np.random.default_rng(3).integers(0, np.iinfo(kind).max, (7, 13), kind, endpoint=True)
    channels = []
    for mask in masks if masks[3] else masks[:3]:
        lowest = (mask & -mask).bit_length() - 1
        levels = (pixels.astype(np.int64) & mask) >> lowest
        channels.append(np.rint(levels * 255 / (mask >> lowest)).astype(np.uint8))
    found = decoded(pictures.bmp_with_masks(tmp_path / "a.bmp", pixels, masks, header).read_bytes())
    assert found.format == "BMP"
    assert found.identity == identity(Image.fromarray(np.dstack(channels)))


def test_a_large_bmp_is_read_whatever_bits_its_channels_are(tmp_path):
    pixels = np.random.default_rng(3).integers(0, 65536, (7, 13), np.uint16)
    path = pictures.bmp_with_masks(tmp_path / "a.bmp", pixels, (0xF00, 0xF0, 0xF, 0), 40)
    os.truncate(path, 65 << 20)
    now = path.stat()
    file = File(str(path), "", now.st_size, now.st_mtime_ns, now.st_dev, now.st_ino)
    assert decode.look(file, PX, exact=True).format == "BMP"


@pytest.mark.parametrize("pages", [1, 3])
def test_a_bigtiff_in_the_other_byte_order_is_read(tmp_path, pages):
    found = decoded(pictures.bigtiff(tmp_path / "a.tif", pictures.scene(), pages).read_bytes())
    assert (found.format, found.frames) == ("TIFF", pages)
    assert pages > 1 or found.identity == identity(pictures.scene())


def test_a_bigtiff_whose_values_are_all_the_same_bytes_takes_no_memory():
    entries = b"".join(struct.pack(">HHQQ", 60_000 + n % 5000, 1, 4_000_000, 16) for n in range(20_000))
    data = b"MM\0+\0\x08\0\0" + struct.pack(">QQ", 16, 20_000) + entries + bytes(8)
    assert big_tiff.as_tiff(data.ljust(4_000_016, b"\0")) is None


def test_an_endless_bigtiff_ends(tmp_path):
    data = bytearray(pictures.bigtiff(tmp_path / "a.tif", pictures.scene(), 2).read_bytes())
    data[-8:] = data[8:16]
    assert decoded(bytes(data)).frames == 2


def test_an_avif_without_the_size_of_its_transparency_is_read(tmp_path):
    path = pictures.avif_without_size_of_alpha(tmp_path / "a.avif", pictures.cutout())
    with pytest.raises(OSError, match="cannot identify"):
        Image.open(path)
    assert decoded(path.read_bytes()).identity == decoded(pictures.encode(pictures.cutout(), "AVIF")).identity


def test_grey_darkened_by_its_transparency_is_read():
    grey = pictures.cutout().convert("LA")
    alpha = np.asarray(grey)[..., 1]
    darkened = np.dstack([np.asarray(grey)[..., 0] * (alpha / 255), alpha]).astype(np.uint8)
    tags = {256: grey.width, 257: grey.height, 259: 1, 262: 1, 277: 2, 278: grey.height, 279: darkened.size, 338: 1}
    start = 8 + 2 + 12 * (len(tags) + 2) + 4
    entries = [struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items()]
    entries += [struct.pack("<HHIHH", 258, 3, 2, 8, 8), struct.pack("<HHII", 273, 4, 1, start)]
    entries.sort(key=lambda entry: entry[:2][::-1])
    head = b"II*\0" + struct.pack("<IH", 8, len(entries)) + b"".join(entries) + bytes(4)
    found = decoded(head + darkened.tobytes())
    assert found.views is not None
    assert np.abs(found.tensor.astype(int) - decoded(pictures.encode(grey, "PNG")).tensor).max() < 3


def test_an_arithmetic_jpeg_of_any_size_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(ImageFile, "MAXBLOCK", 65536)  # Pillow's own
    path = pictures.arithmetic_jpeg(tmp_path / "a.jpg")
    assert path.stat().st_size > 1.9 * ImageFile.MAXBLOCK
    with pytest.raises(OSError, match=r"broken|truncated"), Image.open(path) as image:
        image.load()
    assert decoded(path.read_bytes()).format == "JPEG"


# Kinds that need imagecodecs


def deep_jpeg(bits, *, grey=False, lossless=False):
    samples = np.asarray(pictures.scene().convert("L" if grey else "RGB")).astype(np.uint32) * ((1 << bits) - 1) // 255
    return imagecodecs.jpeg8_encode(samples.astype(np.uint16), bitspersample=bits, lossless=lossless)


@pytest.mark.parametrize(("bits", "lossless"), [(12, False), (10, True), (12, True), (16, True)])
@pytest.mark.parametrize("grey", [False, True])
def test_a_jpeg_of_more_than_8_bits_is_read(bits, lossless, grey):
    found = decoded(deep_jpeg(bits, grey=grey, lossless=lossless), "a.jpg")
    shown = decoded(pictures.encode(pictures.scene().convert("L" if grey else "RGB"), "PNG"))
    assert found.format == "JPEG"
    assert np.abs(found.tensor.astype(int) - shown.tensor).mean() < 3
    assert bits != 16 or found.identity == shown.identity  # each byte twice


def test_exif_of_a_jpeg_of_12_bits_is_obeyed():
    tag = Image.Exif()
    tag[pictures.EXIF_ORIENTATION] = 6
    exif = b"\xff\xe1" + struct.pack(">H", 2 + len(tag.tobytes())) + tag.tobytes()
    data = deep_jpeg(12)
    found = decoded(data[:2] + exif + data[2:])
    assert (found.width, found.height) == pictures.scene().size[::-1]


@pytest.mark.parametrize("lossless", [False, True])
def test_a_jpeg_of_more_than_8_bits_that_is_cut_off_is_truncated(lossless):
    """The decoder would fill up what is missing, and say nothing."""
    data = deep_jpeg(12, lossless=lossless)
    for cut in (1, 2, 100, len(data) // 2):
        found = decode.decode(data[:-cut], "a.jpg", PX, exact=True)
        assert isinstance(found, Failure)
        assert found.reason == "truncated JPEG: the file ends before the picture does"


def test_a_lossless_jpeg_that_pillow_reads_is_the_same_without_imagecodecs():
    """Pillow alone reads what it can read, so that a picture is the same on every machine."""
    data = imagecodecs.jpeg8_encode(np.ascontiguousarray(pictures.scene(size=(700, 500))), lossless=True)
    script = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "imagecodecs" else find(name, package)
from difPy import decode
print(decode.decode(sys.stdin.buffer.read(), "a.jpg", 20, exact=True).identity.hex())
"""
    done = subprocess.run([sys.executable, "-c", script], input=data, capture_output=True, check=True)
    assert done.stdout.decode().strip() == decoded(data).identity.hex()
    assert decoded(data).identity == identity(pictures.scene(size=(700, 500)))


# Formats that Pillow decodes slowly


def by_both(data):
    """What Pillow makes of it, and what it makes of it with our decoders: pixels, or what is wrong."""
    found = []
    for ours in (False, True):
        image = Image.open(io.BytesIO(data))
        if ours:
            before = list(image.tile)
            quick.quicken(image)
            assert image.tile != before
        try:
            found.append((image.mode, image.size, image.tobytes()))
        except Exception as error:
            found.append(str(error))
    return found


def damaged(data, random, start):
    """Some damage, or none, behind the header."""
    broken = bytearray(data)
    for place in random.integers(start, len(data), random.integers(0, 4)):
        broken[place] = random.integers(256)
    return bytes(broken[: random.integers(start, len(data) + 1)] if random.integers(3) == 0 else broken)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), width=st.integers(1, 40), height=st.integers(1, 30), clear=st.booleans())
def test_a_qoi_is_what_pillow_says(seed, width, height, clear):
    random = np.random.default_rng(seed)
    image = (pictures.cutout if clear else pictures.scene)(seed, (width, height))
    if random.integers(2):
        image = image.quantize(5).convert(image.mode)
    theirs, ours = by_both(damaged(pictures.encode(image, "QOI"), random, 14))
    assert theirs == ours


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    bits=st.sampled_from([8, 16, 24, 32, 40]),
    masks=st.tuples(*[st.integers(0, 2**32 - 1)] * 4) | st.just((0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
)
def test_a_dds_without_compression_is_what_pillow_says(seed, bits, masks):
    random = np.random.default_rng(seed)
    data = bytearray(pictures.encode(pictures.cutout(seed, (17, 11)), "DDS"))
    struct.pack_into("<5I", data, 88, bits, *masks)
    theirs, ours = by_both(damaged(data, random, 128))
    assert theirs == ours


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    maxval=st.sampled_from([1, 7, 100, 254, 256, 300, 1023, 65534]),
    colour=st.booleans(),
    plain=st.booleans(),
)
def test_a_ppm_with_any_maximum_is_what_pillow_says(seed, maxval, colour, plain):
    random = np.random.default_rng(seed)
    width, height = random.integers(1, 30, 2)
    samples = random.integers(0, maxval + 1 + (random.integers(4) == 0), width * height * (3 if colour else 1))
    samples = np.minimum(samples, 65535)
    head = b"P%d\n# difPy\n%d %d\n%d\n" % (5 + colour - 3 * plain, width, height, maxval)
    if plain:
        spaces = [b" ", b"\n", b"\t ", b"\r\n", b" # note\n ", b"#\n"]
        body = b"".join(b"%d" % n + spaces[random.choice(6, p=(0.7, 0.2, 0.05, 0.03, 0.01, 0.01))] for n in samples)
    else:
        body = samples.astype(">u2" if maxval > 255 else np.uint8).tobytes()
    theirs, ours = by_both(damaged(head + body, random, len(head)))
    assert theirs == ours


def test_a_plain_ppm_of_many_blocks_is_what_pillow_says():
    pixels = np.random.default_rng(5).integers(0, 256, (400, 500, 3))
    text = b"P3 500 400 255\n" + b" ".join(b"%d" % n for n in pixels.ravel())
    assert len(text) > 2 << 20
    theirs, ours = by_both(text)
    assert theirs == ours
