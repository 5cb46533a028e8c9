"""The project itself: one version, types for its users, a Makefile whose help leaves nothing out."""

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import difPy

TOP = Path(__file__).parents[1]
MAKEFILE = (TOP / "Makefile").read_text(encoding="utf-8")
VERBS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))


def test_the_version_is_written_in_one_place():
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["hatch"]["version"]["path"] == "src/difPy/__init__.py"
    assert importlib.metadata.version("difPy") == difPy.__version__


def test_types_are_shipped():
    assert (Path(difPy.__file__).parent / "py.typed").exists()


def test_everything_exported_is_there():
    assert set(difPy.__all__) <= set(dir(difPy))
    for name in difPy.__all__:
        assert getattr(difPy, name) is not None


def test_importing_difpy_imports_nothing_heavy():
    code = "import sys, difPy; print(sorted(sys.modules.keys() & {'numpy', 'PIL', 'numba', 'rich', 'sqlite3'}))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"


def test_make_says_what_every_verb_does():
    helped = subprocess.check_output(["make", "-C", TOP], text=True)
    assert set(re.findall(r"^make (\w+)", helped, re.MULTILINE)) == VERBS
    assert {"help", "demo", "test", "check", "fix", "bench", "docs", "build"} <= VERBS
    assert set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split()) == VERBS


def test_ci_runs_what_a_person_would_run():
    lines = (TOP / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == "exec make test"


def test_set_up_says_what_to_do_without_a_new_enough_python(tmp_path):
    python = tmp_path / "python3"
    python.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 || exit 1\n')
    python.chmod(0o755)
    run = subprocess.run(
        ["/bin/sh", TOP / "tools" / "setup.sh"],
        env={"PATH": f"{tmp_path}:/bin", "PYTHON": str(python), "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert "difPy needs Python 3.11 or newer; found: Python 3.9.2" in run.stderr
    assert not (tmp_path / ".venv").exists()


def test_every_bench_says_what_it_measures_and_those_documented_are_there():
    benches = {path.name: path.read_text(encoding="utf-8") for path in (TOP / "bench").glob("*.py")}
    assert all(text.startswith('"""') for text in benches.values())
    page = (TOP / "docs" / "performance.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`bench/(\w+\.py)`", page)) <= benches.keys()


def test_the_demo_finds_what_it_hid(tmp_path):
    """As `make demo` runs it, in a folder of its own."""
    demo = TOP / "tools" / "demo.py"
    run = subprocess.run([sys.executable, demo], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "duplicates" in run.stdout
    assert (tmp_path / "demo" / "cache").is_dir()
