"""The project itself: one version, types for its users, a Makefile whose help leaves nothing out."""

import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

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
    code = "import sys, difPy; print(sorted(sys.modules.keys() & {'numpy', 'PIL', 'rich', 'sqlite3', 'typing'}))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"


def test_a_search_of_known_pictures_loads_nothing_but_what_it_needs(tmp_path, photo):
    """The rules of .gitignore, actions, tables and the like are loaded by who asks for them; decoders for new ones."""
    photo(1).save(tmp_path / "a.jpg")
    spared = {
        "PIL.Image",
        "numpy.ma",
        "numba",
        "pathspec",
        "pathlib",
        "csv",
        "shutil",
        "difPy.act.plan",
        "xml.etree.ElementTree",
    }
    search(tmp_path)
    assert search(tmp_path) & spared == set()


@pytest.mark.skipif(sys.platform != "linux", reason="workers are copies of the command")
def test_decoders_are_loaded_once_for_all_workers_where_no_picture_is_known(tmp_path, photo):
    photo(1).save(tmp_path / "a.jpg")
    one_thread = {"OPENBLAS_NUM_THREADS": "1"}  # as the command has it: a process of more can have no copy
    assert "PIL.Image" in search(tmp_path, **one_thread)


def search(folder, **environment):
    """Names of all that is loaded at the end of a search in a process of its own."""
    code = f"""
import sys
from difPy.cli import main
main(["find", "-s", "similar", "--no-config", "--quiet", {str(folder)!r}])
print(*sys.modules)
"""
    own = {"DIFPY_STATE_DIR": str(folder / "state"), "DIFPY_CACHE_DIR": str(folder / "cache")}
    said = subprocess.check_output([sys.executable, "-c", code], text=True, env=os.environ | own | environment)
    return set(said.splitlines()[-1].split())


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


def test_the_demo_finds_what_it_hid_and_what_it_prints_can_be_run(tmp_path, monkeypatch):
    """As `make demo` runs it, in a folder of its own."""
    demo = TOP / "tools" / "demo.py"
    run = subprocess.run([sys.executable, demo], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "duplicates" in run.stdout
    assert (tmp_path / "demo" / "cache").is_dir()
    commands = re.findall(r"^  (\S*difpy .*)$", run.stdout, re.MULTILINE)
    assert [command.split()[-1] for command in commands] == ["demo/aside", "undo"]
    monkeypatch.setenv("DIFPY_CACHE_DIR", str(tmp_path / "demo" / "cache"))
    before = sorted(path for path in tmp_path.glob("demo/pictures/**/*.*"))
    for command in commands:  # as printed; it asks only a person
        told = subprocess.run(command.replace(" undo", " undo --yes"), shell=True, cwd=tmp_path, capture_output=True)
        assert told.returncode == 0, told.stderr
    assert sorted(path for path in tmp_path.glob("demo/pictures/**/*.*")) == before


def test_the_demo_looks_into_a_folder_of_ones_own_and_changes_nothing_there(tmp_path, photo):
    own = tmp_path / "my pictures"
    own.mkdir()
    photo(1).save(own / "a.png")
    photo(1).save(own / "b.bmp")
    demo = TOP / "tools" / "demo.py"
    run = subprocess.run([sys.executable, demo, own], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "1 match of 1 kept picture" in run.stdout and f"plan '{own}' -a trash" in run.stdout
    assert sorted(path.name for path in own.iterdir()) == ["a.png", "b.bmp"]


def test_the_container_is_not_root_and_the_systems_are_three():
    dockerfile = (TOP / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER difpy$", dockerfile, re.MULTILINE) and ":ro" in dockerfile
    workflow = (TOP / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    assert all(system in workflow for system in ("ubuntu-latest", "macos-latest", "windows-latest"))
