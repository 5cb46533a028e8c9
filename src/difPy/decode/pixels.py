"""A Pillow image in, its pixels as an array out: the image's own memory, not a copy of it.

Pillow lends it by the PyCapsules of Apache Arrow, whose structures are the same for good
(https://arrow.apache.org/docs/format/CDataInterface.html), if it holds the picture in one piece: it does so for those
of up to 16 MiB, and for those that it was asked to.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from difPy import orientation
from difPy.decode.turning import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint32] | npt.NDArray[np.uint8]

KINDS = {"RGB": ("<u4", 4), "L": ("|u1", 1)}
"""Modes of images that can be lent: kind and bytes of a pixel."""
_PIECE, _MOST = 1 << 24, 1 << 31
"""Bytes that Pillow holds in one piece, and those that it can if it is asked to."""
_TAKE_MEMORY = frozenset({"JPEG", "MPO", "PNG"})


class _Array(ctypes.Structure):
    """`ArrowArray`, as far as it is looked at."""


_array_pointer = ctypes.POINTER(_Array)
_Array._fields_ = [
    *((name, ctypes.c_int64) for name in ("length", "null_count", "offset", "n_buffers", "n_children")),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(_array_pointer)),
]


class _Loan:
    """Memory as numpy takes it: not to be written to, and there as long as an array has its hands on it."""

    def __init__(self, address: int, kind: str, shape: tuple[int, int], capsule: object) -> None:
        self.__array_interface__ = {"version": 3, "data": (address, True), "typestr": kind, "shape": shape}
        self._capsule = capsule  # its end would end the loan


_address_in: Any = ctypes.pythonapi.PyCapsule_GetPointer
_address_in.restype, _address_in.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)


def lent(image: Any) -> Pixels | None:
    """Pixels of a loaded image, shape (height, width); None where Pillow has them in pieces or in another mode.

    Whoever has them keeps the image's memory alive.

    Returns
    -------
    ndarray of uint32, of uint8, or None
        Of mode RGB: red, green, blue and a byte that means nothing, the red one the least. Of mode L: grey.

    Examples
    --------
    >>> [hex(pixel & 0xFFFFFF) for pixel in lent(Image.new("RGB", (2, 1), (1, 2, 3)))[0].tolist()]
    ['0x30201', '0x30201']
    """
    if image.mode not in KINDS:
        return None
    lending: tuple[Any, Pixels] | None = getattr(image, "_lending", None)  # each picture is asked four times
    if lending is not None and lending[0] is image.im:
        return lending[1]
    try:
        capsule = image.im.__arrow_c_array__()
    except ValueError:
        return None
    array = _Array.from_address(_address_in(capsule, b"arrow_array"))
    kind, _ = KINDS[image.mode]
    holder = array.children[0].contents if array.n_children else array
    pixels: Pixels = np.asarray(_Loan(holder.buffers[1], kind, (image.height, image.width), capsule))
    image._lending = image.im, pixels
    return pixels


def pieces(image: Image.Image, o: int = 0) -> Iterator[Pixels]:
    """All rows of a turned image of mode RGB or L, from the top, some or all at a time: as `lent`, or views of it."""
    whole = lent(image)
    if whole is not None:
        yield orientation.apply(o, whole) if o else whole
        return
    for part in parts(image, o):
        some = lent(part)
        assert some is not None  # so small an image is in one piece
        yield orientation.apply(o, some)


def in_one_piece(image: Any) -> None:
    """Have a large image that is not loaded yet decoded to memory in one piece, if its decoder takes what there is."""
    if image.format in _TAKE_MEMORY and image.mode in KINDS:
        size = KINDS[image.mode][1] * image.width * image.height
        if _PIECE < size < _MOST:
            core: Any = Image.core  # type: ignore[attr-defined]
            image.im = core.new_block(image.mode, image.size)
