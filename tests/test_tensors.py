"""Tensors and identities by our own loops: bit by bit those of Pillow, whichever way a picture lies in memory."""

import os
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import difPy
import pictures
from difPy import decode
from difPy.decode.bicubic import dense
from difPy.decode.exif import Metadata
from difPy.decode.frames import Frame, frames
from difPy.decode.identity import _digest
from difPy.decode.opening import opened
from difPy.decode.pixels import lent
from difPy.decode.tensors import tensor
from difPy.orientation import apply

KINDS = ("JPEG", "PNG", "TIFF")


def decoded(image: Image.Image) -> Frame:
    """What a picture is after a lossless way through a file."""
    return next(frames(opened(pictures.encode(image, "PNG", compress_level=1), "a.png")))


def by_pillow(image: Image.Image, px_size: int) -> np.ndarray:
    return np.asarray(image.convert("RGB").resize((px_size, px_size), Image.Resampling.BICUBIC))


def unlike_photos(seed: int, width: int, height: int, mode: str) -> Image.Image:
    """Black and white, so that interpolation overshoots; or noise."""
    random = np.random.default_rng(seed)
    tile = int(random.integers(1, 9))
    shape = (-(-height // tile), -(-width // tile), *((3,) if mode == "RGB" else ()))
    levels = random.choice([0, 1, 128, 254, 255], shape) if seed % 2 else random.integers(0, 256, shape)
    return Image.fromarray(levels.astype(np.uint8).repeat(tile, 0).repeat(tile, 1)[:height, :width])


# Tensors


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    width=st.integers(1, 700),
    height=st.integers(1, 700),
    px_size=st.integers(10, 200),
    mode=st.sampled_from(["RGB", "L"]),
)
def test_a_tensor_is_that_of_pillow(seed, width, height, px_size, mode):
    image = unlike_photos(seed, width, height, mode)
    assert np.array_equal(tensor(image, px_size), by_pillow(image, px_size))


@pytest.mark.parametrize("size", [(2503, 1999), (4099, 1031), (1031, 4099)])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_tensor_of_a_large_picture_is_that_of_pillow_wherever_its_pixels_lie(size, mode):
    image = unlike_photos(7, *size, mode)
    whole, pieces = decoded(image).shown, image.copy()
    assert lent(whole) is not None
    assert lent(pieces) is None or mode == "L"
    for px_size in (10, 50, 200):
        for one in (whole, pieces):
            assert np.array_equal(tensor(one, px_size), by_pillow(image, px_size))


def test_weights_are_those_of_pillow():
    """What is left of a single bright pixel."""
    for size, px_size in ((40, 10), (33, 12), (17, 16), (10, 25)):
        pixels = Image.fromarray(np.eye(size, dtype=np.float32))
        seen = np.asarray(pixels.resize((size, px_size), Image.Resampling.BICUBIC))
        assert np.allclose(seen, dense(size, px_size), atol=1e-6)


# Identities


def frame_of(image: Image.Image) -> Frame:
    return Frame(image, (image,), "8 bits", Metadata())


def slow_digest(image: Image.Image, orientation: int) -> bytes:
    turned = Image.fromarray(np.ascontiguousarray(apply(orientation, np.asarray(image))))
    return blake3(f"8 bits {image.mode} {turned.width} {turned.height}\n".encode() + turned.tobytes()).digest()


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    width=st.integers(1, 900),
    height=st.integers(1, 900),
    orientation=st.integers(0, 7),
    mode=st.sampled_from(["RGB", "L"]),
)
def test_what_is_hashed_are_the_bytes_of_the_turned_picture(seed, width, height, orientation, mode):
    image = unlike_photos(seed, width, height, mode)
    assert _digest(frame_of(image), orientation) == slow_digest(image, orientation)


@pytest.mark.parametrize("orientation", range(8))
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_bytes_of_a_large_picture_are_hashed_wherever_its_pixels_lie(orientation, mode):
    image = unlike_photos(3, 2503, 1999, mode)
    whole = decoded(image)
    pieces = frame_of(whole.shown.copy())
    assert lent(whole.shown) is not None
    assert lent(pieces.shown) is None or mode == "L"
    for frame in (whole, pieces):
        assert _digest(frame, orientation) == slow_digest(image, orientation)


@pytest.mark.parametrize("size", [(321, 123), (2503, 1999)])
def test_grey_that_is_stored_in_colour_is_hashed_as_grey_and_one_pixel_of_colour_is_none(size):
    grey = unlike_photos(5, *size, "L")
    same = grey.convert("RGB")
    for orientation in range(8):
        assert _digest(frame_of(same), orientation) == _digest(frame_of(grey), orientation)
    same.putpixel((size[0] - 1, size[1] - 1), (9, 8, 9))
    assert _digest(frame_of(same), 3) == slow_digest(same, 3)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_a_grey_picture_and_its_copy_in_colour_are_identical(kind):
    grey = pictures.scene(4, (321, 123)).convert("L")
    options = {"lossless": True} if kind == "WEBP" else {}
    for px_size in (10, 50):
        one, other = (
            decode.decode(pictures.encode(image, kind, **options), "a", px_size, exact=True)
            for image in (grey, grey.convert("RGB"))
        )
        assert np.array_equal(one.tensor, other.tensor)
        assert np.array_equal(one.tensor, by_pillow(grey, px_size))
        assert (one.identity, one.stance) == (other.identity, other.stance)


# With and without compiled loops

DECODE = """
import pathlib, sys
from difPy import decode
from difPy.decode.kernel import KERNEL
print(KERNEL is not None)
for path in sys.argv[1:]:
    found = decode.decode(pathlib.Path(path).read_bytes(), path, 50, exact=True)
    print(found.identity.hex(), found.stance, found.tensor.tobytes().hex(), found.beside)
"""


def test_what_is_found_is_the_same_where_nothing_was_compiled(tmp_path):
    paths = []
    for number, (size, mode, kind) in enumerate(product([(300, 200), (90, 400), (40, 30)], ["L", "RGB"], KINDS)):
        path = tmp_path / f"{number}.{kind.lower()}"
        unlike_photos(number, *size, mode).save(path)
        paths.append(str(path))
    for mode in ("RGB", "RGBA"):  # by our loop, or by Pillow
        paths.append(str(tmp_path / f"{mode}.qoi"))
        unlike_photos(7, 50, 40, "RGB").convert(mode).save(paths[-1])
    paths.append(str(tmp_path / "film.jpg"))  # which begins where a loop finds the end of the picture
    Path(paths[-1]).write_bytes(pictures.encode(pictures.scene(), "JPEG") + bytes(4) + b"ftypmp42" + bytes(90))
    told = [
        subprocess.run(
            [sys.executable, "-c", DECODE, *paths],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"DIFPY_COMPILED": switch},
        ).stdout
        for switch in ("", "no")
    ]
    (compiled, *seen), (bare, *again) = (text.split("\n") for text in told)
    assert seen == again
    assert "a film" in seen[-2]
    assert bare == "False"
    assert compiled == "True", "the build has compiled nothing: make, or sh tools/setup.sh"


def test_the_loops_compile_without_a_warning(tmp_path):
    package = Path(difPy.__file__).parent
    command = ["cc", "-std=c11", "-O3", "-Wall", "-Wextra", "-Werror", "-pedantic", "-shared", "-fPIC", f"-I{package}"]
    command += ['-DSOURCES=""', "-o", str(tmp_path / "a.so"), *map(str, package.rglob("*.c"))]
    assert shutil.which("cc") is None or subprocess.run(command, capture_output=True, text=True).stderr == ""
