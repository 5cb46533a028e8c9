"""What the join costs: seconds, comparisons and memory, on tensors of photographs and on hostile ones.

    python bench/join.py [--million] [--photos FOLDER] [--runs 3] [--only WORD]

Each line is a process of its own. `vectors` and `join` are seconds, and `CPU` those of the processor for both: the best
of the runs, or the first of a fresh process where the line says cold. `compared` counts pairs compared number by
number, `of all` is their part of all pairs in all turns, `grouped` the rows that were given a keeper, `memory` the most
that the process held beside the tensors, which stay on disk. They are made once, and kept in bench/.data: 7.5 GB for
`--million`.

The peer computes every distance, the plain way: one product of matrices for each turn.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time

import numpy as np

import tensors
from difPy.match import mse
from difPy.model import Criterion, Rows

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), ".data")
CASES = [  # kind, rows, threshold, cold
    ("crops", 2_000, 5.0, True),
    ("crops", 5_000, 5.0, True),
    ("crops", 100_000, 0.0, False),
    ("crops", 100_000, 5.0, False),
    ("crops", 100_000, 50.0, False),
    ("crops", 100_000, 200.0, False),
    ("equal", 100_000, 5.0, False),
    ("frames", 20_000, 5.0, False),
    ("fade", 100_000, 5.0, False),
    ("noise", 100_000, 5.0, False),
    ("pages", 20_000, 200.0, False),
    ("dark", 20_000, 5.0, False),
    ("crops", 200_000, 800.0, False),
]
MILLION = ("crops", 1_000_000, 5.0, False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--photos", help="crop the tensors from the pictures in this folder, not from drawings")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="only lines that hold this word")
    parser.add_argument("--case", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        path, threshold, cold, rows = options.case
        print(json.dumps(measure(path, int(rows), float(threshold), cold == "True", options.runs)))
        return 0
    os.makedirs(DATA, exist_ok=True)
    print(f"{'':42}{'vectors':>9}{'join':>9}{'CPU':>9}{'compared':>12}{'of all':>10}{'grouped':>9}{'memory':>11}")
    for kind, rows, threshold, cold in [*CASES, *([MILLION] if options.million else [])]:
        line = f"{rows:,} {kind} MSE {threshold:g}{', cold' if cold else ''}"
        if options.only in line:
            report(line, kind, rows, threshold, cold, options)
    return 0


def report(line: str, kind: str, rows: int, threshold: float, cold: bool, options: argparse.Namespace) -> None:
    count = max(rows, 100_000) if kind == "crops" else rows
    path = os.path.join(DATA, f"{kind}-{count}{'-photos' if options.photos and kind == 'crops' else ''}.npy")
    if not os.path.exists(path):
        tensors.make(count, path, kind=kind, photos=options.photos)
    command = [sys.executable, __file__, "--runs", str(options.runs)]
    command += ["--case", path, str(threshold), str(cold), str(rows)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    pairs = rows * (rows - 1) / 2 * 4
    print(
        f"{line:42}{found['vectors']:9.3f}{found['join']:9.3f}{found['cpu']:9.3f}{found['compared']:12,}"
        f"{found['compared'] / pairs:10.1e}{found['grouped']:9,}{found['memory'] / 2**20:7,.0f} MiB"
    )
    if "plain" in found:
        ours = found["vectors"] + found["join"]
        times = found["plain"] / ours
        print(f"{'    every distance, the plain way':51}{found['plain']:9.3f}  {times:.0f} times as long")


def measure(path: str, count: int, threshold: float, cold: bool, runs: int) -> dict[str, float]:
    """One line, in this process."""
    stored = np.load(path, mmap_mode="r")[:count]
    if not cold:
        stars(stored[:1000], None, threshold)
    memory = Memory()
    seconds = []
    for _ in range(1 if cold else runs):
        busy, start = time.process_time(), time.perf_counter()
        vectors = mse.vectors(stored, threads=None)
        middle = time.perf_counter()
        found = stars(stored, vectors, threshold)
        seconds.append((middle - start, time.perf_counter() - middle, time.process_time() - busy))
    held = memory.most()
    return {
        **{
            name: min(column)
            for name, column in zip(("vectors", "join", "cpu"), zip(*seconds, strict=True), strict=True)
        },
        "compared": found.compared,
        "grouped": int(np.count_nonzero(found.keeper != np.arange(count))),
        "memory": held,
        **({"plain": plain(stored, threshold)} if count <= 5000 else {}),
    }


def stars(stored: np.ndarray, vectors: np.ndarray | None, threshold: float):
    count = len(stored)
    same = np.full(count, 1000, np.int32)
    rows = Rows(
        tensors=stored,
        widths=same,
        heights=same,
        partition=np.zeros(count, np.int64),
        identities=[None] * count,
        stances=np.ones(count, np.uint8),
        errors=np.zeros(count, np.float32),
        vectors=vectors,
    )
    return mse.stars(rows, Criterion(threshold), None)


def plain(stored: np.ndarray, threshold: float) -> float:
    """Seconds to compute every distance in every turn by products of matrices, a thousand rows at a time."""
    start = time.perf_counter()
    flat = stored.reshape(len(stored), -1).astype(np.float32)
    norms = np.einsum("ij,ij->i", flat, flat)
    for turn in range(4):
        turned = np.rot90(stored, turn, (1, 2)).reshape(len(stored), -1).astype(np.float32)
        for first in range(0, len(stored), 1000):
            part = slice(first, first + 1000)
            squares = norms[part, None] + norms - 2 * flat[part] @ turned.T
            np.count_nonzero(squares <= threshold * flat.shape[1])
    return time.perf_counter() - start


class Memory:
    """The most memory of its own that this process has held, looked at every 5 ms; mapped files are not counted."""

    def __init__(self) -> None:
        self._most, self._stop = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def most(self) -> int:
        """Bytes; ends the watch."""
        self._stop.set()
        self._thread.join()
        return self._most

    def _watch(self) -> None:
        while not self._stop.wait(0.005):
            if not os.path.exists("/proc/self/status"):
                continue
            with open("/proc/self/status") as status:
                held = next(int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon"))
            self._most = max(self._most, held)


if __name__ == "__main__":
    sys.exit(main())
