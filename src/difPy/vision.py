"""The home of OpenCV: a computer's eyes, one thread each."""

from __future__ import annotations

from importlib.util import find_spec

from difPy.errors import MissingExtra

_NEEDED = {"cv2": "OpenCV", "pdqhash": "pdqhash"}


def require() -> None:
    """Raise MissingExtra where a library that altered copies are found with is not installed."""
    missing = [name for module, name in _NEEDED.items() if find_spec(module) is None]
    if missing:
        raise MissingExtra(f"finding altered copies needs {' and '.join(missing)}: pip install 'difPy[deep]'")


require()
import cv2  # noqa: E402 - after it is known to be there

__all__ = ["cv2", "require"]

cv2.setNumThreads(1)  # the workers are as many as the cores
