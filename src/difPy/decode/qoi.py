"""The code of a QOI in, its pixels out, as Pillow gives them: its own decoder takes a second a megapixel."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from PIL import Image, QoiImagePlugin

_LEAST_PIXELS = 100_000
"""Smaller pictures are decoded sooner than numba is imported."""


class _Decoder(QoiImagePlugin.QoiDecoder):
    def decode(self, buffer: Any) -> tuple[int, int]:
        assert self.fd is not None
        pixels = self.state.xsize * self.state.ysize
        if pixels < _LEAST_PIXELS and "numba" not in sys.modules:
            return super().decode(buffer)
        from difPy.decode.qoi_kernel import unpack

        code = np.frombuffer(self.fd.read(), np.uint8)
        out = np.empty((pixels, Image.getmodebands(self.mode)), np.uint8)
        self.set_as_raw(out[: unpack(code, out)].tobytes())
        return -1, 0


QOI = "difPy QOI"
"""Name under which Pillow knows our decoder."""
Image.register_decoder(QOI, _Decoder)
