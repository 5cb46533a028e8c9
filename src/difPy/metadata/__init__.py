"""A picture and the XMP files beside it -> what they say of it; and an XMP file -> the same file, saying more.

The home of exiv2, which reads EXIF, IPTC and XMP of nearly all formats, and writes the XMP files of darktable and
digiKam. Hostile files are read where a crash does no harm: in the workers.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from difPy.errors import UsageError
from difPy.metadata.properties import NAMES, NOTHING, RATINGS, TAKEN, said_by, where
from difPy.metadata.words import Unreadable, words_of
from difPy.model import Failure
from difPy.notes import Notes, joined, lacking, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from difPy.workers import Executor, Loss

MOST_BYTES = 4 << 20
"""Of an XMP file: darktable writes some hundred kilobytes of one with many masks."""


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
            found = joined(found, said_by(parsed(_bytes(path, MOST_BYTES))))
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
    said = said_by(image)
    notes = lacking(said, notes)
    for name in ("title", "description", "copyright"):
        if value := getattr(notes, name):
            xmp[NAMES[name][0]] = exiv2.LangAltValue({"x-default": value})
    for name, kind in (("keywords", exiv2.TypeId.xmpBag), ("creators", exiv2.TypeId.xmpSeq)):
        if values := getattr(notes, name):
            value = exiv2.XmpArrayValue(kind)
            for one in texts([*getattr(said, name), *values]):
                value.read(one)
            xmp[NAMES[name][0]] = value
    plain = {RATINGS[0]: "" if notes.rating is None else str(notes.rating)} | dict.fromkeys(TAKEN, notes.taken)
    given_up: Counter[str] = Counter()
    for key, value in (plain | where(notes.place)).items():
        if value:
            given_up.update(one.toString() for one in xmp if one.key() == key and NOTHING.fullmatch(one.toString()))
            xmp[key] = value
    flags = exiv2.XmpParser.XmpFormatFlags
    failed, packet = exiv2.XmpParser.encode(xmp, flags.omitPacketWrapper | flags.useCompactFormat)  # as darktable does
    if failed:
        raise Unreadable("exiv2 cannot write what it says")
    new: bytes = b'<?xml version="1.0" encoding="UTF-8"?>\n' + packet.encode()
    lost = (words_of(old) - words_of(new) - given_up if old else Counter()) or known - _properties(parsed(new))
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


def _properties(image: Any) -> set[tuple[str, str]]:
    """What an XMP file says, without what may change when more is said."""
    changed = {*RATINGS, *TAKEN, *where((0.0, 0.0, 0.0)), *(names[0] for names in NAMES.values())}
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
    return said_by(_opened(source))


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


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
