"""Build, search and start-up: difPy 5 against difPy 4.2.1, the two in turns, medians of the runs.

    python bench/end_to_end.py [--search 2000 5000] [--build 3000] [--folder DIR ...] [--runs 3] [--corpus DIR]

search     similarity='similar' among all dimensions (lazy=False), on that many different pictures
build      of that many photos, no two of the same bytes, and of other folders: the first time, and once more
start-up   `import difPy`; `difpy --help` against 4.2.1's `python dif.py --help`
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
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
    parser.add_argument("--folder", type=Path, nargs="*", help="build these, too (default: the large photos beside)")
    parser.add_argument("--runs", type=int, default=3)
    photos.add_argument(parser)
    options = parser.parse_args()
    corpus = photos.corpus(options.corpus)
    folders = [folder for folder in (photos.LARGE,) if folder.is_dir()] if options.folder is None else options.folder
    print(f"corpus: {options.corpus or 'drawn photos'}; {os.cpu_count()} cores; medians of {options.runs}")

    table = Table("what", "difPy 5", "difPy 4.2.1", "times faster", "work of difPy 5", "work of 4.2.1")
    for count in options.search:
        new, old = in_turns(options.runs, "search", photos.crops(corpus, count), "similar")
        add(table, f"search, {count:,} pictures", new, old, "search", *WORK)
    for folder in [*folders, *(photos.repeated(corpus, count) for count in options.build)]:
        new, old = in_turns(options.runs, "build", folder)
        add(table, f"build of {folder.name}", new, old, "build", "pictures", "peak_rss_mib")
        add(table, "the same build again", new, old, "again")
    new, old = in_turns(max(5, options.runs), "import")
    add(table, "import difPy", new, old, "import")
    add(table, "difpy --help", *helps(max(5, options.runs)), "help")
    Console(width=150).print(table)


def in_turns(runs: int, *arguments: object) -> tuple[list[dict], list[dict]]:
    """What both report, run by run in turns, so that a busy minute of the machine hits both."""
    new, old = zip(*(peer.both(*arguments) for _ in range(runs)), strict=True)
    return list(new), list(old)


def helps(runs: int) -> tuple[list[dict], list[dict]]:
    commands = [Path(sys.executable).with_name("difpy")], [*peer.python(), peer.module()]
    reports: tuple[list[dict], list[dict]] = ([], [])
    for _ in range(runs):
        for report, command in zip(reports, commands, strict=True):
            start = time.perf_counter()
            subprocess.run([*command, "--help"], check=True, stdout=subprocess.DEVNULL)
            report.append({"help": time.perf_counter() - start})
    return reports


def add(table: Table, what: str, new: list[dict], old: list[dict], seconds: str, *work: str) -> None:
    ours, theirs = (statistics.median(report[seconds] for report in reports) for reports in (new, old))
    table.add_row(
        what, f"{ours:.3f} s", f"{theirs:.3f} s", f"{theirs / ours:,.1f}", counters(new, work), counters(old, work)
    )


def counters(reports: list[dict], names: tuple[str, ...]) -> str:
    last = reports[-1]
    return "\n".join(f"{last[name]:,.0f} {name.replace('_', ' ')}" for name in names if last.get(name) is not None)


if __name__ == "__main__":
    main()
