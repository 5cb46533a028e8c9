"""The compiled library: which one is taken, what it is handed, and what anybody's bytes do to it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import difPy
from difPy.compiled import Array, digest

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


BROKEN = """
import contextlib, sys
import numpy as np
import pictures
from difPy import compiled, decode
from difPy.decode import bounds, scans
assert compiled.is_there()
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


@pytest.mark.skipif(not sanitizers(), reason="there is no compiler with sanitizers here")
def test_no_damage_makes_a_loop_read_or_write_what_is_not_its_own(copy):
    """Under the sanitizers of the compiler, which end the process where one does."""
    package = copy / "difPy"
    (package / "loops_wide.so").unlink(missing_ok=True)
    options = ["-std=c11", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-shared", "-fPIC"]
    options += [f"-I{package}", f'-DSOURCES="{digest(package)}"', "-o", str(package / "loops.so")]
    subprocess.run(["cc", *options, *map(str, package.rglob("*.c")), "-lm"], check=True)
    found = subprocess.run(
        [sys.executable, "-c", BROKEN],
        capture_output=True,
        text=True,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join((str(copy), str(Path(__file__).parent))), "LD_PRELOAD": " ".join(sanitizers())}
        | {"PYTHONMALLOC": "malloc", "ASAN_OPTIONS": "detect_leaks=0", "DIFPY_COMPILED": ""},
    )
    assert (found.returncode, found.stderr) == (0, "")
