"""Plant copies among real pictures and thousands of others, find them, delete them, check every file by other means.

    python bench/planted.py [--corpus DIR] [--others N] [--keep DIR]

Each picture of the corpus gets a companion: a byte copy, a PNG of the same pixels, a turned one, or one that is turned
by its EXIF tag. N generated pictures stand around them. Exits with 1 if a planted pair was missed, a false one found,
or a picture lost.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import struct
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

import difPy

KINDS = ("byte copy", "PNG of the same pixels", "turned by 90", "turned by 180", "turned by 270", "turned by EXIF")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path("../shared/corpus"))
    parser.add_argument("--others", type=int, default=5_200)
    parser.add_argument("--keep", type=Path, help="work here and leave it; default: a temporary folder")
    options = parser.parse_args()
    top = options.keep or Path(tempfile.mkdtemp(prefix="planted"))
    try:
        return check(top, options.corpus, options.others)
    finally:
        if not options.keep:
            shutil.rmtree(top)


def check(top: Path, corpus: Path, others: int) -> int:
    shutil.copytree(corpus, top / "corpus")
    for path in (top, *top.rglob("*")):
        path.chmod(0o755)
    pairs = {original: plant(number, original, top) for number, original in enumerate(pictures(top / "corpus"))}
    generate(top / "others", others)
    before = {path: key(path) for path in pictures(top) if path.parent.name != "others"}

    start = time.perf_counter()
    dif = difPy.build(top, show_progress=False)
    built = time.perf_counter()
    search = difPy.search(dif, show_progress=False)
    found = {frozenset((kept, path)) for kept, matches in search.result.items() for path, _ in matches}
    searched = time.perf_counter()
    count = search.stats["process"]["search"]["files_searched"]
    print(f"{count:,} pictures: build {built - start:.1f} s, search {searched - built:.1f} s")
    print(f"invalid: {search.stats['invalid_files']['logs'] or 'none'}")

    missed = [(a, b) for a, b in pairs.items() if not same_group(search.result, str(a), str(b))]
    false = [pair for pair in found if len({before.get(Path(path)) or key(Path(path)) for path in pair}) > 1]
    print(f"planted pairs: {len(pairs):,}, missed: {len(missed):,}; pairs found: {len(found):,}, false: {len(false):,}")
    for pair in (*missed, *false):
        print("   ", *map(str, pair))

    search.delete(silent_del=True)
    left = {key(path) for path in pictures(top) if path.parent.name != "others"}
    removed = [path for path in before if not path.exists()]
    lost = [path for path in removed if before[path] not in left]
    groups = difPy.search(difPy.build(top, show_progress=False), show_progress=False).result
    print(f"deleted: {len(removed):,}, lost for good: {len(lost):,}; groups left: {len(groups):,}")
    return 1 if missed or false or lost or groups else 0


def pictures(top: Path) -> list[Path]:
    return sorted(path for path in top.rglob("*") if path.is_file())


def plant(number: int, original: Path, top: Path) -> Path:
    """A companion of a picture, the kind by its number."""
    kind = KINDS[number % len(KINDS)]
    folder = top / "planted" / kind
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "byte copy":
        return Path(shutil.copy(original, folder / f"copy of {original.name}"))
    if kind == "turned by EXIF" and original.suffix.lower() in {".jpg", ".jpeg"}:
        return with_orientation(original, folder / original.name)
    companion = folder / f"{original.stem}.png"
    with Image.open(original) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    if kind.startswith("turned"):
        upright = upright.rotate(int(kind.removeprefix("turned by ").replace("EXIF", "90")), expand=True)
    upright.save(companion, compress_level=1)
    return companion


def with_orientation(original: Path, companion: Path) -> Path:
    """The same JPEG, shown a quarter turn further: an EXIF segment before all others."""
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 0)
    data = original.read_bytes()
    companion.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:])
    return companion


def generate(folder: Path, count: int) -> None:
    """Pictures of smooth colour noise, no two alike."""
    folder.mkdir()
    for number in range(count):
        random = np.random.default_rng(number)
        coarse = Image.fromarray(random.integers(0, 256, (*random.integers(3, 9, 2), 3), np.uint8))
        image = coarse.resize(tuple(int(side) for side in random.integers(60, 200, 2)), Image.Resampling.BICUBIC)
        image.save(folder / f"{number:06}.{('jpg', 'png', 'webp')[number % 3]}")


def key(path: Path) -> str:
    """What is seen, whatever the quarter turn: the least hash of the four turns."""
    with Image.open(path) as image:
        pixels = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    turns = (np.ascontiguousarray(np.rot90(pixels, turn)) for turn in range(4))
    return min(hashlib.sha256(repr(turn.shape).encode() + turn.tobytes()).hexdigest() for turn in turns)


def same_group(result: dict[str, list[list[object]]], first: str, second: str) -> bool:
    return any({first, second} <= {kept, *(path for path, _ in matches)} for kept, matches in result.items())


if __name__ == "__main__":
    sys.exit(main())
