"""Sketches: large JPEGs in, tensors and proven bounds on their errors out."""

import contextlib
import io
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import pictures
import slow_clipping
import slow_jpeg
from difPy import decode
from difPy.decode import bounds, clipping, scans, sketch, weights
from difPy.decode.blocks import Blocks
from difPy.decode.entropy import ORDER
from difPy.model import Failure, Picture

SAMPLINGS = ["grey", "4:4:4", "4:2:2", "4:2:0", "4:4:0"]


def jpeg(image: Image.Image, sampling: str, **options) -> bytes:
    """A JPEG, its brightness and colours as they are named; of 4:4:0 the blocks are shuffled."""
    if sampling == "grey":
        return pictures.encode(image.convert("L"), "JPEG", **options)
    if sampling != "4:4:0":
        return pictures.encode(image, "JPEG", subsampling=sampling, **options)
    width, height = (side // 16 * 16 for side in image.size)
    data = bytearray(pictures.encode(image.crop((0, 0, width, height)), "JPEG", subsampling="4:2:2", **options))
    frame = max(data.find(b"\xff\xc0\x00\x11"), data.find(b"\xff\xc2\x00\x11"))
    data[frame + 5 : frame + 9] = (2 * height).to_bytes(2, "big") + (width // 2).to_bytes(2, "big")
    data[frame + 11] = 0x12
    return bytes(data)


def out_of_range(data: bytes, times: int) -> bytes:
    """A JPEG whose steps of quantization, but those of means, are so many times as large."""
    changed, place = bytearray(data), 2
    while changed[place + 1] != 0xDA:
        size = int.from_bytes(changed[place + 2 : place + 4], "big")
        if changed[place + 1] == 0xDB:
            for at in range(place + 4, place + 2 + size):
                if (at - place - 4) % 65 > 1:
                    changed[at] = min(255, changed[at] * times)
        place += 2 + size
    return bytes(changed)


def unlike_photos(kind: str, random: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """What shows most between pixels: samples of shape (height, width, 3), in levels."""
    width, height = size
    y, x = np.mgrid[:height, :width]
    colours = random.choice([0, 30, 128, 220, 255], (4, 3)).astype(float)
    period = random.uniform(1.9, 20, 2)
    wave = np.sin(2 * np.pi * (x / period[0] + y / (9 * period[1])))[..., None]
    mesh = np.sin(2 * np.pi * x / period[0]) * np.sin(2 * np.pi * y / period[1])
    tile = int(random.integers(1, 20))
    grain = random.standard_normal((-(-height // tile), -(-width // tile), 3)).repeat(tile, 0).repeat(tile, 1)
    noise = 128 + 90 * grain[:height, :width]
    if kind == "text":
        return np.asarray(pictures.text((max(300, width), height)).convert("RGB"))[:, :width].astype(float)
    if kind == "scene":
        return np.asarray(pictures.scene(int(random.integers(99)), size)).astype(float)
    return {
        "noise": noise,
        "saturated noise": 255 * (noise > 128),
        "colours": colours[(random.integers(0, 4, (height, width)))],
        "tiles": colours[(x // tile + y // tile * 3) % 4],
        "grating": 127.5 + 127 * wave * np.sign(random.standard_normal(3)),
        "mesh with noise": 127.5 + 120 * mesh[..., None] + random.normal(0, 8, (height, width, 1)),
        "halftone": 255 * (x / width > random.random((height, width)))[..., None],
        "black and white": np.where((x * 3 + y) % (7 * tile) < tile, 255, 0)[..., None],
        "near white": 254 + random.normal(0, 5, (height, width, 3)),
    }[kind]


KINDS = ["noise", "saturated noise", "colours", "tiles", "grating", "mesh with noise", "halftone", "black and white"]
KINDS += ["near white", "text", "scene"]


def truth(data: bytes, px_size: int) -> np.ndarray:
    """Tensor by Pillow."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    return np.asarray(image.resize((px_size, px_size), Image.Resampling.BICUBIC)).astype(float)


def assert_holds(data: bytes, px_size: int, about) -> None:
    """A sketch of any size is within its bounds, pixel by pixel: 1.4 is what weights add up to, without their signs."""
    with Image.open(io.BytesIO(data)) as image:
        size = image.size
    found = bounds.estimate(scans.components(data), size, px_size)
    off = np.abs(found.tensor - truth(data, px_size))
    rounding = found.error - np.sqrt(np.mean(found.errors**2))
    assert np.sqrt(np.mean(off**2)) <= found.error, about
    assert (off <= found.errors + 1.4 * rounding + 1).all(), about


# The code


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("size", [(16, 16), (17, 33), (75, 42)])
def test_what_is_kept_of_a_jpeg_is_what_a_slow_reader_finds(sampling, progressive, size):
    for quality, restarts in ((1, 0), (75, 3), (100, 0), (100, 1)):
        image = Image.fromarray(unlike_photos("noise", np.random.default_rng(quality), size).clip(0, 255).astype("u1"))
        data = jpeg(image, sampling, progressive=progressive, quality=quality, restart_marker_blocks=restarts)
        components = scans.components(data)
        for part, true in zip(components, slow_jpeg.coefficients(data), strict=True):
            rows, columns, _ = true.shape
            kept = part.lowest.reshape(rows, 2, columns, 2).transpose(0, 2, 1, 3).reshape(rows, columns, 4)
            assert np.array_equal(kept, true[..., [0, 1, 2, 4]])
            energy = np.square(true[..., [3, *range(5, 64)]]).sum(2)
            assert (np.square(part.left_out) >= energy * 0.999).all()
            if not progressive:
                assert np.allclose(np.square(part.left_out), energy, rtol=1e-3)
            natural = np.zeros((rows, columns, 64))
            natural[..., ORDER] = true
            waves = weights.WAVES
            samples = np.einsum("rcvu,vy,ux->rcyx", natural.reshape(rows, columns, 8, 8), waves, waves) + 128
            assert (part.blocks.least <= samples.min((2, 3))).all()
            assert (part.blocks.greatest >= samples.max((2, 3))).all()
            assert np.allclose(part.blocks.mean, samples.mean((2, 3)), atol=0.01)
            assert (part.blocks.variance >= samples.var((2, 3)) * 0.999 - 0.001).all()


def test_a_slow_reader_and_libjpeg_see_the_same_picture():
    data = jpeg(pictures.scene(3, (77, 45)), "grey", progressive=True, quality=90)
    (true,) = slow_jpeg.coefficients(data)
    natural = np.zeros(true.shape)
    natural[..., ORDER] = true
    samples = np.einsum("rcvu,vy,ux->rycx", natural.reshape(6, 10, 8, 8), weights.WAVES, weights.WAVES) + 128
    pixels = np.asarray(Image.open(io.BytesIO(data)))
    assert np.abs(samples.reshape(48, 80)[:45, :77].clip(0, 255) - pixels).max() < 0.7


@pytest.mark.parametrize("progressive", [False, True])
def test_no_bit_is_read_behind_the_end_of_an_interval(progressive):
    data = pictures.encode(pictures.scene(7, (90, 70)), "JPEG", progressive=progressive, restart_marker_rows=1)
    scans.components(data)
    ends = [place for place in range(len(data) - 1) if data[place] == 0xFF and 0xD0 <= data[place + 1] <= 0xD9]
    assert len(ends) > 3
    for end in ends[1:]:
        start = end - (2 if data[end - 2 : end] == b"\xff\0" else 1)
        with pytest.raises(scans.Unusual):
            scans.components(data[:start] + data[end:])


def test_bytes_that_fill_up_between_segments_are_passed_over():
    data = pictures.encode(pictures.scene(7, (90, 70)), "JPEG", progressive=True)
    places = [match.start() for match in re.finditer(rb"\xff[\xc4\xda\xd9]", data)]
    assert len(places) > 10
    for place in (places[0], places[-2], places[-1]):
        found = scans.components(data[:place] + b"\xff\xff\xff" + data[place:])
        for part, other in zip(found, scans.components(data), strict=True):
            assert np.array_equal(part.lowest, other.lowest)
            assert np.array_equal(part.left_out, other.left_out)


def test_more_codes_than_there_are_symbols_are_refused():
    data = pictures.encode(pictures.scene(7, (90, 70)), "JPEG")
    table = bytes([0x13, *[0] * 14, 200, 200]) + bytes(400)
    with pytest.raises(scans.Unusual):
        scans.components(data[:2] + b"\xff\xc4" + (len(table) + 2).to_bytes(2, "big") + table + data[2:])


# The bounds


@pytest.mark.parametrize("pixels", [None, (1, 1), (1, 2), (2, 2)])
def test_where_nothing_may_be_clipped_need_not_be_looked_at(pixels):
    """Answers are those of who looks at every block; columns differ, so that some are and some are not."""
    random = np.random.default_rng(11)
    rows, columns = 40, 120
    mean = np.full((rows, columns), 128.0) + random.normal(0, 20, (rows, columns))
    mean[:, :30], mean[10:20, 60:70], mean[:, 100:] = 3, 253, random.uniform(-20, 280, (rows, 20))
    deviation = random.uniform(0, 12, (rows, columns))
    light = Blocks(np.stack([mean, deviation**2, mean - 2 * deviation, mean + 2 * deviation]).astype(np.float32))
    colours = None
    if pixels:
        level = random.normal(0, 8, (2, -(-rows // pixels[0]), -(-columns // pixels[1])))
        about = random.uniform(0, 4, level.shape)
        numbers = np.stack([level - 2 * about, level + 2 * about, level, about], 1).astype(np.float32)
        colours = clipping.Colours(numbers, pixels, pixels == (1, 1))
    down, across = weights.axis(8 * rows, 20, rows, 1), weights.axis(8 * columns, 20, columns, 1)
    for factors in ((0.0, 1.402), (-0.344136, -0.714136), (1.772, 0.0)) if pixels else ((),):
        found = clipping.shift(light, colours, factors, down, across)
        middle, error = slow_clipping.shift(light, colours, factors, down, across)
        assert np.allclose(found.middle, middle, atol=1e-3)
        assert np.allclose(found.error, error, atol=1e-3)
        assert (found.error == 0).any()
        assert (found.error > 1).any()


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    kind=st.sampled_from(KINDS),
    px_size=st.sampled_from([5, 20, 50]),
    width=st.integers(51, 420),
    tall=st.floats(0.4, 1.6),
    quality=st.sampled_from([1, 10, 50, 75, 90, 95, 100]),
    sampling=st.sampled_from(SAMPLINGS),
    progressive=st.booleans(),
    restarts=st.sampled_from([0, 0, 7]),
    times=st.sampled_from([1, 1, 2, 9]),
)
def test_no_picture_is_farther_from_its_sketch_than_is_claimed(
    seed, kind, px_size, width, tall, quality, sampling, progressive, restarts, times
):
    size = width, max(51, int(width * tall))
    if sampling == "4:4:0":
        size = 2 * max(px_size + 16, width), max(32, px_size + 16, int(width * tall) // 2)
    samples = np.broadcast_to(unlike_photos(kind, np.random.default_rng(seed), size), (size[1], size[0], 3))
    image = Image.fromarray(np.rint(samples.clip(0, 255)).astype(np.uint8))
    options = {"quality": quality, "progressive": progressive, "restart_marker_blocks": restarts}
    data = out_of_range(jpeg(image, sampling, **options), times)
    with Image.open(io.BytesIO(data)) as opened:
        if opened.height <= sketch.TALLEST * opened.width and min(opened.size) > px_size:
            assert_holds(data, px_size, (seed, kind, size))


@pytest.mark.parametrize("kind", KINDS[::2])
def test_no_large_picture_is_farther_from_its_sketch_than_is_claimed(kind):
    random = np.random.default_rng(3)
    samples = np.broadcast_to(unlike_photos(kind, random, (1401, 1203)), (1203, 1401, 3))
    image = Image.fromarray(np.rint(samples.clip(0, 255)).astype(np.uint8))
    for sampling, quality, progressive, px_size in (("4:2:0", 85, False, 200), ("4:4:4", 95, True, 20)):
        data = jpeg(image, sampling, quality=quality, progressive=progressive)
        assert_holds(data, px_size, (kind, sampling))


@pytest.mark.parametrize("px_size", [10, 50, 200])
def test_rows_are_interpolated_before_columns_where_there_are_sketches(px_size):
    """What the proof takes for granted; Pillow is free to change it."""
    width = sketch.LEAST_SCALE * px_size
    for size in ((width, int(sketch.TALLEST * width)), (3 * width, width), (2 * width, int(3.5 * width))):
        bars = np.random.default_rng(5).integers(0, 2, (size[1] // 5 + 1, size[0] // 5 + 1)) * 255
        image = Image.fromarray(bars.repeat(5, 0).repeat(5, 1)[: size[1], : size[0]].astype(np.uint8))
        rows = image.resize((px_size, size[1]), Image.Resampling.BICUBIC)
        both = rows.resize((px_size, px_size), Image.Resampling.BICUBIC)
        assert np.array_equal(both, image.resize((px_size, px_size), Image.Resampling.BICUBIC))


# Pictures


def looked(data: bytes, px_size: int = 50, name: str = "a.jpg") -> tuple[Picture, Picture]:
    """A picture decoded quickly, and in full."""
    quick, exact = (decode.decode(data, name, px_size, exact=exact) for exact in (False, True))
    assert isinstance(quick, Picture), quick
    assert isinstance(exact, Picture), exact
    return quick, exact


@pytest.mark.parametrize("exif", range(1, 9))
def test_a_large_photo_is_sketched_as_it_is_shown(exif):
    tag = Image.Exif()
    tag[pictures.EXIF_ORIENTATION] = exif
    for options in ({"subsampling": 1, "quality": 80}, {"subsampling": 0, "quality": 75, "progressive": True}):
        scene = pictures.scene(exif, (460, 275)).resize((1840, 1100))
        data = pictures.encode(scene, "JPEG", exif=tag, **options)
        quick, exact = looked(data)
        off = np.sqrt(np.mean((quick.tensor.astype(float) - exact.tensor) ** 2))
        assert off <= quick.error
        assert 0 < quick.error < sketch.WORST_ERROR
        assert quick.identity is None
        assert (quick.width, quick.height, quick.digest) == (exact.width, exact.height, exact.digest)
        assert (quick.exif_fields, quick.format) == (exact.exif_fields, exact.format)


def test_what_lies_beside_the_code_of_a_large_photo_does_not_keep_it_from_being_sketched():
    data = pictures.encode(pictures.scene(3, (1840, 1100)), "JPEG")
    notes = b"\xff\xef\xff\xff" + bytes(0xFFFD)
    for changed in (data[:2] + 20 * notes + data[2:], data + bytes(1_000_000)):
        quick, exact = looked(changed)
        assert quick.error > 0
        assert exact.error == 0


def as_rgb(data: bytes) -> bytes:
    """A JPEG said to hold red, green and blue."""
    jfif = data.index(b"\xff\xe0")
    end = jfif + 2 + int.from_bytes(data[jfif + 2 : jfif + 4], "big")
    return data[:jfif] + b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00" + data[end:]


def test_what_a_sketch_would_not_do_justice_is_decoded_in_full():
    scene = pictures.scene(3, (1840, 1100))
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 2, (1100, 1840, 3), np.uint8) * 255)
    tag = Image.Exif()
    tag[pictures.EXIF_ORIENTATION] = 6
    whole = pictures.encode(scene, "JPEG")
    for about, data in {
        "small": pictures.encode(pictures.scene(3, (1600, 1200)), "JPEG"),
        "tall": pictures.encode(pictures.scene(3, (1000, 2100)), "JPEG"),
        "shown tall": pictures.encode(pictures.scene(3, (2100, 1000)), "JPEG", exif=tag),
        "noise": pictures.encode(noise, "JPEG", quality=95),
        "red, green and blue": as_rgb(whole),
        "inks": pictures.encode(scene.convert("CMYK"), "JPEG"),
        "PNG": pictures.encode(scene, "PNG", compress_level=1),
        "bytes behind a restart": whole.replace(b"\xff\xd9", b"\xff\xd3\xff\xd9"),
    }.items():
        quick, exact = looked(data)
        assert quick.error == 0, about
        assert exact.identity.startswith(quick.identity), about
        assert np.array_equal(quick.tensor, exact.tensor), about


def test_uncommon_subsamplings_are_decoded_in_full():
    blue = pictures.encode(pictures.scene(3, (1840, 1100)), "JPEG", subsampling=0)
    frame = blue.index(b"\xff\xc0")
    assert blue[frame + 16 : frame + 18] == b"\x03\x11"  # the last component: one sample for each of brightness
    for factors in (b"\x00", b"\x12", b"\x21", b"\x41"):
        changed = blue[: frame + 17] + factors + blue[frame + 18 :]
        quick, exact = (decode.decode(changed, "a.jpg", 50, exact=exact) for exact in (False, True))
        assert quick == exact if isinstance(exact, Failure) else quick.error == 0


@pytest.mark.parametrize("progressive", [False, True])
def test_a_truncated_file_is_the_same_failure_with_and_without_sketches(progressive):
    data = pictures.encode(pictures.scene(size=(1700, 1300)), "JPEG", progressive=progressive, quality=95)
    for fraction in (0.3, 0.9, 0.99):
        quick, exact = (decode.decode(data[: int(len(data) * fraction)], "a.jpg", 50, exact=e) for e in (False, True))
        assert isinstance(quick, Failure)
        assert quick == exact


@pytest.mark.parametrize("progressive", [False, True])
def test_damage_of_a_jpeg_is_judged_the_same_with_and_without_sketches(progressive):
    data = pictures.encode(pictures.scene(size=(1700, 1300)), "JPEG", progressive=progressive, quality=20)
    random = np.random.default_rng(1)
    for most in (700, len(data)):
        for _ in range(8):
            broken = bytearray(data)
            for place in random.integers(2, most, 3):
                broken[place] = random.integers(256)
            quick, exact = (decode.decode(bytes(broken), "a.jpg", 10, exact=exact) for exact in (False, True))
            assert type(quick) is type(exact)
            if isinstance(quick, Picture):
                assert np.sqrt(np.mean((quick.tensor.astype(float) - exact.tensor) ** 2)) <= quick.error


def test_no_damage_confuses_the_reader():
    random = np.random.default_rng(2)
    for options in ({}, {"progressive": True}, {"restart_marker_blocks": 3}):
        data = pictures.encode(pictures.scene(size=(200, 150)), "JPEG", **options)
        for _ in range(300):
            broken = bytearray(data)
            for place in random.integers(2, len(data), int(random.integers(1, 4))):
                broken[place] = random.integers(256)
            with contextlib.suppress(scans.Unusual):
                scans.components(bytes(broken[: random.integers(100, len(data) * 3)]))


SKETCHED = """
import io, sys
from PIL import Image
from difPy import decode
picture = decode.decode(open(sys.argv[1], "rb").read(), "a.jpg", 20, exact=False)
print(picture.error > 0, picture.identity is not None)
"""


def test_a_large_photo_is_sketched_where_loops_are_compiled_and_decoded_in_full_where_they_are_not(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(pictures.encode(pictures.scene(size=(2000, 1500)), "JPEG"))
    command = [sys.executable, "-c", SKETCHED, str(path)]
    for switch, told in (("", "True False"), ("no", "False True")):
        found = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"DIFPY_COMPILED": switch})
        assert (found.stdout.strip(), found.stderr) == (told, "")
