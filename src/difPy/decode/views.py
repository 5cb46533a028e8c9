"""Frames in, tensors out: what a person sees of a picture, small, on white and on black."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from difPy.decode.colour import tensor_in_srgb
from difPy.decode.tensors import tensor
from difPy.decode.turning import strips

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.decode.colour import Profile
    from difPy.decode.frames import Frame

WHITE, BLACK = 255, 0
MOST = 8
"""Frames of an animation that are looked at, at most."""


class Views:
    """The views of a picture, gathered frame by frame without knowing how many are to come.

    Frames 0, s, 2s, ... are kept, s being the least power of two that keeps fewer than `MOST`; then the last one. So
    which frames are seen depends on their number only.
    """

    def __init__(self, px_size: int, look: Profile | None = None) -> None:
        self.count = 0
        self._px_size = px_size
        self._look = look
        self._step = 1
        self._kept: list[list[npt.NDArray[np.uint8]]] = []
        self._last: Frame | None = None

    def add(self, frame: Frame) -> None:
        """See the next frame."""
        if self.count % self._step == 0:
            if len(self._kept) == MOST - 1:
                self._kept = self._kept[::2]
                self._step *= 2
            if self.count % self._step == 0:
                self._kept.append(self._tensors(frame))
        self._last = frame
        self.count += 1

    def result(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8] | None]:
        """Tensor of the first frame on white, and all views if there are more."""
        if self._last is not None and (self.count - 1) % self._step:
            self._kept.append(self._tensors(self._last))
        most = max(map(len, self._kept))
        views = [(tensors * most)[i] for tensors in self._kept for i in range(most)]  # opaque: the same on black
        return views[0], np.stack(views) if len(views) > 1 else None

    def _tensors(self, frame: Frame) -> list[npt.NDArray[np.uint8]]:
        small = [tensor(on(frame.shown, level), self._px_size) for level in backgrounds(frame.shown)]
        return [tensor_in_srgb(one, self._look) for one in small]


def on(shown: Image.Image, level: int) -> Image.Image:
    """Picture as RGB or grey; what is transparent, on a background of that grey level."""
    if shown.mode != "RGBA":
        return shown
    canvas = Image.new("RGB", shown.size, (level, level, level))
    top = 0
    for strip in strips(shown):  # or Pillow would make a third picture of this size on the way
        canvas.paste(strip, (0, top), strip)
        top += strip.height
    return canvas


def backgrounds(*shown: Image.Image) -> tuple[int, ...]:
    """Grey levels that pictures must be seen on: white, and black too if anything shines through one of them."""
    return (WHITE, BLACK) if any(image.mode == "RGBA" for image in shown) else (WHITE,)
