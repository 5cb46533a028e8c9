"""A camera's raw file in, the picture that its viewers show out: the preview the camera made, or else a development."""

from __future__ import annotations

import io
from importlib.util import find_spec
from typing import TYPE_CHECKING

from difPy import memory
from difPy.decode.refused import Refused
from difPy.extensions import RAW, extension

if TYPE_CHECKING:
    import rawpy
    from PIL import Image

_SIGNATURES = (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\x00", b"\x00MRM", b"FOVb")
_OTHERS = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"RIFF")

MAX_PIXELS = 200_000_000
"""Greatest photo that is developed."""
_BYTES_PER_PIXEL = 20

# LibRaw's flip -> the orientation that shows the stored picture upright.
_FROM_FLIP = {0: 0, 3: 2, 5: 1, 6: 3}


def is_raw(data: bytes, name: str) -> bool:
    """Whether these bytes are a camera's raw file.

    Most raw files begin as a TIFF does, so the name decides, unless the content is plainly something else.
    """
    if data.startswith(_SIGNATURES) or data[8:10] == b"CR" or data[4:12] == b"ftypcrx ":
        return True
    return not data.startswith(_OTHERS) and extension(name) in RAW


def picture(data: bytes, name: str) -> tuple[bytes | Image.Image, int]:
    """The picture of a raw file.

    Returns
    -------
    encoded or image : bytes or Image
        The preview as JPEG, if it is at least half as wide and high as the photo; else the photo, developed with the
        camera's white balance.
    orientation : int
        What shows it upright, if the preview does not say so itself.

    Raises
    ------
    Refused
        If rawpy is not installed or cannot read the file.
    Short
        It would take more memory than it may in this process.
    """
    if find_spec("rawpy") is None:
        raise Refused(f"camera raw (.{extension(name)}) needs rawpy: pip install difPy[raw]")
    import rawpy
    from PIL import Image

    with rawpy.RawPy() as photo:
        try:
            photo.open_buffer(io.BytesIO(data))
            sizes = photo.sizes
            preview = _preview(photo)
            if preview is not None:
                width, height = Image.open(io.BytesIO(preview)).size
                if 2 * max(width, height) >= max(sizes.width, sizes.height):
                    return preview, _FROM_FLIP.get(sizes.flip, 0)
            if sizes.width * sizes.height > MAX_PIXELS:
                raise Refused(f"too large: {sizes.width:,} x {sizes.height:,} pixels of camera raw")
            memory.require(sizes.width * sizes.height * _BYTES_PER_PIXEL + len(data))
            return Image.fromarray(photo.postprocess(use_camera_wb=True, output_bps=8)), 0
        except rawpy.LibRawUnsufficientMemoryError:
            raise MemoryError from None
        except rawpy.LibRawError as error:
            raise Refused(f"damaged camera raw (.{extension(name)}): LibRaw says: {_words(error)}") from None


def _preview(photo: rawpy.RawPy) -> bytes | None:
    import rawpy

    try:
        thumbnail = photo.extract_thumb()
    except (rawpy.LibRawNoThumbnailError, rawpy.LibRawUnsupportedThumbnailError):
        return None
    return bytes(thumbnail.data) if thumbnail.format == rawpy.ThumbFormat.JPEG else None


def _words(error: Exception) -> str:
    first = error.args[0] if error.args else type(error).__name__
    return first.decode("ascii", "replace") if isinstance(first, bytes) else str(first)
