"""Pixels in; interpolated, or as bytes, out: the loops, compiled.

The sums are Pillow's: whole numbers of 32 bits, whose order does not matter, so that processors can add up eight at a
time. Importing this module imports numba, and compiles or loads what an earlier run has compiled.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from difPy.compiled import compiled, inlined
from difPy.decode.bicubic import PRECISION_BITS

_I, _U = np.int32, np.uint32
_HALF = _I(1 << (PRECISION_BITS - 1))


@inlined
def _clipped(total: Any) -> Any:
    return min(255, max(0, total >> PRECISION_BITS))


@compiled("void(Array(uint32, 2, 'C', readonly=True), int64[::1], int64[::1], int32[:, ::1], uint8[:, :, ::1])")
def across(pixels: Any, first: Any, count: Any, weights: Any, out: Any) -> None:
    """Rows of red, green and blue, interpolated: shape (height, px, 3)."""
    height, width = pixels.shape
    reds, greens, blues = np.empty(width, _I), np.empty(width, _I), np.empty(width, _I)
    for y in range(height):
        for x in range(width):
            pixel = pixels[y, x]
            reds[x], greens[x], blues[x] = _I(pixel & 255), _I((pixel >> 8) & 255), _I((pixel >> 16) & 255)
        for place in range(len(first)):
            begin, end = first[place], first[place] + count[place]
            some, r, g, b = weights[place, : count[place]], reds[begin:end], greens[begin:end], blues[begin:end]
            red = green = blue = _HALF
            for at in range(len(some)):
                red = _I(red + r[at] * some[at])
                green = _I(green + g[at] * some[at])
                blue = _I(blue + b[at] * some[at])
            out[y, place, 0], out[y, place, 1], out[y, place, 2] = _clipped(red), _clipped(green), _clipped(blue)


@compiled("void(Array(uint8, 2, 'C', readonly=True), int64[::1], int64[::1], int32[:, ::1], uint8[:, :, ::1])")
def across_grey(pixels: Any, first: Any, count: Any, weights: Any, out: Any) -> None:
    """Rows of grey, interpolated: shape (height, px, 1)."""
    for y in range(len(pixels)):
        for place in range(len(first)):
            some, row = weights[place, : count[place]], pixels[y, first[place] : first[place] + count[place]]
            total = _HALF
            for at in range(len(some)):
                total = _I(total + _I(row[at]) * some[at])
            out[y, place, 0] = _clipped(total)


@compiled("void(uint8[:, ::1], int64[::1], int64[::1], int32[:, ::1], uint8[:, ::1])")
def down(rows: Any, first: Any, count: Any, weights: Any, out: Any) -> None:
    """Columns interpolated, whatever their bytes are: shape (px, bytes)."""
    width = rows.shape[1]
    totals = np.empty(width, _I)
    for place in range(len(first)):
        totals[:] = _HALF
        for at in range(count[place]):
            row, weight = rows[first[place] + at], weights[place, at]
            for x in range(width):
                totals[x] = _I(totals[x] + _I(row[x]) * weight)
        for x in range(width):
            out[place, x] = _clipped(totals[x])


@compiled("void(Array(uint32, 1, 'C', readonly=True), uint32[::1])")
def pack(pixels: Any, out: Any) -> None:
    """Red, green and blue of each pixel, one behind the other: four pixels in three words."""
    for group in range(len(pixels) // 4):
        a, b, c, d = pixels[4 * group], pixels[4 * group + 1], pixels[4 * group + 2], pixels[4 * group + 3]
        out[3 * group] = (a & _U(0xFFFFFF)) | (b << _U(24))
        out[3 * group + 1] = ((b >> _U(8)) & _U(0xFFFF)) | (c << _U(16))
        out[3 * group + 2] = ((c >> _U(16)) & _U(0xFF)) | (d << _U(8))
