"""What exiv2 has read -> what is said there, by whichever of EXIF, IPTC and XMP; and a place -> as XMP has it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from difPy.notes import Notes, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterable

_WINDOWS = "Exif.Image.XP"
_COMMENT = "Exif.Photo.UserComment"
NAMES = {
    "title": ("Xmp.dc.title", "Iptc.Application2.ObjectName", f"{_WINDOWS}Title"),
    "description": (
        *("Xmp.dc.description", "Iptc.Application2.Caption", "Exif.Image.ImageDescription"),
        *(f"{_WINDOWS}Comment", f"{_WINDOWS}Subject", _COMMENT),
    ),
    "copyright": ("Xmp.dc.rights", "Iptc.Application2.Copyright", "Exif.Image.Copyright"),
    "keywords": ("Xmp.dc.subject", "Iptc.Application2.Keywords", f"{_WINDOWS}Keywords"),
    "creators": ("Xmp.dc.creator", "Iptc.Application2.Byline", "Exif.Image.Artist", f"{_WINDOWS}Author"),
}
"""What says it, the most trusted first; the first one is also where it is written."""
RATINGS = ("Xmp.xmp.Rating", "Exif.Image.Rating")
TAKEN = ("Xmp.exif.DateTimeOriginal", "Xmp.photoshop.DateCreated")
NOTHING = re.compile(r"0(?:\.0*)?|000[01]\D.*")
"""What programs write for a rating, or a date, that nobody gave or knows."""
_TIME = re.compile(r"(\d{4})[-:](\d\d)[-:](\d\d)[T ](\d\d):(\d\d)(:\d\d(?:\.\d+)?)?\s*(Z|[+-]\d\d:\d\d)?")
_DAY = re.compile(r"(?!000[01])\d{4}(?:-\d\d(?:-\d\d)?)?")
"""A date that is known no better, as XMP may have it: of a slide, mostly."""
_DEGREES = re.compile(r"(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?(?:,(\d+(?:\.\d+)?))?([NSEW])", re.IGNORECASE)


def said_by(image: Any) -> Notes:
    """What exiv2 has read, as a value."""
    texts_of = {name: texts(_all(image, keys)) for name, keys in NAMES.items()}
    ratings = [one for one in _all(image, RATINGS) if re.fullmatch(r"-?\d(\.\d*)?", one)]
    rating = int(float(ratings[0])) if ratings else None
    return Notes(
        rating=rating if rating is not None and rating in (-1, 1, 2, 3, 4, 5) else None,
        title=next(iter(texts_of["title"]), ""),
        description=next(iter(texts_of["description"]), ""),
        copyright=next(iter(texts_of["copyright"]), ""),
        keywords=texts_of["keywords"],
        creators=texts_of["creators"],
        taken=_taken(image),
        place=_place(image),
    )


def _all(image: Any, keys: Iterable[str]) -> list[str]:
    """The texts of the first of some properties that has any."""
    for key in keys:
        data = {"X": image.xmpData, "I": image.iptcData, "E": image.exifData}[key[0]]()
        found = []
        for one in (one for one in data if one.key() == key):
            value = one.value() if key[0] == "X" else one
            count = value.count() if key[0] == "X" else 1
            if hasattr(value, "keys"):  # in several languages: that which is meant where none is asked for
                languages = sorted(value.keys(), key=lambda language: language != "x-default")
                found += [value[language] for language in languages[:1]]
            elif key[0] == "X":
                found += [value.toString(at) for at in range(count)]
            else:
                found += _plain(key, value)
        if found := [clean for clean in map(text, found) if clean]:
            return found
    return []


def _plain(key: str, datum: Any) -> list[str]:
    """The texts of one value of EXIF or IPTC."""
    if key.startswith(_WINDOWS):
        several = f"{_WINDOWS}Keywords", f"{_WINDOWS}Author"
        said = str(datum.print())
        return said.split(";") if key in several else [said]
    if key == _COMMENT:
        value = datum.value()
        return [value.comment()] if hasattr(value, "comment") else []
    return [datum.toString()]


def _taken(image: Any) -> str:
    """When it was taken."""
    said = next(iter(_all(image, TAKEN)), "")
    if _DAY.fullmatch(said):
        return said
    if not said:
        parts = [
            next(iter(_all(image, [f"Exif.Photo.{name}"])), "")
            for name in ("DateTimeOriginal", "SubSecTimeOriginal", "OffsetTimeOriginal")
        ]
        said = parts[0] + (f".{parts[1]}" if parts[1].isdigit() else "") + parts[2]
    time = _TIME.fullmatch(said)
    if not time or NOTHING.fullmatch(said):
        return ""
    return f"{time[1]}-{time[2]}-{time[3]}T{time[4]}:{time[5]}{time[6] or ':00'}{time[7] or ''}"


def _place(image: Any) -> tuple[float, ...]:
    """Where it was taken."""
    found = []
    for name in ("GPSLatitude", "GPSLongitude"):
        said = next(iter(_all(image, [f"Xmp.exif.{name}"])), "")
        if not said:
            parts = next(iter(_all(image, [f"Exif.GPSInfo.{name}"])), "").split()
            side = next(iter(_all(image, [f"Exif.GPSInfo.{name}Ref"])), "")
            said = ",".join(str(_ratio(part)) for part in parts) + side[:1]
        degrees = _DEGREES.fullmatch(said)
        if not degrees:
            return ()
        value = sum(float(part or 0) / 60**power for power, part in enumerate(degrees.groups()[:3]))
        found.append(-value if degrees[4].upper() in "SW" else value)
    if abs(found[0]) > 90 or abs(found[1]) > 180 or found == [0.0, 0.0]:  # a camera that knows none writes noughts
        return ()
    height = _all(image, ["Xmp.exif.GPSAltitude", "Exif.GPSInfo.GPSAltitude"])
    below = _all(image, ["Xmp.exif.GPSAltitudeRef", "Exif.GPSInfo.GPSAltitudeRef"])
    if height:
        found.append(_ratio(height[0]) * (-1 if below[:1] == ["1"] else 1))
    return tuple(round(value, 7) for value in found)


def _ratio(said: str) -> float:
    """A number, written as XMP and EXIF do: ``31/2``."""
    above, _, below = said.partition("/")
    try:
        return int(above) / int(below or 1)
    except (ValueError, ZeroDivisionError):
        return 0.0


def where(place: tuple[float, ...]) -> dict[str, str]:
    """A place as XMP has it."""
    if not place:
        return {}
    said = {}
    for name, value, sides in zip(("GPSLatitude", "GPSLongitude"), place, ("NS", "EW"), strict=False):
        degrees, minutes = divmod(round(abs(value) * 60, 6), 60)
        said[f"Xmp.exif.{name}"] = f"{degrees:.0f},{minutes:.6f}{sides[value < 0]}"
    if len(place) > 2:
        said["Xmp.exif.GPSAltitude"] = f"{round(abs(place[2]) * 1000)}/1000"
        said["Xmp.exif.GPSAltitudeRef"] = str(int(place[2] < 0))
    return said
