"""Pillow as its user has set it in; Pillow by our limits, and silent, as long as somebody decodes by them, out."""

from __future__ import annotations

import logging
import os
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PIL import Image, ImageFile

from difPy import memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

LEAST_BYTES = 8
"""That decoding takes a pixel: those of JPEGs."""
_MOST_PIXELS = memory.MOST // LEAST_BYTES // 2  # Pillow refuses twice this number
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

# A decoder's remarks on a damaged file are no news for whoever uses the library.
logging.getLogger("PIL").addHandler(logging.NullHandler())


class _InForce:
    """A change of the whole process: from when the first thread needs it until the last does no more.

    If each made it, and undid it, one would see what another has made, and leave that behind.
    """

    def __init__(self, change: Callable[[], AbstractContextManager[None]]) -> None:
        self._change, self._lock, self._users = change, threading.Lock(), 0

    def __enter__(self) -> None:
        with self._lock:
            if not self._users:
                changed = self._change()
                changed.__enter__()
                self._changed = changed
            self._users += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                self._changed.__exit__(None, None, None)


def our_rules(*files: bytes) -> AbstractContextManager[None]:
    """Decode these files by our limits, silently, and leave Pillow's settings as they were."""
    return _SILENT if any(data.startswith(_TIFF) for data in files) else _RULED


def lay_down_rules() -> None:
    """Have our rules in force for good, in a process that does nothing else: then files need not change a thing."""
    _RULED.__enter__()


@contextmanager
def _ruled() -> Iterator[None]:
    pixels, truncated = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
    Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = _MOST_PIXELS, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = pixels, truncated


@contextmanager
def _silent() -> Iterator[None]:
    """Nothing to the standard error, either: libtiff itself says there what it thinks of a damaged file."""
    with _RULED:
        try:
            stderr = os.dup(2)
        except OSError:  # there is none
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            os.close(nowhere)


_RULED, _SILENT = _InForce(_ruled), _InForce(_silent)
