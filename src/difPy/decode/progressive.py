"""The code of one scan of a progressive JPEG in; some bits more of what its blocks say, out.

Scans say numbers bit by bit (ITU-T T.81, annex G). What refines those that are not kept is skipped: that they are as
large as they can become is assumed instead, or this would take as long as a full decode. Means as they are said first
are read by `entropy.sequential`; their further bits are bare (`scans`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from difPy.decode.entropy import ENERGY, REACH, U, entry_of, number_of
from difPy.just_in_time import compiled, inlined


@inlined
def _ones(mask: Any) -> Any:
    """Bits that are set."""
    mask -= (mask >> U(1)) & U(0x5555555555555555)
    mask = (mask & U(0x3333333333333333)) + ((mask >> U(2)) & U(0x3333333333333333))
    mask = (mask + (mask >> U(4))) & U(0x0F0F0F0F0F0F0F0F)
    return np.int64((mask * U(0x0101010101010101)) >> U(56))


@compiled(
    "int64(uint32[::1], int64[::1], uint16[:, ::1], uint16[:, ::1], int64[:, ::1], float32[:, ::1],"
    "int16[:, ::1], float32[:, ::1], uint64[::1], int64, int64, int64, int64, int64)"
)
def first(
    words: Any, starts: Any, short: Any, long: Any, parts: Any, steps: Any, low: Any, rest: Any,
    known: Any, begin: Any, last: Any, shift: Any, across: Any, down: Any
) -> Any:  # fmt: skip
    """Coefficients of a component, but for their last bits, as they are said first; `known` gets a bit for each."""
    at, held, buffer = 0, 0, U(0)
    left = interval = starts[0]
    intervals = 1
    end = starts[-1]
    other, quant = U(parts[0, 1]), U(parts[0, 2])
    run = 0
    for row in range(down):
        for column in range(across):
            if left == 0:
                intervals += 1
                if run or 4 * at - (held >> 3) > starts[intervals]:
                    return -1
                at = starts[intervals] // 4
                held = 0
                left = interval
            left -= 1
            if run:
                run -= 1
                continue
            block = U(parts[0, 3] + row * parts[0, 4] + column)
            if 4 * at > end + 8:
                return -1
            k = begin
            energy = reach = np.float32(0)
            mask = known[block]
            while k <= last:
                if held < 32:
                    buffer = buffer << U(32) | U(words[U(at)])
                    at += 1
                    held += 32
                entry = entry_of(buffer, held, short, long, other)
                bits = entry & 15
                zeros = (entry >> 4) & 15
                held -= (entry >> 8) + bits
                if bits == 0:
                    if zeros == 15:
                        k += 16
                        continue
                    if entry == 0:
                        return -1
                    held -= zeros
                    run = (1 << zeros) - 1 + (np.int64(buffer >> U(held)) & ((1 << zeros) - 1))
                    break
                k += zeros
                if k > last or bits + shift > 14:
                    return -1
                value = number_of(buffer, held, bits)
                if k <= 4 and k != 3:
                    low[block, min(k, 3)] = value << shift
                else:
                    most = np.float32(((abs(value) + 1) << shift) - 1) * steps[quant, U(k)]
                    energy += most * most
                    reach += most
                mask |= U(1) << U(k)
                k += 1
            known[block] = mask
            rest[block, ENERGY] += energy
            rest[block, REACH] += reach
    return -1 if run else 4 * at - (held >> 3)


@compiled(
    "int64(uint32[::1], int64[::1], uint16[:, ::1], uint16[:, ::1], int64[:, ::1], float32[:, ::1],"
    "int16[:, ::1], float32[:, ::1], uint64[::1], int64, int64, int64, int64, int64)"
)
def again(
    words: Any, starts: Any, short: Any, long: Any, parts: Any, steps: Any, low: Any, rest: Any,
    known: Any, begin: Any, last: Any, shift: Any, across: Any, down: Any
) -> Any:  # fmt: skip
    """One more bit of the coefficients of a component, and those that were zero until now."""
    at, held, buffer = 0, 0, U(0)
    left = interval = starts[0]
    intervals = 1
    end = starts[-1]
    other, quant = U(parts[0, 1]), U(parts[0, 2])
    run = 0
    for row in range(down):
        for column in range(across):
            if left == 0:
                intervals += 1
                if run or 4 * at - (held >> 3) > starts[intervals]:
                    return -1
                at = starts[intervals] // 4
                held = 0
                left = interval
            left -= 1
            block = U(parts[0, 3] + row * parts[0, 4] + column)
            if 4 * at > end + 8:
                return -1
            mask = known[block]
            if run and mask == 0:
                run -= 1
                continue
            k = begin
            fresh = U(0)
            energy = reach = np.float32(0)
            while k <= last:
                zeros, value = 64, 0
                if run == 0:
                    if held < 32:
                        buffer = buffer << U(32) | U(words[U(at)])
                        at += 1
                        held += 32
                    entry = entry_of(buffer, held, short, long, other)
                    bits = entry & 15
                    zeros = (entry >> 4) & 15
                    held -= (entry >> 8) + bits
                    if bits == 0 and entry > 0 and zeros < 15:
                        held -= zeros
                        run = (1 << zeros) + (np.int64(buffer >> U(held)) & ((1 << zeros) - 1))
                        zeros = 64
                    elif bits > 1 or entry == 0:
                        return -1
                    elif bits:
                        value = number_of(buffer, held, 1)
                # what is known of the coefficients up to the new one has one more bit each
                while k <= 4 and k <= last:
                    if (mask >> U(k)) & U(1):
                        if held == 0:
                            buffer = U(words[U(at)])
                            at += 1
                            held = 32
                        held -= 1
                        if k != 3 and (buffer >> U(held)) & U(1):
                            low[block, min(k, 3)] += (1 << shift) if low[block, min(k, 3)] > 0 else -(1 << shift)
                    elif zeros == 0:
                        break
                    else:
                        zeros -= 1
                    k += 1
                if k > 4 and k <= last:
                    band = (mask >> U(k)) & ((U(2) << U(last - k)) - U(1))
                    if zeros < 64 - k:
                        free = ~(mask >> U(k))
                        for _ in range(zeros):
                            free &= free - U(1)
                        below = (free & (~free + U(1))) - U(1)
                        skip = _ones(band & below)
                        k += _ones(below)
                    else:
                        skip = _ones(band)
                        k = last + 1
                    while skip > held:
                        if 4 * at > end + 8:
                            return -1
                        skip -= held
                        buffer = U(words[U(at)])
                        at += 1
                        held = 32
                    held -= skip
                if value:
                    if k > last:
                        return -1
                    fresh |= U(1) << U(k)
                    if k <= 4 and k != 3:
                        low[block, min(k, 3)] = value << shift
                    else:
                        most = np.float32((2 << shift) - 1) * steps[quant, U(k)]
                        energy += most * most
                        reach += most
                k += 1
            if run:
                run -= 1
            if fresh:
                known[block] = mask | fresh
                rest[block, ENERGY] += energy
                rest[block, REACH] += reach
    return -1 if run else 4 * at - (held >> 3)
