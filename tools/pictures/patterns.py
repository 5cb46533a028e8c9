"""Patterns drawn from a random generator: glass, marble, cloth, tiles, waves, maps, posters. One picture each call."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pictures.paint import Canvas, blank, clouds, colour, colours, picture, plane

if TYPE_CHECKING:
    from PIL import Image

PANES = (
    "0b2545 13315c 2a9d8f e9c46a e76f51 9b2226",
    "240046 5a189a c77dff ffc8dd ffafcc bde0fe",
    "081c15 1b4332 40916c 95d5b2 ffe8a3 f4a261",
    "03071e 6a040f d00000 f48c06 ffba08 fff3c4",
    "001219 005f73 0a9396 94d2bd e9d8a6 ee9b00",
)


def glass(rng: np.random.Generator, variant: int) -> Image.Image:
    """Stained glass: the cells nearest to scattered points, leaded, lit from behind."""
    width, height, count = 840, 1120, (70, 110, 160, 45, 130)[variant % 5]
    x, y = plane(width, height)
    points = rng.random((count, 2)) * (1, height / width)
    if variant % 2:  # rings of panes around a centre
        out = np.sqrt(np.linspace(0.002, 0.75, count))
        turn = np.arange(count) * math.pi * (3 - math.sqrt(5))
        points = np.stack([0.5 + out * np.cos(turn), 0.62 + out * np.sin(turn)], 1) + rng.normal(0, 0.006, (count, 2))
    nearest = np.full((height, width), np.inf)
    second = nearest.copy()
    pane = np.zeros((height, width), int)
    for number, (point_x, point_y) in enumerate(points):
        distance = (x - point_x) ** 2 + (y - point_y) ** 2
        pane[distance < nearest] = number
        np.minimum(second, np.maximum(nearest, distance), out=second)
        np.minimum(nearest, distance, out=nearest)
    nearest, second = np.sqrt(nearest), np.sqrt(second)
    shade = (0.8 * np.hypot(points[:, 0] - 0.5, points[:, 1] - 0.6) / 0.7 + rng.normal(0, 0.16, count)).clip(0, 1)
    levels = colours(PANES[variant % len(PANES)], shade)[pane]
    levels *= (0.82 + 0.4 * clouds(rng, width, height, 14, 3) - 2.2 * nearest * math.sqrt(count) / 12)[..., None].clip(
        0.5, 1.2
    )
    lead = ((second - nearest) * width / 5 - 0.35).clip(0, 1)[..., None]
    return picture(levels * lead + (24, 22, 26) * (1 - lead))


VEINS = (
    "faf7f2 e8e2d8 c9bfb0 8a7f72 faf7f2 d9a441 f3ede2",
    "03045e 0077b6 90e0ef caf0f8 00b4d8 023e8a 03045e",
    "2d0a31 7b1e7a b33f62 f9564f f3c677 f9564f 2d0a31",
    "0b0f0c 1d3a2a 2f6b4a d8c27a 14281d 3f8f66 0b0f0c",
    "f8edeb f9dcc4 fec89a ffb5a7 fcd5ce d8a7b1 f8edeb",
)


def marble(rng: np.random.Generator, variant: int) -> Image.Image:
    """Marbled paper: noise stirred by noise."""
    width, height = 1000, 800
    x, y = plane(width, height)
    stir = [clouds(rng, width, height, 2.5, 4) - 0.5 for _ in range(4)]
    folds = np.sin(2 * math.pi * (2.2 * x + 1.9 * stir[0] + 0.6 * np.sin(7 * (y + 1.4 * stir[1]))))
    more = np.sin(2 * math.pi * (1.6 * y + 1.7 * stir[2] + 0.45 * folds + 0.4 * stir[3]))
    position = 0.5 + 0.27 * folds + 0.23 * more
    levels = colours(VEINS[variant % len(VEINS)], position)
    slope = np.gradient(position, axis=1) + np.gradient(position, axis=0)
    return picture(levels + slope[..., None] * 900)


YARNS = (
    "0b3d2e a4161a f1e9da 14213d",
    "1d3557 e63946 f1faee a8dadc",
    "4a3728 d4a373 faedcd 7f5539",
    "5f0f40 fb8b24 0f4c5c e9e3d5",
    "22223b c9ada7 f2e9e4 7d8597",
)


def weave(rng: np.random.Generator, variant: int) -> Image.Image:
    """Tartan: a sett of coloured yarns in warp and weft, in a twill."""
    width, height, yarn = 960, 960, 4
    sett = np.concatenate([np.full(count, number % 4) for number, count in enumerate(rng.integers(3, 26, 9))])
    sett = np.r_[sett, sett[::-1]]
    threads = colours(YARNS[variant % len(YARNS)], np.arange(4) / 3)[sett]
    row, column = np.mgrid[:height, :width] // yarn
    over = (row + column * (1 if variant % 2 else -1)) % 4 < 2
    levels = np.where(over[..., None], threads[column % len(sett)], threads[row % len(sett)])
    at_row, at_column = np.mgrid[:height, :width] % yarn
    round_yarn = np.sin(math.pi * (np.where(over, at_column, at_row) + 0.5) / yarn)
    worn = clouds(rng, width, height, 30, 4)
    return picture(levels * (0.7 + 0.3 * round_yarn + 0.16 * (worn - 0.5))[..., None])


TILES = (
    "f2e8cf 386641 6a994e bc4749 a7c957",
    "edf2f4 2b2d42 ef233c 8d99ae d90429",
    "fefae0 283618 dda15e bc6c25 606c38",
    "fff1e6 3d348b f7b801 f18701 7678ed",
    "e0fbfc 293241 ee6c4d 3d5a80 98c1d9",
)


def tiles(rng: np.random.Generator, variant: int) -> Image.Image:
    """Quarter circles, discs and halves on a grid."""
    across, down = ((6, 4), (5, 7), (8, 8), (7, 5), (4, 5))[variant % 5]
    side = 1050 // max(across, down)
    ink = [colour(TILES[variant % len(TILES)], number / 4) for number in range(5)]
    canvas = blank(across * side, down * side, ink[0])
    quarter = np.linspace(0, math.pi / 2, 40)
    for number in range(across * down):
        x, y = number % across * side, number // across * side
        back, front, dot = (ink[pick] for pick in rng.permutation(5)[:3])
        canvas.box(x, y, x + side, y + side, back)
        corner_x, corner_y = rng.integers(0, 2, 2)
        way_x, way_y = 1 - 2 * corner_x, 1 - 2 * corner_y
        foot_x, foot_y = x + corner_x * side, y + corner_y * side
        kind = rng.integers(0, 5)
        if kind <= 2:
            for radius, fill in ((side, front), (side * 0.55, dot if kind else back))[: 2 if kind < 2 else 1]:
                arc = np.stack(
                    [foot_x + way_x * radius * np.cos(quarter), foot_y + way_y * radius * np.sin(quarter)], 1
                )
                canvas.polygon([(foot_x, foot_y), *arc.tolist()], fill)
        elif kind == 3:
            canvas.disc(x + side / 2, y + side / 2, side * 0.42, front)
            canvas.disc(x + side / 2, y + side / 2, side * 0.16, dot)
        else:
            canvas.polygon([(foot_x, foot_y), (foot_x + way_x * side, foot_y), (foot_x, foot_y + way_y * side)], front)
    return canvas.finished()


SEAS = (
    "f4f1de 3d5a80 98c1d9 293241 ee6c4d",
    "fdf0d5 003049 669bbc 780000 c1121f",
    "e9f5db 31572c 90a955 132a13 ecf39e",
    "ffe5ec 6d2e46 d5b9b2 a26769 ffc2d1",
    "caf0f8 03045e 48cae4 0077b6 ffb703",
)


def waves(rng: np.random.Generator, variant: int) -> Image.Image:
    """Blue-sea waves, as on a kimono: rows of overlapping rings, a sun behind them."""
    width, height = 1120, 760
    sea = SEAS[variant % len(SEAS)]
    ink = [colour(sea, number / 4) for number in range(5)]
    x, y = plane(width, height)
    canvas = Canvas(
        picture(colours(f"{sea[:6]} ffffff", y / y.max()) + (clouds(rng, width, height, 2)[..., None] - 0.5) * 12)
    )
    canvas.disc(width * rng.uniform(0.2, 0.8), height * 0.26, 130, ink[4])
    radius = (62, 90, 48, 74, 110)[variant % 5]
    for row, level in enumerate(np.arange(height * 0.42, height + radius * 2, radius * 0.5)):
        swell = max(0.0, 1 - row * 0.09)
        for left in np.arange(-radius, width + 2 * radius, 2 * radius):
            x, y = (
                left + radius * (row % 2),
                level + radius * 0.4 + 26 * swell * math.sin(left / width * 5 + row * 0.35 + variant),
            )
            water = [ink[4]] * 3 if rng.random() < 0.06 else ink[1:4]
            for ring in range(5):
                canvas.disc(x, y, radius * (1 - ring * 0.19), ink[0])
                canvas.disc(x, y, radius * (0.95 - ring * 0.19), water[(ring + row) % 3])
    return canvas.finished()


LANDS = (
    "264653 2a9d8f 8ab17d e9c46a f4a261 e76f51",
    "10002b 3c096c 7b2cbf c77dff f1c6ff ffffff",
    "1b263b 415a77 778da9 c8d3df e0e1dd f8f4ea",
    "582f0e a3662e e3b26a f5e6c8 b9c98b 5f7f4a",
    "013a63 2c7da0 a9d6e5 fefae0 b7c98f 4f772d",
)


def atlas(rng: np.random.Generator, variant: int) -> Image.Image:
    """A map of a country that is not: heights in steps, contour lines, light from the north-west."""
    width, height = 1000, 1000
    land = clouds(rng, width, height, 2 + 0.4 * variant, 5)
    steps = 11
    level = np.floor(land * steps) / steps
    light = np.gradient(land, axis=1) + np.gradient(land, axis=0)
    levels = colours(LANDS[variant % len(LANDS)], level) + (light * 5200).clip(-26, 26)[..., None]
    slope = np.hypot(*np.gradient(land * steps)) + 1e-9
    to_line = np.abs(land * steps - np.round(land * steps)) / slope
    ink = (1.15 - to_line).clip(0, 1)[..., None] * 0.55
    return picture(levels * (1 - ink) + (38, 30, 34) * ink)


def poster(rng: np.random.Generator, variant: int) -> Image.Image:
    """Large letters, a few shapes, much air."""
    width, height = 800, 1120
    paper, ink, accent = (
        ("f1ede4", "1a1a1a", "e63946"),
        ("ffd400", "111111", "ffffff"),
        ("0b3954", "f7f4ea", "ff6663"),
        ("e4572e", "fff8e7", "17301c"),
        ("dfe7e1", "20302a", "3a86ff"),
    )[variant % 5]
    word, line = (
        ("duo", "two of everything"),
        ("echo", "heard before"),
        ("again", "once more, the same"),
        ("twin", "born a moment later"),
        ("copy", "who was here first?"),
    )[variant % 5]
    canvas = blank(width, height, colour(paper, 0))
    strong, loud = colour(ink, 0), colour(accent, 0)
    for number in range(6):
        radius = 330 - 52 * number
        canvas.disc(
            width * rng.uniform(0.45, 0.6), height * 0.36, radius, loud if number % 2 == 0 else colour(paper, 0)
        )
    canvas.box(0, height * 0.36, width, height * 0.36 + 16 + 18 * variant, strong)
    canvas.text(46, height * 0.81, word, 800 / max(3.1, len(word) * 0.72), strong)
    canvas.text(52, height * 0.9, line, 40, strong)
    canvas.box(52, height * 0.925, width - 52, height * 0.93, loud)
    canvas.text(52, height * 0.962, f"No. {variant + 1}", 26, strong)
    return canvas.finished()


PATTERNS = (glass, marble, weave, tiles, waves, atlas, poster)
