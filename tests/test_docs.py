"""What README and docs/ say, done: every Python block runs, every command too, and prints what stands below it."""

from __future__ import annotations

import argparse
import doctest
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import difPy
from data_sets import as_parquet, as_tar
from difPy import cli, commands
from difPy.decode import EXTENSIONS

TOP = Path(__file__).parents[1]
PAGES = [TOP / "README.md", TOP / "CONTRIBUTING.md", TOP / "CHANGELOG.md", *sorted((TOP / "docs").glob("*.md"))]
NOT_RUN = ("make", "pip", "pipx", "uvx", "git")  # these reach out of the page: their verbs are looked up instead
BETWEEN = "\x1e"
CHECKER = doctest.OutputChecker()
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass
class Block:
    language: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """Fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(match[1], match[2], text[: match.start()].count("\n") + 1)
        for match in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]


def check_output(expected: str, got: str, where: str) -> None:
    """Compare as doctest does: `...` stands for anything, and white space is white space."""
    if not CHECKER.check_output(expected, got, FLAGS):
        pytest.fail(f"{where}\nprints\n{got}\nand not\n{expected}", pytrace=False)


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """The folders that the documentation speaks of."""
    top = tmp_path_factory.mktemp("documented")
    draw(top)
    return top


def draw(top: Path) -> None:
    """Pictures, Archive, train and test."""

    def put(path: str, change=lambda picture: picture, *, seed: int, **options) -> None:
        rng = np.random.default_rng(seed)
        picture = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8)).resize(
            (900, 600), Image.Resampling.BICUBIC
        )
        original = top / f"{seed}.jpg"
        picture.save(original, quality=92)
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        with Image.open(original) as stored:
            change(stored).save(top / path, **options)
        original.unlink()

    put("Pictures/lake.jpg", seed=1, quality=90)
    put("Pictures/harbour.jpg", seed=2, quality=90)
    put("Pictures/2019/IMG_0413.png", lambda picture: picture.transpose(Image.Transpose.ROTATE_90), seed=3)
    with Image.open(top / "Pictures/2019/IMG_0413.png") as turned:  # lossless, so identical to what it was turned from
        turned.transpose(Image.Transpose.ROTATE_270).save(top / "Pictures/meadow.webp", lossless=True)
    put("Pictures/phone/lake small.jpg", lambda picture: picture.resize((450, 300)), seed=1, quality=85)
    put("train/0001.jpg", seed=4)
    put("train/0002.jpg", seed=5)
    put("test/9001.jpg", seed=6)
    put("test/9002.jpg", lambda picture: picture.resize((450, 300)), seed=5)
    for copy in ("Pictures/2019/IMG_0412.jpg", "Archive/lake.jpg"):
        (top / copy).parent.mkdir(exist_ok=True)
        shutil.copyfile(top / "Pictures/lake.jpg", top / copy)
    (top / "Pictures/notes.txt").write_text("no picture")
    (top / "Pictures/broken.jpg").write_bytes((top / "Pictures/lake.jpg").read_bytes()[:3000])
    lake, harbour = (top / f"Pictures/{name}.jpg" for name in ("lake", "harbour"))
    small = top / "Pictures/phone/lake small.jpg"
    (top / "data").mkdir()
    some = {"lake.jpg": lake, "lake-small.jpg": small, "harbour.jpg": harbour, "other.jpg": top / "train/0001.jpg"}
    as_tar(top / "data/shard-0001.tar", {name: path.read_bytes() for name, path in some.items()})
    as_parquet(top / "data/train.parquet", {name: path.read_bytes() for name, path in some.items()})
    for age, path in enumerate(sorted(top.rglob("*"), key=lambda path: (path.name != "lake.jpg", path))):
        os.utime(path, (1e9 + age, 1e9 + age))


@pytest.fixture
def here(sample, tmp_path, monkeypatch):
    """A fresh copy of them, as the working directory, and the command on the path."""
    for folder in sample.iterdir():
        shutil.copytree(folder, tmp_path / folder.name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    return tmp_path


@pytest.mark.parametrize(
    "page", [page for page in PAGES if "```python" in page.read_text()], ids=lambda page: page.name
)
def test_python_on_a_page_runs_as_one_script_and_prints_what_the_page_says(page, here):
    found = blocks(page)
    parts = [block.text for block in found if block.language == "python"]
    script = here / "script.py"
    script.write_text(f"\nprint({BETWEEN!r})\n".join(parts), encoding="utf-8")
    run = subprocess.run([sys.executable, script], capture_output=True, encoding="utf-8", timeout=300)
    assert run.returncode == 0, run.stderr
    printed = iter(run.stdout.split(f"{BETWEEN}\n"))
    for block, following in zip(found, [*found[1:], Block("", "", 0)], strict=True):
        if block.language == "python":
            got = next(printed)
            if following.language == "text":
                check_output(following.text, got, f"{page.name}:{block.line}")


COMMANDS = [
    pytest.param(block.text, id=f"{page.name}:{block.line}")
    for page in PAGES
    for block in blocks(page)
    if block.language == "console"
]


@pytest.mark.parametrize("text", COMMANDS)
def test_a_command_on_a_page_runs_and_prints_what_the_page_says(text, here):
    for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
        program, *arguments = command.split()
        if program == "make":
            assert re.search(rf"^{arguments[0]}:", (TOP / "Makefile").read_text(), re.MULTILINE), command
        if program in NOT_RUN:
            continue
        run = subprocess.run(command, shell=True, capture_output=True, encoding="utf-8", timeout=300)
        assert run.returncode == 0, run.stderr
        if expected:
            check_output(expected, run.stdout, command)


MODULES = sorted(
    ".".join(path.relative_to(TOP / "src").with_suffix("").parts).removesuffix(".__init__")
    for path in (TOP / "src").rglob("*.py")
    if path.name not in ("__main__.py", "worker.py")  # run as programs
)


@pytest.mark.filterwarnings("ignore:Implicitly cleaning up:ResourceWarning")  # an example need not tidy up
@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_are_true(module, here):
    assert doctest.testmod(importlib.import_module(module), optionflags=FLAGS).failed == 0


def test_every_public_name_has_an_example_that_runs():
    for name in set(difPy.__all__) - {"__version__"}:
        assert re.search(r"Examples\n\s*-+\n\s*>>> ", getattr(difPy, name).__doc__), name


def test_the_reference_is_of_every_public_name():
    page = (TOP / "docs" / "reference.md").read_text(encoding="utf-8")
    names = set(difPy.__all__) - {"__version__", "DifPyError", "UsageError"}
    assert names <= set(re.findall(r"auto(?:class|function):: (\w+)$", page, re.MULTILINE))
    assert "automodule:: difPy.errors" in page


def test_drawings_are_those_that_the_code_draws():
    code = "import sys; sys.path.insert(0, 'docs'); import drawings, json; "
    code += "print(json.dumps({name: draw() for name, draw in drawings.DRAWINGS.items()}))"
    run = subprocess.run([sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True, check=True)
    page = (TOP / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    for name, drawn in json.loads(run.stdout).items():
        assert (TOP / "docs" / "drawings" / f"{name}.svg").read_text(encoding="utf-8") == drawn
        assert f"](drawings/{name}.svg)" in page


def test_every_option_is_on_the_page_of_the_command_line():
    page = (TOP / "docs" / "command-line.md").read_text(encoding="utf-8")
    for action in cli.documented()._actions:
        assert ", ".join(f"`{name}`" for name in action.option_strings) in page
        if isinstance(action.default, int) and action.nargs != 0:
            row = re.search(rf"^\| `{action.option_strings[0]}`.*$", page, re.MULTILINE)[0]
            assert str(action.default) in row.split("|")[-2]


def verbs() -> dict[str, argparse.ArgumentParser]:
    return commands.by_name(commands.parser())


def test_every_verb_and_its_options_are_on_the_page_of_the_command_line():
    page = (TOP / "docs" / "command-line.md").read_text(encoding="utf-8")
    for name, parser in verbs().items():
        assert f"`difpy {name} " in page or f"`difpy {name}`" in page
        for option in (option for action in parser._actions for option in action.option_strings):
            assert option in ("-h", "--help") or re.search(rf"`{option}[ `]", page), f"difpy {name} {option}"


def test_help_says_what_every_option_does():
    for parser in (cli.documented(), *verbs().values()):
        assert all(
            action.help and action.help != argparse.SUPPRESS for action in parser._actions if action.option_strings
        )


def test_every_extension_is_on_the_page_of_formats():
    page = TOP / "docs" / "pictures.md"
    listed = " ".join(block.text for block in blocks(page) if block.language == "text")
    assert set(listed.split()) == EXTENSIONS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_pages_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path) if path else page
        assert linked.exists(), f"{page.name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in map(slug, headings), f"{page.name} links to {target}"


def slug(heading: str) -> str:
    """Anchor of a heading, as GitHub and MyST make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
