"""Features of two pictures in, the map that most of them agree on out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.match.deep.features import Features, read
from difPy.vision import cv2

if TYPE_CHECKING:
    import numpy.typing as npt

INLIERS = 7
"""Features that have to agree on a map; of 4 or 5 some always do."""
REACH, CLEARLY = 40, 0.8
"""Bits that a match may differ in, and how much nearer than the next one it has to be."""
_SURE, _TRIES = 0.999, 2000  # of RANSAC
_OFF, _OFF_SEEN_AT_AN_ANGLE = 4, 3  # pixels that a feature may be off, in an affine map and in a homography
_ENOUGH = 12
"""Matches that a homography, with its two numbers more, is tried from on; and it has to earn them."""
_SMALLEST, _LARGEST, _SQUEEZED = 0.08, 12, 2.2
"""Scales, and their ratio: no copy is smaller, larger or more squeezed, but a wrong map is."""


def hints(first: bytes, second: bytes) -> list[int]:
    """As `Method` says: as it is, and mirrored."""
    return [0, 1]


def start(first: bytes, second: bytes, hint: int) -> npt.NDArray[np.float64] | None:
    """The map of shape (3, 3) from the first picture's pixels to the second's that at least `INLIERS` features share.

    Parameters
    ----------
    first, second : bytes
        Descriptors of two pictures.
    hint : int
        1: the second is mirrored.
    """
    one, other = read(first), read(second)
    i, j = _matches(one.rows["bits"], other.rows["mirrored" if hint else "bits"])
    if len(i) < INLIERS:
        return None
    return _map(one.places[i], *_unmirrored(other, j)) if hint else _map(one.places[i], other.places[j], np.eye(3))


def _unmirrored(
    picture: Features, rows: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Places of features as they are in the mirror, and the map back."""
    back = np.array([[-1, 0, picture.size[0] - 1], [0, 1, 0], [0, 0, 1]], np.float64)
    return picture.places[rows] * (-1, 1) + (picture.size[0] - 1, 0), back


def _matches(
    bits: npt.NDArray[np.uint64], other: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows that are nearest to each other both ways, and clearly nearer than to the second nearest."""
    if min(len(bits), len(other)) < INLIERS:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    far = sum(np.bitwise_count(bits[:, None, word] ^ other[None, :, word]).astype(np.int16) for word in range(2))
    rows, nearest = np.arange(len(bits)), far.argmin(1)
    distance, is_mutual = far[rows, nearest], far.argmin(0)[nearest] == rows
    far[rows, nearest] = np.iinfo(far.dtype).max
    keep = is_mutual & (distance < CLEARLY * far.min(1)) & (distance <= REACH)
    return rows[keep], nearest[keep]


def _map(
    places: npt.NDArray[np.float64], others: npt.NDArray[np.float64], back: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64] | None:
    cv2.setRNGSeed(0)  # whatever was asked before
    affine, votes = cv2.estimateAffine2D(
        places, others, method=cv2.RANSAC, ransacReprojThreshold=_OFF, maxIters=_TRIES, confidence=_SURE
    )
    if affine is None:
        return None
    found, count = np.vstack((affine, (0, 0, 1))), int(votes.sum())
    if len(places) >= _ENOUGH:
        homography, votes = cv2.findHomography(
            places, others, cv2.USAC_MAGSAC, _OFF_SEEN_AT_AN_ANGLE, maxIters=_TRIES, confidence=_SURE
        )
        if homography is not None and votes.sum() > 1.15 * count + 3:
            found, count = homography, int(votes.sum())
    large, little = np.linalg.svd(found[:2, :2])[1]
    is_likely = little >= _SMALLEST and large <= min(_LARGEST, _SQUEEZED * little) and np.linalg.det(found[:2, :2]) > 0
    return back @ found if count >= INLIERS and is_likely else None
