"""Decoding: real picture files in, pictures or reasons out."""

import io
import math
import os
import pickle
import resource
import subprocess
import sys
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

import pictures
from difPy import contents, decode, orientation
from difPy.files import File
from difPy.model import Failure, Picture

PX = 20


def file(path) -> File:
    """What the scan says of a file."""
    now = os.stat(path)
    return File(str(path), "", now.st_size, now.st_mtime_ns, now.st_dev, now.st_ino)


def look(path, px_size=PX) -> Picture:
    picture = decode.look(file(path), px_size, exact=True)
    assert isinstance(picture, Picture), picture
    return picture


def reason(path) -> str:
    failure = decode.look(file(path), PX, exact=True)
    assert isinstance(failure, Failure)
    assert failure.path == str(path)
    return failure.reason


def tensor_of(image, px_size=PX) -> np.ndarray:
    """As difPy 4.2.1 makes it, of an image or a file."""
    if not isinstance(image, Image.Image):
        image = Image.open(io.BytesIO(image.read_bytes()))
    rgb = image if image.getbands() == ("R", "G", "B") else image.convert("RGB")
    return np.asarray(rgb.resize((px_size, px_size), resample=Image.Resampling.BICUBIC))


def identical_as(a: Picture, b: Picture) -> set[int]:
    """Orientations o such that a is b in that orientation, pixel for pixel, told by the identities alone."""
    if a.identity != b.identity:
        return set()
    return {
        orientation.compose(orientation.inverse(of_a), of_b)
        for of_a in orientation.members(a.stance)
        for of_b in orientation.members(b.stance)
    }


def identical(a: Picture, b: Picture) -> bool:
    return orientation.SAME in identical_as(a, b)


# An ordinary picture


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.bmp", "a.tif", "a.webp", "a.ppm", "a.tga", "a.gif"])
@pytest.mark.parametrize("px_size", [10, 50, 301])
def test_the_tensor_is_that_of_difpy_4(tmp_path, name, px_size):
    path = pictures.saved(pictures.scene(), tmp_path / name)
    picture = look(path, px_size)
    assert np.array_equal(picture.tensor, tensor_of(path, px_size))
    assert picture.tensor.dtype == np.uint8
    assert (picture.width, picture.height, picture.frames) == (120, 80, 1)
    assert picture.error == 0
    assert picture.views is None
    assert (len(picture.identity), len(picture.digest)) == (40, 32)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "RGBX"])
def test_the_tensor_of_other_colour_modes_is_that_of_difpy_4(tmp_path, mode):
    path = pictures.saved(pictures.scene().convert(mode), tmp_path / "a.tif")
    assert np.array_equal(look(path).tensor, tensor_of(path))


LOSSLESS = {
    "a.png": {},
    "a.bmp": {},
    "a.tif": {},
    "lzw.tif": {"compression": "tiff_lzw"},
    "a.ppm": {},
    "a.tga": {},
    "a.pcx": {},
    "a.sgi": {},
    "a.dds": {},
    "a.qoi": {},
    "a.webp": {"lossless": True},
    "a.jp2": {},
    "a.jxl": {"lossless": True},
}


def test_a_lossless_copy_in_any_format_is_identical(tmp_path):
    scene = pictures.scene()
    first = look(pictures.saved(scene, tmp_path / "first.png"))
    for name, options in LOSSLESS.items():
        copy = look(pictures.saved(scene, tmp_path / name, **options))
        assert identical(first, copy), name
        assert np.array_equal(first.tensor, copy.tensor)


def test_a_picture_in_a_format_told_by_its_content_alone(tmp_path):
    path = pictures.saved(pictures.scene(), tmp_path / "a.png").rename(tmp_path / "a.jpg")
    assert look(path).format == "PNG"


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("a.avif", "AVIF"),
        ("a.heic", "HEIF"),
        ("a.jxl", "JXL"),
        ("a.ico", "ICO"),
        ("a.icns", "ICNS"),
        ("a.jfif", "JPEG"),
    ],
)
def test_formats_of_today_are_read(tmp_path, name, format_):
    picture = look(pictures.saved(pictures.scene(size=(256, 256)), tmp_path / name))
    assert picture.format == format_
    assert np.abs(picture.tensor.astype(int) - tensor_of(pictures.scene(size=(256, 256)))).mean() < 5


def test_formats_that_pillow_cannot_write_are_read(tmp_path):
    scene = pictures.scene()
    png = look(pictures.saved(scene, tmp_path / "a.png"))
    assert identical(png, look(pictures.psd(tmp_path / "a.psd", scene)))
    assert identical(png, look(pictures.dcx(tmp_path / "a.dcx", [scene])))
    grey = np.asarray(scene.convert("L")) // 4 * 4
    assert look(pictures.fli(tmp_path / "a.fli", [grey])).format == "FLI"


def test_every_extension_is_lower_case_and_the_documented_ones_are_there():
    documented = "apng bw cdf cur dcx dds dib emf eps fli flc fpx ftex fits gd gd2 gif gbr icb icns iim ico im imt j2k"
    documented += " jfif jfi jif jp2 jpe jpeg jpg jpm jpf jpx mic mpo msp nc pbm pcd pcx pgm png ppm psd pixar ras rgb"
    documented += " rgba sgi spi spider sun tga tif tiff vda vst wal webp xbm xpm"
    assert set(documented.split()) | {"bmp", "heic", "avif", "nef", "jxl"} <= decode.EXTENSIONS
    assert all(extension == extension.lower().strip(".") for extension in decode.EXTENSIONS)


# Orientation


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif", "a.webp", "a.avif", "a.heic"])
@pytest.mark.parametrize("exif", range(1, 9))
def test_exif_orientation_is_applied_once(tmp_path, name, exif):
    scene = pictures.scene()
    picture = look(pictures.with_exif_orientation(scene, tmp_path / name, exif))
    assert (picture.width, picture.height) == scene.size
    assert np.abs(picture.tensor.astype(int) - tensor_of(scene)).mean() < 4


@pytest.mark.parametrize("exif", range(1, 9))
def test_a_picture_turned_by_exif_is_identical_to_the_upright_one(tmp_path, exif):
    scene = pictures.scene()
    upright = look(pictures.saved(scene, tmp_path / "upright.png"))
    tagged = look(pictures.with_exif_orientation(scene, tmp_path / "tagged.png", exif))
    assert identical_as(upright, tagged) == {orientation.SAME}
    assert np.array_equal(upright.tensor, tagged.tensor)


def test_damaged_exif_rejects_no_picture(tmp_path):
    path = pictures.with_exif_orientation(pictures.scene(), tmp_path / "a.jpg", 6, quality=90)
    data = path.read_bytes()
    start = data.index(b"Exif\0\0") + 6
    random = np.random.default_rng(0)
    for _ in range(200):
        broken = bytearray(data)
        for place in random.integers(start, start + 26, 4):
            broken[place] = random.integers(256)
        picture = decode.decode(bytes(broken), "a.jpg", PX, exact=True)
        assert isinstance(picture, Picture), picture


def test_what_exif_tells_is_counted(tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "maker"
    exif.get_ifd(0x8769)[0x9003] = "2026:11:22 10:00:00"
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 0.0)
    rich = look(pictures.saved(pictures.scene(), tmp_path / "rich.jpg", exif=exif))
    assert (rich.exif_fields, rich.gps) == (3, True)
    for name in ("a.jpg", "a.tif", "a.png"):
        poor = look(pictures.saved(pictures.scene(), tmp_path / name))
        assert (poor.exif_fields, poor.gps) == (0, False), name


# Identity


tiny = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: st.lists(
        st.sampled_from([(0, 0, 0), (255, 255, 255), (1, 2, 3)]),
        min_size=shape[0] * shape[1],
        max_size=shape[0] * shape[1],
    ).map(lambda colours: np.array(colours, np.uint8).reshape(*shape, 3))
)


def ppm(pixels: np.ndarray) -> Picture:
    height, width, _ = pixels.shape
    data = f"P6 {width} {height} 255 ".encode() + pixels.tobytes()
    picture = decode.decode(data, "a.ppm", 10, exact=True)
    assert isinstance(picture, Picture)
    return picture


@settings(max_examples=300, deadline=None)
@given(a=tiny, b=tiny, turn=st.sampled_from(orientation.ALL), related=st.booleans())
def test_identities_tell_exactly_in_which_orientations_two_pictures_are_one(a, b, turn, related):
    b = orientation.apply(turn, a) if related else b
    truth = {o for o in orientation.ALL if np.array_equal(orientation.apply(o, b), a)}
    assert identical_as(ppm(a), ppm(b)) == truth


@pytest.mark.parametrize("size", [(97, 131), (1500, 1001), (300, 5000)])
def test_large_pictures_are_identical_to_their_turns_only(size):
    pixels = np.asarray(pictures.scene(3, size))
    picture = ppm(pixels)
    for o in orientation.ALL:
        assert identical_as(ppm(np.ascontiguousarray(orientation.apply(o, pixels))), picture) == {o}
    changed = pixels.copy()
    changed[70, 50, 1] ^= 1
    assert ppm(changed).identity != picture.identity


@pytest.mark.parametrize(
    ("shape", "levels", "identity", "stance"),
    [
        ((1, 2), [9, 3], "16ebbb67af56fb5526f60e423d3a4d7b0e9fa9285220c11bcaf2570a9685918f753e0f73991dac12", 20),
        ((2, 1), [3, 9], "16ebbb67af56fb5526f60e423d3a4d7b0e9fa9285220c11bcaf2570a9685918f753e0f73991dac12", 34),
        ((2, 2), [1, 2, 3, 4], "be16266c5a9ac606b25711c8bf059b2139ac7e07427145b2816b345a23f70c87818e416f7170c0b0", 2),
        ((1, 3), [1, 2, 3], "f7e7588df5497c168651a3bfb02510bdae59c12549b4895933e4c9a0b86787b9b3fe442e30dcd5e8", 20),
    ],
)
def test_the_smallest_pictures_have_the_identities_that_indices_know_them_by(shape, levels, identity, stance):
    picture = decode.decode(f"P5 {shape[1]} {shape[0]} 255 ".encode() + bytes(levels), "a.pgm", 4, exact=True)
    assert isinstance(picture, Picture) and picture.identity
    assert (picture.identity.hex(), picture.stance) == (identity, stance)


@pytest.mark.parametrize("pixels", [np.full((40, 40, 3), 7, np.uint8), np.indices((40, 40, 3)).sum(0).astype(np.uint8)])
def test_symmetric_pictures_say_all_orientations_they_are_the_same_in(pixels):
    truth = {o for o in orientation.ALL if np.array_equal(orientation.apply(o, pixels), pixels)}
    assert identical_as(ppm(pixels), ppm(pixels)) == truth


def test_grey_palette_and_black_and_white_are_identical_to_rgb_of_the_same_pixels(tmp_path):
    for mode in ("1", "L", "P"):
        image = pictures.scene().convert(mode)
        assert identical(
            look(pictures.saved(image, tmp_path / f"{mode}.png")),
            look(pictures.saved(image.convert("RGB"), tmp_path / f"{mode}_rgb.png")),
        )


def test_inks_are_told_apart_though_they_look_the_same(tmp_path):
    black = look(pictures.saved(Image.new("CMYK", (9, 9), (0, 0, 0, 255)), tmp_path / "a.tif"))
    rich_black = look(pictures.saved(Image.new("CMYK", (9, 9), (200, 200, 200, 255)), tmp_path / "b.tif"))
    rgb = look(pictures.saved(Image.new("RGB", (9, 9)), tmp_path / "c.tif"))
    assert np.array_equal(black.tensor, rich_black.tensor)
    assert len({black.identity, rich_black.identity, rgb.identity}) == 3


# Transparency


def test_transparency_is_seen_on_white_and_on_black(tmp_path):
    picture = look(pictures.saved(Image.new("RGBA", (30, 20), (255, 0, 0, 0)), tmp_path / "clear.png"))
    assert picture.views.shape == (2, PX, PX, 3)
    assert (picture.views[0] == 255).all()
    assert (picture.views[1] == 0).all()
    assert np.array_equal(picture.tensor, picture.views[0])


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_opaque_alpha_is_no_alpha(tmp_path, mode):
    image = pictures.scene().convert("P" if mode == "PA" else mode[:-1])
    plain = look(pictures.saved(image, tmp_path / "plain.tif"))
    opaque = look(pictures.saved(image.convert(mode), tmp_path / "opaque.tif"))
    assert identical(plain, opaque)
    assert opaque.views is None


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_a_picture_is_composited_at_full_resolution(tmp_path, mode):
    image = pictures.cutout().convert(mode)
    picture = look(pictures.saved(image, tmp_path / "a.png"))
    for view, level in zip(picture.views, (255, 0), strict=True):
        canvas = Image.new("RGB", image.size, (level,) * 3)
        rgba = image.convert("RGBA")
        canvas.paste(rgba, mask=rgba)
        assert np.array_equal(view, tensor_of(canvas))


def test_transparent_palettes_and_colour_keys_are_seen(tmp_path):
    image = pictures.scene().convert("P")
    assert look(pictures.saved(image, tmp_path / "index.png", transparency=image.getpixel((0, 0)))).views is not None
    assert look(pictures.saved(image, tmp_path / "index.gif", transparency=image.getpixel((0, 0)))).views is not None
    grey = pictures.scene().convert("L")
    assert look(pictures.saved(grey, tmp_path / "key.png", transparency=grey.getpixel((0, 0)))).views is not None
    assert look(pictures.saved(grey, tmp_path / "unused.png", transparency=1)).views is None


def test_colour_hidden_by_transparency_is_no_reason_to_call_pictures_identical(tmp_path):
    red = pictures.saved(Image.new("RGBA", (8, 8), (255, 0, 0, 0)), tmp_path / "red.png")
    blue = pictures.saved(Image.new("RGBA", (8, 8), (0, 0, 255, 0)), tmp_path / "blue.png")
    assert np.array_equal(look(red).views, look(blue).views)
    assert look(red).identity != look(blue).identity
    assert decode.full_resolution_distance(file(red), file(blue), (0,)) == 1 / (8 * 8 * 3)


# Frames and pages


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp", "a.tif", "a.avif"])
@pytest.mark.parametrize("count", [2, 7, 8, 9, 40])
def test_frames_and_pages_are_counted_and_seen(tmp_path, name, count):
    frames = [Image.new("RGB", (32, 24), (i * 6, 255 - i * 6, 90)) for i in range(count)]
    picture = look(pictures.animation(tmp_path / name, frames))
    assert picture.frames == count
    assert 2 <= len(picture.views) <= 8
    assert np.array_equal(picture.views[0], picture.tensor)
    for view, frame in ((picture.views[0], frames[0]), (picture.views[-1], frames[-1])):
        assert np.abs(view.astype(int) - tensor_of(frame)).max() < 9


def test_animations_that_differ_in_one_late_frame_are_not_identical(tmp_path):
    frames = [pictures.scene(i, (30, 20)) for i in range(12)]
    other = [*frames[:5], pictures.scene(99, (30, 20)), *frames[6:]]
    a, b, again = (
        look(pictures.animation(tmp_path / f"{i}.png", f, duration=50)) for i, f in enumerate((frames, other, frames))
    )
    assert a.identity != b.identity
    assert a.identity == again.identity


def test_a_turned_document_is_identical_page_by_page(tmp_path):
    pages = [Image.new("RGB", (24, 24), "white"), pictures.scene(1, (30, 20)), pictures.scene(2, (30, 20))]
    turned = [page.transpose(Image.Transpose.ROTATE_90) for page in pages]
    mixed = [pages[0], turned[1], pages[2]]
    a, b, c = (look(pictures.animation(tmp_path / f"{i}.tif", p)) for i, p in enumerate((pages, turned, mixed)))
    assert identical_as(b, a) == {1}
    assert identical_as(c, a) == set()


def test_an_animation_and_a_document_of_the_same_frames_are_identical(tmp_path):
    frames = [pictures.scene(i, (30, 20)) for i in range(3)]
    assert identical(
        look(pictures.animation(tmp_path / "a.png", frames)), look(pictures.animation(tmp_path / "a.tif", frames))
    )


def test_further_images_that_are_no_frames_are_not_counted(tmp_path):
    scene, other = pictures.scene(1), pictures.scene(2)
    pixels = scene.tobytes()
    thumbnail = pictures.tiff(tmp_path / "a.tif", [(pixels, {}), (pixels, {254: 1})], width=120, height=80)
    paged = pictures.tiff(tmp_path / "b.tif", [(pixels, {}), (pixels, {254: 2})], width=120, height=80)
    assert look(thumbnail).frames == 1
    assert look(paged).frames == 2
    assert look(pictures.saved(scene, tmp_path / "a.ico", sizes=[(16, 16), (64, 64)])).width == 64
    plain = look(pictures.saved(scene, tmp_path / "plain.jpg"))
    stereo = look(pictures.mpo(tmp_path / "a.jpg", [scene, scene]))
    depth = look(pictures.mpo(tmp_path / "b.jpg", [scene, other]))
    assert (stereo.format, stereo.frames, stereo.views) == ("MPO", 1, None)
    assert len({plain.identity, stereo.identity, depth.identity}) == 3
    assert np.array_equal(plain.tensor, depth.tensor)


def test_frames_are_sampled_by_their_number_only():
    from difPy.decode.views import Views

    for count in range(1, 200):
        views = Views(10)
        for level in range(count):
            views.add(_OneColour(level))
        _, seen = views.result()
        levels = [0] if seen is None else seen[:, 0, 0, 0].tolist()
        assert levels[0] == 0
        assert levels[-1] == count - 1
        assert len(levels) == len(set(levels)) <= 8


class _OneColour:
    def __init__(self, level):
        self.shown = Image.new("RGB", (1, 1), (level, level, level))


# Depth


SAMPLES = np.random.default_rng(5).integers(0, 65536, (20, 30, 4), np.uint16)


def writers_of_16_bits(tmp_path, samples):
    yield pictures.png16(tmp_path / "a.png", samples)
    if samples.shape[2] != 2:
        for big_endian in (False, True):
            for deflated in (False, True):
                name = f"{big_endian}{deflated}.tif"
                yield pictures.tiff16(tmp_path / name, samples, big_endian=big_endian, deflated=deflated)
    if samples.shape[2] in (1, 3):
        yield pictures.ppm16(tmp_path / "a.ppm", samples)


@pytest.mark.parametrize("bands", [1, 2, 3, 4])
def test_16_bits_are_compared_to_the_last(tmp_path, bands):
    samples = SAMPLES[..., :bands]
    changed = samples.copy()
    changed[7, 9, 0] ^= 1
    seen = [look(path) for path in writers_of_16_bits(tmp_path, samples)]
    other = [look(path) for path in writers_of_16_bits(tmp_path, changed)]
    assert len({picture.identity for picture in seen}) == 1
    assert len({picture.identity for picture in other}) == 1
    assert seen[0].identity != other[0].identity
    turned = look(pictures.png16(tmp_path / "turned.png", np.rot90(samples)))
    assert identical_as(turned, seen[0]) == {1}


@pytest.mark.parametrize("bands", [1, 2, 3, 4])
def test_16_bits_that_say_no_more_than_8_are_identical_to_them(tmp_path, bands):
    high = (SAMPLES[..., :bands] >> 8).astype(np.uint8)
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[bands]
    plain = look(pictures.saved(Image.fromarray(high.squeeze(), mode), tmp_path / "plain.png"))
    for path in writers_of_16_bits(tmp_path, high.astype(np.uint16) * 257):
        assert identical(plain, look(path)), path
        assert np.array_equal(plain.tensor, look(path).tensor)


def test_grey_of_16_bits_is_identical_to_colour_of_16_bits(tmp_path):
    grey = look(pictures.png16(tmp_path / "grey.png", SAMPLES[..., :1]))
    colour = look(pictures.png16(tmp_path / "colour.png", np.repeat(SAMPLES[..., :1], 3, axis=2)))
    assert identical(grey, colour)


def test_a_colour_key_of_16_bits_clears_that_colour_only(tmp_path):
    samples = np.zeros((8, 8, 3), np.uint16)
    samples[0, 0] = (0x1234, 0x5678, 0x9ABC)
    samples[0, 1] = (0x1235, 0x5678, 0x9ABC)
    keyed = look(pictures.png16(tmp_path / "keyed.png", samples, (0x1234, 0x5678, 0x9ABC)), 10)
    alpha = np.full((8, 8, 1), 65535, np.uint16)
    alpha[0, 0] = 0
    assert identical(keyed, look(pictures.png16(tmp_path / "alpha.png", np.concatenate([samples, alpha], 2)), 10))


def test_what_pillow_reduces_for_good_is_never_called_identical(tmp_path):
    samples = SAMPLES[..., :3] % 1024
    changed = samples.copy()
    changed[7, 9, 0] ^= 1
    a, b = (look(pictures.ppm16(tmp_path / f"{i}.ppm", s, 1023)) for i, s in enumerate((samples, changed)))
    assert a.identity != b.identity
    assert a.identity == look(pictures.ppm16(tmp_path / "again.ppm", samples, 1023)).identity


@pytest.mark.parametrize(
    ("scale", "offset"), [(1, 0), (1 / 255, 0), (257, 0), (1e6, -3e6)], ids=["255", "1", "65535", "any"]
)
def test_floating_point_is_scaled_to_its_range(tmp_path, scale, offset):
    levels = np.tile(np.arange(256, dtype=np.float32), (64, 1))
    picture = look(pictures.saved(Image.fromarray(levels * scale + offset), tmp_path / "a.tif"))
    assert np.abs(picture.tensor.astype(int) - tensor_of(Image.fromarray(levels).convert("L"))).max() <= 1


def test_what_is_no_number_is_black_and_infinity_is_as_far_as_numbers_go(tmp_path):
    levels = np.array([[0, 1, np.nan, np.inf, -np.inf]], np.float32).repeat(10, 0).repeat(10, 1)
    tensor = look(pictures.saved(Image.fromarray(levels), tmp_path / "a.tif"), 50).tensor
    assert tensor[5, 5::10, 0].tolist() == [0, 255, 0, 255, 0]
    look(pictures.saved(Image.fromarray(np.full((9, 9), np.nan, np.float32)), tmp_path / "b.tif"))


def test_integers_of_32_bits_are_scaled_to_their_range(tmp_path):
    grey = np.tile(np.arange(256, dtype=np.int32), (64, 1))
    plain = look(pictures.saved(Image.fromarray(grey.astype(np.uint8)), tmp_path / "plain.png"))
    assert identical(plain, look(pictures.saved(Image.fromarray(grey), tmp_path / "8.tif")))
    assert identical(plain, look(pictures.saved(Image.fromarray(grey * 257), tmp_path / "16.tif")))
    wide = look(pictures.saved(Image.fromarray((grey - 100) * 1_000_000), tmp_path / "32.tif"))
    assert np.array_equal(wide.tensor, plain.tensor)
    assert wide.identity != plain.identity


# Camera raw


def test_a_camera_raw_is_shown_by_its_preview(tmp_path):
    scene = pictures.scene()
    raw = look(pictures.camera_raw_with_preview(tmp_path / "a.dng", scene))
    assert (raw.format, raw.width, raw.height) == ("RAW", 120, 80)
    assert np.abs(raw.tensor.astype(int) - tensor_of(scene)).mean() < 3
    turned = look(pictures.camera_raw_with_preview(tmp_path / "b.nef", scene, orientation=6))
    assert (turned.width, turned.height) == (80, 120)
    same_preview = look(pictures.camera_raw_with_preview(tmp_path / "c.dng", scene, orientation=1))
    assert same_preview.identity == raw.identity
    assert raw.identity != look(pictures.saved(scene, tmp_path / "a.jpg", quality=95)).identity


def test_a_camera_raw_without_a_preview_is_developed(tmp_path):
    raw = look(pictures.camera_raw(tmp_path / "a.dng"))
    assert (raw.format, raw.width, raw.height) == ("RAW", 128, 96)
    assert np.corrcoef(raw.tensor.ravel(), tensor_of(pictures.scene(size=(128, 96))).ravel())[0, 1] > 0.8


def test_a_damaged_camera_raw_and_a_jpeg_called_raw(tmp_path):
    path = tmp_path / "a.nef"
    path.write_bytes(b"II*\0" + b"\x07" * 5000)
    assert reason(path).startswith("damaged camera raw (.nef): ")
    pictures.saved(pictures.scene(), tmp_path / "b.jpg").rename(tmp_path / "b.cr2")
    assert look(tmp_path / "b.cr2").format == "JPEG"


@pytest.mark.parametrize(
    ("module", "name", "words"),
    [
        ("rawpy", "a.dng", "pip install difPy[raw]"),
        ("pillow_jxl", "a.jxl", "pip install difPy[jxl]"),
        ("imagecodecs", "a.jpg", "pip install difPy[formats]"),
    ],
)
def test_a_missing_extra_says_what_to_install(tmp_path, module, name, words):
    path = tmp_path / name
    if name == "a.dng":
        pictures.camera_raw(path)
    elif name == "a.jpg":
        path.write_bytes(imagecodecs.jpeg8_encode(np.full((9, 9), 99, np.uint16), bitspersample=12))
    else:
        pictures.saved(pictures.scene(), path)
    script = f"""
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == {module!r} else find(name, package)
from difPy import decode
print(decode.decode(open({str(path)!r}, "rb").read(), {str(path)!r}, 20, exact=True).reason)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert words in done.stdout


# What is no picture, or not any more


def test_reasons_are_plain(tmp_path):
    (tmp_path / "empty.png").touch()
    (tmp_path / "diary.jpg").write_text("Dear diary")
    (tmp_path / "drawing.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage")
    whole = pictures.saved(pictures.scene(), tmp_path / "whole.jpg")
    reasons = {
        tmp_path / "empty.png": "not a picture: the file is empty",
        tmp_path / "diary.jpg": "not a picture: its content is of no known format",
        tmp_path / "drawing.eps": "unsupported: a PostScript program (EPS), which is not run",
        pictures.truncated(whole, tmp_path / "half.jpg"): "truncated JPEG: the file ends before the picture does",
        pictures.png_bomb(tmp_path / "bomb.png"): "too large: ",
    }
    for path, words in reasons.items():
        assert reason(path).startswith(words)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "a.avif", "a.heic", "a.gif", "a.jp2", "a.bmp"])
def test_a_truncated_file_is_a_failure_at_any_length(tmp_path, name):
    whole = pictures.saved(pictures.scene(), tmp_path / name)
    for fraction in (0.02, 0.1, 0.3, 0.6, 0.9):
        assert reason(pictures.truncated(whole, tmp_path / f"cut_{name}", fraction))


@pytest.mark.parametrize(
    "name", ["a.jpg", "a.png", "a.webp", "a.tif", "a.gif", "a.jp2", "a.heic", "a.avif", "a.psd", "a.jxl"]
)
def test_no_damage_raises_or_warns_or_speaks(tmp_path, name, capfd):
    scene = pictures.scene(size=(40, 30))
    path = tmp_path / name
    options = {"compression": "tiff_lzw"} if name == "a.tif" else {}
    data = (pictures.psd(path, scene) if name == "a.psd" else pictures.saved(scene, path, **options)).read_bytes()
    random = np.random.default_rng(1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(60):
            broken = bytearray(data)
            for place in [*random.integers(0, min(len(data), 400), 2), *random.integers(0, len(data), 2)]:
                broken[place] = random.integers(256)
            assert isinstance(decode.decode(bytes(broken), name, PX, exact=True), (Picture, Failure))
    assert capfd.readouterr() == ("", "")


def test_a_file_that_changed_since_the_scan_is_a_failure(tmp_path):
    path = pictures.saved(pictures.scene(), tmp_path / "a.png")
    scanned = file(path)
    os.utime(path, ns=(1, 1))
    assert decode.look(scanned, PX, exact=True) == Failure(str(path), "changed since it was scanned")
    assert contents.digest_of(scanned) == Failure(str(path), "changed since it was scanned")
    path.unlink()
    assert decode.look(scanned, PX, exact=True).reason.startswith("cannot be opened")


def test_a_fifo_in_the_place_of_a_file_is_not_waited_for(tmp_path):
    path = pictures.saved(pictures.scene(), tmp_path / "a.png")
    scanned = file(path)
    path.unlink()
    os.mkfifo(path)
    assert "no regular file" in decode.look(scanned, PX, exact=True).reason


def test_huge_sparse_files_are_refused_unread(tmp_path):
    assert reason(pictures.sparse(tmp_path / "a.jpg", 1 << 40)).startswith("too large: 1,099,511,627,776 bytes")
    assert reason(pictures.sparse(tmp_path / "b.jpg", 1 << 30)).startswith("not a picture")


def test_a_large_file_that_is_a_picture_is_read(tmp_path):
    path = pictures.saved(pictures.scene(), tmp_path / "a.jpg")
    os.truncate(path, 80 << 20)
    assert look(path).format == "JPEG"


def test_jpeg_xl_is_measured_before_it_is_decoded(tmp_path):
    path = pictures.saved(pictures.scene(size=(333, 222)), tmp_path / "a.jxl")
    data = path.read_bytes()
    # 30 bits each of height and width follow the signature
    fields, bomb = ((1, 0), (2, 3), (30, 59_999), (3, 0), (2, 3), (30, 59_999), (1, 1)), 0
    for width, value in reversed(fields[1:]):
        bomb = bomb << width | value
    path.write_bytes(data[:2] + (bomb << 1).to_bytes(9, "little") + data[8:])
    assert reason(path).startswith("too large: 60,000 x 60,000 pixels")


def test_bombs_are_refused_by_what_they_would_take(tmp_path):
    inflated = zlib.compress(b"\0" * 100_000_000, 9)
    for number, path in enumerate(
        [
            pictures.png_bomb(tmp_path / "a.png"),
            pictures.png_with_chunk(tmp_path / "b.png", b"zTXt", b"a\0\0" + inflated),
            pictures.png_with_chunk(tmp_path / "c.png", b"iCCP", b"a\0\0" + inflated),
            pictures.gif_of_many_frames(tmp_path / "d.gif", 4, (65535, 65535)),
        ]
    ):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert reason(path).startswith("too large"), number
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB


def test_an_endless_document_ends(tmp_path):
    pixels = pictures.scene().tobytes()
    path = pictures.tiff(tmp_path / "a.tif", [(pixels, {}), (pixels, {})], width=120, height=80, endless=True)
    assert look(path).frames == 2


def test_an_animation_of_more_frames_than_anyone_would_watch_is_refused(tmp_path):
    assert reason(pictures.gif_of_many_frames(tmp_path / "a.gif", 100_000)).startswith("too large: 16,384 frames")


def test_pillows_settings_are_left_as_they_were(tmp_path):
    before = Image.MAX_IMAGE_PIXELS
    look(pictures.saved(pictures.scene(), tmp_path / "a.png"))
    reason(pictures.png_bomb(tmp_path / "b.png"))
    assert before == Image.MAX_IMAGE_PIXELS


def test_settings_and_the_standard_error_are_as_they_were_once_several_threads_have_decoded(tmp_path, monkeypatch):
    """Each begins while another is at it, and one that began later ends later."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)  # Pillow warns, and as all warnings, this is an error here
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    path = pictures.saved(pictures.scene(), tmp_path / "whole.tif", compression="tiff_lzw")
    files = file(path), file(pictures.truncated(path, tmp_path / "cut.tif"))

    def state():
        return Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, list(warnings.filters), os.fstat(2).st_ino

    def found(number):
        return isinstance(decode.look(files[number % 2], PX, exact=True), Picture)

    before = state()
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(found, range(200))) == [True, False] * 100
    assert state() == before


IN_A_WORKER = """
import sys
from PIL import Image
from difPy import decode
decode.Look(10, exact=True).prepare()
before = Image.MAX_IMAGE_PIXELS
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        print(getattr(decode.decode(file.read(), name, 10, exact=True), "reason", "a picture"))
assert before == Image.MAX_IMAGE_PIXELS
"""


def test_what_is_said_of_a_file_is_the_same_where_the_limits_are_there_for_good(tmp_path):
    """As in a worker, which is silent: Pillow warns of a bomb, libtiff speaks of what is cut off."""
    pictures.saved(pictures.scene(), tmp_path / "whole.tif", compression="tiff_lzw")
    pictures.truncated(tmp_path / "whole.tif", tmp_path / "cut.tif")
    pictures.png_bomb(tmp_path / "bomb.png")
    pictures.png_bomb(tmp_path / "large.png", 12_000, 12_000)
    paths = sorted(map(str, tmp_path.iterdir()))
    run = subprocess.run([sys.executable, "-c", IN_A_WORKER, *paths], capture_output=True, text=True, check=True)
    assert run.stderr == ""
    found = [decode.look(file(path), PX, exact=True) for path in paths]
    assert run.stdout.splitlines() == [getattr(one, "reason", "a picture") for one in found]


# Digests and distances


@pytest.mark.parametrize("image", [pictures.scene(), pictures.cutout()], ids=["opaque", "with views"])
def test_a_picture_arrives_from_a_worker_as_it_was_sent(tmp_path, image):
    sent = look(pictures.saved(image, tmp_path / "a.png"))
    came = pickle.loads(pickle.dumps(sent, pickle.HIGHEST_PROTOCOL))
    for name in Picture._fields:
        before, after = getattr(sent, name), getattr(came, name)
        assert type(after) is type(before), name
        assert np.array_equal(after, before) if isinstance(before, np.ndarray) else after == before, name


def test_the_digest_is_that_of_the_bytes(tmp_path):
    from blake3 import blake3

    path = pictures.saved(pictures.scene(), tmp_path / "a.png")
    assert contents.digest_of(file(path)) == look(path).digest == blake3(path.read_bytes()).digest()


@pytest.mark.parametrize("turn", range(8))
def test_the_distance_at_full_resolution_is_the_mean_squared_error(tmp_path, turn):
    a = np.asarray(pictures.scene(1))
    b = a.copy()
    b[40, 30] += 9
    stored = Image.fromarray(np.ascontiguousarray(orientation.apply(orientation.inverse(turn), b)))
    paths = pictures.saved(Image.fromarray(a), tmp_path / "a.png"), pictures.saved(stored, tmp_path / "b.png")
    files = [file(path) for path in paths]
    expected = float(np.mean((a.astype(float) - b) ** 2))
    assert decode.full_resolution_distance(*files, (turn,)) == pytest.approx(expected, rel=1e-12)
    assert decode.full_resolution_distance(*files, orientation.ALL) == pytest.approx(expected, rel=1e-12)


def test_the_distance_at_full_resolution_looks_at_every_frame_and_background(tmp_path):
    frames = [pictures.scene(i, (30, 20)) for i in range(12)]
    other = [*frames[:5], Image.new("RGB", (30, 20)), *frames[6:]]
    a, b = (file(pictures.animation(tmp_path / f"{i}.png", f)) for i, f in enumerate((frames, other)))
    expected = np.mean(np.asarray(frames[5]).astype(float) ** 2)
    assert decode.full_resolution_distance(a, b, (0,)) == pytest.approx(expected)
    white = file(pictures.saved(Image.new("RGBA", (9, 9), (255, 255, 255, 255)), tmp_path / "white.png"))
    clear = file(pictures.saved(Image.new("RGBA", (9, 9), (255, 255, 255, 0)), tmp_path / "clear.png"))
    assert decode.full_resolution_distance(white, clear, (0,)) == 255**2


def test_pictures_that_cannot_be_laid_over_each_other_are_infinitely_far(tmp_path):
    a = file(pictures.saved(pictures.scene(size=(40, 30)), tmp_path / "a.png"))
    b = file(pictures.saved(pictures.scene(size=(30, 40)), tmp_path / "b.png"))
    c = file(pictures.animation(tmp_path / "c.png", [pictures.scene(i, (40, 30)) for i in range(2)]))
    assert decode.full_resolution_distance(a, b, (0, 2)) == math.inf
    assert decode.full_resolution_distance(a, b, (0, 1)) < math.inf
    assert decode.full_resolution_distance(a, c, (0,)) == math.inf
    os.unlink(b.path)
    assert decode.full_resolution_distance(a, b, (1,)) == math.inf


def test_decoders_are_named_with_their_versions():
    import PIL

    assert f"pillow {PIL.__version__}" in decode.decoders()
    assert decode.decoders() == decode.decoders()
