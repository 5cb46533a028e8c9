"""Folders of photos to measure with: real ones where there is a corpus, drawn ones where there is none.

    python bench/photos.py COUNT [--corpus DIR]

Folders are made once, in bench/.data, and used again.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import shutil
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

DATA = Path(__file__).parent / ".data"
DRAWN = 300
BESIDE = Path(__file__).parents[2] / "shared" / "corpus" / "photos"
LARGE = BESIDE.parent / "large"


def add_argument(parser: argparse.ArgumentParser) -> None:
    """The option that every bench has."""
    parser.add_argument(
        "--corpus",
        type=Path,
        default=BESIDE if BESIDE.is_dir() else None,
        help="a folder of real photos (default: ../shared/corpus/photos if it is there, else drawn ones)",
    )


def corpus(folder: Path | None) -> list[Path]:
    """The photos of the folder; without one, `DRAWN` drawn ones."""
    if folder is None:
        folder = _made(f"drawn-{DRAWN}", partial(_in_parallel, _draw, range(DRAWN)))
    photos = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"))
    if not photos:
        raise SystemExit(f"no photos in {folder}")
    return photos


def repeated(photos: list[Path], count: int, name: str = "repeated") -> Path:
    """A folder of `count` copies of the photos, no two of the same bytes: each ends with its number.

    So nobody can save himself the work of decoding, and what is decoded is what cameras write.
    """
    return _made(f"{name}-{count}-{_key(photos)}", partial(_repeat, photos, count, alike=False))


def copied(photos: list[Path], count: int) -> Path:
    """A folder of `count` copies of the photos, byte by byte."""
    return _made(f"copied-{count}-{_key(photos)}", partial(_repeat, photos, count, alike=True))


def crops(photos: list[Path], count: int) -> Path:
    """A folder of `count` different pictures, cut from the photos; every twentieth is the one before, saved again."""
    return _made(f"crops-{count}-{_key(photos)}", partial(_in_parallel, partial(_crop, photos=photos), range(count)))


def planted(photos: list[Path], count: int) -> Path:
    """A folder of `count` small files in folders: three of four different crops, the others to be told from copies.

    Of 20 files, 3 are copies of others, byte by byte, and 2 are of one size with others, one of which begins like them.
    """
    return _made(f"planted-{count}-{_key(photos)}", partial(_plant, photos, count))


def pages(count: int) -> Path:
    """A folder of `count` drawn pages of text, 1240 x 1754, grey: no two alike."""
    return _made(f"pages-{count}", partial(_in_parallel, _page, range(count)))


def _key(photos: list[Path]) -> str:
    return hashlib.sha256("\n".join(f"{path} {path.stat().st_size}" for path in photos).encode()).hexdigest()[:8]


def _made(name: str, make) -> Path:
    folder = DATA / name
    if not folder.exists():
        unfinished = folder.with_name(f"{name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        make(unfinished)
        unfinished.rename(folder)
    return folder


def _in_parallel(task, jobs, folder: Path) -> None:
    with ProcessPoolExecutor() as executor:
        list(executor.map(partial(task, folder), jobs, chunksize=16))


def _repeat(photos: list[Path], count: int, folder: Path, *, alike: bool) -> None:
    for number in range(count):
        photo = photos[number % len(photos)]
        more = number.to_bytes(8, "big").ljust(8 + number // len(photos))  # photographs are rarely of one size
        (folder / f"{number:06}{photo.suffix}").write_bytes(photo.read_bytes() + (b"" if alike else more))


def _crop(folder: Path, number: int, photos: list[Path]) -> None:
    again = number % 20 == 19
    cut = number - again
    rng = np.random.default_rng(cut)
    with Image.open(photos[cut % len(photos)]) as photo:
        wide, high = (round(side * rng.uniform(0.6, 0.95)) for side in photo.size)
        left, top = rng.integers(0, photo.width - wide + 1), rng.integers(0, photo.height - high + 1)
        piece = photo.convert("RGB").crop((left, top, left + wide, top + high))
    piece.save(folder / f"{number:06}.jpg", quality=80 if again else 92)


def _plant(photos: list[Path], count: int, folder: Path) -> None:
    _in_parallel(partial(_small, photos=photos), range(0, count, 20), folder)


def _small(folder: Path, first: int, photos: list[Path]) -> None:
    """Twenty files."""
    rng, made = np.random.default_rng(first), []
    for number in range(15):
        with Image.open(photos[(first + number) % len(photos)]) as photo:
            side = round(min(photo.size) * rng.uniform(0.5, 0.95))
            left, top = rng.integers(0, photo.width - side + 1), rng.integers(0, photo.height - side + 1)
            piece = photo.convert("RGB").crop((left, top, left + side, top + side)).resize((360, 360))
        piece.save(data := io.BytesIO(), "JPEG", quality=int(rng.integers(75, 95)))
        made.append(data.getvalue())
    cut = made[0][:20_000].ljust(20_000, b"\0")
    alike = cut[:9_000] + first.to_bytes(8, "big") + cut[9_008:]
    same = photos[0].read_bytes()[:9_000] + alike[9_000:]
    below = folder / f"{first // 500:04}"
    below.mkdir(exist_ok=True)
    for number, data in enumerate([*made, made[3], made[3], made[7], alike, same]):
        (below / f"IMG_{first + number:06}.jpg").write_bytes(data)


def _page(folder: Path, number: int) -> None:
    """Lines of words that nobody can read, as a scanner sees them."""
    rng = np.random.default_rng(number)
    page = Image.new("L", (1240, 1754), 250)
    pen = ImageDraw.Draw(page)
    for top in range(150, 1600, 34):
        left = 130
        while rng.random() > 0.06 and left < 1050:
            word = "".join(map(chr, rng.integers(97, 123, rng.integers(2, 11))))
            pen.text((left, top), word, fill=20, font_size=22)
            left += int(pen.textlength(word, font_size=22)) + 10
    noisy = np.asarray(page) + rng.normal(0, 3, (1754, 1240))
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(folder / f"{number:05}.jpg", quality=85)


def _draw(folder: Path, number: int) -> None:
    """Clouds of coloured noise with the spectrum of photographs, a few soft shapes, the grain of a sensor."""
    rng = np.random.default_rng(number)
    width, height = (500, 375) if number % 3 else (375, 500)
    levels = np.zeros((height, width, 3))
    for octave in range(8):
        grid = rng.normal(0, 1, (2 + 2**octave, 2 + 2**octave, 3)) @ (rng.normal(0.6, 0.25, (3, 3)))
        for channel in range(3):
            layer = Image.fromarray(grid[..., channel].astype(np.float32))
            levels[..., channel] += np.asarray(layer.resize((width, height), Image.Resampling.BICUBIC)) * 0.62**octave
    y, x = np.mgrid[:height, :width] / width
    for _ in range(rng.integers(3, 9)):
        turn, size, edge = rng.uniform(0, np.pi), rng.uniform(0.05, 0.35, 2), rng.uniform(2, 60)
        dx, dy = x - rng.random(), y - rng.random() * height / width
        out = np.hypot(
            (dx * np.cos(turn) + dy * np.sin(turn)) / size[0], (dy * np.cos(turn) - dx * np.sin(turn)) / size[1]
        )
        inside = 1 / (1 + np.exp(((out - 1) * edge).clip(-50, 50)))
        levels += inside[..., None] * rng.normal(0, 1.2, 3)
    levels = 128 + 52 * (levels - levels.mean()) / levels.std() + rng.normal(0, 4, levels.shape)
    Image.fromarray(levels.clip(0, 255).astype(np.uint8)).save(folder / f"{number:04}.jpg", quality=92)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int)
    add_argument(parser)
    options = parser.parse_args()
    photos = corpus(options.corpus)
    print(repeated(photos, options.count), crops(photos, options.count), sep="\n")
