"""The code of a QOI in, its pixels out, as Pillow gives them: its own decoder takes a second a megapixel."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, QoiImagePlugin

from difPy.decode.loading import QOI as LOOPS
from difPy.decode.loading import loops

_SAVED = 1e-6
"""Seconds of a processor that our loop saves for each pixel."""


class _Decoder(QoiImagePlugin.QoiDecoder):
    def decode(self, buffer: Any) -> tuple[int, int]:
        assert self.fd is not None
        pixels = self.state.xsize * self.state.ysize
        kernel = loops(LOOPS, _SAVED * pixels)
        if kernel is None:
            return super().decode(buffer)
        code = np.frombuffer(self.fd.read(), np.uint8)
        out = np.empty((pixels, Image.getmodebands(self.mode)), np.uint8)
        self.set_as_raw(out[: kernel.unpack(code, out)].tobytes())
        return -1, 0


QOI = "difPy QOI"
"""Name under which Pillow knows our decoder."""
Image.register_decoder(QOI, _Decoder)
