"""The code of a QOI in, its pixels out, as Pillow gives them: its own decoder takes a second a megapixel."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, QoiImagePlugin

from difPy.compiled import COUNT, Array, is_there, loop

_CODE, _PIXELS = Array("uint8", 1), Array("uint8", 2, written=True)
_UNPACK = loop("qoi_unpack", _CODE, COUNT, _PIXELS, COUNT, COUNT, result=COUNT)


class _Decoder(QoiImagePlugin.QoiDecoder):
    def decode(self, buffer: Any) -> tuple[int, int]:
        if not is_there():
            return super().decode(buffer)
        assert self.fd is not None
        code = np.frombuffer(self.fd.read(), np.uint8)
        pixels, bands = self.state.xsize * self.state.ysize, Image.getmodebands(self.mode)
        out = np.empty((pixels, bands), np.uint8)
        self.set_as_raw(out[: _UNPACK(code, len(code), out, pixels, bands)].tobytes())
        return -1, 0


QOI = "difPy QOI"
"""Name under which Pillow knows our decoder."""
Image.register_decoder(QOI, _Decoder)
