"""A Photoshop document that Pillow gives up in, an image of its merged picture out: 16 bits a sample, and PSB.

The format is Adobe's *Photoshop File Formats Specification*.
"""

from __future__ import annotations

import struct
from typing import Any

from PIL import Image, ImageChops, ImageFile, ImagePalette

_GREY, _PALETTE, _COLOUR, _INKS, _DUOTONE = 1, 2, 3, 4, 8
_MODES = {_GREY: "L", _PALETTE: "P", _COLOUR: "RGB", _INKS: "RGBA", _DUOTONE: "L"}
_PROFILE = 1039
_CODECS = {0: "raw", 1: "packbits"}


class DeepPsd(ImageFile.ImageFile):
    """The merged picture of a PSD of 8 or 16 bits, or of a PSB: what viewers show."""

    format = "PSD"
    format_description = "Adobe Photoshop"

    def _open(self) -> None:
        signature, version, channels, height, width, bits, mode = struct.unpack(">4sH6xHIIHH", self._read(26))
        if signature != b"8BPS" or version not in (1, 2) or mode not in _MODES or bits not in (8, 16):
            raise SyntaxError("no Photoshop document of 8 or 16 bits")
        large, self._inks = version == 2, mode == _INKS
        self._size = width, height
        self._mode = _MODES[mode] if mode != _COLOUR or channels != 4 else "RGBA"
        colours = self._read(self._length())
        if self._mode == "P":
            if bits != 8 or len(colours) != 768:
                raise SyntaxError("no palette of 256 colours")
            self.palette = ImagePalette.raw("RGB;L", colours)
        self._find_profile(self._read(self._length()))
        self._stream.seek(self._length(large), 1)
        bands = Image.getmodebands(self._mode)
        if channels < bands:
            raise SyntaxError("a channel is missing")
        self._tile_bands(bands, bits, large)

    def load_end(self) -> None:
        """Inks are stored as what they leave, and Pillow unpacks no 16 bits of them: as RGBA they came, upside down."""
        if self._inks:
            self.im, self._mode = ImageChops.invert(Image.merge("CMYK", self.split())).im, "CMYK"

    @property
    def _stream(self) -> Any:
        return self.fp

    def _read(self, size: int) -> bytes:
        return ImageFile._safe_read(self._stream, size)

    def _length(self, large: bool = False) -> int:
        return int.from_bytes(self._read(8 if large else 4), "big")

    def _find_profile(self, resources: bytes) -> None:
        at = 0
        while at + 12 <= len(resources):
            number, name = struct.unpack_from(">HB", resources, at + 4)
            at += 7 + (name | 1)
            size = int.from_bytes(resources[at : at + 4], "big")
            if number == _PROFILE:
                self.info["icc_profile"] = resources[at + 4 : at + 4 + size]
            at += 4 + size + size % 2

    def _tile_bands(self, bands: int, bits: int, large: bool) -> None:
        width, height = self.size
        compression = int.from_bytes(self._read(2), "big")
        if compression not in _CODECS:
            raise SyntaxError("a compression that merged pictures do not have")
        sizes = [width * bits // 8 * height] * bands
        if compression == 1:
            count = bands * height
            lengths = struct.unpack(f">{count}{'I' if large else 'H'}", self._read(count * (4 if large else 2)))
            sizes = [sum(lengths[band * height : (band + 1) * height]) for band in range(bands)]
        names = self._mode if bands > 1 else (self._mode,)
        if bits == 16 and bands == 1:
            self._mode, names = "I;16", ("I",)
        at = self._stream.tell()
        for name, size in zip(names, sizes, strict=True):
            raw_mode = f"{name};16B" if bits == 16 else name
            self.tile.append(ImageFile._Tile(_CODECS[compression], (0, 0, width, height), at, raw_mode))
            at += size
