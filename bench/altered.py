"""How well altered copies are found, and how often look-alikes are taken for copies: difPy 5 and its peers, in one run.

    python bench/altered.py [--corpus DIR] [--seed 1] [--only deep PDQ] [--also NAME=COMMAND] [--docs docs]

Photos are altered in 63 ways, and look-alikes of 17 kinds stand around them; all of it is labelled, and the same seed
gives the same files. Recall is the share of altered copies that are in a pair, or in a group, with their photo or with
another copy of it. `--also "mine=mytool {folder}"` scores a tool of your own, which prints lines of
`first TAB second [TAB verdict]`. `--docs docs` writes the tables into docs/altered.md and the plots beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

import photos
from quality import corpus, pages, tables, tools
from quality.score import WITH_PARTS, Score, score


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    photos.add_argument(parser)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bases", type=int, default=60, help="photos that are altered (default: %(default)s)")
    parser.add_argument("--variants", type=int, default=14, help="altered copies of each (default: %(default)s)")
    parser.add_argument("--lookalikes", type=int, default=12, help="of each kind (default: %(default)s)")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="only tools that have one of these words")
    parser.add_argument("--also", nargs="+", default=[], metavar="NAME=COMMAND", help="tools of your own")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="make the files here, or use those that are there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the scores, and all false pairs, to a file")
    parser.add_argument("--docs", type=Path, metavar="DIR", help="write DIR/altered.md's tables and plots")
    parser.add_argument("--make", action="store_true", help="make the files in --keep DIR, and no more")
    options = parser.parse_args()
    if options.make and not options.keep:
        parser.error("--make needs --keep DIR")
    size, where = corpus.Size(options.bases, options.variants, options.lookalikes), options.corpus or "drawn photos"
    with nullcontext(options.keep) if options.keep else tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        if (folder / "labels.json").exists():
            labels, where = corpus.read(folder), options.keep
        else:
            labels = corpus.make(folder, photos.corpus(options.corpus), size, options.seed)
        said = pages.summary(labels)
        print(f"{said}; {where}; {os.cpu_count()} cores")
        if options.make:
            return 0
        scores, report = _run(folder / "images", labels, _asked(options.only, options.also))
    if not scores:
        print("no tool ran", file=sys.stderr)
        return 1
    console = Console(width=max(120, 34 + 20 * len(scores)))
    console.print(tables.terminal("found", scores, tables.found(scores), tables.not_looked_for(scores)))
    console.print(tables.terminal("falsely found, files", scores, tables.false(scores), tables.totals(scores)))
    console.print(tables.terminal("by alteration", scores, tables.by_alteration(scores)))
    if options.json:
        options.json.write_text(json.dumps({"files": said, "seed": options.seed, "tools": report}, indent=1))
    if options.docs:
        pages.write(options.docs, scores, labels)
    return 0


def _asked(words: list[str], also: list[str]) -> dict[str, tools.Tool]:
    chosen = {name: tool for name, tool in tools.TOOLS.items() if not words or any(word in name for word in words)}
    own = (line.partition("=") for line in also)
    return chosen | {name: tools.command(line) for name, _, line in own}


def _run(folder: Path, labels: dict[str, corpus.Label], asked: dict[str, tools.Tool]) -> tuple[dict[str, Score], dict]:
    """Scores by the name of the tool, those with shared parts apart; and all that is worth writing down."""
    scores: dict[str, Score] = {}
    report: dict[str, object] = {}
    for name, tool in asked.items():
        found = tool(folder)
        if isinstance(found, tools.Absent):
            print(f"{name} did not run: {found.why}", file=sys.stderr)
            report[name] = asdict(found)
            continue
        print(f"{name}: {found.seconds:.1f} s, {found.cpu:.1f} s of processors", file=sys.stderr)
        ways = {name: False}
        if any(verdict == "part" for *_, verdict in found.pairs):
            ways[name + WITH_PARTS] = True
        for way, parts in ways.items():
            scores[way] = score(found.pairs, labels, parts, seconds=found.seconds, cpu=found.cpu)
            report[way] = asdict(scores[way]) | {"wrong": _wrong(found.pairs, labels, parts)}
    return scores, report


def _wrong(pairs: list[tools.Pair], labels: dict[str, corpus.Label], parts: bool) -> list[list[object]]:
    """Pairs that are claimed falsely, with what the two are."""
    claimed = {"copy", "part"} if parts else {"copy"}
    return [
        [first, second, verdict, asdict(labels[first]), asdict(labels[second])]
        for first, second, verdict in pairs
        if verdict in claimed and labels[first].picture != labels[second].picture
    ]


if __name__ == "__main__":
    sys.exit(main())
