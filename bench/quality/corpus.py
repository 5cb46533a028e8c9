"""Photos and a seed in, a folder of altered copies and look-alikes out, and labels that say what is a copy of what.

The same seed, photos and versions of Pillow, NumPy and OpenCV give the same files. Names are drawn by lot and all
files are of one time, so that neither tells anything.
"""

from __future__ import annotations

import io
import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image, ImageOps

from quality import heavy, light, lookalikes
from quality.drawing import Made, jpeg
from quality.source import Alteration, Source

FAMILIES = light.FAMILIES | heavy.FAMILIES | heavy.NOT_LOOKED_FOR
ALTERATIONS: dict[str, Alteration] = {name: make for family in FAMILIES.values() for name, make in family.items()}
FAMILY = {name: family for family, made in FAMILIES.items() for name in made}
ORIGINAL = "original"
LONGEST, SHORTEST = 900, 200
TIME = 1_700_000_000


@dataclass(frozen=True)
class Size:
    """How much is made."""

    bases: int
    """Photos that are altered."""
    variants: int
    """Altered copies of each."""
    lookalikes: int
    """Of each kind; a third as many scenes and templates."""


@dataclass(frozen=True)
class Label:
    """What a file is."""

    picture: str
    """What it shows: two files are copies if this is equal."""
    alteration: str = ""
    """How it was made of the photo; empty for look-alikes."""
    kind: str = ""
    """Which look-alike it is; empty for photos and their copies."""


def make(folder: Path, photos: list[Path], size: Size, seed: int) -> dict[str, Label]:
    """Write the files to `folder`/images and what they are to `folder`/labels.json.

    Raises
    ------
    SystemExit
        There are too few photos: none may be used twice.
    """
    images = folder / "images"
    images.mkdir(parents=True)
    names, labels = random.Random(f"{seed} names"), {}
    for (data, extension), label in _files(photos, size, seed):
        name = f"{names.getrandbits(64):016x}.{extension}"
        labels[name] = label
        (images / name).write_bytes(data)
        os.utime(images / name, (TIME, TIME))
    told = {name: asdict(labels[name]) for name in sorted(labels)}
    (folder / "labels.json").write_text(json.dumps(told, indent=0))
    return labels


def read(folder: Path) -> dict[str, Label]:
    """What the files of a folder are, as `make` wrote it."""
    return {name: Label(**label) for name, label in json.loads((folder / "labels.json").read_text()).items()}


def _files(photos: list[Path], size: Size, seed: int) -> Iterator[tuple[Made, Label]]:
    photos = [path for path in sorted(photos) if min(_size(path)) >= SHORTEST]
    random.Random(seed).shuffle(photos)
    bases, others = photos[: size.bases], iter(photos[size.bases :])

    def photo() -> Image.Image:
        if (path := next(others, None)) is None:
            raise SystemExit(f"{len(photos)} photos are too few for {size}: give more, or ask for less")
        return _upright(path.read_bytes())

    used: Counter[str] = Counter()
    for path in bases:
        data, extension = _modest(path)
        yield (data, extension), Label(path.stem, ORIGINAL)
        rng = random.Random(f"{seed} {path.stem}")
        picture = _upright(data)
        for name in sorted(ALTERATIONS, key=lambda name: (used[name], rng.random()))[: size.variants]:
            used[name] += 1
            source = Source(data, extension, picture, rng, photo)
            yield ALTERATIONS[name](source), Label(path.stem, name)
    for kind, alone in lookalikes.ALONE.items():
        for number in range(size.lookalikes):
            rng = random.Random(f"{seed} {kind} {number}")
            yield alone(rng, photo), Label(f"{kind}/{number}", kind=kind)
    for kind, together in lookalikes.TOGETHER.items():
        for number in range(-(-size.lookalikes // 3)):
            rng = random.Random(f"{seed} {kind} {number}")
            for which, made in enumerate(together(rng, photo)):
                yield made, Label(f"{kind}/{number}/{which}", kind=kind)


def _size(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


def _modest(path: Path) -> Made:
    """The photo as it is, or, if it is large, as a phone would send it."""
    data = path.read_bytes()
    if max(_size(path)) <= LONGEST:
        return data, path.suffix[1:].lower()
    return jpeg(_upright(data), 92)


def _upright(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    upright.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    return upright
