"""The coefficients of a JPEG, read bit by bit as ITU-T T.81 says it: slow, plain, and the truth for tests."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

import numpy as np


def coefficients(data: bytes) -> list[np.ndarray]:
    """Of each component, of shape (rows, columns, 64): dequantized, in the order of the code."""
    steps, codes, interval, place = {}, {}, 0, 2
    while data[place + 1] != 0xD9:
        marker, end = data[place + 1], place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        segment = data[place + 4 : end]
        if marker == 0xDB:
            for at in range(0, len(segment), 65):
                steps[segment[at]] = np.frombuffer(segment[at + 1 : at + 65], np.uint8).astype(int)
        elif marker == 0xC4:
            while segment:
                count = sum(segment[1:17])
                codes[segment[0]] = _codes(segment[1:17], segment[17 : 17 + count])
                segment = segment[17 + count :]
        elif marker == 0xDD:
            interval = int.from_bytes(segment, "big")
        elif marker in (0xC0, 0xC1, 0xC2):
            height, width, count = struct.unpack(">HHB", segment[1:6])
            parts = {
                segment[6 + 3 * i]: (segment[7 + 3 * i] >> 4, segment[7 + 3 * i] & 15, segment[8 + 3 * i])
                for i in range(count)
            }
            most = max(h for h, _, _ in parts.values()), max(v for _, v, _ in parts.values())
            units = -(-width // (8 * most[0])), -(-height // (8 * most[1]))
            found = {name: np.zeros((units[1] * v, units[0] * h, 64), int) for name, (h, v, _) in parts.items()}
        elif marker == 0xDA:
            stop = re.compile(rb"\xff[^\x00\xd0-\xd7]").search(data, end).start()
            names, tables = list(segment[1 : 1 + 2 * segment[0] : 2]), list(segment[2 : 2 + 2 * segment[0] : 2])
            first, last, bits = segment[1 + 2 * segment[0] :]
            if len(names) == 1:
                h, v, _ = parts[names[0]]
                samples = -(-width * h // most[0]), -(-height * v // most[1])
                size = -(-samples[0] // 8), -(-samples[1] // 8)
                order = [[(names[0], tables[0], y, x)] for y in range(size[1]) for x in range(size[0])]
            else:
                order = [
                    [
                        (name, table, y * parts[name][1] + j, x * parts[name][0] + i)
                        for name, table in zip(names, tables, strict=True)
                        for j in range(parts[name][1])
                        for i in range(parts[name][0])
                    ]
                    for y in range(units[1])
                    for x in range(units[0])
                ]
            _scan(data[end:stop], order, interval, found, codes, (first, last, bits >> 4, bits & 15))
            end = stop
        place = end
    return [found[name] * steps[parts[name][2]] for name in parts]


def _codes(lengths: bytes, symbols: bytes) -> dict[str, int]:
    found, code, at = {}, 0, 0
    for length in range(1, 17):
        for _ in range(lengths[length - 1]):
            found[f"{code:0{length}b}"] = symbols[at]
            code, at = code + 1, at + 1
        code <<= 1
    return found


def _scan(code: bytes, order: list, interval: int, found: dict, codes: dict, band: tuple[int, int, int, int]) -> None:
    first, last, before, shift = band
    pieces = re.split(rb"\xff[\xd0-\xd7]", code)
    for number, piece in enumerate(pieces):
        bits = iter("".join(f"{byte:08b}" for byte in piece.replace(b"\xff\x00", b"\xff")))
        means, run = dict.fromkeys(found, 0), 0
        for unit in order[number * interval : (number + 1) * interval] if interval else order:
            for name, table, y, x in unit:
                block = found[name][y, x]
                if first == 0 and before:
                    block[0] |= _number(bits, 1) << shift
                    continue
                if first == 0:
                    means[name] += _extended(bits, _symbol(bits, codes[table >> 4]))
                    block[0] = means[name] << shift
                if last:
                    run = _others(bits, codes[0x10 | table & 15], block, max(1, first), last, before, shift, run)


def _others(
    bits: Iterator[str], codes: dict, block: np.ndarray, k: int, last: int, before: int, shift: int, run: int
) -> int:
    """Read coefficients of a block; how many blocks are to end at once from here on."""
    while k <= last:
        zeros, value = 64, 0
        if run == 0:
            symbol = _symbol(bits, codes)
            zeros, size = symbol >> 4, symbol & 15
            if size:
                value = _extended(bits, size)
            elif zeros < 15:
                run, zeros = (1 << zeros) + _number(bits, zeros), 64
        if zeros == 64 and not before:
            break
        while k <= last:
            if block[k] and before:
                if _number(bits, 1):
                    block[k] += (1 << shift) if block[k] > 0 else -(1 << shift)
            elif zeros == 0:
                block[k] = value << shift if value > 0 else -(-value << shift)
                break
            else:
                zeros -= 1
            k += 1
        k += 1
    return max(0, run - 1)


def _symbol(bits: Iterator[str], codes: dict[str, int]) -> int:
    code = ""
    while code not in codes:
        code += next(bits)
    return codes[code]


def _number(bits: Iterator[str], size: int) -> int:
    return int("0" + "".join(next(bits) for _ in range(size)), 2)


def _extended(bits: Iterator[str], size: int) -> int:
    value = _number(bits, size)
    return value if size == 0 or value >> (size - 1) else value - (1 << size) + 1
