"""The bytes of a DNG in; what decides how its photo is developed, piece by piece and without its notes, out.

A DNG is a TIFF whose directories, one behind the other and one within another, hold the samples of the sensor and what
a developer must know of the camera. Small copies, notes (EXIF, XMP, IPTC, names, dates, serial numbers) and the places
of things are none of that.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from difPy.decode.refused import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUBFILE, _SUBDIRECTORIES, _VERSION = 254, 330, 50706
_CODE = ((273, 279), (324, 325))  # places and sizes, of strips and of tiles
_PLACES = frozenset(tag for pair in _CODE for tag in pair) | {_SUBDIRECTORIES}
_OF_THE_CAMERA = 50706
"""Tags from this number on are of DNG: they hold for all directories."""
_NOTES = frozenset(
    (269, 270, 271, 272, 274, 285, 305, 306, 315, 316, 700, 18246, 18249, 33432, 33723, 34377, 34665, 34853, 36867)
) | {*range(40091, 40096), 50735, 50740, 50781, 50827, *range(50966, 50973), 51111}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_MOST_DIRECTORIES = 256


def pieces(data: bytes) -> Iterator[bytes]:
    """Pieces of the photo, in the order of the directories.

    Raises
    ------
    Damaged
        If it is another raw file, or a damaged one.
    """
    try:
        yield from _pieces(data)
    except struct.error:
        raise Damaged("it ends early") from None


def _pieces(data: bytes) -> Iterator[bytes]:
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None:
        raise Damaged("it is no TIFF")
    waiting, seen, given = list(struct.unpack_from(order + "I", data, 4)), set[int](), 0
    while waiting:
        start = waiting.pop(0)
        if not start or start in seen:
            continue
        first = not seen
        seen.add(start)
        if len(seen) > _MOST_DIRECTORIES:
            raise Damaged("it has directories without end")
        (count,) = struct.unpack_from(order + "H", data, start)
        tags = dict(_tag(data, start + 2 + 12 * number, order) for number in range(count))
        if first and _VERSION not in tags:
            raise Damaged("it is no DNG")
        waiting += [
            *_numbers(tags, _SUBDIRECTORIES, order),
            *struct.unpack_from(order + "I", data, start + 2 + 12 * count),
        ]
        is_copy = any(number & 1 for number in _numbers(tags, _SUBFILE, order))
        for tag, (kind, value) in sorted(tags.items()):
            if tag not in _NOTES and tag not in _PLACES and (tag >= _OF_THE_CAMERA or not is_copy):
                given += len(value)
                yield struct.pack(">2H", tag, kind) + value
        for places, sizes in () if is_copy else _CODE:
            for place, size in zip(_numbers(tags, places, order), _numbers(tags, sizes, order), strict=False):
                given += size
                yield data[place : place + size]
                if given > 2 * len(data):
                    raise Damaged("its parts overlap")


def _tag(data: bytes, start: int, order: str) -> tuple[int, tuple[int, bytes]]:
    """Number, kind and value of a tag."""
    tag, kind, count = struct.unpack_from(order + "HHI", data, start)
    size = _SIZES.get(kind, 0) * count
    if size > 4:
        (start,) = struct.unpack_from(order + "I", data, start + 8)
    else:
        start += 8
    if start + size > len(data):
        raise Damaged(f"tag {tag} lies outside of it")
    return tag, (kind, data[start : start + size])


def _numbers(tags: dict[int, tuple[int, bytes]], tag: int, order: str) -> list[int]:
    kind, value = tags.get(tag, (4, b""))
    letter = {3: "H", 4: "I", 13: "I"}.get(kind)
    return [] if letter is None else [number for (number,) in struct.iter_unpack(order + letter, value)]
