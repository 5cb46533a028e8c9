"""The home of OpenCV: a computer's eyes, one thread each."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from difPy.errors import MissingExtra

if TYPE_CHECKING:
    import numpy.typing as npt


def require() -> None:
    """Raise MissingExtra where OpenCV is not installed."""
    if find_spec("cv2") is None:
        raise MissingExtra("finding altered copies needs OpenCV: pip install 'difPy[deep]'")


require()
import cv2  # noqa: E402 - after it is known to be there

__all__ = ["cv2", "gray", "require"]

cv2.setNumThreads(1)  # the workers are as many as the cores
_LUMA = np.array([[19595, 38470, 7471, 0x8000]], np.float32)


def gray(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Gray levels of shape (h, w) of a picture of shape (h, w, 3), as Pillow has them.

    Examples
    --------
    >>> gray(np.array([[[255, 0, 0], [9, 9, 9]]], np.uint8)).tolist()
    [[76, 9]]
    """
    # every number on the way is an integer below 2 ** 24, so that float32 is exact
    scaled = cv2.transform(picture.astype(np.float32), _LUMA)
    return (np.asarray(scaled) * np.float32(2.0**-16)).astype(np.uint8)
