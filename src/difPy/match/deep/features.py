"""A small picture in; its features out, as bytes: where each is, how large, how turned, and 128 bits of its looks.

Source: Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", 2004; the square root is of Arandjelovic and
Zisserman, "Three things everyone should know to improve object retrieval", 2012.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.match.deep.signatures import mirrored, signatures
from difPy.vision import cv2, gray

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

FEATURES = 400
"""Of a picture, at most."""
GRID = 6
"""Cells across, and down, each of which gives its strongest first: a caption's letters would take all places."""
LEAST = 8
"""Pixels: what is narrower has no features."""
_CONTRAST = 0.02
"""SIFT's own limit is twice that; a faded copy has less."""

_SIZE = np.dtype("<u2")
_HEADER = 2 * _SIZE.itemsize  # width and height
_PLACE = 1 / 128  # pixels
_TURN = 360 / 65536  # degrees
FEATURE = np.dtype(
    [("x", "<u2"), ("y", "<u2"), ("size", "<f2"), ("turn", "<u2"), ("bits", "<u8", 2), ("mirrored", "<u8", 2)]
)
"""40 bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What is known of a picture: its features, the strongest of each cell first."""

    size: tuple[int, int]
    """Width and height, in pixels."""
    rows: npt.NDArray[Any]
    """Shape (n,), of `FEATURE`."""

    @property
    def places(self) -> npt.NDArray[np.float64]:
        """Shape (n, 2): x and y in pixels."""
        return np.column_stack((self.rows["x"], self.rows["y"])) * _PLACE


def describe(picture: npt.NDArray[np.uint8]) -> bytes:
    """Descriptors of a picture: 4 bytes, and 40 for each of up to 400 features.

    Parameters
    ----------
    picture : ndarray of uint8, shape (h, w, 3)

    Examples
    --------
    >>> len(describe(np.zeros((40, 60, 3), np.uint8)))
    4
    """
    height, width = picture.shape[:2]
    return np.array((width, height), _SIZE).tobytes() + _features(gray(picture)).tobytes()


def read(descriptor: bytes) -> Features:
    """Features that were written by `describe`."""
    width, height = np.frombuffer(descriptor, _SIZE, 2).tolist()
    return Features((width, height), np.frombuffer(descriptor, FEATURE, offset=_HEADER))


def is_sound(descriptor: bytes) -> bool:
    """As `Method` says.

    Examples
    --------
    >>> is_sound(b""), is_sound(b"size"), is_sound(b"size" + bytes(40))
    (False, True, False)
    """
    rows, rest = divmod(len(descriptor) - _HEADER, FEATURE.itemsize)
    if rest or not 0 <= rows <= FEATURES:
        return False
    size = read(descriptor).rows["size"]
    return bool(((size > 0) & (size < np.inf)).all())  # what is no number is not


def joined(
    descriptors: Iterable[bytes],
) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Features of many pictures, as an array of `FEATURE`; the picture of each, and its number in that."""
    features = [descriptor[_HEADER:] for descriptor in descriptors]
    counts = [len(some) // FEATURE.itemsize for some in features]
    numbers = np.concatenate([np.zeros(0, np.int64), *map(np.arange, counts)])
    return np.frombuffer(b"".join(features), FEATURE), np.repeat(np.arange(len(counts)), counts), numbers


def _features(gray: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
    if min(gray.shape) < LEAST:
        return np.zeros(0, FEATURE)
    sift: Any = cv2.SIFT.create(nfeatures=0, contrastThreshold=_CONTRAST)
    points, looks = sift.compute(gray, _spread(sift.detect(gray, None), gray.shape))
    if looks is None:
        return np.zeros(0, FEATURE)
    found = np.empty(len(points), FEATURE)
    found["x"], found["y"] = np.rint(np.array([point.pt for point in points]).T / _PLACE).clip(0, 65535)
    found["size"] = [point.size for point in points]
    found["turn"] = np.rint(np.array([point.angle for point in points]) / _TURN).astype(np.int64) & 65535
    found["bits"], found["mirrored"] = signatures(looks), signatures(mirrored(looks))
    return found


def _spread(points: Sequence[Any], shape: tuple[int, ...]) -> list[Any]:
    """The strongest of each cell first, then the strongest of all others: no more than `FEATURES`."""
    room = dict.fromkeys(range(GRID * GRID), FEATURES // (GRID * GRID) + 1)
    first: list[Any] = []
    rest: list[Any] = []
    for point in sorted(points, key=lambda point: (-point.response, *point.pt, point.size, point.angle)):
        x, y = point.pt
        cell = int(y * GRID / shape[0]) * GRID + int(x * GRID / shape[1])
        room[cell] -= 1
        (first if room[cell] >= 0 else rest).append(point)
    return (first + rest)[:FEATURES]
