"""Pictures that look alike and are no copies: what a finder of copies must leave alone.

Each maker is given chance and a function that gives another photo at every call. `ALONE` makes one picture of its kind,
`TOGETHER` some that are nearer still: of one scene, or of one template.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageOps

from quality.drawing import Made, jpeg, noisy, numbers, png, rounded, say, scaled, words
from quality.heavy import meme

Photos = Callable[[], Image.Image]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct")
FIELDS = (
    "Family name",
    "First name",
    "Born on",
    "Street",
    "Town",
    "Telephone",
    "Occupation",
    "Member since",
    "Remarks",
)


def _page(rng: random.Random, photo: Photos) -> Made:
    out = Image.new("L", (620, 877), "white")
    say(out, (310, 60), "Quarterly Report", 30, anchor="mt")
    for line in range(34):
        say(out, (60, 120 + line * 21), words(rng, rng.randint(9, 11))[:62], 15)
    say(out, (310, 850), f"page {rng.randint(1, 400)}", 12, anchor="mm")
    return png(out)


def _form(rng: random.Random, photo: Photos) -> Made:
    """The same form, filled in by others."""
    out = Image.new("L", (620, 877), "white")
    draw = ImageDraw.Draw(out)
    say(out, (40, 40), "Application for a reader's card", 28)
    for line, label in enumerate(FIELDS):
        top = 110 + line * 76
        say(out, (40, top), label, 15)
        draw.rectangle((40, top + 22, 580, top + 58), outline="black", width=2)
        say(out, (52, top + 30), words(rng, rng.randint(1, 5)), 20)
    draw.line((340, 838, 580, 838), fill="black", width=2)
    say(out, (340, 844), "Date, signature", 13)
    return png(out)


def _screen(rng: random.Random, photo: Photos) -> Made:
    """The same program, other content."""
    out = Image.new("RGB", (900, 600), (245, 245, 245))
    draw = ImageDraw.Draw(out)
    draw.rectangle((0, 0, 900, 40), fill=(50, 60, 80))
    draw.rectangle((0, 40, 190, 600), fill=(225, 228, 235))
    for column, text in enumerate(("File", "Edit", "View", "Search", "Tools", "Help")):
        say(out, (12 + column * 70, 12), text, 16, "white")
    for line, text in enumerate(("Inbox", "Starred", "Sent", "Drafts", "Archive", "Spam", "Bin", "Labels")):
        say(out, (20, 60 + line * 34), text, 17)
        draw.rectangle((150, 62 + line * 34, 166, 76 + line * 34), outline="gray")
    for line in range(13):
        draw.line((190, 84 + line * 40, 900, 84 + line * 40), fill=(210, 210, 210))
        draw.ellipse((202, 52 + line * 40, 228, 78 + line * 40), fill=(120, 160, 90))
        say(out, (240, 56 + line * 40), words(rng, rng.randint(5, 8)), 16)
    return png(out)


def _cover(rng: random.Random, photo: Photos) -> Made:
    """Books of one series."""
    out, red = Image.new("RGB", (400, 600), (238, 226, 190)), (120, 30, 30)
    draw = ImageDraw.Draw(out)
    draw.rectangle((14, 14, 386, 586), outline=red, width=5)
    draw.rectangle((14, 470, 386, 586), fill=red)
    say(out, (200, 40), "THE OLD HARBOUR LIBRARY", 24, red, "mt")
    say(out, (200, 510), words(rng, 2).upper(), 30, "white", "mm")
    say(out, (200, 555), words(rng, 2), 20, "white", "mm")
    out.paste(ImageOps.fit(photo(), (300, 330)), (50, 100))
    return jpeg(out)


def _chart(rng: random.Random, photo: Photos) -> Made:
    out = Image.new("RGB", (640, 480), "white")
    draw = ImageDraw.Draw(out)
    for line in range(6):
        draw.line((60, 60 + line * 70, 610, 60 + line * 70), fill=(220, 220, 220))
        say(out, (50, 60 + line * 70), str(100 - 20 * line), 14, anchor="rm")
    say(out, (320, 20), "Sales by month", 22, anchor="mt")
    for column, month in enumerate(MONTHS):
        draw.rectangle((70 + column * 54, 410 - rng.uniform(20, 340), 108 + column * 54, 410), fill=(60, 110, 180))
        say(out, (89 + column * 54, 420), month, 14, anchor="mt")
    return png(out)


def _code(rng: random.Random, photo: Photos) -> Made:
    """Like a QR code: equal corners, chance within."""
    cells = numbers(rng).integers(0, 2, (29, 29))
    eye = np.pad(np.pad(np.ones((3, 3), int), 1), 1, constant_values=1)
    for y, x in ((0, 0), (0, 22), (22, 0)):
        cells[y : y + 7, x : x + 7] = eye
    return png(Image.fromarray(np.uint8(255 * (1 - np.pad(cells, 3)))).resize((350, 350), Image.Resampling.NEAREST))


def _blank(rng: random.Random, photo: Photos) -> Made:
    """A plain colour, with grain, or with a slow ramp: no two are the same picture."""
    colour = np.array(rng.choices(range(256), k=3), np.float32)
    levels = np.broadcast_to(colour, (480, 640, 3))
    kind = rng.choice(("plain", "grain", "ramp"))
    if kind == "ramp":
        levels = levels * 0.6 + np.linspace(0, rng.choice((10, 40, 90)), 640)[None, :, None]
    return jpeg(noisy(rounded(levels), 2, rng) if kind == "grain" else rounded(levels))


def _texture(rng: random.Random, photo: Photos) -> Made:
    y, x = np.mgrid[:480, :640]
    period, kind, shift = (
        rng.choice((24, 32, 40)),
        rng.choice(("bricks", "checks", "waves", "grain")),
        rng.randint(0, 40),
    )
    if kind == "bricks":
        row = (y + shift) // period
        light = ((y + shift) % period > 3) & ((x + shift + period * (row % 2)) % (2 * period) > 3)
    elif kind == "checks":
        light = ((y + shift) // period + (x + shift) // period) % 2
    else:
        light = 0.5 + 0.5 * np.sin((x + shift) / period * 2 + np.sin(y / period)) * (kind == "waves")
    tint = np.array(rng.choices(range(60, 256), k=3))
    return jpeg(noisy(rounded(light[..., None] * tint * 0.8 + 20), rng.choice((4, 30)), rng))


def _stars(rng: random.Random, photo: Photos) -> Made:
    chance, levels = numbers(rng), np.zeros((480, 640), np.float32)
    levels[chance.integers(0, 480, 350), chance.integers(0, 640, 350)] = 60 + chance.exponential(90, 350)
    return jpeg(noisy(rounded(cv2.GaussianBlur(levels, (0, 0), 0.9) * 4 + 8), 3, rng))


def _framed(rng: random.Random, photo: Photos) -> Made:
    out = Image.new("RGB", (640, 500), (60, 35, 15))
    draw = ImageDraw.Draw(out)
    for x in range(0, 640, 20):
        for y in (8, 472):
            draw.ellipse((x, y, x + 16, y + 18), fill=(200, 160, 60), outline="black")
    for y in range(20, 480, 20):
        for x in (4, 616):
            draw.ellipse((x, y, x + 18, y + 16), fill=(200, 160, 60), outline="black")
    out.paste(ImageOps.fit(photo(), (570, 430)), (35, 35))
    return jpeg(out)


def _marked(rng: random.Random, photo: Photos) -> Made:
    """One agency's watermark all over."""
    picture = scaled(photo(), 640)
    layer = Image.new("RGBA", picture.size)
    for y in range(20, picture.height, 90):
        for x in range(-40, 640, 210):
            say(layer, (x + y % 180, y), "SAMPLE IMAGES", 26, (255, 255, 255, 130))
    return jpeg(Image.alpha_composite(picture.convert("RGBA"), layer))


def _captioned(rng: random.Random, photo: Photos) -> Made:
    picture = scaled(photo(), 640)
    out = ImageOps.expand(picture, (0, 0, 0, 110), "white")
    say(out, (320, picture.height + 30), "WHEN THE MARKET OPENS", 40, anchor="mm")
    say(out, (320, picture.height + 80), "and nobody told the harbour", 34, anchor="mm")
    return jpeg(out)


def _dated(rng: random.Random, photo: Photos) -> Made:
    picture = scaled(photo(), 640)
    say(picture, (625, picture.height - 12), "'98 12 24  18:05", 30, (255, 140, 0), "rb")
    return jpeg(picture)


def _burst(rng: random.Random, photo: Photos) -> Iterator[Made]:
    """The same moment, then from one step aside: what is near moves more; other light, other grain."""
    picture = scaled(photo(), 640)
    yield jpeg(picture)
    height, width = picture.height, picture.width
    depth = cv2.resize(numbers(rng).random((4, 5), np.float32), (width, height), interpolation=cv2.INTER_CUBIC) - 0.5
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x += depth * 40 + rng.uniform(-10, 10)
    seen = cv2.remap(np.asarray(picture), x, y + depth * 8, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    yield jpeg(noisy(Image.fromarray(seen), 4, rng))


def _fixed(rng: random.Random, photo: Photos) -> Iterator[Made]:
    """A camera that does not move: somebody passes through the picture."""
    scene, passing = scaled(photo(), 640), ImageOps.fit(photo(), (90, 150))
    shape = Image.new("L", passing.size)
    ImageDraw.Draw(shape).ellipse((0, 0, *passing.size), fill=255)
    for step in range(3):
        frame = scene.copy()
        frame.paste(passing, (60 + step * 190 + rng.randint(-30, 30), frame.height - 190), shape)
        yield jpeg(noisy(rounded(np.asarray(frame) * rng.uniform(0.95, 1.05)), 3, rng))


def _template(large: bool) -> Callable[[random.Random, Photos], Iterator[Made]]:
    def make(rng: random.Random, photo: Photos) -> Iterator[Made]:
        picture = scaled(photo(), 500)
        for _ in range(3):
            yield jpeg(meme(picture, rng, large))

    return make


ALONE = {
    "pages of text": _page,
    "filled forms": _form,
    "screens of a program": _screen,
    "covers of a series": _cover,
    "charts": _chart,
    "codes": _code,
    "blank pages": _blank,
    "textures": _texture,
    "star fields": _stars,
    "one frame": _framed,
    "one watermark": _marked,
    "one caption": _captioned,
    "one date": _dated,
}
TOGETHER = {
    "bursts": _burst,
    "a fixed camera": _fixed,
    "memes, large text": _template(large=True),
    "memes, small text": _template(large=False),
}
KINDS = (*ALONE, *TOGETHER)
