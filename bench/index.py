"""What the index costs: rows are made, not decoded, put, and read again in a process of its own.

    python bench/index.py [--rows N] [--index FILE]

Each row is a file, a smooth random tensor of 50 x 50 and its vector; one in twenty is a copy with a little noise.
Prints rows, seconds, bytes on disk per picture, and the peak memory of the process that reads: it opens the index,
finds all groups of similar pictures, and looks one picture up.

FILE is left where it is, and used again if it holds N rows already.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace

import numpy as np
from blake3 import blake3

from difPy import store
from difPy.files import File, Files
from difPy.match.lookup import Near, look_up
from difPy.match.mse.vectors import vectors
from difPy.match.settle import settle
from difPy.match.settled import Settled
from difPy.model import Gallery, Picture
from difPy.options import SearchOptions
from difPy.workers import Serial

PX = 50
BATCH = 1000
DECODERS = "made for bench/index.py"
SAMPLE = 20_000  # tensors read at random


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--index", help="default: a temporary file")
    parser.add_argument("--read", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        print(json.dumps(read(options.index, options.rows)))
        return 0
    with tempfile.TemporaryDirectory(prefix="index") as folder:
        path = os.path.abspath(options.index or os.path.join(folder, store.index.FILE_NAME))
        make(path, options.rows)
        sizes(path, options.rows)
        command = [sys.executable, __file__, "--read", "--index", path, "--rows", str(options.rows)]
        report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    for what, figure in report.items():
        print(f"{what:46} {figure:12,.2f}")
    return 0


def opened(path: str) -> store.Index:
    return store.open_index(path, px_size=PX, decoders=DECODERS, warn=lambda message: print(message, file=sys.stderr))


def file(row: int) -> File:
    return File(
        path=f"/made/pictures/of/nobody/{row // 1000:04}/IMG_{row:08}.jpg",
        root="/made/pictures",
        size=2_000_000 + row * 7919 % 3_000_000,
        mtime_ns=1_600_000_000_123_456_789 + row * 1_000_003,
        device=1,
        inode=10_000_000 + row * 104_729 % 15_485_863,
    )


def tensors(start: int, count: int) -> np.ndarray:
    """Smooth noise, as photographs are at this size; every twentieth is its neighbour with a little more of it."""
    rng = np.random.default_rng(start)
    place = np.linspace(0, 5, PX)[:, None] - np.arange(6)
    spread = np.maximum(0, 1 - np.abs(place)).astype(np.float32)
    coarse = rng.integers(0, 256, (count, 6, 6, 3)).astype(np.float32)
    rows = np.tensordot(spread, coarse, (1, 1))  # (px, count, 6, 3)
    found = np.tensordot(spread, rows, (1, 2)).transpose(2, 1, 0, 3)
    found[19::20] = found[18::20] + rng.normal(0, 1.2, found[19::20].shape)
    return np.ascontiguousarray(found.round().clip(0, 255).astype(np.uint8))


def found(start: int, count: int) -> list[store.Found]:
    pixels = tensors(start, count)
    digests = [blake3(str(row).encode()).digest() for row in range(start, start + count)]
    return [
        store.Found(file(start + at), digest, picture(tensor, digest), vector)
        for at, (digest, tensor, vector) in enumerate(zip(digests, pixels, vectors(pixels), strict=True))
    ]


def picture(tensor: np.ndarray, digest: bytes) -> Picture:
    """As if decoded in full."""
    return Picture(
        width=4000,
        height=3000,
        frames=1,
        tensor=tensor,
        views=None,
        identity=blake3(digest).digest(),
        stance=1,
        error=0.0,
        format="JPEG",
        exif_fields=40,
        gps=False,
        digest=digest,
    )


def make(path: str, rows: int) -> None:
    with opened(path) as index:
        held = index.info().files
        if held == rows:
            return
        if held:
            raise SystemExit(f"{path} holds {held:,} rows, not {rows:,}: name another file")
        putting = 0.0
        for start in range(0, rows, BATCH):
            batch = found(start, min(BATCH, rows - start))
            began = time.perf_counter()
            index.put(batch)
            putting += time.perf_counter() - began
        print(f"{'rows put':46} {rows:12,}\n{'put, s':46} {putting:12,.2f}")


def sizes(path: str, rows: int) -> None:
    print(f"{'bytes on disk per picture':46} {os.path.getsize(path) / rows:12,.1f}")


def read(path: str, rows: int) -> dict[str, float]:
    """Seconds of each thing a run does with an index that knows all of its files."""
    report: dict[str, float] = {}

    def timed(what: str, action):
        wall, busy = time.perf_counter(), time.process_time()
        value = action()
        report[f"{what}, s"] = time.perf_counter() - wall
        report[f"{what}, s of processor"] = time.process_time() - busy
        return value

    files = Files.of(map(file, range(rows)))
    index = timed("open", lambda: opened(path))
    known = timed("known", lambda: index.known(files))
    assert (known.states == store.PICTURE).all(), "not all rows are known"
    gallery = timed("gallery", lambda: index.gallery(files, known.digests))
    report["with all but the tensors: peak RSS, MiB"] = rss()
    settled = timed("join and groups", lambda: similar(gallery))
    phases = ("open", "known", "gallery", "join and groups")
    report[f"{' + '.join(phases)}, s"] = sum(report[f"{phase}, s"] for phase in phases)
    report["peak RSS, MiB"] = rss()
    report["groups"], report["distances"] = len(settled.groups), settled.compared
    asked = one_picture(18)
    nearest = timed("query of one picture", lambda: look(gallery, asked))
    report["found by the query"] = len(nearest)
    timed("query of the same once more", lambda: look(gallery, asked))
    some = np.random.default_rng(0).integers(0, rows, SAMPLE)
    timed(f"{SAMPLE:,} tensors at random, one by one", lambda: [gallery.tensors[row] for row in some])
    timed(f"{SAMPLE:,} tensors in a row", lambda: gallery.tensors[:SAMPLE])
    few = files[:: max(1, rows // 100)]
    timed("known of 100 files", lambda: index.known(few))
    index.close()
    return report


def similar(gallery: Gallery) -> Settled:
    return settle(gallery, SearchOptions("similar"), Serial(), in_folder=False, remember=lambda found: None)


def one_picture(row: int) -> Gallery:
    """A file outside the index, with the picture of that row, which is one of the first."""
    index = store.open_index(False, px_size=PX, decoders=DECODERS, warn=print)
    one = replace(found(0, BATCH)[row], file=File("asked.jpg", "", 1, 1, 2, 1))
    index.put([one])
    return index.gallery([one.file], [one.digest])


def look(gallery: Gallery, asked: Gallery) -> list[Near]:
    near, _ = look_up(gallery, asked, SearchOptions("similar"), Serial(), remember=lambda found: None)
    return near


def rss() -> float:
    """Peak, of this process alone: what `resource` says includes the process it was forked from."""
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024


if __name__ == "__main__":
    sys.exit(main())
