"""Tensors by the hundred thousand, as the join would see a library of photographs: to time it, anywhere, by anyone.

    python bench/tensors.py 100000 tensors.npy                    # crops of pictures drawn here
    python bench/tensors.py 100000 tensors.npy --photos FOLDER    # crops of photographs
    python bench/tensors.py 20000 frames.npy --kind frames        # one of the hostile kinds, see below

Each tensor is a crop of one of 300 pictures: resized to 50 x 50, made brighter or darker, half of them mirrored. One in
twenty is a near-duplicate of one before it: noise of 1.2 levels, and a quarter turn or two or three. The other kinds:
`frames` of a video that stands still, `equal` blank pages, a `fade` of one colour into another, `noise`, `pages` of
text as scanned, and `dark` frames that hold nothing but the noise of a sensor, each a little more or less of it.
"""

from __future__ import annotations

import argparse
import glob
import os
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PX = 50
PART = 10_000  # tensors made at a time; duplicates are of the same part


def drawing(seed: int, side: int = 256) -> Image.Image:
    """Clouds of colour with a few things in front: edges, gradients, and less and less in higher frequencies."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((side, side, 3))
    for octave in range(1, 7):
        cells = rng.normal(size=(2**octave + 1, 2**octave + 1, 3)) @ (np.full((3, 3), 0.3) + 0.25 * np.eye(3))
        layers = [
            Image.fromarray(cells[:, :, channel].astype(np.float32)).resize((side, side), Image.Resampling.BICUBIC)
            for channel in range(3)
        ]
        picture += np.stack([np.asarray(layer) for layer in layers], axis=2) * 90 / 1.7**octave
    picture += rng.uniform(60, 190)
    y, x = np.mgrid[:side, :side] / side
    for _ in range(rng.integers(2, 8)):
        across, down, angle = rng.uniform(0.03, 0.4), rng.uniform(0.03, 0.4), rng.uniform(0, np.pi)
        dx, dy = x - rng.uniform(), y - rng.uniform()
        u, v = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
        inside = (u / across) ** 2 + (v / down) ** 2 < 1 if rng.random() < 0.5 else (abs(u) < across) & (abs(v) < down)
        picture[inside] = picture[inside] * rng.uniform(0, 0.6) + rng.uniform(0, 220, 3) * rng.uniform(0.4, 1)
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


@cache
def originals(photos: str | None) -> list[Image.Image]:
    """The pictures that tensors are cropped from."""
    if photos is None:
        return [drawing(seed) for seed in range(300)]
    found = []
    for path in sorted(glob.glob(os.path.join(glob.escape(photos), "*"))):
        with Image.open(path) as picture:
            found.append(picture.convert("RGB"))
        found[-1].thumbnail((256, 256))
    return found


def crops(photos: str | None, part: int, count: int) -> np.ndarray:
    """One part of the tensors; the same for the same number."""
    rng = np.random.default_rng(part)
    pictures = originals(photos)
    tensors = np.empty((count, PX, PX, 3), np.uint8)
    for row in range(count):
        if row % 20 == 19:
            copied = tensors[rng.integers(max(0, row - 1000), row)] + rng.normal(0, 1.2, (PX, PX, 3)).round()
            tensors[row] = np.rot90(copied.clip(0, 255).astype(np.uint8), rng.integers(4))
            continue
        picture = pictures[rng.integers(len(pictures))]
        width, height = picture.size
        across, down = int(width * rng.uniform(0.4, 1)), int(height * rng.uniform(0.4, 1))
        left, top = rng.integers(0, width - across + 1), rng.integers(0, height - down + 1)
        box = (left, top, left + across, top + down)
        crop = np.asarray(picture.resize((PX, PX), Image.Resampling.BICUBIC, box=box)).astype(np.float32)
        crop = (crop * rng.uniform(0.7, 1.3) + rng.uniform(-25, 25)).clip(0, 255).astype(np.uint8)
        tensors[row] = crop[:, ::-1] if rng.random() < 0.5 else crop
    return tensors


def frames(part: int, count: int) -> np.ndarray:
    """One part of a video that stands still, but for the noise of the camera."""
    rng = np.random.default_rng(part)
    still = np.asarray(drawing(0).resize((PX, PX), Image.Resampling.BICUBIC)).astype(np.float32)
    return (still + rng.normal(0, 1, (count, PX, PX, 3))).round().clip(0, 255).astype(np.uint8)


def equal(part: int, count: int) -> np.ndarray:
    """One part of a pile of blank pages."""
    return np.full((count, PX, PX, 3), 255, np.uint8)


def fade(part: int, count: int) -> np.ndarray:
    """One part of a fade: plain pictures in every colour there is between two, and a step up somewhere in the last."""
    rng = np.random.default_rng(part)
    begin, end = np.array([20, 40, 200]), np.array([250, 160, 30])
    colours = begin + (end - begin) * (part % 10 + np.linspace(0, 1, count)[:, None]) / 10
    steps = rng.uniform(size=(count, 1, 1, 3)) < np.linspace(0, 1, PX * PX).reshape(1, PX, PX, 1)
    return (colours[:, None, None] + steps).astype(np.uint8)


def noise(part: int, count: int) -> np.ndarray:
    """One part of pictures of nothing."""
    return np.random.default_rng(part).integers(0, 256, (count, PX, PX, 3), np.uint8)


def pages(part: int, count: int) -> np.ndarray:
    """One part of the pages of scanned books: lines of small print in one or two columns; one in twenty a copy."""
    rng = np.random.default_rng(part)
    tensors = np.empty((count, PX, PX, 3), np.uint8)
    for row in range(count):
        if row % 20 == 19:
            copied = tensors[rng.integers(max(0, row - 1000), row)] + rng.normal(0, 1.2, (PX, PX, 3)).round()
            tensors[row] = np.rot90(copied.clip(0, 255).astype(np.uint8), rng.integers(4))
        else:
            tensors[row] = np.asarray(page(rng).resize((PX, PX), Image.Resampling.BICUBIC).convert("RGB"))
    return tensors


def page(rng: np.random.Generator) -> Image.Image:
    """A grey page of 370 x 520, as scanned: paragraphs, on some a heading or a figure, in one or two columns."""
    width, height = 370, 520
    paper, ink = int(rng.integers(244, 252)), int(rng.integers(0, 30))
    scan = np.zeros((height, width), np.uint8)
    size = int(rng.integers(9, 19))
    step = round(size * rng.uniform(1.2, 1.8))
    left, right, top, bottom = (int(side) for side in rng.integers(28, 38, 4))
    columns = int(rng.integers(1, 3))
    across = (width - left - right - 12 * (columns - 1)) // columns
    for column in range(columns):
        x, y = left + column * (across + 12), top
        if rng.random() < 0.3:
            write(scan, rng, 24, x, y, int(across * rng.uniform(0.4, 0.9)))
            y += 40
        while y < height - bottom:
            if rng.random() < 0.04:
                end = min(y + int(rng.integers(40, 140)), height - bottom)
                scan[y:end, x : x + across] = rng.integers(30, 180)
                y = end + step
            count = int(rng.integers(2, 14))
            for nth in range(count):
                if y < height - bottom:
                    indent = 10 if nth == 0 else 0
                    wide = across * (rng.uniform(0.1, 1) if nth == count - 1 else 1) - indent
                    write(scan, rng, size, x + indent, y, int(wide))
                y += step
            y += int(rng.integers(0, step))
    write(scan, rng, size, width // 2, height - bottom + 8, 16)
    seen = Image.fromarray((paper - (paper - ink) * (scan / 255.0)).astype(np.uint8))
    return seen.rotate(rng.normal(0, 0.4), Image.Resampling.BILINEAR, fillcolor=paper)


def write(scan: np.ndarray, rng: np.random.Generator, size: int, x: int, y: int, wide: int) -> None:
    """Print some letters of that size in a box."""
    printed = lines(size)
    line, start = rng.integers(len(printed)), rng.integers(printed.shape[2] - 370)
    place = scan[y : y + printed.shape[1], x : x + max(wide, 1)]
    np.maximum(place, printed[line, : place.shape[0], start : start + place.shape[1]], out=place)


@cache
def lines(size: int) -> np.ndarray:
    """Long lines of words that mean nothing, in letters of that size."""
    rng = np.random.default_rng(size)
    letters = np.frombuffer(b"aaabcddeeeeeefghhiiiklmnnnoooprrrssstttuvwy", np.uint8)
    printed = np.zeros((40, size + 5, 1200), np.uint8)
    for line in printed:
        text = " ".join(bytes(rng.choice(letters, rng.integers(2, 11))).decode() for _ in range(60))
        image = Image.new("L", (1200, size + 5))
        ImageDraw.Draw(image).text((0, 0), text, 255, ImageFont.load_default(size), stroke_width=0.4)
        line[:] = np.asarray(image)
    return printed


def dark(part: int, count: int) -> np.ndarray:
    """One part of frames with the lens covered: a sensor's black level, and noise of 1 to 2 levels around it."""
    rng = np.random.default_rng(part)
    tensors = np.empty((count, PX, PX, 3), np.uint8)
    for row in range(count):
        seen = rng.integers(6, 10) + rng.uniform(1, 2) * rng.standard_normal((PX, PX, 3), np.float32)
        tensors[row] = seen.round().clip(0, 255)
    return tensors


KINDS = {
    "crops": crops,
    "frames": frames,
    "equal": equal,
    "fade": fade,
    "noise": noise,
    "pages": pages,
    "dark": dark,
}


def make(count: int, path: str, *, kind: str = "crops", photos: str | None = None) -> None:
    """Write so many tensors to an .npy file, a part at a time."""
    written = np.lib.format.open_memmap(path, "w+", np.uint8, (count, PX, PX, 3))
    starts = range(0, count, PART)
    sizes = [min(PART, count - start) for start in starts]
    task = partial(crops, photos) if kind == "crops" else KINDS[kind]
    with ProcessPoolExecutor() as pool:
        for start, tensors in zip(starts, pool.map(task, range(len(sizes)), sizes), strict=True):
            written[start : start + len(tensors)] = tensors
    written.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int)
    parser.add_argument("path")
    parser.add_argument("--photos", help="crop from the pictures in this folder")
    parser.add_argument("--kind", choices=KINDS, default="crops")
    arguments = parser.parse_args()
    start = time.perf_counter()
    make(arguments.count, arguments.path, kind=arguments.kind, photos=arguments.photos)
    print(f"{arguments.count:,} tensors in {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
