"""The code of a QOI in, its pixels out: the loop, compiled (The Quite OK Image Format, version 1.0)."""

from __future__ import annotations

from typing import Any

import numpy as np

from difPy.just_in_time import compiled

_RGB, _RGBA = 0xFE, 0xFF
_INDEX, _DIFFERENCE, _LUMA = 0, 1, 2


@compiled("int64(Array(uint8, 1, 'C', readonly=True), uint8[:, ::1])")
def unpack(code: Any, out: Any) -> int:
    """Fill `out`, shape (pixels, 3 or 4), from the code; the number of pixels that there are in it."""
    seen = np.zeros((64, 4), np.uint8)
    pixel = np.zeros(4, np.uint8)
    pixel[3] = 255
    most, bands = out.shape
    end = len(code)
    at = done = 0
    while done < most and at < end:
        byte = code[at]
        at += 1
        kind = byte >> 6
        length = 3 if byte == _RGB else 4 if byte == _RGBA else 1 if kind == _LUMA else 0
        if at + length > end:
            break
        if byte >= _RGB:
            for band in range(length):
                pixel[band] = code[at + band]
        elif kind == _INDEX:
            pixel[:] = seen[byte]
        elif kind == _DIFFERENCE:
            pixel[0] += (byte >> 4 & 3) - 2
            pixel[1] += (byte >> 2 & 3) - 2
            pixel[2] += (byte & 3) - 2
        elif kind == _LUMA:
            green = (byte & 63) - 32
            pixel[0] += green - 8 + (code[at] >> 4)
            pixel[1] += green
            pixel[2] += green - 8 + (code[at] & 15)
        else:
            for _ in range(min((byte & 63) + 1, most - done)):
                for band in range(bands):
                    out[done, band] = pixel[band]
                done += 1
            continue
        at += length
        place = (pixel[0] * 3 + pixel[1] * 5 + pixel[2] * 7 + pixel[3] * 11) & 63
        for band in range(4):
            seen[place, band] = pixel[band]
        for band in range(bands):
            out[done, band] = pixel[band]
        done += 1
    return done
