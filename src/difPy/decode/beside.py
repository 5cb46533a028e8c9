"""An opened picture in; what its file holds behind or beside the picture that is shown, part by part, out.

A part is what a program for pictures of that kind would show or play: a film, sound, another picture, layers, the
smaller versions of an icon. Behind the end of the picture, that is what begins as a JPEG or with a film's `ftyp` box,
and what is unknown if it is `LEAST_UNKNOWN` or more; zeros and less than that are none. Nor are small copies of the
picture itself, which say nothing of their own: thumbnails and the previews of cameras.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from blake3 import blake3

from difPy.decode import jpeg
from difPy.decode.behind import DEPTH, FILM, GAIN, UNKNOWN, behind, end_of_bmp, end_of_gif, kind_of
from difPy.decode.boxes import boxes, inside
from difPy.decode.frames import is_animated
from difPy.decode.plain_jpeg import coded_from
from difPy.decode.refused import Damaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from difPy.decode.opening import Opened

    Part = tuple[str, bytes]  # its name, and bytes of it

SOUND = "sound"
LAYERS, VERSIONS, TIMES = "layers", "smaller versions", "the times of its frames"
PROFILES = "the colour profiles of its pages"

_FTYP = b"ftyp"
_EXTENDED = b"http://ns.adobe.com/xmp/extension/\0"
_IN_XMP = ((b"GDepth:Data", DEPTH), (b"GImage:Data", "picture 2"), (b"GAudio:Data", SOUND))
_INDEX, _MPF_ENTRIES, _MPF_PREVIEW = b"MPF\0", 0xB002, "Large Thumbnail"
_FIREWORKS = (b"mkBF", b"mkBS", b"mkBT", b"mkTS")
"""Chunks of a PNG in which Fireworks keeps the drawing that the picture was made from."""
_TIFF_LAYERS = 37724
_FIRST = 16
"""Bytes that may come before the box `ftyp` of a picture: a signature."""
_LARGE_DOCUMENT = b"\0\2"
"""Version of a PSB."""
_NOT_OF_AN_ICON = (b"TOC ", b"icnV", b"name", b"info")


def beside(picture: Opened) -> dict[str, bytes]:
    """Name of each part -> its digest; nearly always there is none.

    A part that cannot be made out counts with all bytes of the file.
    """
    finder = _FINDERS.get(picture.format)
    found: dict[str, Any] = {}
    if finder is not None:
        try:
            for name, part in finder(picture):
                found.setdefault(name, blake3()).update(len(part).to_bytes(8, "big") + part)
        except (Damaged, IndexError, ValueError, KeyError, TypeError):
            found = {UNKNOWN: blake3(picture.data)}
    return {name: state.digest() for name, state in found.items()}


def times(picture: Opened, durations: Sequence[Any]) -> dict[str, bytes]:
    """How long the frames of an animation are shown, and how often all of them: as a part; none of pages.

    Parameters
    ----------
    picture : Opened
        Decoded.
    durations : sequence
        Milliseconds of each frame, as Pillow tells them; None where it does not.
    """
    if len(durations) < 2 or not any(durations):
        return {}
    plays = picture.image.info.get("loop", 1 if picture.format == "GIF" else 0)
    if picture.format == "GIF" and plays and "loop" in picture.image.info:
        plays += 1  # a GIF says how often to go back
    edits = [picture.data[box.start : box.end] for box in inside(picture.data, b"moov", b"trak", b"edts", b"elst")]
    shown = [round(duration or 0) for duration in durations]
    return {TIMES: blake3(repr((plays, edits if picture.format == "AVIF" else [], shown)).encode()).digest()}


def _jpeg(picture: Opened) -> Iterator[Part]:
    data = picture.data
    try:
        start = coded_from(picture.image, data)
    except (Damaged, StopIteration):
        return
    header = data[:start]
    for name, kind in _IN_XMP:
        if name in header:
            extended = data.find(_EXTENDED, 0, start)
            value = re.search(re.escape(name) + rb"[^\"'<>]*[\"'>]([^\"'<]*)", header)
            yield kind, data[extended:start] if extended >= 0 or value is None else value[1]
    end = jpeg.end_behind(data, start)
    if end and data[end:].strip(b"\0"):
        yield from behind(data, end, _previews(picture.image, data.find(_INDEX) + len(_INDEX)))


def _previews(image: Any, offset: int) -> frozenset[int]:
    """Where the small copies of the picture begin that its multi-picture index lists, which begins at the offset."""
    try:
        entries = image._getmp()[_MPF_ENTRIES]
        return frozenset(
            offset + entry["DataOffset"] for entry in entries if _MPF_PREVIEW in entry["Attribute"]["MPType"]
        )
    except MemoryError:
        raise
    except Exception:  # it has none, or a damaged one
        return frozenset()


def _png(picture: Opened) -> Iterator[Part]:
    data = picture.data
    end = data.find(b"\0\0\0\0IEND\xaeB`\x82")
    if end > 0:
        yield from behind(data, end + 12)
    place = 8
    while place + 12 <= len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        if data[place + 4 : place + 8] in _FIREWORKS:
            yield LAYERS, data[place + 8 : place + 8 + size]
        place += 12 + size


def _riff(picture: Opened) -> Iterator[Part]:
    size = int.from_bytes(picture.data[4:8], "little")
    yield from behind(picture.data, 8 + size + size % 2)


def _gif(picture: Opened) -> Iterator[Part]:
    yield from behind(picture.data, end_of_gif(picture.data))


def _bmp(picture: Opened) -> Iterator[Part]:
    yield from behind(picture.data, end_of_bmp(picture.data, picture.image.size))


def _boxed(picture: Opened) -> Iterator[Part]:
    """A film in a box of its own, or whose frames are not shown, and what lies behind the last box."""
    data, last = picture.data, 0
    is_shown = picture.format == "AVIF" and is_animated(picture.image)
    for kind, start, end in boxes(data):
        if kind == _FTYP and last > _FIRST:
            break  # another file begins
        if kind == b"mpvd":
            yield FILM, data[start:end]
        if kind == b"moov" and not is_shown:
            yield FILM, b"".join(data[box.start : box.end] for box in boxes(data) if box.kind in (b"moov", b"mdat"))
            is_shown = True
        last = end
    if last:
        yield from behind(data, last)


def _heif(picture: Opened) -> Iterator[Part]:
    from difPy.decode.items import is_alpha, items

    yield from _boxed(picture)
    data = picture.data
    found = items(data)
    for item, kind in found.auxiliaries(found.primary):
        if not is_alpha(kind):
            yield kind_of(kind) or "an auxiliary picture", b"".join(found.code(item))
    for item, name in found.kinds.items():
        if name == b"tmap":  # how to make an HDR picture (ISO 21496-1) of the first of these and a gain map
            for part in found.references.get((b"dimg", item), [])[1:]:
                yield GAIN, b"".join(found.code(part))


def _jpeg_xl(picture: Opened) -> Iterator[Part]:
    yield from _boxed(picture)
    for kind, start, end in boxes(picture.data):
        if kind == b"jhgm":
            yield GAIN, picture.data[start:end]


def _psd(picture: Opened) -> Iterator[Part]:
    data, place = picture.data, 26
    for _ in range(2):  # palette, resources
        place += 4 + int.from_bytes(data[place : place + 4], "big")
    width = 8 if data[4:6] == _LARGE_DOCUMENT else 4  # bytes of the lengths from here on
    section = data[place + width : place + width + int.from_bytes(data[place : place + width], "big")]
    count = section[width : width + 2] if section[:width].strip(b"\0") else b""
    if count.strip(b"\0") or any(key in section for key in (b"8BIMLr16", b"8BIMLr32")):
        yield LAYERS, section


def _tiff(picture: Opened) -> Iterator[Part]:
    image: Any = picture.image
    photoshop = getattr(image, "tag_v2", {}).get(_TIFF_LAYERS, b"")
    if isinstance(photoshop, bytes) and re.search(b"Layr|ryaL|Lr(16|32)|(61|23)rL", photoshop):
        yield LAYERS, photoshop


def _icon(picture: Opened) -> Iterator[Part]:
    data = picture.data
    entries = [data[at : at + 16] for at in range(6, 6 + 16 * int.from_bytes(data[4:6], "little"), 16)]
    sides = [((entry[0] or 256) * (entry[1] or 256), entry) for entry in entries]
    largest = max(side for side, _ in sides)
    if sum(side == largest for side, _ in sides) == 1:
        sides = [(side, entry) for side, entry in sides if side < largest]
    places = [[int.from_bytes(entry[at : at + 4], "little") for at in (12, 8)] for _, entry in sides]
    if sum(size for _, size in places) > len(data):
        raise Damaged("its versions overlap")
    versions = [
        blake3(entry[:8] + data[start : start + size]).digest()
        for (_, entry), (start, size) in zip(sides, places, strict=True)
        if len(entries) > 1
    ]
    if versions:
        yield VERSIONS, b"".join(sorted(versions))


def _apple_icon(picture: Opened) -> Iterator[Part]:
    icns: Any = picture.image
    shown = {name for name, _ in icns.icns.SIZES[icns.icns.bestsize()]}
    for name, (start, size) in sorted(icns.icns.dct.items()):
        if name not in shown and name not in _NOT_OF_AN_ICON:
            yield VERSIONS, name + picture.data[start : start + size]


_FINDERS: dict[str, Callable[[Opened], Iterator[Part]]] = {
    "JPEG": _jpeg,
    "MPO": _jpeg,
    "PNG": _png,
    "GIF": _gif,
    "BMP": _bmp,
    "WEBP": _riff,
    "HEIF": _heif,
    "AVIF": _heif,
    "JXL": _jpeg_xl,
    "JPEG2000": _boxed,
    "PSD": _psd,
    "TIFF": _tiff,
    "ICO": _icon,
    "CUR": _icon,
    "ICNS": _apple_icon,
}
