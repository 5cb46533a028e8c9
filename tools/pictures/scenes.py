"""Scenes drawn from a random generator: hills, night skies, towns, trees, flowers, balloons. One picture each call."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pictures.paint import Canvas, clouds, colour, colours, picture, plane

if TYPE_CHECKING:
    import numpy.typing as npt
    from PIL import Image

DAYS = (  # sky from the top down, and hills from the far ones to the near ones
    ("3b6ea5 9cc4e4 fde2c4", "a9bcd0 5b7f95 1f3b4d"),
    ("2b1b4b a3426c f7a072", "c97b84 713e5a 20102b"),
    ("f6b042 f9dc8a fff3d1", "e8a25c b5562e 4a1f1a"),
    ("9fd3c7 d8efe2 fdfbe8", "9ccfb4 4f9d7c 14463a"),
    ("22314e 5a7da0 e9c7c0", "8fa3bf 4c5f80 141d33"),
)


def hills(rng: np.random.Generator, variant: int) -> Image.Image:
    """Ranges of hills in the haze, and a low sun."""
    width, height = 1080, 720
    sky, land = DAYS[variant % len(DAYS)]
    x, y = plane(width, height)
    levels = colours(sky, y / y.max() * 1.5)
    sun_x, sun_y = rng.uniform(0.2, 0.8), rng.uniform(0.18, 0.3)
    distance = np.hypot(x - sun_x, y - sun_y)
    glow = np.exp(-distance * 7)[..., None] * 0.7 + (distance < 0.045)[..., None] * 0.3
    levels += (255 - levels) * glow
    levels += (clouds(rng, width, height, 2) - 0.5)[..., None] * 26
    ranges = 6
    for number in range(ranges):
        near = number / (ranges - 1)
        steps = clouds(rng, width, 8, 2.5 + 2 * near, 7)[4]
        ridge = (0.36 + 0.24 * near - 0.24 * (steps - 0.5) * (1.15 - 0.5 * near)) + 0.05 * near
        below = (y - ridge).clip(0)
        haze = np.exp(-below * 9)[..., None] * 0.35 * (1 - near)
        ground = colours(land, near) * (1 - haze) + colours(sky, 1.0) * haze
        edge = ((y - ridge) * width + 0.5).clip(0, 1)[..., None]
        levels = levels * (1 - edge) + ground * edge
    return picture(levels)


NIGHTS = (
    "050a1f 123066 4f86c6 dbe9f7",
    "0b0620 45196b b0568f ffd9c7",
    "021018 07485a 35b09b d8f7df",
    "0a0b10 26304a 7d8aa8 f0e9d8",
    "060a2b 262c80 6f74d8 e4e1ff",
)


def night(rng: np.random.Generator, variant: int) -> Image.Image:
    """Stars, the band of the Milky Way, a moon perhaps, and firs."""
    width, height = 900, 1200
    x, y = plane(width, height)
    tilt = rng.uniform(0.5, 1.1) * (-1) ** variant
    across = (y - 0.55) * math.cos(tilt) - (x - 0.5) * math.sin(tilt)
    band = np.exp(-((across / 0.19) ** 2)) * (0.3 + 1.1 * clouds(rng, width, height, 4))
    dust = np.exp(-((across / 0.06) ** 2)) * clouds(rng, width, height, 6) ** 2
    levels = colours(NIGHTS[variant % len(NIGHTS)], (0.08 + 0.5 * y / y.max() + 0.66 * band - 0.42 * dust).clip(0, 1))
    for count, radius, light in ((2600, 0.7, 150), (420, 1.1, 230), (60, 2.0, 255)):
        for star_x, star_y in rng.random((count, 2)) * (width, height):
            left, top = int(star_x), int(star_y)
            part = np.s_[max(0, top - 4) : top + 5, max(0, left - 4) : left + 5]
            shine = np.exp(-((x[part] * width - star_x) ** 2 + (y[part] * width - star_y) ** 2) / radius**2)
            levels[part] += shine[..., None] * light * rng.uniform(0.4, 1) * rng.uniform(0.85, 1, 3)
    if variant % 2:
        moon = np.hypot(x - rng.uniform(0.2, 0.8), y - rng.uniform(0.15, 0.35)) * width
        levels += np.exp(-moon / 90)[..., None] * (90, 90, 80)
        face = (46 - moon).clip(0, 1)[..., None]
        levels = levels * (1 - face) + ((235, 232, 215) - 50 * clouds(rng, width, height, 26)[..., None]) * face
    canvas = Canvas(picture(levels))
    for row in range(3):
        for left in np.arange(-20, width + 20, 34 - 4 * row):
            tall = rng.uniform(60, 150) * (1 + 0.35 * row)
            foot = height - 70 + 40 * row
            _fir(canvas, left + rng.uniform(-14, 14), foot + 60, tall, colour("0b1420 020308", row / 2))
    return canvas.finished()


def _fir(canvas: Canvas, x: float, foot: float, tall: float, fill: tuple[int, int, int]) -> None:
    for part in range(5):
        top, wide = foot - tall + tall * part * 0.17, tall * (0.09 + 0.05 * part)
        canvas.polygon([(x, top), (x - wide, top + tall * 0.36), (x + wide, top + tall * 0.36)], fill)


DUSKS = (
    ("1d2b53 7e4a7b ff9a76", "5d4a7a 2c2345 120e20", "ffd27a"),
    ("0d1b2a 33658a a7d3e0", "5f88a6 2b4a63 0a1622", "fff1b8"),
    ("3d0e26 b3364c ffc482", "a0455c 591f3f 220a1e", "ffe08a"),
    ("04141a 126566 b9e3c6", "3f8a86 17484b 061a1e", "f5ff9e"),
    ("22223b 7d7a9c f2e9e4", "8b87a8 4a4e69 1b1b2e", "ffcf99"),
)


def town(rng: np.random.Generator, variant: int) -> Image.Image:
    """A town at dusk, its windows lit."""
    width, height = 1200, 750
    sky, walls, light = DUSKS[variant % len(DUSKS)]
    _, y = plane(width, height)
    levels = colours(sky, y / y.max() * 2.1) + (clouds(rng, width, height, 1.5)[..., None] - 0.5) * 40
    canvas = Canvas(picture(levels))
    for row in range(4):
        near, left = row / 3, -10.0
        while left < width:
            wide = rng.uniform(34, 74) * (0.8 + 0.6 * near)
            top = height * (0.42 + 0.14 * near) - rng.gamma(2, 48) * (1.15 - 0.3 * near) + 20
            fill = colour(walls, near * 0.9 + rng.uniform(0, 0.1))
            canvas.box(left, top, left + wide, height, fill)
            if rng.random() < 0.3:
                canvas.polygon([(left, top + 1), (left + wide / 2, top - wide * 0.5), (left + wide, top + 1)], fill)
            elif rng.random() < 0.25:
                canvas.box(left + wide * 0.45, top - 46, left + wide * 0.5, top, fill)
            step = 9 + 6 * near
            for column in np.arange(left + step * 0.7, left + wide - step, step):
                for window in np.arange(top + step, height, step * 1.5):
                    if rng.random() < 0.32:
                        lit = colour(f"{light} {light} ff9d5c", rng.random())
                        canvas.box(column, window, column + step * 0.5, window + step * 0.7, lit)
            left += wide + rng.uniform(0, 6)
    return canvas.finished()


SEASONS = (
    ("fbe9ef f7c9d4", "4a2b29", "f38ba8 ffd1dc e05780"),
    ("f4efe2 f0d9a8", "3b2417", "e36414 fb8b24 9a031e"),
    ("eef7ea cfe8c2", "3d3222", "588157 a3b18a 344e41"),
    ("dfeaf5 b9d0e8", "25303d", "ffffff e8f1fb cfe0f2"),
    ("fdf6d8 f7dd7d", "4d3319", "ffb703 fff3b0 e09f3e"),
)


def tree(rng: np.random.Generator, variant: int) -> Image.Image:
    """A tree in one of its seasons, grown branch by branch."""
    width, height = 900, 1000
    ground, bark, leaves = SEASONS[variant % len(SEASONS)]
    x, y = plane(width, height)
    levels = colours(ground, np.hypot(x - 0.5, y - 0.45) / 0.75)
    canvas = Canvas(picture(levels + (clouds(rng, width, height, 3)[..., None] - 0.5) * 10))
    earth = height * 0.88 + 26 * clouds(rng, width, 8, 2, 3)[4]
    canvas.polygon(
        [(0, height), *zip(range(width), earth, strict=True), (width, height)], colour(f"{leaves[-6:]} {bark}", 0.45)
    )
    tips: list[tuple[float, float]] = []

    def grow(x: float, y: float, angle: float, length: float, thick: float) -> None:
        end = x + length * math.cos(angle), y - length * math.sin(angle)
        canvas.line([(x, y), end], colour(bark + " 8d7460", max(0.0, 0.5 - thick / 40)), thick)
        if length < 42:
            tips.append(end)
        if length < 15:
            return
        for side in (-1, 1):
            turn = side * rng.uniform(0.18, 0.55) + rng.normal(0, 0.08)
            grow(*end, angle + turn, length * rng.uniform(0.68, 0.85), thick * 0.68)

    grow(width * rng.uniform(0.44, 0.56), height * 0.9, math.pi / 2 + rng.normal(0, 0.04), 165, 34)
    for end_x, end_y in tips:
        for _ in range(3):
            canvas.disc(*rng.normal((end_x, end_y), 9), rng.uniform(2.5, 7), colour(leaves, rng.random()))
    for _ in range(90):
        canvas.disc(
            rng.uniform(0, width), rng.uniform(height * 0.9, height), rng.uniform(2, 5), colour(leaves, rng.random())
        )
    return canvas.finished()


BEDS = (
    ("12355b 081a2e", "ffd166 f4a259", "5b2a16 2b1109"),
    ("f7ede2 e9d3bd", "d1495b f07f8f", "edae49 b9770e"),
    ("1b4332 081c15", "ffffff e6f2ee", "ffd60a e09f00"),
    ("ffe5d9 ffc3a8", "6a4c93 a98bd1", "ffd166 e76f51"),
    ("2b2d42 14151f", "ff7096 ffb3c6", "fff0b5 f2b134"),
)


def flower(rng: np.random.Generator, variant: int) -> Image.Image:
    """A flower from the front: rows of petals, seeds along the golden angle."""
    size = 960
    bed, petals, seeds = BEDS[variant % len(BEDS)]
    x, y = plane(size, size)
    levels = colours(bed, np.hypot(x - 0.5, y - 0.5) * 1.4) + (clouds(rng, size, size, 5)[..., None] - 0.5) * 24
    canvas = Canvas(picture(levels))
    count, centre = (21, 13, 34, 8, 16)[variant % 5], size / 2
    heart = size * (0.2, 0.13, 0.12, 0.09, 0.15)[variant % 5]
    for row in range(3):
        long, start = size * (0.46 - 0.085 * row), rng.uniform(0, 1)
        for number in range(count):
            turn = 2 * math.pi * (number + start) / count
            wide = math.pi * 0.92 * long / count * rng.uniform(0.95, 1.12)
            shade = 0.15 + 0.3 * row + rng.uniform(0, 0.22)
            canvas.polygon(_petal(centre, turn, long * 1.012, wide * 1.1), colour(petals + " 000000", 0.72))
            canvas.polygon(_petal(centre, turn, long, wide), colour(petals, shade))
            canvas.polygon(_petal(centre, turn, long * 0.86, wide * 0.35), colour(petals, (shade + 0.3) % 1))
    canvas.disc(centre, centre, heart, colour(seeds, 1))
    golden = math.pi * (3 - math.sqrt(5))
    for number in range(420):
        out = heart * math.sqrt(number / 420) * 0.97
        at = centre + out * math.cos(number * golden), centre + out * math.sin(number * golden)
        canvas.disc(*at, heart / 30 * (0.55 + 0.75 * number / 420), colour(seeds, 0.75 * (1 - number / 420)))
    return canvas.finished()


def _petal(centre: float, turn: float, long: float, wide: float) -> npt.NDArray[np.float64]:
    along = np.linspace(0, 1, 30)
    half = wide * np.sin(np.pi * along**1.35) ** 0.8
    out, aside = np.r_[along, along[::-1]] * long, np.r_[half, -half[::-1]]
    return centre + np.stack(
        [out * math.cos(turn) - aside * math.sin(turn), out * math.sin(turn) + aside * math.cos(turn)], 1
    )


AIRS = (
    ("4aa3df a8d8f0 fdf3dc", "ef476f ffd166 06d6a0 118ab2 f8f4e3"),
    ("f2a65a f7cf9b fff4e0", "772f1a 585123 eec170 f58549 fff1dc"),
    ("5a189a c77dff ffd6ff", "ffb703 fb8500 ffffff 8338ec 3a0ca3"),
    ("1b9aaa 9be1d8 fffbe6", "dd1c1a f0c808 086788 fff1d0 06aed5"),
    ("33415c a3b1c9 f5e6e0", "e5383b f5f3f4 ba181b d3d3d3 660708"),
)


def balloons(rng: np.random.Generator, variant: int) -> Image.Image:
    """Hot-air balloons in the morning."""
    width, height = 960, 1080
    sky, cloth = AIRS[variant % len(AIRS)]
    _, y = plane(width, height)
    puffs = (clouds(rng, width, height, 2.2) - 0.52).clip(0)[..., None] * 2.6
    levels = colours(sky, y / y.max())
    canvas = Canvas(picture(levels + (255 - levels) * puffs.clip(0, 0.85)))
    spots: list[tuple[float, float, float]] = []
    for size in np.geomspace(165, 26, 15):
        for _ in range(200):
            spot = (rng.uniform(0.1, 0.9) * width, rng.uniform(0.16, 0.86) * height - size * 0.2, size)
            if all(math.hypot(spot[0] - x, spot[1] - y) > 1.5 * (spot[2] + size) for x, y, size in spots):
                spots.append(spot)
                break
    for spot in reversed(spots):
        _balloon(canvas, *spot, [colour(cloth, number / 4) for number in rng.permutation(5)[:3]])
    return canvas.finished()


def _balloon(canvas: Canvas, x: float, y: float, size: float, cloth: list[tuple[int, int, int]]) -> None:
    """An envelope of gores, seen from the side: each narrower towards the rim."""
    down = np.linspace(-1, 1.25, 40)
    half = np.where(
        down < 0.1, np.sqrt((1 - ((down - 0.1) / 1.1) ** 2).clip(0)), 1 - 0.72 * ((down - 0.1) / 1.15).clip(0) ** 1.5
    )
    edges = np.sin(np.linspace(-math.pi / 2, math.pi / 2, 10))
    for number in range(9):
        left, right = x + size * half * edges[number], x + size * half * edges[number + 1]
        shade = 1 - 0.28 * max(0.0, edges[number]) - 0.1 * abs(edges[number])
        red, green, blue = (round(level * shade) for level in cloth[number % len(cloth)])
        heights = y + size * down
        canvas.polygon(np.r_[np.c_[left, heights], np.c_[right, heights][::-1]], (red, green, blue))
    for side in (-1, 1):
        canvas.line(
            [(x + side * size * 0.22, y + size * 1.25), (x + side * size * 0.13, y + size * 1.6)],
            (60, 45, 35),
            size / 60,
        )
    canvas.box(x - size * 0.15, y + size * 1.58, x + size * 0.15, y + size * 1.78, (120, 78, 44))
    canvas.box(x - size * 0.15, y + size * 1.58, x + size * 0.15, y + size * 1.62, (80, 50, 30))


SCENES = (hills, night, town, tree, flower, balloons)
