"""Frames in, an identity out: a digest that is equal for two pictures iff one is the other in some orientation.

A picture and its turned and mirrored copies have one canonical frame in common, and its pixels are what is hashed. To
find it, no picture is turned: a small sample, taken at positions symmetric about both axes, tells it nearly always,
because the sample of a turned picture is the turned sample. Orientations whose samples are equal are all hashed, and
the least digest is taken: then `stance` names every orientation that yields it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from blake3 import blake3

from difPy import orientation
from difPy.decode.turning import size_of, strips

if TYPE_CHECKING:
    from PIL import Image

    from difPy.decode.frames import Frame

_SAMPLES = (8, 32)
"""Positions along an axis; more only where fewer do not tell."""


class Fingerprint:
    """The identity of a picture, frame by frame: the orientation is chosen by the first."""

    def __init__(self, first: Frame) -> None:
        self._hashers = {o: blake3() for o in _candidates(first.layers[0])}

    def add(self, frame: Frame) -> None:
        """Hash the next frame."""
        for o, hasher in self._hashers.items():
            for layer in frame.layers:
                width, height = size_of(layer.size, o)
                hasher.update(f"{frame.kind} {layer.mode} {width} {height}\n".encode())
                for strip in strips(layer, o):
                    hasher.update(strip.tobytes())

    def result(self, extra: bytes) -> tuple[bytes, int]:
        """Identity and stance.

        Parameters
        ----------
        extra : bytes
            What else tells this picture from others, beside its pixels.
        """
        digests = {o: hasher.update(b"end\n" + extra).digest() for o, hasher in self._hashers.items()}
        least = min(digests.values())
        return least, orientation.mask(tuple(o for o, digest in digests.items() if digest == least))


def _candidates(image: Image.Image) -> list[int]:
    """Orientations that may bring an image into its canonical frame: those of the greatest size and sample."""
    candidates = list(orientation.ALL)
    for positions in _SAMPLES:
        sample = _sample(image, positions)
        keys = {o: (size_of(image.size, o), orientation.apply(o, sample).tobytes()) for o in candidates}
        greatest = max(keys.values())
        candidates = [o for o in candidates if keys[o] == greatest]
        if len(candidates) == 1:
            break
    return candidates


def _sample(image: Image.Image, positions: int) -> np.ndarray[Any, np.dtype[Any]]:
    pixel: Any = image.load()
    columns, rows = (_positions(n, positions) for n in image.size)
    pixels = [[pixel[x, y] for x in columns] for y in rows]
    return np.array(pixels, np.float64 if image.mode == "F" else np.int32 if image.mode == "I" else np.uint8)


def _positions(n: int, count: int) -> list[int]:
    """`count` positions along an axis of n pixels, such that mirroring the axis reverses them."""
    half = [k * (n - 1) // (count - 1) for k in range(count // 2)]
    return half + [n - 1 - position for position in reversed(half)]
