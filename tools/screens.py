"""The screenshots of the documentation, made anew: `python tools/screens.py [FOLDER]`, by default docs/screens.

They show the drawings of `make demo`, as the review shows them. Needs a Chromium, as the tests of pages do.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "tests")]

from browsing import chromium  # noqa: E402 - where it lies is said above
from demo import TRICKS  # noqa: E402
from pictures import draw  # noqa: E402

SIZE = {"width": 1280, "height": 800}
PICTURES, WITH_COPIES = 45, 24


def pictures(folder: Path) -> None:
    """Draw pictures, and hide copies among them."""
    for number in range(PICTURES):
        original = folder / "Summer 2024" / f"IMG_{1000 + number}.jpg"
        original.parent.mkdir(parents=True, exist_ok=True)
        draw(number).save(original, quality=92)
        tricks = TRICKS[number % len(TRICKS)], TRICKS[(5 * number + 3) % len(TRICKS)]
        for trick in tricks[: 1 + number % 2] if number < WITH_COPIES else ():
            copy = folder / trick.folder / f"IMG_{1000 + number} {TRICKS.index(trick)}{trick.suffix}"
            copy.parent.mkdir(parents=True, exist_ok=True)
            trick.make(original, copy)


def main(target: Path) -> None:
    """Draw, find, look."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        pictures(Path(home) / "Pictures")
        environment = os.environ | {"DIFPY_CACHE_DIR": f"{home}/cache", "DIFPY_STATE_DIR": f"{home}/state"}
        command = [sys.executable, "-m", "difPy"]
        run = {"cwd": home, "env": environment, "check": True, "stdout": subprocess.DEVNULL}
        subprocess.run([*command, "report", "Pictures", "-s", "similar", "--quiet", "-o", "report.html"], **run)
        subprocess.run([*command, "calibrate", "Pictures", "--quiet", "-o", "calibrate.html"], **run)
        review = [*command, "review", "Pictures", "-s", "similar", "--no-browser", "--quiet"]
        with subprocess.Popen(review, cwd=home, env=environment, stderr=subprocess.PIPE, text=True) as server:
            address = next(found[0] for line in server.stderr if (found := re.search(r"http://\S+", line)))
            try:
                with chromium() as browser:
                    _look(browser, address, Path(home), target)
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
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screens"))
