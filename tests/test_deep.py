"""More than 8 bits a sample: few of them used, and notes beside samples that Pillow does not give."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

import difPy
import parts_of_files as made
import pictures
from difPy import decode
from difPy.decode import payload
from difPy.decode.opening import Opened
from difPy.model import Picture


def look(data, name="a"):
    found = decode.decode(data, name, 20, exact=True)
    assert isinstance(found, Picture), found
    return found


def eight(seed):
    return np.asarray(pictures.scene(seed, (64, 48)))


def noted(text="beach"):
    exif = Image.Exif()
    exif[0x010E] = text
    return exif.tobytes()


# Few bits


@pytest.mark.parametrize("bits", [8, 10, 12, 14])
@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize("kind", ["png", "tif"])
def test_samples_of_few_bits_are_seen_as_their_8_bit_versions_are(tmp_path, bits, bands, kind):
    scenes = [eight(seed)[..., :bands] | (np.arange(48)[:, None, None] == 7) * 255 for seed in range(3)]
    seen = []
    for number, scene in enumerate(scenes):
        samples = scene.astype(np.uint16) << (bits - 8)
        write = pictures.png16 if kind == "png" else pictures.tiff16
        seen.append(look(write(tmp_path / f"{number}.{kind}", samples).read_bytes()))
    plain = [look(pictures.encode(Image.fromarray(np.squeeze(scene).astype(np.uint8)), "PNG")) for scene in scenes]
    for one, other in zip(seen, plain, strict=True):
        assert np.array_equal(one.tensor, other.tensor)
    assert len({one.identity for one in (*seen, *plain)}) == 6


def test_scenes_of_a_sensor_of_10_bits_are_not_similar(tmp_path):
    for seed in range(3):
        pictures.png16(tmp_path / f"{seed}.png", eight(seed)[..., :1].astype(np.uint16) * 4)
    assert difPy.find(difPy.index(tmp_path, cache=False), "similar").groups == []


@pytest.mark.parametrize("top", [1 << 14, 0xFFFF])
def test_samples_that_use_the_range_are_seen_by_their_high_bytes(tmp_path, top):
    samples = (eight(1).astype(np.uint32) * 257 * top // 0xFFFF + 1).astype(np.uint16)
    samples[0, 0] = top
    high = Image.fromarray((samples >> 8).astype(np.uint8))
    found = look(pictures.png16(tmp_path / "a.png", samples).read_bytes())
    assert np.array_equal(found.tensor, look(pictures.encode(high, "PNG")).tensor)


def test_dark_8_bits_in_16_are_those_8_bits(tmp_path):
    dark = eight(1)[..., :1] // 8
    deep = look(pictures.png16(tmp_path / "a.png", dark.astype(np.uint16) * 257).read_bytes())
    plain = look(pictures.encode(Image.fromarray(dark[..., 0]), "PNG"))
    assert deep.identity == plain.identity and np.array_equal(deep.tensor, plain.tensor)


def test_transparency_is_not_scaled_with_few_bits(tmp_path):
    samples = np.dstack([eight(1).astype(np.uint16) * 4 + 1, np.full((48, 64), 0x1234, np.uint16)])
    found = look(pictures.png16(tmp_path / "a.png", samples).read_bytes())
    on_white = 255 - 0x12 + eight(1).mean() * 0x12 / 255
    assert abs(found.tensor.mean() - on_white) < 3


# Notes


def heic(seed=1, **options):
    import pillow_heif

    samples = (eight(seed).astype("<u2") << 8) + 77
    image = pillow_heif.from_bytes("RGB;16", (64, 48), samples.tobytes())
    stream = io.BytesIO()
    image.save(stream, quality=90, **options)
    return stream.getvalue()


def jpeg_2000(seed=1, comment=b""):
    """Three components of 12 bits: by what the header says, which is where Pillow reads it."""
    data = bytearray(pictures.encode(pictures.scene(seed, (64, 48)), "JPEG2000", no_jp2=True))
    assert data[42:51:3] == b"\7\7\7"
    data[42:51:3] = b"\x0b\x0b\x0b"
    place = data.index(b"\xff\x52")
    note = b"\xff\x64" + struct.pack(">HH", 4 + len(comment), 1) + comment if comment else b""
    return bytes(data[:place] + note + data[place:])


def dng(tmp_path, seed=1, notes=()):
    data = pictures.camera_raw(tmp_path / "a.dng", seed).read_bytes()
    for tag, text in notes:
        data = made.with_tag(data, tag, text)
    return data


def test_deep_photos_of_the_same_pixels_and_other_notes_are_duplicates(tmp_path):
    for name, variants in {
        "a.heic": (heic(), heic(exif=noted()), heic(xmp=b"<x:xmpmeta/>"), heic(2)),
        "a.j2k": (jpeg_2000(), jpeg_2000(comment=b"beach"), jpeg_2000(comment=b"dune"), jpeg_2000(2)),
        "a.dng": (
            dng(tmp_path),
            dng(tmp_path, notes=[(270, b"beach\0")]),
            dng(tmp_path, notes=[(700, b"<x:xmpmeta/>"), (306, b"2026:01:01 10:00:00\0")]),
            dng(tmp_path, 2),
        ),
    }.items():
        plain, *same, other = (look(data, name) for data in variants)
        assert len({plain.digest, *(one.digest for one in same)}) == 3
        assert {one.identity for one in same} == {plain.identity} != {other.identity}, name


def test_a_heic_of_10_bits_that_differs_in_them_is_another():
    import pillow_heif

    def saved(low):
        samples = (eight(1).astype("<u2") << 8) + low
        image = pillow_heif.from_bytes("RGB;16", (64, 48), samples.tobytes())
        stream = io.BytesIO()
        image.save(stream, quality=-1)
        return look(stream.getvalue())

    one, other = saved(0), saved(64)
    assert np.abs(one.tensor.astype(int) - other.tensor).max() <= 1 and one.identity != other.identity


def test_what_a_dng_is_developed_by_is_no_note(tmp_path):
    plain = look(dng(tmp_path), "a.dng")
    assert look(dng(tmp_path, notes=[(50730, b"brighter")]), "a.dng").identity != plain.identity


def test_other_raw_files_and_damaged_ones_are_told_apart_by_all_their_bytes(tmp_path):
    data = dng(tmp_path)
    one, other = (
        Opened(Image.new("RGB", (8, 8)), b"", "RAW", raw=data.replace(struct.pack("<H", 50706), struct.pack("<H", tag)))
        for tag in (50706, 50705)
    )
    assert payload.hidden(one, b"bytes") != b"bytes" == payload.hidden(other, b"bytes")
    for cut in (3, 9, len(data) - 20):
        assert payload.hidden(Opened(one.image, b"", "RAW", raw=data[:cut]), b"bytes") == b"bytes"


def test_a_jpeg_xl_is_its_codestream_bare_or_in_boxes():
    bits = 1 | 1 << 6 | 3 << 12 | 15 << 14  # 8 x 8, 16 bits
    code = b"\xff\x0a" + bits.to_bytes(4, "little") + bytes(range(200))
    start = made.box(b"JXL ", b"\r\n\x87\n")
    parts = made.box(b"jxlp", b"\0\0\0\0" + code[:50]) + made.box(b"Exif", b"beach")
    files = [
        code,
        start + made.box(b"jxlc", code),
        start + made.box(b"Exif", b"beach") + made.box(b"jxlc", code),
        start + parts + made.box(b"jxlp", b"\x80\0\0\1" + code[50:]),
        start + made.box(b"jxlc", code + b"!"),
    ]
    found = [payload.hidden(Opened(Image.new("RGB", (8, 8)), data, "JXL"), b"bytes") for data in files]
    assert len({b"bytes", *found}) == 3 and len(set(found[:4])) == 1


def test_an_avif_of_10_bits_is_its_code_however_it_is_held_and_noted():
    def hidden(data):
        place = data.index(b"av1C") + 6
        deep = data[:place] + bytes([data[place] | 0x40]) + data[place + 1 :]
        return payload.hidden(Opened(Image.new("RGB", (8, 8)), deep, "AVIF"), b"bytes")

    image = pictures.scene(1)
    plain = pictures.encode(image, "AVIF")
    same = [pictures.encode(image, "AVIF", exif=noted()), made.with_property(plain, b"irot", b"\1")]
    assert {hidden(data) for data in same} == {hidden(plain)}
    assert len({b"bytes", hidden(plain), hidden(pictures.encode(pictures.scene(2), "AVIF"))}) == 3
