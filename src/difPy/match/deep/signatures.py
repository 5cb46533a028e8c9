"""SIFT's 128 numbers of a feature in, 128 bits out that differ the less the more alike two features are.

Each bit tells on which side of a plane the numbers lie. All is done in whole numbers that 32-bit floats hold exactly,
so that no machine rounds any differently.
"""

from __future__ import annotations

from hashlib import shake_128
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

BITS = 128
_SCALE = 4096
_CELLS, _DIRECTIONS = 4, 8  # of SIFT's histogram: cells down and across, directions in each
# Mean of the square roots of photographs' features, in units of 1 / _SCALE. It is nearly the same from all sides.
_MEAN = np.array(
    [
        293,
        245,
        202,
        215,
        244,
        179,
        153,
        198,
        512,
        333,
        212,
        206,
        235,
        188,
        189,
        314,
        511,
        294,
        178,
        189,
        241,
        217,
        229,
        352,
        295,
        191,
        150,
        182,
        250,
        227,
        215,
        250,
        367,
        258,
        214,
        250,
        298,
        223,
        175,
        231,
        667,
        381,
        235,
        263,
        306,
        237,
        212,
        384,
        662,
        371,
        205,
        240,
        316,
        274,
        245,
        390,
        364,
        225,
        177,
        231,
        311,
        264,
        223,
        257,
        366,
        229,
        176,
        224,
        300,
        251,
        214,
        259,
        668,
        384,
        213,
        239,
        307,
        262,
        233,
        378,
        661,
        390,
        245,
        277,
        316,
        236,
        202,
        368,
        363,
        261,
        225,
        267,
        312,
        230,
        173,
        218,
        294,
        195,
        152,
        181,
        246,
        216,
        204,
        248,
        513,
        310,
        188,
        191,
        238,
        207,
        212,
        333,
        510,
        349,
        226,
        217,
        243,
        188,
        178,
        292,
        292,
        251,
        214,
        225,
        251,
        183,
        149,
        188,
    ],
    np.float32,
)


def signatures(looks: npt.NDArray[np.float32]) -> npt.NDArray[np.uint64]:
    """Bits of each feature, shape (n, 2).

    Parameters
    ----------
    looks : ndarray of float32, shape (n, 128)
        SIFT's descriptors.
    """
    roots = np.sqrt(looks / np.maximum(looks.sum(1, keepdims=True, dtype=np.float32), np.float32(1)))
    return np.packbits(_turned(np.rint(roots * _SCALE) - _MEAN) > 0, axis=1, bitorder="little").view("<u8")


def mirrored(looks: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """What SIFT's descriptors are in a mirror: cells from the other end, directions the other way round."""
    cells = looks.reshape(len(looks), _CELLS, _CELLS, _DIRECTIONS)
    return cells[:, ::-1, :, -np.arange(_DIRECTIONS) % _DIRECTIONS].reshape(looks.shape)


def _turned(looks: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Looks in a space turned at random, and 128 times larger: signs changed, and a Walsh-Hadamard transform, twice."""
    for signs in _SIGNS:
        looks = looks * signs
        for level in range(BITS.bit_length() - 1):
            halves = looks.reshape(len(looks), -1, 2, 1 << level)
            looks = np.stack((halves[:, :, 0] + halves[:, :, 1], halves[:, :, 0] - halves[:, :, 1]), axis=2)
        looks = looks.reshape(len(looks), BITS)
    return looks


# Stored bits hang on these signs: they must not change with a version of numpy.
_SIGNS = np.unpackbits(np.frombuffer(shake_128(b"difPy").digest(2 * BITS // 8), np.uint8)).reshape(
    2, BITS
) * np.float32(2) - np.float32(1)
