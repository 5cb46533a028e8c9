"""A picture and the XMP files beside it -> what they say of it; and an XMP file -> the same file, saying more.

The home of exiv2, which reads EXIF, IPTC and XMP of nearly all formats, and writes the XMP files of darktable and
digiKam. Hostile files are read where a crash does no harm: in the workers.
"""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from difPy.errors import UsageError
from difPy.model import Failure
from difPy.notes import Notes, joined, lacking, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from difPy.workers import Executor, Loss

MOST_BYTES = 4 << 20
"""Of an XMP file: darktable writes some hundred kilobytes of one with many masks."""
_NAMES = {
    "title": ("Xmp.dc.title", "Iptc.Application2.ObjectName"),
    "description": ("Xmp.dc.description", "Iptc.Application2.Caption", "Exif.Image.ImageDescription"),
    "copyright": ("Xmp.dc.rights", "Iptc.Application2.Copyright", "Exif.Image.Copyright"),
    "keywords": ("Xmp.dc.subject", "Iptc.Application2.Keywords"),
    "creators": ("Xmp.dc.creator", "Iptc.Application2.Byline", "Exif.Image.Artist"),
}
"""What says it, the most trusted first; the first one is also where it is written."""
_RATINGS = ("Xmp.xmp.Rating", "Exif.Image.Rating")
_TAKEN = ("Xmp.exif.DateTimeOriginal", "Xmp.photoshop.DateCreated")
_TIME = re.compile(r"(\d{4})[-:](\d\d)[-:](\d\d)[T ](\d\d):(\d\d)(:\d\d(?:\.\d+)?)?\s*(Z|[+-]\d\d:\d\d)?")
_DEGREES = re.compile(r"(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?(?:,(\d+(?:\.\d+)?))?([NSEW])", re.IGNORECASE)


class Unreadable(ValueError):
    """An XMP file is none, or more than we could give back; the text says why."""


def require() -> None:
    """Raise UsageError where exiv2 is not installed."""
    if find_spec("exiv2") is None:
        raise UsageError("merging metadata needs exiv2: pip install 'difPy[metadata]'")


def read(picture: str, beside: Sequence[str]) -> Notes | Failure:
    """What the XMP files beside a picture say of it, and what it says itself where these are silent.

    Parameters
    ----------
    picture : str
    beside : sequence of str
        XMP files, the one to trust most first.
    """
    found = Notes()
    try:
        for path in beside:
            found = joined(found, _said(parsed(_bytes(path, MOST_BYTES))))
        return joined(found, _embedded(picture))
    except (OSError, Unreadable) as error:
        return Failure(picture, getattr(error, "strerror", None) or str(error))


def parsed(data: bytes) -> Any:
    """An XMP file, as exiv2 has it.

    Raises
    ------
    Unreadable
    """
    words_of(data)
    image = _opened(data)
    if image.mimeType() != "application/rdf+xml":
        raise Unreadable("it is no XMP file")
    return image


def written(old: bytes | None, notes: Notes) -> bytes:
    """An XMP file that says these notes, and all that the old one says.

    Raises
    ------
    Unreadable
        The old one cannot be read, or would not be kept whole.

    Examples
    --------
    >>> old = written(None, Notes(rating=5, keywords=("sea",)))
    >>> b"<rdf:li>sun</rdf:li>" in written(old, Notes(keywords=("sea", "sun")))
    True
    """
    import exiv2

    image = exiv2.ImageFactory.create(exiv2.ImageType.xmp) if old is None else parsed(old)
    known = _properties(image)
    xmp = image.xmpData()
    said = _said(image)
    notes = lacking(said, notes)
    for name in ("title", "description", "copyright"):
        if value := getattr(notes, name):
            xmp[_NAMES[name][0]] = exiv2.LangAltValue({"x-default": value})
    for name, kind in (("keywords", exiv2.TypeId.xmpBag), ("creators", exiv2.TypeId.xmpSeq)):
        if values := getattr(notes, name):
            value = exiv2.XmpArrayValue(kind)
            for one in texts([*getattr(said, name), *values]):
                value.read(one)
            xmp[_NAMES[name][0]] = value
    plain = {_RATINGS[0]: "" if notes.rating is None else str(notes.rating)} | dict.fromkeys(_TAKEN, notes.taken)
    for key, value in (plain | _where(notes.place)).items():
        if value:
            xmp[key] = value
    flags = exiv2.XmpParser.XmpFormatFlags
    failed, packet = exiv2.XmpParser.encode(xmp, flags.omitPacketWrapper | flags.useCompactFormat)  # as darktable does
    if failed:
        raise Unreadable("exiv2 cannot write what it says")
    new: bytes = b'<?xml version="1.0" encoding="UTF-8"?>\n' + packet.encode()
    lost = (words_of(old) - words_of(new) if old else Counter()) or known - _properties(parsed(new))
    if lost:
        raise Unreadable(f"it says what exiv2 would not keep: {next(iter(lost))!r}")
    return new


def read_all(executor: Executor, pictures: Sequence[tuple[str, tuple[str, ...]]]) -> list[Notes | Failure]:
    """What pictures say, each with the XMP files beside it: read where a hostile one does no harm."""
    require()
    return list(executor.map(_read_one, pictures, lost=_lost))


def written_by(executor: Executor, old: bytes | None, notes: Notes) -> bytes | str:
    """What `written` gives, or why it does not; likewise."""
    return next(iter(executor.map(_write_one, [(old, notes)], lost=_not_written)))


def words_of(data: bytes) -> Counter[str]:
    """Every text and every value of an XML file, and how often.

    Raises
    ------
    Unreadable
        It is not well-formed, or defines words of its own, which may unfold without end.
    """
    found: Counter[str] = Counter()
    pieces: list[str] = []

    def flush(*_: object) -> None:
        said = "".join(pieces).strip()
        pieces.clear()
        if said:
            found[said] += 1

    def begin(_: str, values: dict[str, str]) -> None:
        flush()
        found.update(value for name, value in values.items() if not name.startswith(_GRAMMAR) and value)

    def refuse(*_: object) -> None:
        raise Unreadable("it has a DOCTYPE, which no XMP has")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = begin, flush
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = pieces.append, refuse
    try:
        parser.Parse(data, True)
    except Unreadable:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:  # of an encoding that nobody knows, too
        raise Unreadable(f"it is not well-formed XML: {error}") from None
    return found


_GRAMMAR = ("http://www.w3.org/1999/02/22-rdf-syntax-ns# ", "adobe:ns:meta/ ")
"""What says how XMP is written, and nothing of the picture."""


def _properties(image: Any) -> set[tuple[str, str]]:
    """What an XMP file says, without what may change when more is said."""
    changed = {*_RATINGS, *_TAKEN, *_where((0.0, 0.0, 0.0)), *(names[0] for names in _NAMES.values())}
    return {(one.key(), one.toString()) for one in image.xmpData() if one.key() not in changed}


def _bytes(path: str, most: int) -> bytes:
    """A regular file's bytes, if they are not too many."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise Unreadable("it is not a regular file")
        if facts.st_size > most:
            raise Unreadable(f"it has {facts.st_size:,} bytes, more than any XMP file")
        return file.read(most + 1)


def _opened(source: str | bytes) -> Any:
    import exiv2

    exiv2.LogMsg.setLevel(exiv2.LogMsg.Level.mute)
    try:
        image = exiv2.ImageFactory.open(source)
        image.readMetadata()
    except exiv2.Exiv2Error as error:
        raise Unreadable(_reason(error)) from None
    return image


def _reason(error: Exception) -> str:
    """What exiv2 says, as a clause."""
    said = str(getattr(error, "message", "") or error.args[-1])
    return f"exiv2 cannot read it: {said[:200]}"


def _embedded(picture: str) -> Notes:
    """What a picture says itself; nothing, where it has a format that exiv2 does not know."""
    import exiv2

    if not stat.S_ISREG(os.lstat(picture).st_mode):
        raise Unreadable("it is not a regular file")
    source: str | bytes = picture
    if not _is_text(picture):
        source = _bytes(picture, 1 << 30)
    with open(picture, "rb") as file:
        head = file.read(1 << 16)
    if exiv2.ImageFactory.getType(head) == exiv2.ImageType.none:
        return Notes()
    return _said(_opened(source))


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _said(image: Any) -> Notes:
    """What exiv2 has read, as a value."""
    texts_of = {name: texts(_all(image, keys)) for name, keys in _NAMES.items()}
    ratings = [one for one in _all(image, _RATINGS) if re.fullmatch(r"-?\d(\.\d*)?", one)]
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
            else:
                found += [value.toString(at) for at in range(count)] if key[0] == "X" else [value.toString()]
        if found := [clean for clean in map(text, found) if clean]:
            return found
    return []


def _taken(image: Any) -> str:
    """When it was taken."""
    said = next(iter(_all(image, _TAKEN)), "")
    if not said:
        parts = [
            next(iter(_all(image, [f"Exif.Photo.{name}"])), "")
            for name in ("DateTimeOriginal", "SubSecTimeOriginal", "OffsetTimeOriginal")
        ]
        said = parts[0] + (f".{parts[1]}" if parts[1].isdigit() else "") + parts[2]
    time = _TIME.fullmatch(said)
    if not time or time[1] == "0000":
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


def _where(place: tuple[float, ...]) -> dict[str, str]:
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


def _read_one(picture: tuple[str, tuple[str, ...]]) -> Notes | Failure:
    return read(*picture)


def _lost(picture: tuple[str, tuple[str, ...]], loss: Loss) -> Notes | Failure:
    return Failure(picture[0], loss.reason)


def _write_one(asked: tuple[bytes | None, Notes]) -> bytes | str:
    try:
        return written(*asked)
    except Unreadable as error:
        return str(error)


def _not_written(_: tuple[bytes | None, Notes], loss: Loss) -> bytes | str:
    return loss.reason
