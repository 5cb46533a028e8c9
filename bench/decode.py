"""Decoding: what sketches claim and what they keep of it, and the time they take, against the bare decoder.

    python bench/decode.py [FOLDER ...] [--px 50] [--processes N] [--runs 3]

claims   of every file, by way of sketching: the error (RMS levels, to the full decode) over what the sketch claims
times    of all files, in turns: seconds of a processor, the least of the runs for each file, because machines are busy:
         sketch    difPy's first look: read, digest, sketch
         full      difPy's second look: read, digest, decode, identity
         floor     the least that must be done: Pillow's draft to 8 pixels a pixel of the tensor, and resize
         4.2.1     what difPy 4.2.1 does with each file: decode, convert, resize
Fails if any sketch is farther from the truth than it claims.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

import photos
from difPy import decode
from difPy.files import File
from difPy.model import Failure
from difPy.workers import crew, worker


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--px", type=int, default=50)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    folders = options.folders or [f for f in (photos.BESIDE, photos.LARGE) if f.is_dir()] or [None]
    print(f"{decode.decoders()}; {options.processes} processes; px_size {options.px}; least of {options.runs}")
    kept = True
    os.environ |= crew._ONE_THREAD  # as our workers have it
    with ProcessPoolExecutor(options.processes, get_context("spawn"), initializer=load) as pool:
        for folder in folders:
            files = [file(path) for path in photos.corpus(folder)]
            print(f"\n{folder or 'drawn photos'}: {len(files)} files, {sum(f.size for f in files) / 1e6:.0f} MB")
            kept &= claims(pool, files, options.px)
            times(pool, files, options)
    return 0 if kept else 1


def load() -> None:
    """What sketches take, before times are taken; and as much memory as our workers keep."""
    worker._keep_memory(1 << 30)
    for name in ("bounds", "scans"):
        import_module(f"difPy.decode.{name}")


def file(path: Path) -> File:
    now = path.stat()
    return File(str(path), "", now.st_size, now.st_mtime_ns, now.st_dev, now.st_ino)


def claims(pool: ProcessPoolExecutor, files: list[File], px_size: int) -> bool:
    ways = defaultdict(list)
    for way, error, claim in pool.map(partial(claim_of, px_size=px_size), files, chunksize=4):
        ways[way].append((error, claim))
    table = Table("way", "files", "error: median", "largest", "claim: median", "largest", "largest error / claim")
    worst = 0.0
    for way, found in sorted(ways.items()):
        errors, claimed = np.array(found).T
        ratio = max((e / c for e, c in found if c), default=0.0)
        worst = max(worst, ratio)
        numbers = np.median(errors), errors.max(), np.median(claimed), claimed.max(), ratio
        table.add_row(way, str(len(found)), *(f"{number:.2f}" for number in numbers))
    Console(width=120).print(table)
    return worst <= 1


def claim_of(picture: File, px_size: int) -> tuple[str, float, float]:
    """How a file is sketched, its error and its claim."""
    sketch, full = (decode.look(picture, px_size, exact=exact) for exact in (False, True))
    if isinstance(sketch, Failure) or isinstance(full, Failure):
        return "failed", 0.0, 0.0
    if sketch.error == 0:
        return "decoded in full", 0.0, 0.0
    with Image.open(picture.path) as image:
        way = f"{image.format}{', progressive' * bool(image.info.get('progressive'))}"
    error = np.sqrt(np.mean((sketch.tensor.astype(float) - full.tensor) ** 2))
    return f"sketch of {way}", float(error), sketch.error


def times(pool: ProcessPoolExecutor, files: list[File], options: argparse.Namespace) -> None:
    ways = {
        "sketch": partial(look, px_size=options.px, exact=False),
        "full": partial(look, px_size=options.px, exact=True),
        "floor": partial(bare, px_size=options.px, scale=8),
        "4.2.1": partial(bare, px_size=options.px, scale=0),
    }
    least, work = dict.fromkeys(ways, np.inf), {}
    for _ in range(options.runs):
        for way, task in ways.items():
            seconds, work[way] = zip(*pool.map(partial(timed, task), files, chunksize=4), strict=True)
            least[way] = np.minimum(least[way], seconds)
    total = {way: float(each.sum()) for way, each in least.items()}
    table = Table(
        "way", "seconds", "of the floor", "4.2.1 / this", "files/s", "sketched", "in full", "MB read", "MiB RSS"
    )
    for way, results in work.items():
        sketched, read, peak = (np.array(column) for column in zip(*results, strict=True))
        table.add_row(
            way,
            f"{total[way]:.2f}",
            f"{total[way] / total['floor']:.2f}",
            f"{total['4.2.1'] / total[way]:.2f}",
            f"{len(files) / total[way]:.0f}",
            f"{sketched.sum()}",
            f"{len(files) - sketched.sum()}",
            f"{read.sum() / 1e6:.0f}",
            f"{peak.max() / 1024:.0f}",
        )
    Console(width=120).print(table)


def timed(task: partial, picture: File) -> tuple[float, tuple[bool, int, int]]:
    """Seconds of a processor that a task takes, and its result."""
    start = time.process_time()
    result = task(picture)
    return time.process_time() - start, result


def look(picture: File, px_size: int, exact: bool) -> tuple[bool, int, int]:
    """What difPy does; whether it was a sketch, the bytes read, and the memory of the worker so far."""
    result = decode.look(picture, px_size, exact=exact)
    return not isinstance(result, Failure) and result.error > 0, picture.size, memory()


def bare(picture: File, px_size: int, scale: int) -> tuple[bool, int, int]:
    """A tensor from Pillow and nothing else; scale 0: as difPy 4.2.1."""
    with Image.open(picture.path) as image:
        full = image.size
        if scale:
            image.draft("RGB", (scale * px_size, scale * px_size))
        rgb = image if image.getbands() == ("R", "G", "B") else image.convert("RGB")
        if not scale:
            np.asarray(rgb)  # it asks its shape
        np.asarray(rgb.resize((px_size, px_size), Image.Resampling.BICUBIC))
        return image.size != full, picture.size, memory()


def memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    sys.exit(main())
