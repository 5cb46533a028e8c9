"""What is done to a picture that is to be another one: memes, collages, stickers, prints, filters; several at once."""

from __future__ import annotations

import math
import random

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from quality.drawing import Made, jpeg, noisy, png, rounded, say, scaled, words
from quality.light import cut, gamma
from quality.source import Alteration, Family, Source

LANCZOS = Image.Resampling.LANCZOS


def meme(picture: Image.Image, rng: random.Random, large: bool = True) -> Image.Image:
    """Text at the top and at the bottom; large, a third line over the middle."""
    out = picture.copy()
    width, height = out.size
    for share, anchor in ((0.03, "mt"), (0.97, "mb")):
        size = width // (13 if large else 22)
        say(out, (width / 2, height * share), words(rng, 4).upper(), size, "white", anchor, max(2, width // 200))
    if large:
        say(out, (width / 2, height * 0.8), words(rng, 3).upper(), width // 11, "white", "mb", 3)
    return out


def _pasted(share: float) -> Alteration:
    """A photo of which another one takes that share."""

    def make(source: Source) -> Made:
        host, guest = scaled(source.photo(), 900), source.picture
        factor = math.sqrt(share * host.width * host.height / (guest.width * guest.height))
        small = guest.resize((round(guest.width * factor), round(guest.height * factor)), LANCZOS)
        left, top = (source.rng.randint(0, max(0, a - b)) for a, b in zip(host.size, small.size, strict=True))
        host.paste(small, (left, top))
        return jpeg(host)

    return make


def _grid(source: Source) -> Made:
    """Four photos, two by two."""
    out, places = Image.new("RGB", (808, 608), "white"), [(0, 0), (408, 0), (0, 308), (408, 308)]
    source.rng.shuffle(places)
    for place, picture in zip(places, (source.picture, *(source.photo() for _ in range(3))), strict=True):
        out.paste(ImageOps.fit(picture, (400, 300), LANCZOS), place)
    return jpeg(out)


def _stickers(source: Source) -> Made:
    out, rng = source.picture.copy(), source.rng
    draw, radius = ImageDraw.Draw(out), min(out.size) * 0.13
    for _ in range(5):
        x, y = rng.uniform(0, out.width), rng.uniform(0, out.height)
        colour = tuple(rng.choices(range(256), k=3))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour, outline="black")
    return jpeg(out)


def perspective(picture: Image.Image, amount: float, rng: random.Random, fill: tuple[int, ...]) -> Image.Image:
    """Seen at an angle: each corner moved by at most that share of the sides, on a ground that holds all of it."""
    width, height = picture.size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + np.array(
        [[rng.uniform(-1, 1) * amount * side for side in (width, height)] for _ in corners], np.float32
    )
    room = np.array([[1, 0, amount * width], [0, 1, amount * height], [0, 0, 1]])
    size = round(width * (1 + 2 * amount)), round(height * (1 + 2 * amount))
    matrix = room @ cv2.getPerspectiveTransform(corners, moved)
    return Image.fromarray(cv2.warpPerspective(np.asarray(picture), matrix, size, borderValue=fill))


def _printed(source: Source) -> Made:
    """Printed with a white margin, photographed in uneven light."""
    sheet = ImageOps.expand(source.picture, source.picture.width // 20, "white")
    seen = perspective(sheet, 0.03, source.rng, (200, 198, 190)).filter(ImageFilter.GaussianBlur(1.5))
    seen = noisy(seen, 8, source.rng)
    light = np.linspace(source.rng.uniform(0.75, 1), source.rng.uniform(0.75, 1), seen.width)[None, :, None]
    return jpeg(rounded(np.asarray(seen) * 0.85 * light + 25), 70)


def _turned_within(degrees: float) -> Alteration:
    """Turned, and cut to the largest rectangle of equal shape without empty corners."""

    def make(source: Source) -> Made:
        width, height = source.picture.size
        angle = math.radians(degrees)
        share = 1 / (abs(math.cos(angle)) + abs(math.sin(angle)) * max(width / height, height / width))
        turned = source.picture.rotate(degrees * source.rng.choice((-1, 1)), Image.Resampling.BICUBIC)
        left, top = round(width * (1 - share) / 2), round(height * (1 - share) / 2)
        return jpeg(turned.crop((left, top, width - left, height - top)))

    return make


def _phone(source: Source) -> Made:
    """A phone that shows the picture among what others wrote."""
    rng, dark = source.rng, source.rng.random() < 0.5
    out = Image.new("RGB", (540, 1080), (18, 18, 18) if dark else (250, 250, 250))
    ink, draw = ("white" if dark else "black"), ImageDraw.Draw(out)
    say(out, (20, 14), f"{rng.randint(1, 12)}:{rng.randint(10, 59)}", 22, ink)
    draw.rectangle((470, 16, 510, 34), outline=ink)
    draw.ellipse((20, 60, 70, 110), fill=(90, 130, 200))
    say(out, (84, 66), words(rng, 2), 22, ink)
    shown = scaled(source.picture, 540)
    shown = shown.crop((0, 0, 540, min(shown.height, 700)))
    out.paste(shown, (0, 130))
    below = 145 + shown.height
    for number in range(4):
        draw.ellipse((20 + number * 60, below, 50 + number * 60, below + 30), outline=ink, width=3)
    for number in range(6):
        say(out, (20, below + 50 + number * 32), words(rng, 6), 20, ink)
    return png(out)


def _faded(source: Source) -> Made:
    """An old colour print."""
    levels = (np.asarray(source.picture, np.float32) / 255) ** 0.8 * [0.62, 0.5, 0.38] + [0.33, 0.28, 0.2]
    y, x = np.mgrid[-1 : 1 : source.picture.height * 1j, -1 : 1 : source.picture.width * 1j]
    levels *= (1 - 0.3 * (x * x + y * y))[..., None]
    return jpeg(noisy(rounded(levels * 255), 6, source.rng), 80)


def _local_contrast(source: Source) -> Made:
    """The filter that phones call HDR."""
    lab = cv2.cvtColor(np.asarray(source.picture), cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(4, (8, 8)).apply(lab[..., 0])
    return jpeg(Image.fromarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)))


def _cut_turned_captioned(source: Source) -> Made:
    way = source.rng.choice((Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270))
    picture = cut(source.picture, 0.72, source.rng).transpose(way)
    out = ImageOps.expand(picture, (0, 0, 0, picture.height // 7), "white")
    say(out, (out.width / 2, out.height - picture.height // 14), words(source.rng, 3), picture.width // 12, anchor="mm")
    return jpeg(out)


def _threshold(source: Source) -> Made:
    """Black and white, nothing between."""
    grey = ImageOps.grayscale(source.picture)
    middle = float(np.median(np.asarray(grey)))
    return png(grey.point([255 * (level > middle) for level in range(256)]))


FAMILIES: dict[str, Family] = {
    "seen at an angle": {"perspective": lambda s: jpeg(perspective(s.picture, 0.1, s.rng, (0, 0, 0)))},
    "turned and cut": {"turn_15": _turned_within(15), "turn_40": _turned_within(40)},
    "squeezed by a third": {
        "squeeze_65": lambda s: jpeg(s.picture.resize((round(s.picture.width * 0.65), s.picture.height), LANCZOS))
    },
    "mistreated": {
        "jpeg_q5": lambda s: jpeg(s.picture, 5),
        "thumb_64": lambda s: jpeg(ImageOps.contain(s.picture, (64, 64), LANCZOS), 80),
        "blur_4": lambda s: jpeg(s.picture.filter(ImageFilter.GaussianBlur(4))),
        "noise_25": lambda s: jpeg(noisy(s.picture, 25, s.rng)),
    },
    "filtered": {
        "posterize": lambda s: jpeg(ImageOps.posterize(s.picture, 2)),
        "local_contrast": _local_contrast,
        "faded": _faded,
        "gamma_0.4": lambda s: jpeg(gamma(s.picture, 2.5)),
    },
    "written over": {"meme_heavy": lambda s: jpeg(meme(s.picture, s.rng)), "stickers": _stickers},
    "several at once": {
        "mirror_crop": lambda s: jpeg(cut(ImageOps.mirror(s.picture), 0.5625, s.rng)),
        "turn_crop_caption": _cut_turned_captioned,
        "print_scan": _printed,
        "phone": _phone,
    },
    "within another picture": {"paste_10": _pasted(0.10), "paste_25": _pasted(0.25), "collage": _grid},
}

NOT_LOOKED_FOR: dict[str, Family] = {
    "inverted": {"invert": lambda s: jpeg(ImageOps.invert(s.picture))},
    "thresholded": {"threshold": _threshold},
}
"""Nobody claims to find these; they are counted apart."""
