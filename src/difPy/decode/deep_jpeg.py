"""A JPEG of more than 8 bits a sample in, an image of all its bits out: the home of imagecodecs.

Scanners and hospitals write them, lossy with 12 bits and lossless with up to 16. Whatever Pillow reads, it alone reads,
so that a picture is the same with imagecodecs and without.
"""

from __future__ import annotations

import io
import struct
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from difPy import memory
from difPy.decode import jpeg
from difPy.decode.refused import Damaged, Refused, Unended

if TYPE_CHECKING:
    import numpy.typing as npt

_LOSSLESS = 0xC3
_BYTES_PER_PIXEL = 32  # 16-bit samples: decoded, scaled, and written anew


def image(data: bytes) -> tuple[Image.Image, bytes] | None:
    """Image of a JPEG of 9 to 16 bits, and bytes that Pillow reads it from; None if these are none.

    Raises
    ------
    Refused
        If imagecodecs is not installed or cannot read it, or it would take too much memory.
    Short
        It would take more memory than it may in this process.
    Unended
        If it has no end: imagecodecs would fill up what is missing.
    """
    try:
        marker, start = jpeg.frame_header(data)
        bits, height, width = struct.unpack_from(">BHH", data, start + 4)
    except (Damaged, StopIteration, struct.error):
        return None
    if not 8 < bits <= 16:
        return None
    what = f"lossless JPEG of {bits} bits (SOF3)" if marker == _LOSSLESS else f"JPEG of {bits} bits"
    if find_spec("imagecodecs") is None:
        raise Refused(f"{what} needs imagecodecs: pip install difPy[formats]")
    if not jpeg.has_end(data):
        raise Unended
    needed = width * height * _BYTES_PER_PIXEL + len(data)
    if needed > memory.MOST:
        raise Refused(f"too large: {width:,} x {height:,} pixels would take {needed / 2**30:.1f} GiB to decode")
    memory.require(needed)
    found, source = _as_image(_samples(data, marker, what), bits, what)
    for name, note in jpeg.notes(data).items():
        found.info[name] = note
    return found, source


def _samples(data: bytes, marker: int, what: str) -> npt.NDArray[Any]:
    import imagecodecs

    decode = imagecodecs.jpegsof3_decode if marker == _LOSSLESS else imagecodecs.jpeg8_decode
    try:
        samples: npt.NDArray[Any] = decode(data)
    except MemoryError:
        raise
    except Exception:
        raise Refused(f"damaged {what}: imagecodecs cannot read it") from None
    return samples


def _as_image(samples: npt.NDArray[Any], bits: int, what: str) -> tuple[Image.Image, bytes]:
    """Samples scaled to 16 bits: grey as it is, colour as the PPM that Pillow reads all bits of."""
    bands = 1 if samples.ndim == 2 else samples.shape[2]
    if samples.dtype != np.uint16 or bands not in (1, 3):
        raise Refused(f"unsupported: {what} with {bands} samples a pixel")
    most = (1 << bits) - 1
    scaled = np.minimum((np.arange(1 << 16) * 65535 + most // 2) // most, 65535).astype(np.uint16)[samples]
    height, width = samples.shape[:2]
    if bands == 1:
        return Image.fromarray(scaled.reshape(height, width)), b""
    source = b"P6 %d %d 65535\n" % (width, height) + scaled.astype(">u2").tobytes()
    return Image.open(io.BytesIO(source)), source
