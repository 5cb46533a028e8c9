"""The first bytes of a WebP in, its size out: its decoder takes memory for the whole canvas before it tells."""

from __future__ import annotations

HEADER = 30
"""Bytes."""


def size(data: bytes) -> tuple[int, int] | None:
    r"""Width and height of a WebP; None if this is none.

    Examples
    --------
    >>> size(b"RIFF\x16\0\0\0WEBPVP8X\n\0\0\0\x02\0\0\0\x87\x13\0\x0f\x27\0")
    (5000, 10000)
    """
    if len(data) < HEADER or data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    if data[12:16] == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if data[12:16] == b"VP8 ":
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    return None
