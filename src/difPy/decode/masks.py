"""Pixels whose channels are bits of one integer in, channels of 8 bits out: odd BMPs, and DDS without compression."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import DdsImagePlugin, Image, ImageFile

if TYPE_CHECKING:
    import numpy.typing as npt

    Integers = npt.NDArray[np.uint32]

_FILE_HEADER, _INFO_HEADER = 14, 40  # bytes: the masks follow, within a longer header or behind this one
_WITH_ALPHA = 56  # bytes of a header that has four masks
_BIT_FIELDS, _ALPHA_BIT_FIELDS = 3, 6
_AT_ONCE = 1 << 18  # pixels: their floats need no second picture


class MaskedBmp(ImageFile.ImageFile):
    """A BMP with masks that Pillow has no unpacker for."""

    format = "BMP"
    format_description = "Windows Bitmap"

    def _open(self) -> None:
        assert self.fp is not None
        header = self.fp.read(_FILE_HEADER + _INFO_HEADER + 16)
        start, size, width, height, _, bits, compression = struct.unpack("<IIiiHHI", header[10:34])
        masks = struct.unpack("<4I", header[54:70])
        if header[:2] != b"BM" or compression not in (_BIT_FIELDS, _ALPHA_BIT_FIELDS) or bits not in (16, 32):
            raise SyntaxError("no BMP with masks")
        if size < _WITH_ALPHA and compression == _BIT_FIELDS:
            masks = (*masks[:3], 0)
        self._size = width, abs(height)
        self._mode = "RGBA" if masks[3] else "RGB"
        layout = bits, masks[: len(self._mode)], height > 0
        self.tile = [ImageFile._Tile(BMP, (0, 0, *self._size), start, layout)]


class _BmpDecoder(ImageFile.PyDecoder):
    _pulls_fd = True

    def decode(self, buffer: Any) -> tuple[int, int]:
        assert self.fd is not None
        bits, masks, upwards = self.args
        stride = (self.state.xsize * bits + 31) // 32 * 4
        stored = self.fd.read(stride * self.state.ysize)
        rows = np.frombuffer(stored, np.uint8, len(stored) // stride * stride).reshape(-1, stride)
        pixels = rows[:: -1 if upwards else 1, : self.state.xsize * bits // 8]
        self.set_as_raw(_channels(pixels, bits // 8, masks, np.rint))
        return -1, 0


class _DdsDecoder(DdsImagePlugin.DdsRgbDecoder):
    """What Pillow's decoder does pixel by pixel."""

    def decode(self, buffer: Any) -> tuple[int, int]:
        assert self.fd is not None
        bits, masks = self.args
        width = bits // 8
        if not 0 < width <= 4:
            return super().decode(buffer)
        stored = self.fd.read(width * self.state.xsize * self.state.ysize)
        pixels = np.frombuffer(stored, np.uint8, len(stored) // width * width).reshape(1, -1)
        self.set_as_raw(_channels(pixels, width, masks, np.floor))
        return -1, 0


def _channels(rows: npt.NDArray[np.uint8], width: int, masks: tuple[int, ...], to_integer: Any) -> bytes:
    """Channels, one byte each, of pixels that are integers of so many bytes, the least first."""
    count = rows.size // width
    out = np.empty((count, len(masks)), np.uint8)
    flat = np.ascontiguousarray(rows).reshape(count, width)
    for first in range(0, count, _AT_ONCE):
        part = flat[first : first + _AT_ONCE]
        values: Integers = np.zeros(len(part), np.uint32)
        for place in range(width):
            values |= part[:, place].astype(np.uint32) << np.uint32(8 * place)
        for channel, mask in enumerate(masks):
            if mask:
                lowest = (mask & -mask).bit_length() - 1
                level = ((values & np.uint32(mask)) >> np.uint32(lowest)) / (mask >> lowest) * 255
                out[first : first + len(part), channel] = to_integer(level)
            else:
                out[first : first + len(part), channel] = 0
    return out.tobytes()


BMP, DDS = "difPy BMP", "difPy DDS"
"""Names under which Pillow knows our decoders."""
Image.register_decoder(BMP, _BmpDecoder)
Image.register_decoder(DDS, _DdsDecoder)
