"""Look again at an unchanged tree, search it again, and a renamed one: beside a bare walk that stats every file.

    python bench/rescan.py [--files N]

Draws N small pictures into a temporary folder, one in ten of them a copy, indexes them once, and then looks again, and
searches again. Counts the files of the tree that were opened and the pictures that were decoded: both should be none.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import difPy

RUNS = 3
SEARCHES = ("files", "duplicates", "similar")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    options = parser.parse_args()
    top = Path(tempfile.mkdtemp(prefix="rescan"))
    try:
        measure(top, options.files)
    finally:
        shutil.rmtree(top)


def measure(top: Path, files: int) -> None:
    tree = top / "tree"
    draw(tree, files)
    time.sleep(2.5)  # younger files are read once more, in case they are still being written
    index = top / "index.sqlite"
    opened = Opened(str(tree))
    seconds, library = timed(lambda: difPy.index(tree, cache=index))
    print(f"{len(library):,} pictures indexed in {seconds:.1f} s ({library.decoded:,} decoded)")
    for similarity in SEARCHES:
        groups = difPy.find(library, similarity).groups
        print(f"{similarity}: {len(groups):,} groups")
    took: dict[str, list[float]] = {}
    for _ in range(RUNS):
        opened.count = 0
        took.setdefault("bare walk with a stat of every file", []).append(timed(lambda: walk(str(tree)))[0])
        seconds, library = timed(lambda: difPy.index(tree, cache=index))
        took.setdefault("rescan", []).append(seconds)
        for similarity in SEARCHES:
            seconds, _ = timed(partial(search, tree, index, similarity))
            took.setdefault(f"rescan, and the same search again: {similarity}", []).append(seconds)
    walked, *_ = (statistics.median(seconds) for seconds in took.values())
    for what, runs in took.items():
        seconds = statistics.median(runs)
        print(f"{what}: {seconds:.2f} s of processors, {seconds / walked:.1f} times the walk")
    print(f"files opened: {opened.count:,}, pictures decoded: {library.decoded:,}")
    renamed = top / "renamed"
    tree.rename(renamed)
    seconds, library = timed(lambda: difPy.index(renamed, cache=index))
    print(f"after renaming the tree: {seconds:.2f} s, pictures decoded: {library.decoded:,}")


class Opened:
    """Counts the files below a folder that this process opens; workers, which open others, decode what is counted."""

    def __init__(self, folder: str) -> None:
        self.count = 0
        self._folder = folder
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(self._folder):
            self.count += not arguments[2] & os.O_DIRECTORY  # folders are opened to be listed


def search(tree: Path, index: Path, similarity: str) -> None:
    """Look for changes, and search."""
    difPy.find(difPy.index(tree, cache=index, decode=similarity != "files"), similarity)


def draw(tree: Path, files: int) -> None:
    """Pictures of 12 x 8 pixels, every tenth that of the one before it, a thousand a folder."""
    for number in range(files):
        folder = tree / f"{number // 1000:04}"
        folder.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number - (number % 10 == 9)).integers(0, 256, (8, 12, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:07}.bmp")


def walk(top: str) -> int:
    """Stat every file below a folder."""
    count = 0
    folders = [top]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                entry.stat(follow_symlinks=False)
                count += 1
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
    return count


def timed(task: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of processors, which other programs do not lengthen by much; workers have nothing to do here."""
    start = time.process_time()
    result = task()
    return time.process_time() - start, result


if __name__ == "__main__":
    main()
