"""Samples of a PGM or PPM in, in words or with a maximum of their own; out as Pillow gives them, but quickly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, PpmImagePlugin

if TYPE_CHECKING:
    import numpy.typing as npt

_COMMENT = re.compile(rb"#[^\r\n]*[\r\n]?")
_DIGITS = 5  # of the greatest sample
_BLOCK = 1 << 20  # bytes of text
_SPACE = np.zeros(256, np.bool_)
_SPACE[list(b" \t\n\r\x0b\x0c")] = True


class _Decoder(PpmImagePlugin.PpmDecoder):
    """What Pillow's decoder does sample by sample."""

    def decode(self, buffer: Any) -> tuple[int, int]:
        assert self.fd is not None
        width = 1 if self.args[-1] < 256 else 2
        stored = self.fd.read(width * _samples(self))
        samples = np.frombuffer(stored, ">u2" if width == 2 else np.uint8, len(stored) // width)
        self.set_as_raw(_levels(self, samples), _raw_mode(self.mode))
        return -1, 0


class _PlainDecoder(PpmImagePlugin.PpmPlainDecoder):
    """What Pillow's decoder does number by number; it is asked where we find anything but plain numbers."""

    def decode(self, buffer: Any) -> tuple[int, int]:
        assert self.fd is not None
        start = self.fd.tell()
        samples = None if self.mode == "1" else _numbers(_COMMENT.sub(b"", self.fd.read()), _samples(self))
        if samples is None or (samples.size and samples.max() > self.args[-1]):
            self.fd.seek(start)
            return super().decode(buffer)
        self.set_as_raw(_levels(self, samples), _raw_mode(self.mode))
        return -1, 0


def _samples(decoder: Any) -> int:
    count: int = decoder.state.xsize * decoder.state.ysize * Image.getmodebands(decoder.mode)
    return count


def _raw_mode(mode: str) -> str:
    return "I;32" if mode == "I" else mode


def _levels(decoder: Any, samples: npt.NDArray[Any]) -> bytes:
    """Samples scaled to Pillow's range, 0..255 or 0..65535, rounded as Python rounds."""
    top, kind = (65535, "<u4") if decoder.mode == "I" else (255, "u1")
    most = decoder.args[-1]
    table = np.minimum(top, np.rint(np.arange(1 << 8 if most < 1 << 8 else 1 << 16) / most * top)).astype(kind)
    levels: bytes = table[samples].tobytes()
    return levels


def _numbers(text: bytes, count: int) -> npt.NDArray[np.uint16] | None:
    r"""The first numbers of a text, at most so many; None where there is anything but digits and space in it.

    Examples
    --------
    >>> _numbers(b"12 7\n300", 2).tolist()
    [12, 7]
    """
    numbers = np.empty(min(count, len(text) // 2 + 1), np.uint16)
    found = first = 0
    while found < len(numbers) and first < len(text):
        block = text[first : first + _BLOCK]
        if first + len(block) < len(text):  # a number must not be cut
            cut = block.rstrip(b"0123456789")
            if not cut:
                return None
            block = cut
        first += len(block)
        some = _of_block(block)
        if some is None:
            return None
        some = some[: len(numbers) - found]
        numbers[found : found + len(some)] = some
        found += len(some)
    return numbers[:found]


def _of_block(block: bytes) -> npt.NDArray[np.uint32] | None:
    characters = np.frombuffer(b" " * _DIGITS + block + b" ", np.uint8)
    digits = characters - ord("0") < 10  # of bytes: what is less than "0" becomes great
    if not (digits | _SPACE[characters]).all():
        return None
    last = np.flatnonzero(digits[:-1] > digits[1:])
    numbers, going_on = np.zeros(len(last), np.uint32), np.ones(len(last), np.bool_)
    for place in range(_DIGITS):
        going_on &= digits[last - place]
        numbers += going_on * (characters[last - place] - ord("0")) * np.uint32(10**place)
    if (going_on & digits[last - _DIGITS]).any() or (numbers > 0xFFFF).any():
        return None
    return numbers


BINARY, PLAIN = "difPy PPM", "difPy plain PPM"
"""Names under which Pillow knows our decoders."""
Image.register_decoder(BINARY, _Decoder)
Image.register_decoder(PLAIN, _PlainDecoder)
