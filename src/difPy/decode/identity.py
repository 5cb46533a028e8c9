"""Frames in, an identity out: equal for two pictures iff one is the other in some orientation; or its beginning.

A picture and its turned and mirrored copies have one canonical frame in common, and its pixels are what is hashed. To
find it, no picture is turned: a small sample, taken at positions symmetric about both axes, tells it nearly always,
because the sample of a turned picture is the turned sample. Orientations whose samples are equal are all hashed, and
those of the least digest are kept: `stance` names every orientation that yields the identity.

A sample is also what the clue of an identity is made of: see `difPy.clues`.
"""

from __future__ import annotations

import struct
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from blake3 import blake3

from difPy import orientation
from difPy.clues import CLUE
from difPy.decode.kernel import KERNEL
from difPy.decode.pixels import KINDS, lent, pieces
from difPy.decode.turning import STRIP, size_of, strips

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL import Image

    from difPy.decode.frames import Frame
    from difPy.decode.pixels import Pixels

_NEAR = 256
"""Rows of a picture whose memory a processor keeps at hand, all at once."""
_PACKED = 1 << 20
"""Bytes that are packed before they are hashed: of fewer, BLAKE3 hashes less at a time."""
_TILE = 16
"""Rows that the loops take at once, of what lies turned."""
_SAMPLES = (8, 32)
"""Positions along an axis; more only where fewer do not tell."""
_CLUES = 8
"""Positions along an axis at which a clue is looked for."""
_TELLING = 16
"""Colours there, at least, by which photos are told apart: a page has fewer, and so has another page."""


class Fingerprint:
    """The identity of a picture, gathered frame by frame: each has a say in the orientation, the earlier the more.

    Parameters
    ----------
    whole : bool
        Whether it is wanted whole. Otherwise it is only begun where its clue says enough.
    """

    def __init__(self, *, whole: bool) -> None:
        self._orientations = list(orientation.ALL)
        self._hasher = blake3()
        self._whole = whole
        self._clue = b""

    def add(self, frame: Frame) -> None:
        """Hash the next frame."""
        self._orientations = _greatest_samples(frame.layers[0], self._orientations)
        if not self._clue:
            colours = [_colours(frame.layers[0], o) for o in self._orientations]
            self._whole = self._whole or len(colours) > 1 or len(set(colours[0])) < _TELLING
            self._clue = _clue(size_of(frame.layers[0].size, self._orientations[0]), min(colours))
        if not self._whole:
            return
        digests = _digests(frame, self._orientations)
        least = min(digests.values())
        self._orientations = [o for o, digest in digests.items() if digest == least]
        self._hasher.update(least)

    def result(self, extra: bytes) -> tuple[bytes, int]:
        """Identity and stance.

        Parameters
        ----------
        extra : bytes
            What else tells this picture from others, beside its pixels.
        """
        rest = self._hasher.update(extra).digest() if self._whole else b""
        return self._clue + rest, orientation.mask(tuple(self._orientations))


def _greatest_samples(image: Image.Image, orientations: list[int]) -> list[int]:
    """Those orientations that give the image its greatest size and sample."""
    width, height = image.size
    if width != height:  # the wider, the greater, if any of them makes it so
        orientations = [o for o in orientations if (o & 1) == (width < height)] or orientations
    if max(width, height) > _SAMPLES[0] // 4:  # of fewer pixels no sample has a say
        orientations = _greatest_corners(image, orientations)
    for positions in _SAMPLES:
        if len(orientations) == 1 or max(width, height) <= positions // 4:  # hashing all of so few pixels is as quick
            break
        sample = _sample(image, positions)
        keys = {o: sample[_order(positions, o)].tobytes() for o in orientations}
        greatest = max(keys.values())
        orientations = [o for o in orientations if keys[o] == greatest]
    return orientations


def _greatest_corners(image: Image.Image, orientations: list[int]) -> list[int]:
    """Those of the orientations whose samples begin with the greatest pixel, a corner: for most photos it is one."""
    whole = lent(image)
    if whole is None or len(orientations) == 1:
        return orientations
    corners = [whole.item(-row, -column).to_bytes(4, "little")[:3] for row in (0, 1) for column in (0, 1)]
    firsts = [corners[_corner(o)] for o in orientations]
    greatest = max(firsts)
    return [o for o, first in zip(orientations, firsts, strict=True) if first == greatest]


def _clue(size: tuple[int, int], colours: list[int]) -> bytes:
    """What the identity of a picture of that size begins with."""
    return blake3(struct.pack(f"<{2 + len(colours)}I", *size, *colours)).digest(CLUE)


def _colours(image: Image.Image, o: int) -> list[int]:
    """Pixels at a few places of a turned image, the red of each in the lowest of three bytes; none of unusual modes.

    The places lie as far from one end of an axis as from the other, so those of a turned picture are the same. Grey is
    as equal red, green and blue: it may be stored so.
    """
    if image.mode not in KINDS:
        return []
    across, down = (_evenly(n) for n in image.size)
    if (whole := lent(image)) is not None:
        pixels: Any = whole[down, across]
    else:
        rows, columns = range(image.height)[down], range(image.width)[across]
        pixels = np.array(_at_places(image, rows, columns), np.uint8).reshape(len(rows), len(columns), -1)
        pixels = pixels[..., 0] if image.mode == "L" else np.dstack([pixels, pixels[..., 0]]).view("<u4")[..., 0]
    colours = pixels * np.uint32(0x010101) if image.mode == "L" else pixels & 0xFFFFFF
    found: list[int] = orientation.apply(o, colours).ravel().tolist()
    return found


def _evenly(n: int) -> slice:
    """`_CLUES` places along an axis of n pixels, the same from both its ends; all of them where these are few."""
    step = (n - 1) // (_CLUES - 1)
    step -= (n - 1 - step) % 2  # what is left is to be shared by both ends
    first = (n - 1 - step * (_CLUES - 1)) // 2
    return slice(first, n - first, step) if step > 0 else slice(None)


def _digests(frame: Frame, orientations: list[int]) -> dict[int, bytes]:
    """Digest of a frame in each of these orientations, which give it the same size."""
    if len(orientations) > 1 and all(map(_is_one_colour, frame.layers)):
        return dict.fromkeys(orientations, _digest(frame, orientations[0]))
    return {o: _digest(frame, o) for o in orientations}


def _digest(frame: Frame, o: int) -> bytes:
    hasher = blake3()
    for layer in frame.layers:
        width, height = size_of(layer.size, o)
        grey = _is_grey(layer)  # it is the same picture, stored as grey or as equal red, green and blue
        hasher.update(f"{frame.kind} {'L' if grey else layer.mode} {width} {height}\n".encode())
        for some in _grey_bytes(layer, o) if grey else _bytes(layer, o):
            hasher.update(some)
    return hasher.digest()


def _is_grey(image: Image.Image) -> bool:
    """Whether red, green and blue are the same everywhere. Of nearly all photos a few rows tell that they are not."""
    if image.mode != "RGB":
        return image.mode == "L"
    for pixels in pieces(image):
        top, rows = 0, 1
        if _has_colour(pixels.item(0)):
            return False
        while top < len(pixels):
            some = pixels[top : top + rows]
            if _has_colour(some).any():
                return False
            top, rows = top + rows, min(2 * rows, max(1, STRIP // image.width))
    return True


def _has_colour(pixels: Any) -> Any:
    """What is not 0 where red, green and blue are not the same."""
    return (pixels ^ pixels >> 8) & 0xFFFF


def _grey_bytes(image: Image.Image, o: int) -> Iterator[Any]:
    """Grey levels of a turned image, row by row, each piece until the next is asked for."""
    for pixels in pieces(image, o):
        if pixels.dtype != np.uint8 or KERNEL is None:
            yield from _levels(pixels)
        else:
            yield from [pixels.data] if pixels.flags.c_contiguous else _packed(pixels, 1)


def _levels(pixels: Pixels) -> Iterator[Any]:
    """The lowest byte of each pixel: of red, green and blue, red."""
    step = max(1, STRIP // pixels.shape[1])
    for top in range(0, len(pixels), step):
        some = pixels[top : top + step]
        levels = np.empty(some.shape, np.uint8)
        for left in range(0, some.shape[1], _NEAR):  # the rows of what lies turned are far from each other
            levels[:, left : left + _NEAR] = some[:, left : left + _NEAR]
        yield levels.data


def _bytes(image: Image.Image, o: int) -> Iterator[Any]:
    """Bytes of a turned image, row by row, each piece until the next is asked for."""
    if KERNEL is None or image.mode != "RGB":
        for strip in strips(image, o):
            yield strip.tobytes()
        return
    for pixels in pieces(image, o):
        yield from _packed(pixels, 3)


def _packed(pixels: Pixels, colours: int) -> Iterator[Any]:
    """Bytes of pixels, by loops in C."""
    assert KERNEL is not None
    height, width = pixels.shape
    step = min(height, max(_TILE, _PACKED // (width * colours) // _TILE * _TILE))
    out = np.empty((step, width, colours), np.uint8)
    for top in range(0, height, step):
        some = pixels[top : top + step]
        KERNEL.pack(some, out)
        yield out[: len(some)]


def _is_one_colour(image: Image.Image) -> bool:
    extrema: Any = image.getextrema()
    return all(low == high for low, high in (extrema if isinstance(extrema[0], tuple) else (extrema,)))


def _sample(image: Image.Image, positions: int) -> np.ndarray[Any, np.dtype[Any]]:
    """Pixels at that many positions along each axis, row by row."""
    columns, rows = (_positions(n, positions) for n in image.size)
    whole = lent(image)
    if whole is not None:
        found: np.ndarray[Any, np.dtype[Any]] = whole[rows[:, None], columns].view(np.uint8)
        return found.reshape(positions**2, -1)[:, :3]
    some = _at_places(image, rows.tolist(), columns.tolist())
    return np.array(some, np.float64 if image.mode == "F" else np.int32 if image.mode == "I" else np.uint8)


def _at_places(image: Image.Image, rows: Sequence[int], columns: Sequence[int]) -> list[Any]:
    """Pixels of an image that cannot be lent, row by row."""
    pixel: Any = image.load()
    return [pixel[x, y] for y in rows for x in columns]


@lru_cache
def _positions(n: int, count: int) -> np.ndarray[Any, np.dtype[np.intp]]:
    """`count` positions along an axis of n pixels, such that mirroring the axis reverses them."""
    half = [k * (n - 1) // (count - 1) for k in range(count // 2)]
    return np.array(half + [n - 1 - position for position in reversed(half)])


@cache
def _corner(o: int) -> int:
    """The corner that a turned picture begins with: of the first row the first and the last pixel, of the last row."""
    return int(_order(2, o)[0])


@cache
def _order(positions: int, o: int) -> np.ndarray[Any, np.dtype[np.intp]]:
    """How turning a picture orders the pixels of its sample anew."""
    return orientation.apply(o, np.arange(positions**2).reshape(positions, positions)).ravel()
