"""What the MSE comes to in practice: of altered copies of photos to the photos, and of photos to one another.

    python bench/thresholds.py [--corpus DIR] [--px 50]
    python bench/thresholds.py [--corpus DIR] --plot docs/screens/threshold.svg

The table of docs/similar.md. Distances are those of the definition, `match.mse.brute`: exact, least over four turns.
With --plot, copies are planted beside two of three photos; what `difPy.calibrate` says of all is drawn, and checked.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps
from rich.console import Console
from rich.table import Table

import difPy
import photos


def saved(picture: Image.Image, kind: str, **options: object) -> Image.Image:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return Image.open(stream)


def captioned(picture: Image.Image) -> Image.Image:
    picture = picture.copy()
    size = picture.height / 20
    ImageDraw.Draw(picture).text((size, picture.height - 2 * size), "(c) somebody 2024", fill="white", font_size=size)
    return picture


ALTERATIONS = {
    "JPEG, quality 90": lambda p: saved(p, "JPEG", quality=90),
    "JPEG, quality 75": lambda p: saved(p, "JPEG", quality=75),
    "JPEG, quality 50": lambda p: saved(p, "JPEG", quality=50),
    "JPEG, quality 20": lambda p: saved(p, "JPEG", quality=20),
    "WebP, quality 80": lambda p: saved(p, "WEBP", quality=80),
    "half the size": lambda p: ImageOps.scale(p, 1 / 2, Image.Resampling.LANCZOS),
    "a quarter of the size": lambda p: ImageOps.scale(p, 1 / 4, Image.Resampling.LANCZOS),
    "quarter size, JPEG 75": lambda p: saved(ImageOps.scale(p, 1 / 4, Image.Resampling.LANCZOS), "JPEG", quality=75),
    "sharpened": lambda p: p.filter(ImageFilter.SHARPEN),
    "blurred by 2 pixels": lambda p: p.filter(ImageFilter.GaussianBlur(2)),
    "small caption": captioned,
    "2% brighter": lambda p: ImageEnhance.Brightness(p).enhance(1.02),
    "10% brighter": lambda p: ImageEnhance.Brightness(p).enhance(1.10),
    "10% more contrast": lambda p: ImageEnhance.Contrast(p).enhance(1.10),
    "in grey": lambda p: ImageOps.grayscale(p).convert("RGB"),
    "1% cut off each side": lambda p: cropped(p, 0.01),
    "3% cut off each side": lambda p: cropped(p, 0.03),
    "mirrored": ImageOps.mirror,
}


def cropped(picture: Image.Image, share: float) -> Image.Image:
    wide, high = (round(side * share) for side in picture.size)
    return picture.crop((wide, high, picture.width - wide, picture.height - high))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--px", type=int, default=50)
    parser.add_argument("--plot", type=Path, help="draw the distances of photos and planted copies there")
    photos.add_argument(parser)
    options = parser.parse_args()
    if options.plot:
        plot(photos.corpus(options.corpus), options.plot)
        return

    def tensor(picture: Image.Image) -> np.ndarray:
        return np.asarray(picture.convert("RGB").resize((options.px, options.px), Image.Resampling.BICUBIC))

    originals = [Image.open(path).convert("RGB") for path in photos.corpus(options.corpus)]
    tensors = np.stack([tensor(picture) for picture in originals])
    table = Table("copy of a photo", "half of them within", "95% within", "all within", "found at 5", "found at 50")
    for name, alter in ALTERATIONS.items():
        errors = np.array([mse(tensor(alter(picture)), own) for picture, own in zip(originals, tensors, strict=True)])
        shares = [f"{(errors <= limit).mean():.0%}" for limit in (5, 50)]
        table.add_row(name, *(f"{np.quantile(errors, share):,.2f}" for share in (0.5, 0.95, 1)), *shares)
    Console(width=110).print(table)
    nearest = np.sort([mse(tensors[i], tensors[j]) for i in range(len(tensors)) for j in range(i)])
    print(f"{len(tensors)} photos, {len(nearest):,} pairs of different ones: the nearest five at MSE", end=" ")
    print(", ".join(f"{error:,.0f}" for error in nearest[:5]), end="; ")
    print(", ".join(f"{(nearest <= limit).sum():,} within {limit:,}" for limit in (50, 200, 500, 1000)))


PLANTED = ("JPEG, quality 90", "JPEG, quality 75", "JPEG, quality 50", "WebP, quality 80", "half the size")


def plot(paths: list[Path], target: Path) -> None:
    """Plant copies, ask for a threshold, draw; and count what it finds, and what it takes for a copy and is none."""
    with tempfile.TemporaryDirectory() as folder:
        for number, path in enumerate(paths):
            with Image.open(path) as picture:
                original = picture.convert("RGB")
            original.info.clear()  # a colour profile that only one of the two kept would make others of its colours
            original.save(Path(folder) / f"{number:03}.png")
            if number % 3:
                ALTERATIONS[PLANTED[number % len(PLANTED)]](original).save(Path(folder) / f"{number:03} copy.png")
        library = difPy.index(folder, cache=False)
        measured = difPy.calibrate(library)
        if measured.recommended is None:
            raise SystemExit(f"no threshold is recommended: {measured.advice.why}")
        groups = difPy.find(library, measured.recommended).groups
    names = [{Path(file.path).name[:3] for file in group.files} for group in groups]
    found, planted = sum(len(one) == 1 for one in names), sum(bool(number % 3) for number in range(len(paths)))
    print(f"recommended: {measured.recommended:g}; {found} of {planted} planted copies found, ", end="")
    print(f"{sum(len(one) > 1 for one in names)} false")
    ground = '</title><rect width="100%" height="100%" fill="white"/>'
    target.write_text(measured.plot().replace("</title>", ground) + "\n", encoding="utf-8")


def mse(first: np.ndarray, second: np.ndarray) -> float:
    first, second = first.astype(np.int32), second.astype(np.int32)
    return min(float(np.square(first - np.rot90(second, turn)).mean()) for turn in range(4))


if __name__ == "__main__":
    main()
