"""The compiled library: which one is taken, what it is handed, and what anybody's bytes do to it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import difPy
from difPy.compiled import COUNT, Array, digest, loop

PACKAGE = Path(difPy.__file__).parent
LOADED = "from difPy import compiled; print(compiled.is_there(), compiled.__file__)"


def loaded(source: Path, **variables: str) -> str:
    """Whether a process takes the library of a difPy that lies somewhere."""
    found = subprocess.run(
        [sys.executable, "-c", LOADED],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(source)} | variables,
    )
    told, where = found.stdout.split()
    assert Path(where).is_relative_to(source), found.stderr
    return told


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A difPy as it is built, in a place of its own."""
    shutil.copytree(PACKAGE, tmp_path / "difPy", ignore=shutil.ignore_patterns("__pycache__", "web"))
    return tmp_path


def test_the_library_is_hidden_on_request(copy):
    assert loaded(copy) == "True", "the build has compiled nothing: make, or sh tools/setup.sh"
    assert loaded(copy, DIFPY_COMPILED="no") == "False"


def test_a_library_of_other_sources_is_left_alone_and_so_is_a_broken_one(copy):
    with (copy / "difPy" / "decode" / "qoi.c").open("a") as source:
        source.write("\n")
    assert loaded(copy) == "False"
    for path in sorted((copy / "difPy").rglob("*.[ch]")):
        path.unlink()
    assert loaded(copy) == "True", "as it is installed: without sources"
    for path in (copy / "difPy").glob("loops*"):
        path.write_bytes(b"no library")
    assert loaded(copy) == "False"


def test_line_ends_of_a_checkout_do_not_make_other_sources(tmp_path):
    (tmp_path / "a.c").write_bytes(b"one\ntwo\n")
    before = digest(tmp_path)
    (tmp_path / "a.c").write_bytes(b"one\r\ntwo\r\n")
    assert digest(tmp_path) == before != ""


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((2, 3)),
        np.zeros(6, np.float32),
        np.zeros((3, 2), np.float32).T,
        np.zeros((2, 3), ">f4"),
        np.frombuffer(bytes(24), np.float32).reshape(2, 3),
    ],
    ids=["numbers", "dimensions", "order", "byte order", "read-only"],
)
def test_what_is_no_array_of_the_kind_that_a_loop_takes_is_refused(array):
    wanted = Array("float32", 2, written=True)
    assert wanted.from_param(np.zeros((2, 3), np.float32)).value
    with pytest.raises(TypeError):
        wanted.from_param(array)


OVER_PIXELS = ("across", "down", "marks", "packing")

BROKEN = """
import contextlib, os, sys
import numpy as np
import pictures
from difPy import compiled, decode
from difPy.decode import bounds, scans
from difPy.scan import folder
assert compiled.is_there()
assert all(list(folder.entries(where)) for where in ("/", "/dev", os.path.dirname(pictures.__file__)))
random = np.random.default_rng(3)
scene = pictures.scene(size=(120, 90))
files = [
    pictures.encode(scene, kind, **options)
    for kind, options in [
        ("JPEG", {"quality": 95}), ("JPEG", {"progressive": True}), ("JPEG", {"restart_marker_blocks": 3}),
        ("JPEG", {"progressive": True, "restart_marker_rows": 1}), ("QOI", {}),
    ]
]
for number in range(250):
    broken = bytearray(files[number % len(files)])
    for _ in range(int(random.integers(1, 5))):
        at, size, way = int(random.integers(2, len(broken))), int(random.integers(1, 9)), random.integers(4)
        broken[at : at + (size if way < 2 else 0)] = random.bytes(size if way else 0)
    broken = bytes(broken[: len(broken) if number % 3 else random.integers(len(broken))])
    if number % len(files) == 4:
        decode.decode(broken, "a.qoi", 10, exact=True)
        continue
    with contextlib.suppress(scans.Unusual):
        components = scans.components(broken + b"\\xff\\xd9")
        bounds.estimate(components, (8 * components[0].left_out.shape[1], 8 * components[0].left_out.shape[0]), 5)
"""


def sanitizers() -> list[str]:
    """Where the libraries of the compiler's sanitizers lie; none where there are none that a process can be given."""
    if sys.platform != "linux" or not shutil.which("cc"):
        return []
    names = ("libasan.so", "libubsan.so")
    where = [subprocess.check_output(["cc", f"-print-file-name={name}"], text=True).strip() for name in names]
    return where if all(map(os.path.isabs, where)) else []


PIXELS = """
import numpy as np
from difPy import orientation
from difPy.decode import jpeg
from difPy.decode.kernel import KERNEL
random = np.random.default_rng(1)
for number in range(60):
    height, width, px_size = (int(size) for size in random.integers(1, 70, 3))
    for kind, colours in (("<u4", 3), ("|u1", 1)):
        pixels = random.integers(0, 256, (height, width)).astype(kind)
        rows = np.empty((height, px_size, colours), np.uint8)
        columns = np.empty((px_size * colours, height), np.uint8)
        KERNEL.across(pixels, px_size, columns)
        KERNEL.across(columns, px_size, np.empty((px_size, px_size * colours), np.uint8))
        KERNEL.down(pixels.view(np.uint8), px_size, np.empty((px_size, pixels.itemsize * width), np.uint8))
        for o in range(8):
            turned = orientation.apply(o, pixels)
            out = np.empty((*turned.shape, colours), np.uint8)
            KERNEL.pack(turned, out)
            assert np.array_equal(out[..., 0], turned)
    assert jpeg.end_behind(bytes(height), width) == 0
"""


def sanitized(copy: Path, sources: list[Path], script: str, *options: str) -> tuple[int, str]:
    """What comes of a script whose loops are compiled with the sanitizers, which end the process where one errs."""
    package = copy / "difPy"
    (package / "loops_wide.so").unlink(missing_ok=True)
    options += ("-std=c11", "-O1", "-g", "-shared", "-fPIC")
    options += ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    options += (f"-I{package}", f'-DSOURCES="{digest(package)}"', "-o", str(package / "loops.so"))
    subprocess.run(["cc", *options, *map(str, sources), "-lm"], check=True)
    found = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join((str(copy), str(Path(__file__).parent))), "LD_PRELOAD": " ".join(sanitizers())}
        | {"PYTHONMALLOC": "malloc", "ASAN_OPTIONS": "detect_leaks=0", "DIFPY_COMPILED": ""},
    )
    return found.returncode, found.stderr


@pytest.mark.skipif(not sanitizers(), reason="there is no compiler with sanitizers here")
def test_no_damage_makes_a_loop_read_or_write_what_is_not_its_own(copy):
    assert sanitized(copy, list((copy / "difPy").rglob("*.c")), BROKEN) == (0, "")


@pytest.mark.skipif(not sanitizers(), reason="there is no compiler with sanitizers here")
@pytest.mark.parametrize("build", ["plain", "wide"])
def test_no_size_of_a_picture_makes_a_loop_read_or_write_what_is_not_its_own(copy, build):
    if build == "wide" and not loop("is_wide", result=COUNT)():
        return  # it would not run here
    sources = [copy / "difPy" / name for name in ("compiled.c", *(f"decode/{name}.c" for name in OVER_PIXELS))]
    options = ["-mavx2", "-mbmi", "-mbmi2"] if build == "wide" else []
    assert sanitized(copy, sources, PIXELS, *options) == (0, "")
