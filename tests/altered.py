"""Altered copies of our own making: an image in, the altered one and where its pixels went to, out."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

import pictures


def textured(seed, size=(320, 240)):
    """A scene with many things in it, up to its edges, like no other seed's."""
    random = np.random.default_rng(seed)
    image = pictures.scene(seed, size)
    draw = ImageDraw.Draw(image)
    for _ in range(600):
        x, y = random.uniform((-13, -13), size)
        width, height = random.uniform(4, 26, 2)
        colour = tuple(int(level) for level in random.integers(0, 256, 3))
        shape = (draw.ellipse, draw.rectangle)[int(random.integers(2))]
        shape((x, y, x + width, y + height), fill=colour)
    return image.filter(ImageFilter.GaussianBlur(0.7))


def shift(x, y):
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def scaled(across, down=None):
    down = across if down is None else down
    return shift(-0.5, -0.5) @ np.diag((across, down, 1)) @ shift(0.5, 0.5)


def mapped(image, matrix, size, fill=(0, 0, 0)):
    """The image as the map takes its pixels to those of another of that size."""
    inverse = np.linalg.inv(shift(0.5, 0.5) @ matrix @ shift(-0.5, -0.5))
    coefficients = (inverse / inverse[2, 2]).ravel()[:8]
    return image.transform(
        size, Image.Transform.PERSPECTIVE, tuple(coefficients), Image.Resampling.BICUBIC, fillcolor=fill
    )


def turn(degrees, size):
    angle = np.radians(degrees)
    middle = shift((size[0] - 1) / 2, (size[1] - 1) / 2)
    return (
        middle
        @ np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
        @ np.linalg.inv(middle)
    )


def brighter(image):
    return image.point([min(255, level + 40) for level in range(256)] * 3)


def noisy(image):
    random = np.random.default_rng(0)
    return Image.fromarray(
        (np.asarray(image) + random.normal(0, 8, (image.height, image.width, 3))).clip(0, 255).astype(np.uint8)
    )


def captioned(image):
    taller = ImageOps.expand(image, (0, 0, 0, 40), "white")
    ImageDraw.Draw(taller).text((20, image.height + 12), "the summer of the silver harbour", fill="black")
    return taller


def pasted(image):
    host = textured(999, (400, 400))
    host.paste(image.resize((160, 120), Image.Resampling.BOX), (200, 90))
    return host


W, H = 320, 240
MIRROR = np.array([[-1, 0, W - 1], [0, 1, 0], [0, 0, 1.0]])
QUARTER = np.array([[0, 1, 0], [-1, 0, W - 1], [0, 0, 1.0]])  # numpy's rot90
SEEN = np.array([[1.0, 0.06, 8], [0.02, 1.0, 6], [6e-4, 3e-4, 1.0]])

SAME_FRAME = {
    "brighter": (brighter, np.eye(3)),
    "grey": (lambda image: ImageOps.grayscale(image).convert("RGB"), np.eye(3)),
    "noisy": (noisy, np.eye(3)),
    "blurred": (lambda image: image.filter(ImageFilter.GaussianBlur(1.5)), np.eye(3)),
    "smaller": (lambda image: image.resize((160, 120), Image.Resampling.BOX), scaled(0.5)),
    "squeezed": (lambda image: image.resize((240, 240), Image.Resampling.BOX), scaled(0.75, 1)),
    "mirrored": (ImageOps.mirror, MIRROR),
    "turned by a quarter": (lambda image: image.transpose(Image.Transpose.ROTATE_90), QUARTER),
    "bordered": (lambda image: ImageOps.expand(image, 30, "white"), shift(30, 30)),
    "captioned": (captioned, np.eye(3)),
}
"""What a copy is called -> how to make one, and the map of its pixels."""
OTHER_FRAME = {
    "cut": (lambda image: image.crop((60, 50, 240, 185)), shift(-60, -50)),
    "turned by 20 degrees": (lambda image: mapped(image, turn(20, (W, H)), (W, H)), turn(20, (W, H))),
    "seen at an angle": (lambda image: mapped(image, SEEN, (W, H)), SEEN),
    "cut and mirrored": (lambda image: ImageOps.mirror(image).crop((40, 20, 280, 220)), shift(-40, -20) @ MIRROR),
    "pasted into another": (pasted, shift(200, 90) @ scaled(0.5)),
}


def framed_twice(image):
    """A program that shows the picture on a desktop: bars with text on them, and plain frames."""
    screen = Image.new("RGB", (480, 400), (58, 110, 165))
    draw = ImageDraw.Draw(screen)
    draw.rectangle((40, 20, 440, 360), fill=(240, 240, 240))
    draw.rectangle((40, 20, 440, 44), fill=(70, 70, 75))
    draw.text((52, 27), "the summer of the silver harbour.jpg", fill="white")
    draw.rectangle((0, 380, 480, 400), fill=(30, 30, 30))
    draw.text((440, 385), "12:34", fill="white")
    screen.paste(image, (80, 80))
    return screen


def captioned_at_both_ends(image):
    taller = ImageOps.expand(image, (0, 40, 0, 40), "white")
    large = ImageFont.load_default(26)
    for top in (4, image.height + 44):
        ImageDraw.Draw(taller).text((8, top), "wwwwwwwwwwwwwwwwww", fill="black", font=large)
    return taller


TILTED = shift(90, 90) @ turn(14, (W, H))
LEANING = shift(60, 60) @ np.array([[1.0, 0.06, 8], [0.02, 1.0, 6], [4e-4, 2e-4, 1.0]])
ON_PLAIN_GROUND = {
    "shown by a program": (framed_twice, shift(80, 80)),
    "captioned above and below": (captioned_at_both_ends, shift(0, 40)),
    "tilted on white": (lambda image: mapped(image, TILTED, (500, 420), (255, 255, 255)), TILTED),
    "seen at an angle on black": (lambda image: mapped(image, LEANING, (440, 380)), LEANING),
}


def farthest(found, true, size):
    """Pixels by which the map is off at most at the corners, as the true one puts them."""
    corners = np.array([(0, 0, 1), (size[0] - 1, 0, 1), (0, size[1] - 1, 1), (size[0] - 1, size[1] - 1, 1)], float).T
    found, true = found @ corners, true @ corners
    return np.abs(found[:2] / found[2] - true[:2] / true[2]).max()
