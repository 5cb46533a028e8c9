"""A loaded Pillow image in, what its EXIF says out: how it is held upright, and how much it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PIL import ExifTags

from difPy import orientation
from difPy.decode.plain_jpeg import is_without_notes

if TYPE_CHECKING:
    from PIL import Image

# Tags that say how a TIFF is stored, not what a person would miss: 254..259, strips, tiles, samples, colour, ...
_STRUCTURE = frozenset(range(254, 267)) | set(range(273, 285)) | set(range(317, 348)) | set(range(512, 533))
_POINTERS = frozenset({ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo, ExifTags.IFD.Interop, ExifTags.Base.InterColorProfile})


class Metadata(NamedTuple):
    """What a picture's EXIF says."""

    orientation: int = orientation.SAME
    fields: int = 0
    gps: bool = False


def metadata(image: Image.Image) -> Metadata:
    """EXIF of a loaded image. Damaged EXIF says nothing; it is no reason to reject a picture.

    Loaded, because a PNG may hold its EXIF behind its pixels, and because Pillow turns a TIFF while it loads it.
    """
    if is_without_notes(image):
        return Metadata()
    try:
        exif = image.getexif()
        if not exif:
            return Metadata()
        turn = orientation.FROM_EXIF.get(exif.get(ExifTags.Base.Orientation, 1), orientation.SAME)
        if image.format == "JXL" and not getattr(image, "jpeg", False):
            turn = orientation.SAME  # the codestream says how it is held, and its decoder heeds that
    except MemoryError:
        raise
    except Exception:
        return Metadata()
    try:
        details = exif.get_ifd(ExifTags.IFD.Exif)
        places = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except MemoryError:
        raise
    except Exception:
        details, places = {}, {}
    fields = sum(tag not in _STRUCTURE and tag not in _POINTERS for tag in exif) + len(details) + len(places)
    return Metadata(turn, fields, ExifTags.GPS.GPSLatitude in places)
