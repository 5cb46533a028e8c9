"""The screenshots of the documentation, anew: `python tools/screens.py [FOLDER [DRAWINGS]]`, by default docs/screens.

They show the drawings of `make demo`, as the review shows them. Needs a Chromium, as the tests of pages do, which take
the same pictures of fewer drawings. In docs/screens lie those that a page of the documentation shows.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "tests")]

from browsing import chromium  # noqa: E402 - where it lies is said above
from demo import TRICKS  # noqa: E402
from pictures import draw  # noqa: E402

SIZE = {"width": 1280, "height": 800}
PICTURES = 45
HERE = Path(__file__).parents[1] / "docs" / "screens"


def pictures(folder: Path, count: int) -> None:
    """Draw pictures, and hide copies of every other one among them."""
    for number in range(count):
        original = folder / "Summer 2024" / f"IMG_{1000 + number}.jpg"
        original.parent.mkdir(parents=True, exist_ok=True)
        draw(number).save(original, quality=92)
        tricks = TRICKS[number % len(TRICKS)], TRICKS[(5 * number + 3) % len(TRICKS)]
        for trick in tricks[: 1 + number % 2] if 2 * number <= count else ():
            copy = folder / trick.folder / f"IMG_{1000 + number} {TRICKS.index(trick)}{trick.suffix}"
            copy.parent.mkdir(parents=True, exist_ok=True)
            trick.make(original, copy)


def main(target: Path, count: int = PICTURES) -> None:
    """Draw, find, look: a picture of each screen, in a folder; in docs/screens only those that lie there already."""
    with tempfile.TemporaryDirectory() as home:
        shown = Path(home) / "shown"
        shown.mkdir()
        _made(Path(home), shown, count)
        target.mkdir(parents=True, exist_ok=True)
        for path in shown.iterdir():
            if target.resolve() != HERE or (target / path.name).exists():
                with Image.open(path) as screen:  # of 256 colours it is a third as large, and looks the same
                    screen.convert("RGB").quantize(256).save(target / path.name, optimize=True)


def _made(home: Path, target: Path, count: int) -> None:
    pictures(home / "Pictures", count)
    environment = os.environ | {"DIFPY_CACHE_DIR": f"{home}/cache", "DIFPY_STATE_DIR": f"{home}/state"}
    command = [sys.executable, "-m", "difPy"]
    run = {"cwd": home, "env": environment, "check": True, "stdout": subprocess.DEVNULL}
    subprocess.run([*command, "report", "Pictures", "-s", "similar", "--quiet", "-o", "report.html"], **run)
    subprocess.run([*command, "calibrate", "Pictures", "--quiet", "-o", "calibrate.html"], **run)
    review = [*command, "review", "Pictures", "-s", "similar", "--no-browser", "--quiet", "--to", "aside"]
    with subprocess.Popen(review, cwd=home, env=environment, stderr=subprocess.PIPE, text=True) as server:
        address = next(found[0] for line in server.stderr if (found := re.search(r"http://\S+", line)))
        try:
            with chromium() as browser:
                _look(browser, address, home, target)
        finally:
            server.terminate()


def _look(browser, address: str, home: Path, target: Path) -> None:
    page = browser.new_page(viewport=SIZE, color_scheme="dark")

    def shot(name: str, wait: str) -> None:
        page.wait_for_selector(wait)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(200)
        page.screenshot(path=target / f"{name}.png")

    page.goto(address)
    page.wait_for_selector(".row .tile img")
    page.wait_for_load_state("networkidle")
    for key in ("ArrowDown", "a", "n"):
        page.wait_for_selector(".tile:focus")
        page.keyboard.press(key)
        page.wait_for_timeout(400)
    page.keyboard.press("ArrowRight")
    shot("list", ".row.apart")
    page.keyboard.press("d")
    shot("dense", ":root[data-dense] .row")
    page.keyboard.press("d")
    page.click("#theme")
    shot("light", ":root[data-theme=light] .row")
    page.click("#theme")
    page.keyboard.press("Home")
    page.focus("#list")
    page.keyboard.press("Enter")
    for key, name, mode in (
        (1, "compare", "side"),
        (2, "flicker", "flicker"),
        (3, "slider", "slider"),
        (4, "difference", "difference"),
    ):
        page.keyboard.press(str(key))
        shot(name, f'.stage[data-ready="{mode}"]')
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    shot("plan", "#doing .figures")
    page.click("#doing .go")
    shot("done", "#doing h2:has-text('Done')")
    page.click("#doing .quiet")
    shot("undone", "#doing h2:has-text('Taken back')")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    shot("keys", "#help[open]")
    for name in ("report", "calibrate"):
        page.goto((home / f"{name}.html").as_uri())
        shot(name, "body")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto((home / "report.html").as_uri())
    shot("phone", "body")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else HERE, *map(int, sys.argv[2:]))
