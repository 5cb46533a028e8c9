"""Is difPy 5 difPy 4.2.1 but for its defects? Tensors and results of both on one folder, differences explained.

    python bench/parity.py DIRECTORY...

Every tensor must be equal bit for bit. Every pair that one reports and the other does not, or with another MSE, must be
explained by a named defect of 4.2.1 (docs/differences.md), which is shown by computing 4.2.1's formula on the tensors.
Exits with 1 if anything is left unexplained.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

import peer
from difPy.decode import colour, opening, rules

THRESHOLDS = {"duplicates": 0.0, "similar": 5.0}
EXACT = 1e-9  # relative rounding of a mean

TURNED = "D7  4.2.1 tries three of the four turns, and in one direction only"
WRAPS = "D1  4.2.1 computes the MSE in 8 bits: differences of 16 levels count as none"
GROUPED = "D9  4.2.1 keeps the first picture it comes to, and drops matches of matches"
RESAMPLED = "C3  4.2.1 sees small versions only, and of a turned picture these differ a little"
THUMBNAIL = "C2  4.2.1 calls pictures duplicates that differ at full resolution"
EXIF = "D13 4.2.1 ignores the EXIF orientation"
UNREADABLE = "D13 4.2.1 could not read one of them"
OPAQUE = "D13 4.2.1 drops transparency, depth above 8 bits and further frames"
COLOURS = "4.2.1 compares numbers, whatever colours they stand for"
UNEXPLAINED = "UNEXPLAINED"


@dataclass
class Run:
    """What one difPy made of the folder."""

    numbers: dict[str, int]
    tensors: dict[str, np.ndarray]
    results: dict[str, dict[str, list]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, nargs="+")
    unexplained = sum(map(compare, parser.parse_args().directory))
    print(f"\n{unexplained or 'no'} differences are left unexplained")
    return 1 if unexplained else 0


def compare(directory: Path) -> int:
    """Print how the two differ on a directory; the number of differences nobody can explain."""
    print(f"\n{directory}")
    new, old = (run(interpreter, directory) for interpreter in (peer.OURS, peer.python()))
    unexplained = compare_tensors(new, old)
    for case in old.results:
        unexplained += compare_results(new, old, case, THRESHOLDS[case.split()[0]])
    return unexplained


def run(interpreter: list[str], directory: Path) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.npz"
        peer.measure(interpreter, "parity", directory, out)
        with np.load(out) as saved:
            names = saved["names"].tolist()
            return Run(
                numbers=dict(zip(names, saved["numbers"].tolist(), strict=True)),
                tensors=dict(zip(names, saved["tensors"], strict=True)),
                results=json.loads(str(saved["results"])),
            )


def compare_tensors(new: Run, old: Run) -> int:
    both = new.tensors.keys() & old.tensors.keys()
    reasons = Counter(tensor_reason(name) for name in both if not np.array_equal(new.tensors[name], old.tensors[name]))
    print(f"{len(both)} pictures read by both; only by 5: {len(new.tensors) - len(both)}; ", end="")
    print(f"only by 4.2.1: {len(old.tensors) - len(both)}")
    print(f"tensors equal, bit for bit: {len(both) - reasons.total()}")
    for reason, count in reasons.items():
        print(f"    {count:5}  {reason}")
    return reasons[UNEXPLAINED] + len(old.tensors) - len(both)


def tensor_reason(name: str) -> str:
    with Image.open(name) as picture:
        if picture.getexif().get(0x0112, 1) != 1:
            return EXIF
        if picture.mode not in ("RGB", "L", "CMYK", "YCbCr") or getattr(picture, "n_frames", 1) > 1:
            return OPAQUE
    with rules.our_rules():
        look = colour.profile(opening.opened(Path(name).read_bytes(), name))
    return COLOURS if look is not None else UNEXPLAINED


def compare_results(new: Run, old: Run, case: str, threshold: float) -> int:
    ours, theirs = pairs(new.results[case]), pairs(old.results[case])
    taken = members(new.results[case]), members(old.results[case])
    reasons: Counter[str] = Counter()
    for pair in sorted(ours.keys() | theirs.keys(), key=sorted):
        mine, other = ours.get(pair), theirs.get(pair)
        if mine is None or other is None or abs(mine - other) > EXACT * max(mine, other):
            reasons[reason(pair, mine, other, threshold, new, old, taken)] += 1
    same = len(ours.keys() | theirs.keys()) - reasons.total()
    similarity, same_dim = case.split()
    print(f"similarity={similarity!r}, same_dim={same_dim}: {len(ours)} pairs, 4.2.1 {len(theirs)}, {same} agree")
    for words, count in sorted(reasons.items()):
        print(f"    {count:5}  {words}")
    return reasons[UNEXPLAINED]


def pairs(result: dict[str, list]) -> dict[frozenset[str], float]:
    return {frozenset((kept, path)): mse for kept, matches in result.items() for path, mse in matches}


def members(result: dict[str, list]) -> set[str]:
    return {path for matches in result.values() for path, _ in matches}


def reason(
    pair: frozenset[str],
    mine: float | None,
    other: float | None,
    threshold: float,
    new: Run,
    old: Run,
    taken: tuple[set[str], set[str]],
) -> str:
    """Why difPy 5 says `mine` of a pair and 4.2.1 says `other`; None: nothing."""
    if not pair <= old.tensors.keys():
        return UNREADABLE
    for name in pair:
        if not np.array_equal(new.tensors[name], old.tensors[name]):
            return tensor_reason(name)
    first, second = sorted(pair, key=old.numbers.__getitem__)
    exact = [mse(new.tensors[first], new.tensors[second], turn) for turn in range(4)]
    wrapped = min(wrapped_mse(new.tensors[first], new.tensors[second], turn) for turn in range(3))
    if mine == 0 < min(exact):
        return RESAMPLED if same_pixels(first, second) else UNEXPLAINED
    if mine is None:
        if min(exact) > threshold:
            return WRAPS
        if min(exact) == 0 and not same_pixels(first, second):
            return THUMBNAIL
        return GROUPED if pair & taken[0] else UNEXPLAINED
    if other is None:
        if wrapped > threshold:
            return TURNED if min(exact[:3]) > threshold else UNEXPLAINED
        return GROUPED if second in taken[1] else UNEXPLAINED
    if mine > min(exact):
        return THUMBNAIL if min(exact) == 0 and not same_pixels(first, second) else UNEXPLAINED
    return WRAPS if wrapped < min(exact[:3]) else TURNED


def mse(first: np.ndarray, second: np.ndarray, turn: int) -> float:
    return float(np.square(first.astype(int) - np.rot90(second, turn)).mean())


def wrapped_mse(first: np.ndarray, second: np.ndarray, turn: int) -> float:
    """The formula of 4.2.1, in uint8 as there. Never above the exact one: a wrapped square is at most the square."""
    return float(np.square(np.subtract(first, np.rot90(second, turn))).mean())


def same_pixels(first: str, second: str) -> bool:
    with Image.open(first) as a, Image.open(second) as b:
        pixels, others = np.asarray(a.convert("RGBA")), np.asarray(b.convert("RGBA"))
    return any(np.array_equal(pixels, np.rot90(others, turn)) for turn in range(4))


if __name__ == "__main__":
    sys.exit(main())
