"""Build, search and start-up: difPy 5 against difPy 4.2.1, the two in turns, medians of the runs.

    python bench/end_to_end.py [--search 2000 5000] [--build 3000] [--folder DIR ...] [--runs 3] [--corpus DIR]

search     similarity='similar' among all dimensions (lazy=False), on that many different pictures: the first one, which
           decodes in full what may match, and one after a build that decoded all in full, as that of difPy 4.2.1 does
build      of that many photos, as plain copies and with no two of the same bytes, and of other folders: the first time,
           and once more
start-up   `import difPy`; `difpy --help` against 4.2.1's `python dif.py --help`
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

import peer
import photos

WORK = ("matches", "distances", "sketches", "decoded_in_full", "peak_rss_mib")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--search", type=int, nargs="*", default=[2000], metavar="PICTURES")
    parser.add_argument("--build", type=int, nargs="*", default=[3000], metavar="PICTURES")
    parser.add_argument(
        "--folder",
        type=Path,
        nargs="*",
        help="build these, too (default: the large photos beside, 100 of them, and 100 of the JPEGs among them)",
    )
    parser.add_argument("--runs", type=int, default=3)
    photos.add_argument(parser)
    options = parser.parse_args()
    corpus = photos.corpus(options.corpus)
    if options.folder is None:
        options.folder = large_photos() if photos.LARGE.is_dir() else []
    print(f"corpus: {options.corpus or 'drawn photos'}; {os.cpu_count()} cores; medians of {options.runs}")

    table = Table("what", "difPy 5", "difPy 4.2.1", "times faster", "work of difPy 5", "work of 4.2.1")
    for count in options.search:
        search = "search", photos.crops(corpus, count), "similar"
        new, exact, old = in_turns(options.runs, ours(*search), ours(*search, "exact"), theirs(*search))
        add(table, f"search, {count:,} pictures", new, old, "search", *WORK)
        add(table, "the same, all decoded before", exact, old, "search", *WORK)
    copies = [made(corpus, count) for count in options.build for made in (photos.copied, photos.repeated)]
    for folder in [*options.folder, *copies]:
        new, old = in_turns(options.runs, ours("build", folder), theirs("build", folder))
        add(table, f"build of {folder.name}", new, old, "build", "pictures", "peak_rss_mib")
        add(table, "the same build again", new, old, "again")
    new, old = in_turns(max(5, options.runs), ours("import"), theirs("import"))
    add(table, "import difPy", new, old, "import")
    helps = [Path(sys.executable).with_name("difpy")], [*peer.python(), peer.module()]
    new, old = in_turns(max(5, options.runs), *(partial(seconds_of, *command, "--help") for command in helps))
    add(table, "difpy --help", new, old, "help")
    Console(width=150).print(table)


def large_photos() -> list[Path]:
    """The large photos beside the project, 100 of them, and 100 of those that are JPEGs."""
    large = photos.corpus(photos.LARGE)
    jpegs = [photo for photo in large if photo.suffix == ".jpg"]
    return [photos.LARGE, photos.repeated(large, 100), photos.repeated(jpegs, 100, "repeated-jpegs")]


def in_turns(runs: int, *measurements: Callable[[], dict]) -> list[tuple[dict, ...]]:
    """What each measurement reports, run by run in turns, so that a busy minute of the machine hits all of them."""
    return list(zip(*([measure() for measure in measurements] for _ in range(runs)), strict=True))


def ours(*arguments: object) -> Callable[[], dict]:
    return partial(peer.measure, peer.OURS, *arguments)


def theirs(*arguments: object) -> Callable[[], dict]:
    return partial(peer.measure, peer.python(), *arguments)


def seconds_of(*command: object) -> dict:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return {"help": time.perf_counter() - start}


def add(table: Table, what: str, new: tuple[dict, ...], old: tuple[dict, ...], seconds: str, *work: str) -> None:
    ours_s, theirs_s = (statistics.median(report[seconds] for report in reports) for reports in (new, old))
    table.add_row(
        what,
        f"{ours_s:.3f} s",
        f"{theirs_s:.3f} s",
        f"{theirs_s / ours_s:,.1f}",
        counters(new, work),
        counters(old, work),
    )


def counters(reports: tuple[dict, ...], names: tuple[str, ...]) -> str:
    last = reports[-1]
    return "\n".join(f"{last[name]:,.0f} {name.replace('_', ' ')}" for name in names if last.get(name) is not None)


if __name__ == "__main__":
    main()
