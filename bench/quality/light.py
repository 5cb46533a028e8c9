"""What everyday life does to a picture: saved again, made smaller, re-toned, turned, cut, framed, written on."""

from __future__ import annotations

import random
from functools import partial

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from quality.drawing import Made, jpeg, noisy, png, rounded, say, webp, words
from quality.source import Family, Source

SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]], np.float32)


def cut(picture: Image.Image, share: float, rng: random.Random) -> Image.Image:
    """A piece from anywhere in the picture that keeps that share of its area."""
    width, height = (round(side * share**0.5) for side in picture.size)
    left, top = rng.randint(0, picture.width - width), rng.randint(0, picture.height - height)
    return picture.crop((left, top, left + width, top + height))


def gamma(picture: Image.Image, exponent: float) -> Image.Image:
    return picture.point([round(255 * (level / 255) ** exponent) for level in range(256)] * 3)


def sepia(picture: Image.Image) -> Image.Image:
    return rounded(np.asarray(picture) @ SEPIA.T)


def _same_bytes(source: Source) -> Made:
    return source.data, source.extension


def _smaller(share: float, source: Source) -> Made:
    return jpeg(ImageOps.scale(source.picture, share, Image.Resampling.LANCZOS), 90)


def _squeezed(source: Source) -> Made:
    width, height = source.picture.size
    return jpeg(source.picture.resize((round(width * 0.9), height), Image.Resampling.LANCZOS))


def _enhanced(enhance: type, factor: float, source: Source) -> Made:
    return jpeg(enhance(source.picture).enhance(factor))


def _turned(way: Image.Transpose, source: Source) -> Made:
    return jpeg(source.picture.transpose(way), 92)


def _turned_by_note(source: Source) -> Made:
    """Stored on its side, with a note that says so: shown as before."""
    note = Image.Exif()
    note[0x0112] = 6
    return webp(source.picture.transpose(Image.Transpose.ROTATE_90), quality=92, exif=note)


def _tilted(degrees: float, source: Source) -> Made:
    """Turned as a scanner does it: the corners are filled."""
    degrees *= source.rng.choice((-1, 1))
    fill = source.rng.choice(("white", "black"))
    return jpeg(source.picture.rotate(degrees, Image.Resampling.BICUBIC, expand=abs(degrees) > 3, fillcolor=fill))


def _cut(share: float, source: Source) -> Made:
    return jpeg(cut(source.picture, share, source.rng))


def _bordered(share: float, colour: str, source: Source) -> Made:
    return jpeg(ImageOps.expand(source.picture, round(share * max(source.picture.size)), colour))


def _caption_below(source: Source) -> Made:
    width, height = source.picture.size
    out = ImageOps.expand(source.picture, (0, 0, 0, height // 6), "white")
    say(out, (width / 2, height * 13 / 12), words(source.rng, 4), width // 16, anchor="mm")
    return jpeg(out)


def _caption_over(source: Source) -> Made:
    out = source.picture.copy()
    say(out, (out.width / 2, out.height * 0.95), words(source.rng, 4).upper(), out.width // 16, "white", "mb", 2)
    return jpeg(out)


def _watermark(source: Source) -> Made:
    out = source.picture.convert("RGBA")
    layer = Image.new("RGBA", out.size)
    say(
        layer, (out.width / 2, out.height / 2), words(source.rng, 2).upper(), out.width // 9, (255, 255, 255, 120), "mm"
    )
    return jpeg(Image.alpha_composite(out, layer))


def _screenshot(source: Source) -> Made:
    """A program that shows the picture, on its desktop."""
    shown = ImageOps.contain(source.picture, (720, 440), Image.Resampling.LANCZOS)
    out = Image.new("RGB", (960, 600), (58, 110, 165))
    draw = ImageDraw.Draw(out)
    draw.rectangle((110, 40, 850, 540), fill=(240, 240, 240), outline=(90, 90, 90))
    draw.rectangle((110, 40, 850, 66), fill=(70, 70, 75))
    say(out, (122, 46), f"{words(source.rng, 2)}.jpg", 15, "white")
    draw.rectangle((0, 570, 960, 600), fill=(30, 30, 30))
    say(out, (900, 577), f"{source.rng.randint(10, 23)}:{source.rng.randint(10, 59)}", 15, "white")
    out.paste(shown, (480 - shown.width // 2, 304 - shown.height // 2))
    return png(out)


TURNS = Image.Transpose
FAMILIES: dict[str, Family] = {
    "identical": {
        "byte_copy": _same_bytes,
        "png": lambda s: png(s.picture),
        "webp_lossless": lambda s: webp(s.picture, lossless=True, method=0),
    },
    "recompressed": {
        **{f"jpeg_q{quality}": lambda s, q=quality: jpeg(s.picture, q) for quality in (85, 50, 20)},
        "webp_q80": lambda s: webp(s.picture, quality=80),
    },
    "resized": {f"resize_{share}": partial(_smaller, share / 100) for share in (75, 50, 25)},
    "toned": {
        "bright_up": partial(_enhanced, ImageEnhance.Brightness, 1.1),
        "bright_down": partial(_enhanced, ImageEnhance.Brightness, 0.85),
        "contrast": partial(_enhanced, ImageEnhance.Contrast, 1.15),
        "gamma": lambda s: jpeg(gamma(s.picture, 1 / 1.2)),
        "saturation": partial(_enhanced, ImageEnhance.Color, 0.7),
        "grey": lambda s: jpeg(ImageOps.grayscale(s.picture)),
        "sepia": lambda s: jpeg(sepia(s.picture)),
    },
    "blurred": {"blur": lambda s: jpeg(s.picture.filter(ImageFilter.GaussianBlur(1.2)))},
    "noisy": {"noise": lambda s: jpeg(noisy(s.picture, 4, s.rng))},
    "squeezed": {"squeeze_90": _squeezed},
    "turned": {
        "turn_90": partial(_turned, TURNS.ROTATE_90),
        "turn_180": partial(_turned, TURNS.ROTATE_180),
        "turn_270": partial(_turned, TURNS.ROTATE_270),
        "turn_noted": _turned_by_note,
    },
    "mirrored": {"mirror": partial(_turned, TURNS.FLIP_LEFT_RIGHT), "flip": partial(_turned, TURNS.FLIP_TOP_BOTTOM)},
    "tilted": {f"tilt_{degrees}": partial(_tilted, degrees) for degrees in (3, 12, 40)},
    "cut to 95 or 90%": {f"crop_{share}": partial(_cut, share / 100) for share in (95, 90)},
    "cut to 75 or 50%": {f"crop_{share}": partial(_cut, share / 100) for share in (75, 50)},
    "cut to 25%": {"crop_25": partial(_cut, 0.25)},
    "bordered": {"border_white": partial(_bordered, 0.03, "white"), "border_black": partial(_bordered, 0.08, "black")},
    "captioned": {"caption_below": _caption_below, "caption_over": _caption_over},
    "watermarked": {"watermark": _watermark},
    "screenshot": {"screenshot": _screenshot},
}
