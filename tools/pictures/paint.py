"""What the drawings are made with: colours by position, clouds of noise, and a canvas with soft edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    import numpy.typing as npt

FINER = 2  # shapes are drawn this much larger and reduced: soft edges


def colours(stops: str, position: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Colours along a ramp.

    Parameters
    ----------
    stops : str
        Hexadecimal colours, evenly spaced, as in "102030 ffeedd".
    position : array_like
        Where on the ramp: 0 is the first colour, 1 the last.

    Returns
    -------
    ndarray of float64, shape (*position.shape, 3)
        Levels 0..255.
    """
    ramp = np.array([list(bytes.fromhex(stop)) for stop in stops.split()], float)
    at = np.linspace(0, 1, len(ramp))
    return np.stack([np.interp(position, at, channel) for channel in ramp.T], axis=-1)


def colour(stops: str, position: float) -> tuple[int, int, int]:
    """One colour of a ramp, for shapes."""
    red, green, blue = colours(stops, position).round().astype(int).tolist()
    return red, green, blue


def clouds(
    rng: np.random.Generator, width: int, height: int, cells: float, octaves: int = 6
) -> npt.NDArray[np.float64]:
    """Smooth noise, finer and fainter by halves, from 0 to 1.

    Parameters
    ----------
    rng : Generator
    width, height : int
        Pixels.
    cells : float
        How many of the largest clouds fit side by side.
    octaves : int, optional
        How many times the clouds get finer.
    """
    total = np.zeros((height, width))
    for octave in range(octaves):
        columns = int(cells * 2**octave) + 3
        rows = int(cells * 2**octave * height / width) + 3
        grid = Image.fromarray(rng.random((rows, columns), dtype=np.float32))
        total += (
            np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC, (1, 1, columns - 1, rows - 1)))
            / 2**octave
        )
    total -= total.min()
    return total / total.max()


def plane(width: int, height: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Coordinates of the pixels: x from 0 to 1, y downwards in the same unit."""
    y, x = np.mgrid[:height, :width] / width
    return x, y


def picture(levels: npt.NDArray[np.float64]) -> Image.Image:
    """A picture from levels of shape (height, width, 3)."""
    return Image.fromarray(levels.clip(0, 255).round().astype(np.uint8))


class Canvas:
    """A picture to draw shapes on, in pixels of the finished picture."""

    def __init__(self, background: Image.Image) -> None:
        self.size = background.size
        self._image = background.resize((background.width * FINER, background.height * FINER), Image.Resampling.BICUBIC)
        self._draw = ImageDraw.Draw(self._image)

    def polygon(self, points: npt.ArrayLike, fill: tuple[int, int, int]) -> None:
        """A filled polygon; points of shape (n, 2)."""
        self._draw.polygon([tuple(point) for point in (np.asarray(points) * FINER).tolist()], fill=fill)

    def line(self, points: npt.ArrayLike, fill: tuple[int, int, int], width: float) -> None:
        """A line through points of shape (n, 2), with round joints and ends."""
        points = np.asarray(points, float)
        self._draw.line(
            [tuple(point) for point in (points * FINER).tolist()],
            fill=fill,
            width=max(1, round(width * FINER)),
            joint="curve",
        )
        if width > 2:
            for end in (points[0], points[-1]):
                self.disc(*end, width / 2, fill)

    def disc(self, x: float, y: float, radius: float, fill: tuple[int, int, int]) -> None:
        """A filled circle."""
        box = ((x - radius) * FINER, (y - radius) * FINER, (x + radius) * FINER, (y + radius) * FINER)
        self._draw.ellipse(box, fill=fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: tuple[int, int, int]) -> None:
        """A filled rectangle."""
        self._draw.rectangle((left * FINER, top * FINER, right * FINER - 1, bottom * FINER - 1), fill=fill)

    def text(self, x: float, y: float, text: str, size: float, fill: tuple[int, int, int]) -> None:
        """Letters in Pillow's own typeface, their left end and baseline at (x, y)."""
        from PIL import ImageFont

        font = ImageFont.load_default(size * FINER)
        self._draw.text((x * FINER, y * FINER), text, fill=fill, font=font, anchor="ls")

    def finished(self) -> Image.Image:
        """The picture."""
        return self._image.resize(self.size, Image.Resampling.BOX)


def blank(width: int, height: int, fill: tuple[int, int, int]) -> Canvas:
    """A canvas of one colour."""
    return Canvas(Image.new("RGB", (width, height), fill))
