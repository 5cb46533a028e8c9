"""A decoded picture in, what its metadata tell out: EXIF, XMP, IPTC, and text beside the pixels."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import ExifTags

from difPy.decode.plain_jpeg import is_without_notes
from difPy.traits import Notes

if TYPE_CHECKING:
    from PIL import Image

_BASE = ExifTags.Base
_EXIF = {
    Notes.DATE: (_BASE.DateTimeOriginal, _BASE.DateTimeDigitized),
    Notes.CAMERA: (_BASE.Make, _BASE.Model, _BASE.ExposureTime),
    Notes.RATING: (_BASE.Rating, _BASE.RatingPercent),
    Notes.KEYWORDS: (_BASE.XPKeywords,),
    Notes.DESCRIPTION: (_BASE.ImageDescription, _BASE.UserComment, _BASE.XPTitle, _BASE.XPComment, _BASE.XPSubject),
    Notes.AUTHOR: (_BASE.Artist, _BASE.Copyright, _BASE.XPAuthor),
}
_IPTC = {  # data sets of record 2, IPTC-NAA Information Interchange Model
    Notes.PLACE: (90, 92, 95, 101),
    Notes.DATE: (55,),
    Notes.KEYWORDS: (25,),
    Notes.DESCRIPTION: (5, 105, 120),
    Notes.AUTHOR: (80, 116),
}
_TEXT = {
    Notes.DATE: ("creation time",),
    Notes.DESCRIPTION: ("title", "description", "comment"),
    Notes.AUTHOR: ("author", "copyright"),
}
_OF_PROGRAMS = ("software", "date:", "raw profile type", "xml:com.adobe.xmp", "exif:", "icc:", "png:", "tiff:")
"""What keys of text begin with that programs write for themselves, or for what is looked at elsewhere."""
_SIGNATURES = (b"CREATOR: gd-jpeg", b"LEAD Technologies", b"File written by Adobe", b"AppleMark", b"Lavc",
               b"Created by OpenJPEG", b"Created with GIMP")  # fmt: skip
"""What comments begin with that programs leave in every file."""


@dataclass(slots=True)
class Told:
    """What was found."""

    fields: int = 0
    """Fields beside those of EXIF."""
    notes: Notes = Notes.NOTHING
    """What all fields tell; that EXIF says where is told by `Picture.gps`."""

    def add(self, fields: int, notes: Notes) -> None:
        """One more kind of metadata."""
        self.fields += fields
        self.notes |= notes


def metadata(image: Image.Image, first: int) -> Told:
    """Metadata of the first frame, loaded: a PNG may hold them behind its pixels. Damaged ones say nothing.

    Parameters
    ----------
    image : Image
        It stands at the first frame or another one.
    first : int
        The number of the first.
    """
    if is_without_notes(image):
        return Told()
    if image.tell() != first:
        with contextlib.suppress(EOFError, ValueError, SyntaxError, OSError):  # then those of another frame will do
            image.seek(first)
    found = Told()
    for look in (_of_exif, _of_xmp, _of_iptc, _of_text, _of_comment):
        try:
            look(image, found)
        except MemoryError:
            raise
        except Exception:  # whatever a reader makes of damaged bytes; the picture itself is none the worse
            continue
    return found


def _of_exif(image: Any, found: Told) -> None:
    exif = image.getexif()
    if exif:
        values = dict(exif) | dict(exif.get_ifd(ExifTags.IFD.Exif))
        found.add(0, _notes(_EXIF, {tag for tag, value in values.items() if _says(value)}))


def _of_xmp(image: Any, found: Told) -> None:
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    if packet:
        from difPy.decode import xmp

        found.add(*xmp.told(packet.encode() if isinstance(packet, str) else bytes(packet)))


def _of_iptc(image: Any, found: Told) -> None:
    if "photoshop" not in image.info and not hasattr(image, "tag_v2"):
        return
    from PIL import IptcImagePlugin

    sets = IptcImagePlugin.getiptcinfo(image) or {}
    told = {number for (record, number), value in sets.items() if record == 2 and number and _says(value)}
    found.add(len(told), _notes(_IPTC, told))


def _of_text(image: Any, found: Told) -> None:
    for key, value in getattr(image, "text", {}).items():
        name = key.lower()
        if not _says(value) or name.startswith(_OF_PROGRAMS):
            continue
        found.add(1, _notes(_TEXT, {name}) or Notes.TEXT)


def _of_comment(image: Any, found: Told) -> None:
    comment = image.info.get("comment")
    raw = comment.encode() if isinstance(comment, str) else comment
    if raw and _says(raw) and not raw.startswith(_SIGNATURES):
        found.add(1, Notes.TEXT)


def _notes(table: dict[Notes, Any], told: set[Any]) -> Notes:
    notes = Notes.NOTHING
    for note, keys in table.items():
        if not told.isdisjoint(keys):
            notes |= note
    return notes


def _says(value: object) -> bool:
    """Whether a field is not just there: cameras leave room for texts, and a rating of 0 is none."""
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    if isinstance(value, bytes):
        return bool(value.removeprefix(b"ASCII\0\0\0").removeprefix(b"UNICODE\0").strip(b"\0 \r\n\t"))
    return bool(value)
