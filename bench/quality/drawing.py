"""Words and grain on pictures, and pictures as bytes: what alterations and look-alikes are made of."""

from __future__ import annotations

import io
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFont

# fmt: off
WORDS = [
    "the", "of", "picture", "light", "river", "stone", "open", "seven", "market", "window", "after", "garden", "paper",
    "north", "silver", "quiet", "number", "report", "summer", "table", "every", "signal", "figure", "under", "letter",
    "harbour", "copper",
]
# fmt: on

Made = tuple[bytes, str]
"""A file: what it holds, and its extension."""


def jpeg(picture: Image.Image, quality: int = 88) -> Made:
    stream = io.BytesIO()
    picture.convert("RGB").save(stream, "JPEG", quality=quality)
    return stream.getvalue(), "jpg"


def png(picture: Image.Image) -> Made:
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=1)
    return stream.getvalue(), "png"


def webp(picture: Image.Image, **options: object) -> Made:
    stream = io.BytesIO()
    picture.save(stream, "WEBP", **options)
    return stream.getvalue(), "webp"


def numbers(rng: random.Random) -> np.random.Generator:
    """NumPy's randomness, of the same seed."""
    return np.random.default_rng(rng.getrandbits(32))


def words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(count))


def say(picture, place, text: str, size: float, fill="black", anchor: str = "lt", stroke: int = 0) -> None:
    """Write on the picture, in the one font that Pillow brings along."""
    font = ImageFont.load_default(max(6, size))
    ImageDraw.Draw(picture).text(
        place, text, fill=fill, font=font, anchor=anchor, stroke_width=stroke, stroke_fill="black"
    )


def noisy(picture: Image.Image, sigma: float, rng: random.Random) -> Image.Image:
    """With the grain of a sensor, `sigma` levels of it."""
    levels = np.asarray(picture.convert("RGB"), np.float32)
    return rounded(levels + numbers(rng).normal(0, sigma, levels.shape))


def rounded(levels: np.ndarray) -> Image.Image:
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def scaled(picture: Image.Image, width: int) -> Image.Image:
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS)
