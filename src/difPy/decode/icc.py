"""Primaries, white and a curve in, an ICC profile that says the same out: for formats that name them in numbers.

The profile is one of version 2 (ICC.1:2001-04): a curve for each of red, green and blue, then a matrix.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

D65 = (0.3127, 0.3290)
SRGB = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_STEPS = 4096

_REFERENCE_WHITE = 203 / 10000
"""What is white on paper, of the greatest light that PQ can say (ITU-R BT.2408)."""


def profile(primaries: Sequence[tuple[float, float]], white: tuple[float, float], curve: Numbers) -> bytes:
    """ICC profile of an RGB space.

    Parameters
    ----------
    primaries : sequence of (float, float)
        Chromaticities x, y of red, green and blue.
    white : (float, float)
    curve : ndarray of float64, shape (n,)
        Light, 0..1, of n numbers at equal steps from 0 to 1.

    Raises
    ------
    ValueError
        If they make no space of colours.
    """
    try:
        columns, light = np.stack([_xyz(*xy) for xy in primaries], 1), _xyz(*white)
        columns = columns * np.linalg.solve(columns, light)
        adapted = np.linalg.inv(_BRADFORD) @ np.diag((_BRADFORD @ _D50) / (_BRADFORD @ light)) @ _BRADFORD @ columns
    except (np.linalg.LinAlgError, ZeroDivisionError) as error:
        raise ValueError(f"no space of colours: {error}") from None
    if not (np.abs(adapted) < 100).all():  # nor is what is no number
        raise ValueError("no space of colours")
    tone = b"curv\0\0\0\0" + struct.pack(">I", len(curve)) + np.round(curve * 65535).astype(">u2").tobytes()
    tags = [(b"wtpt", _xyz_tag(_D50)), *((name, _xyz_tag(xyz)) for name, xyz in zip(_COLOURS, adapted.T, strict=True))]
    tags += [(name, tone) for name in (b"rTRC", b"gTRC", b"bTRC")]
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags:
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    head = struct.pack(">I4xI", start + len(body), 0x02400000) + b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    return (head + _fixed(_D50)).ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


_COLOURS = (b"rXYZ", b"gXYZ", b"bXYZ")


def srgb() -> Numbers:
    """Curve of sRGB (IEC 61966-2-1)."""
    steps = np.linspace(0, 1, _STEPS)
    return np.where(steps <= 0.04045, steps / 12.92, ((steps + 0.055) / 1.055) ** 2.4)


def power(exponent: float) -> Numbers:
    """Curve of a power."""
    return np.asarray(np.linspace(0, 1, _STEPS) ** exponent)


def pq() -> Numbers:
    """Curve of PQ (ITU-R BT.2100); what is brighter than paper is white."""
    root = np.linspace(0, 1, _STEPS) ** (32 / 2523)
    light = (np.maximum(root - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * root)) ** (8192 / 1305)
    return np.asarray(np.minimum(light / _REFERENCE_WHITE, 1))


def hlg() -> Numbers:
    """Curve of HLG (ITU-R BT.2100), in which three quarters are white as paper."""
    steps = np.linspace(0, 1, _STEPS)
    light = np.where(steps <= 0.5, steps**2 / 3, (np.exp((steps - 0.55991073) / 0.17883277) + 0.28466892) / 12)
    return np.asarray(np.minimum(light / np.interp(0.75, steps, light), 1))


def _xyz(x: float, y: float) -> Numbers:
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _fixed(numbers: Numbers) -> bytes:
    return b"".join(struct.pack(">i", round(float(number) * 65536)) for number in numbers)


def _xyz_tag(numbers: Numbers) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(numbers)
