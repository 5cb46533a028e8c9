"""The bytes of a JPEG XL in, what its header says out: its decoder tells only when it has decoded all of it."""

from __future__ import annotations

from typing import NamedTuple

_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_SIZES = (9, 13, 18, 30)
_DEPTHS = (8, 10, 12)


class Header(NamedTuple):
    """What a codestream begins with (ISO/IEC 18181-1, annex D)."""

    width: int
    height: int
    holds_more: bool
    """More than 8 bits a sample, or more than one image."""
    is_xyb: bool | None = True
    """Whether colours are those of XYB, which is never without loss; None where that stands too far back."""


class _Bits:
    """Numbers of any width, the least significant bits first."""

    def __init__(self, data: bytes) -> None:
        self._bits = int.from_bytes(data, "little")

    def read(self, width: int) -> int:
        value = self._bits & ((1 << width) - 1)
        self._bits >>= width
        return value

    def size(self) -> tuple[int, int]:
        in_eights = self.read(1)
        height = self._side(in_eights)
        ratio = self.read(3)
        if ratio:
            across, down = _RATIOS[ratio]
            return height * across // down, height
        return self._side(in_eights), height

    def _side(self, in_eights: int) -> int:
        return (self.read(5) + 1) * 8 if in_eights else self.read(_SIZES[self.read(2)]) + 1


def header(data: bytes) -> Header:
    r"""Header of a JPEG XL, bare or in a container.

    Examples
    --------
    >>> header(b"\xff\x0a\x41\x06")
    Header(width=8, height=8, holds_more=False, is_xyb=True)
    """
    bits = _Bits(_codestream(data)[2:40])
    width, height = bits.size()
    if bits.read(1):  # all as usual
        return Header(width, height, holds_more=False)
    if bits.read(1):
        bits.read(3)  # orientation, which the decoder applies
        if bits.read(1):
            bits.size()
        if bits.read(2):  # a preview, an animation
            return Header(width, height, holds_more=True, is_xyb=None)
    is_float, selector = bits.read(1), bits.read(2)
    depth = _DEPTHS[selector] if selector < 3 else bits.read(6) + 1
    return Header(width, height, bool(is_float) or depth > 8, None if is_float else _is_xyb(bits))


def _is_xyb(bits: _Bits) -> bool | None:
    """What follows the depth of the samples: room in the buffers, further channels, and whether colours are XYB."""
    bits.read(1)
    channels = (0, 1, None, None)[bits.read(2)]
    if channels is None or (channels and not bits.read(1)):  # one that is other than alpha as usual
        return None
    return bool(bits.read(1))


def _codestream(data: bytes) -> bytes:
    if data[:2] == b"\xff\x0a":
        return data
    place = 0
    while place + 16 <= len(data):
        size, kind, start = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8], place + 8
        if size == 1:
            size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
        if kind == b"jxlc":
            return data[start : start + 64]
        if kind == b"jxlp":
            return data[start + 4 : start + 64]
        if size < 8:
            break
        place += size
    return b""
