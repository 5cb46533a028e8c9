"""The screenshots of the documentation: the suite takes the same ones, of the demo's drawings, and compares."""

import re
import subprocess
import sys
from pathlib import Path

from PIL import Image

from browsing import chromium

TOP = Path(__file__).parents[1]
KEPT = sorted((TOP / "docs" / "screens").glob("*.png"))


def test_those_that_are_kept_are_of_screens_that_there_are_and_stand_on_a_page_with_words(tmp_path):
    with chromium():
        pass  # or there is none, and this test says so
    run = [sys.executable, TOP / "tools" / "screens.py", tmp_path, "8"]
    subprocess.run(run, check=True, capture_output=True, timeout=300)
    taken = {path.name: path for path in tmp_path.glob("*.png")}
    assert len(taken) >= 14
    for path in taken.values():
        with Image.open(path) as screen:
            assert len(screen.convert("RGB").getcolors(1 << 22)) > 50, path.name  # there is something to see
    pages = "".join(page.read_text(encoding="utf-8") for page in (TOP / "README.md", *(TOP / "docs").glob("*.md")))
    for path in KEPT:
        with Image.open(path) as kept, Image.open(taken[path.name]) as now:
            assert kept.size == now.size
        assert re.search(rf"!\[[A-Z][^\]]{{15,}}\]\((docs/)?screens/{path.name}\)", pages), path.name
