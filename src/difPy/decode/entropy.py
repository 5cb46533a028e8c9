"""The code of one scan of a JPEG in; what its blocks say of large things, and bounds on all else, out.

A block of a JPEG is 64 coefficients, coded one after the other, the lowest frequencies first (ITU-T T.81, annexes F and
G). Four of them say all that a block says of pixels much larger than itself: these are kept. Of the other 60 nobody
needs to know more than their energy, the sum of their squares, and their reach, the sum of their absolute values.

This reader and those of `progressive` take, in this order: the code as words of 32 bits; the units between restarts, or
-1 if there are none, where the intervals begin, and the end; tables of codes, by their first 10 bits and by 16, four
for means and four for the others; the components, a row of `PART` numbers each; the steps of quantization, component by
component, in the order of the code. They write the four kept numbers of each block, and of `REST` what they know; and
return how many bytes they have read, or -1 where the code is none that an encoder writes. tests/slow_jpeg.py says it
slowly.

Importing this module imports numba, and compiles or loads what an earlier run has compiled.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from difPy.decode.weights import WAVES
from difPy.just_in_time import compiled, inlined

PART = ("table of means", "table of the others", "steps", "first block", "blocks a row", "wide", "tall")
REST = ENERGY, REACH, LEAST, GREATEST = range(4)
"""Of all numbers but the kept ones; and of all samples of a block, looked for where they may matter, and else 0."""

U = np.uint64
ORDER = np.array(
    [0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14,
     21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53,
     60, 61, 54, 47, 55, 62, 63]
)  # fmt: skip
"""Place in the code -> 8 times the vertical frequency, plus the horizontal one."""
_WAVES = WAVES.astype(np.float32)
_NEAR = np.array([112.0, 8.0, 8.0], np.float32)
_LITTLE = np.float32(12)
"""Samples are looked for where they could be farther from grey than near, and from their mean than a little."""


@inlined
def entry_of(buffer: Any, held: Any, short: Any, long: Any, table: Any) -> Any:
    """Length and symbol of the code that comes next; 0 if it is none."""
    entry = short[table, U(buffer >> U(held - 10)) & U(1023)]
    if entry == 0:
        entry = long[table, U(buffer >> U(held - 16)) & U(65535)]
    return np.int64(entry)


@inlined
def number_of(buffer: Any, held: Any, bits: Any) -> Any:
    """The last bits that were read, as a number."""
    number = np.int64(buffer >> U(held)) & ((1 << bits) - 1)
    return number if number >> (bits - 1) else number - (1 << bits) + 1


@inlined
def _extremes(coefficients: Any, rows: Any, half: Any, samples: Any) -> Any:
    """Least and greatest sample of a block, of whose rows of coefficients only those are not zero whose bit is set."""
    samples[:] = 0
    for v in range(8):
        if (rows >> v) & 1:
            half[:] = 0
            for u in range(8):
                coefficient = coefficients[8 * v + u]
                if coefficient != 0:
                    for x in range(8):
                        half[x] += coefficient * _WAVES[u, x]
            for y in range(8):
                wave = _WAVES[v, y]
                for x in range(8):
                    samples[8 * y + x] += wave * half[x]
    least = greatest = samples[0]
    for at in range(64):
        least = min(least, samples[at])
        greatest = max(greatest, samples[at])
    return least, greatest


@compiled(
    "int64(uint32[::1], int64[::1], uint16[:, ::1], uint16[:, ::1], int64[:, ::1], float32[:, ::1],"
    "int16[:, ::1], float32[:, ::1], int64, int64, int64, int64)"
)
def sequential(
    words: Any, starts: Any, short: Any, long: Any, parts: Any, steps: Any, low: Any, rest: Any,
    last: Any, shift: Any, across: Any, down: Any
) -> Any:  # fmt: skip
    """Blocks of components, unit by unit: their means only (last = 0), or all of them (63)."""
    means = np.zeros(len(parts), np.int64)
    coefficients, half, samples = np.zeros(64, np.float32), np.zeros(8, np.float32), np.zeros(64, np.float32)
    at, held, buffer = 0, 0, U(0)
    left = interval = starts[0]
    intervals = 1
    end = starts[-1]
    for row in range(down):
        for column in range(across):
            if left == 0:
                intervals += 1
                if 4 * at - (held >> 3) > starts[intervals]:
                    return -1
                at = starts[intervals] // 4
                held = 0
                means[:] = 0
                left = interval
            left -= 1
            for part in range(len(parts)):
                table, other, quant = U(parts[part, 0]), U(parts[part, 1]), U(parts[part, 2])
                stride, wide, tall = parts[part, 4], parts[part, 5], parts[part, 6]
                for y in range(tall):
                    for x in range(wide):
                        block = U(parts[part, 3] + (row * tall + y) * stride + column * wide + x)
                        if 4 * at > end + 8:
                            return -1
                        if held < 32:
                            buffer = buffer << U(32) | U(words[U(at)])
                            at += 1
                            held += 32
                        entry = entry_of(buffer, held, short, long, table)
                        bits = entry & 255
                        if entry == 0 or bits > 11:
                            return -1
                        held -= (entry >> 8) + bits
                        if bits:
                            means[part] += number_of(buffer, held, bits)
                        if abs(means[part]) << shift > 32767:
                            return -1
                        low[block, 0] = means[part] << shift
                        k = 1
                        energy = reach = kept = np.float32(0)
                        rows: Any = 1
                        while k <= last:
                            if held < 32:
                                buffer = buffer << U(32) | U(words[U(at)])
                                at += 1
                                held += 32
                            entry = entry_of(buffer, held, short, long, other)
                            bits = entry & 15
                            held -= (entry >> 8) + bits
                            k += (entry >> 4) & 15
                            if bits == 0:
                                if entry & 240 == 240:
                                    k += 1
                                    continue
                                if entry == 0 or entry & 240:
                                    return -1
                                break
                            if k > last or bits > 11:
                                return -1
                            value: Any = number_of(buffer, held, bits)
                            coefficient = np.float32(value) * steps[quant, U(k)]
                            place: Any = U(ORDER[U(k)])
                            coefficients[place] = coefficient
                            rows |= 1 << np.int64(place >> U(3))
                            if k <= 4 and k != 3:
                                low[block, min(k, 3)] = value
                                kept += abs(coefficient)
                            else:
                                energy += coefficient * coefficient
                                reach += abs(coefficient)
                            k += 1
                        if kept + reach > 0:
                            rest[block, ENERGY] = energy
                            rest[block, REACH] = reach
                            coefficients[0] = np.float32(means[part]) * steps[quant, 0]
                            farthest = np.float32(0.25) * (kept + reach)
                            if farthest > _LITTLE and abs(coefficients[0]) / 8 + farthest > _NEAR[part]:
                                least, greatest = _extremes(coefficients, rows, half, samples)
                                rest[block, LEAST] = least
                                rest[block, GREATEST] = greatest
                            coefficients[:] = 0
    return 4 * at - (held >> 3)
