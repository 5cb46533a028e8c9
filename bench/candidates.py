"""What the joins of altered copies cost: seconds, memory and candidates, on made descriptors.

    python bench/candidates.py [--only WORD] [--large]

Each line is a process of its own. `cpu` is its processor time, `a picture` that for each of them, `memory` the most
that it held in all; descriptors are read from a disk, slice by slice, as from the index. `candidates` are for each
picture; `found` is the part of the made copies that are among them. One picture in four is a copy of the one before.
In a line that is `shared`, every picture bears the same caption and frame. `--large` adds 100,000 pictures: 1.6 GB in
bench/.data.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np

from difPy.model import silent

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), ".data")
CASES = [("copies", 1_700, ""), ("copies", 10_000, ""), ("copies", 20_000, "shared")]
CASES += [("deep", 1_700, ""), ("deep", 10_000, ""), ("deep", 20_000, "shared")]
LARGE = [("copies", 100_000, ""), ("deep", 100_000, "")]
PIECE = 500
"""Pictures made at a time."""


class Stored(Sequence[bytes]):
    """Descriptors in a file, one after the other, all of one length."""

    def __init__(self, path: str, count: int) -> None:
        self._file = open(path, "rb")  # noqa: SIM115 - open as long as it is read
        self._count, self._length = count, os.path.getsize(path) // count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, at: Any) -> Any:
        start, end, _ = at.indices(self._count) if isinstance(at, slice) else (at, at + 1, 1)
        self._file.seek(start * self._length)
        data = self._file.read((end - start) * self._length)
        found = [data[place : place + self._length] for place in range(0, len(data), self._length)]
        return found if isinstance(at, slice) else found[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--only", default="", help="only lines that hold this word")
    parser.add_argument("--case", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        print(json.dumps(measure(options.case[0], options.case[1], int(options.case[2]))))
        return 0
    os.makedirs(DATA, exist_ok=True)
    print(f"{'':28}{'seconds':>9}{'cpu':>9}{'a picture':>13}{'memory':>10}{'candidates':>12}{'found':>8}")
    for method, count, kind in [*CASES, *(LARGE if options.large else [])]:
        line = f"{method} {count:,} {kind}"
        if options.only in line:
            recipe = import_module(f"difPy.match.{method}").RECIPE
            path = os.path.join(DATA, f"descriptors-{method}-{recipe}-{count}{kind and '-' + kind}")
            if not os.path.exists(path):
                make(path, method, count, kind == "shared")
            command = [sys.executable, __file__, "--case", method, path, str(count)]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(
                f"{line:28}{found['seconds']:9.1f}{found['cpu']:9.1f}{found['cpu'] / count * 1000:10.2f} ms"
                f"{found['memory'] / 2**20:7.0f} MB{found['candidates'] / count:12.2f}{found['found']:8.1%}",
                flush=True,
            )
    return 0


def measure(method: str, path: str, count: int) -> dict[str, float]:
    import resource

    module = import_module(f"difPy.match.{method}")
    seconds, cpu = time.perf_counter(), time.process_time()
    found = module.candidates(Stored(path, count), silent)
    seconds, cpu = time.perf_counter() - seconds, time.process_time() - cpu
    copies = np.arange(3, count, 4)
    pairs = found.first * count + found.second
    return {
        "seconds": seconds,
        "cpu": cpu,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "candidates": len(found),
        "found": float(np.isin((copies - 1) * count + copies, pairs).mean()),
    }


def make(path: str, method: str, count: int, shared: bool) -> None:
    random = np.random.default_rng(1)
    with open(path + ".part", "wb") as file:
        for start in range(0, count, PIECE):
            size = min(PIECE, count - start)
            made = (features if method == "deep" else views)(random, size, shared)
            file.write(made.tobytes())
    os.replace(path + ".part", path)


def features(random: np.random.Generator, count: int, shared: bool) -> np.ndarray:
    """Descriptors of `deep`: features of which each is much like one of 50,000, as those of pictures are."""
    from difPy.match.deep.features import FEATURE, FEATURES

    known = np.random.default_rng(2)
    looks, caption = known.integers(0, 256, (50_000, 32), np.uint8), known.integers(0, 256, (100, 32), np.uint8)
    made = np.zeros((count, FEATURES), FEATURE)
    made["x"], made["y"] = random.integers(0, 400 * 128, (2, count, FEATURES))
    made["size"] = 2.0 ** random.uniform(1, 5, (count, FEATURES))
    made["turn"] = random.integers(0, 65536, (count, FEATURES))
    bits = noisy(random, looks[random.integers(0, len(looks), (count, FEATURES))], 0.2)
    copied = made[2:-1:4]
    copies = np.arange(3, count, 4)
    made[copies] = copied[: len(copies)]
    bits[copies] = noisy(random, bits[copies - 1], 0.06)
    lost = random.random((len(copies), FEATURES)) < 0.6
    bits[copies] = np.where(lost[..., None], random.integers(0, 256, (*lost.shape, 32), np.uint8), bits[copies])
    if shared:
        bits[:, : len(caption)] = noisy(random, np.broadcast_to(caption, (count, *caption.shape)), 0.02)
        made[:, : len(caption)] = made[0, : len(caption)]
    made["bits"], made["mirrored"] = bits[..., :16].view("<u8"), bits[..., 16:].copy().view("<u8")
    header = np.broadcast_to(np.array((400, 300), "<u2").view(np.uint8), (count, 4))
    return np.concatenate((header, made.view(np.uint8).reshape(count, -1)), axis=1)


def views(random: np.random.Generator, count: int, shared: bool) -> np.ndarray:
    """Descriptors of `copies`: three views each, as pictures have in the mean."""
    corners = np.array([(0, 0), (255, 0), (255, 191), (0, 191)], "<f4").ravel().view(np.uint8)
    bits = random.integers(0, 256, (count, 3, 8 * 32), np.uint8)
    if shared:
        common = np.random.default_rng(2).integers(0, 256, (3, 8 * 32), np.uint8)
        bits = noisy(random, np.broadcast_to(common, bits.shape), 0.15)
    copies = np.arange(3, count, 4)
    bits[copies] = noisy(random, bits[copies - 1], 0.1)
    places = np.broadcast_to(corners, (count, 3, len(corners)))
    return np.concatenate((places, bits), axis=2).reshape(count, -1)


def noisy(random: np.random.Generator, bits: np.ndarray, share: float) -> np.ndarray:
    """Bytes with that share of their bits changed, one in 256 more or less."""
    changed = np.zeros(bits.shape, np.uint8)
    for bit in range(8):
        changed |= (random.integers(0, 256, bits.shape, np.uint8) < share * 256).astype(np.uint8) << np.uint8(bit)
    return bits ^ changed


if __name__ == "__main__":
    sys.exit(main())
