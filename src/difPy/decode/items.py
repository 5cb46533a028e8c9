"""The bytes of a HEIF or AVIF in; its items (images and what belongs to them), their properties and code, out.

ISO/IEC 23008-12 and 14496-12: `iinf` names the items, `iloc` says where their code lies, `iref` what refers to what,
`iprp` what describes them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from difPy.decode.boxes import Box, boxes
from difPy.decode.refused import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

_TURNS = (b"irot", b"imir")
_MOST_PROPERTIES = 1024


@dataclass(slots=True)
class Items:
    """Items of a file by number; the first image is that of `primary`."""

    data: bytes
    primary: int = 0
    kinds: dict[int, bytes] = field(default_factory=dict)
    extents: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    references: dict[tuple[bytes, int], list[int]] = field(default_factory=dict)
    """Kind and from where -> where to."""
    helpers: dict[int, list[int]] = field(default_factory=dict)
    """Item -> the auxiliary images that say they belong to it."""
    properties: dict[int, list[Box]] = field(default_factory=dict)
    """What describes an item."""
    given: int = 0
    """Bytes of code that were given: a list that names the same ones over and over would take for ever."""

    def code(self, item: int) -> Iterator[bytes]:
        """All that decides the pixels of an image but how it is held: of its tiles, too, and of its transparency.

        Raises
        ------
        Damaged
            With what was given before, it would be more than the file.
        """
        waiting, seen = [item], set[int]()
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            yield self.kinds.get(one, b"")
            described = [box for box in self.properties.get(one, ()) if not self._is_apart(box)]
            for start, end in [(start - 4, end) for _, start, end in described] + self.extents.get(one, []):
                self.given += max(0, end - start)
                if self.given > 2 * len(self.data):
                    raise Damaged("its items overlap")
                yield self.data[start:end]
            waiting += self.references.get((b"dimg", one), [])
            waiting += [other for other, kind in self.auxiliaries(one) if is_alpha(kind)]

    def described(self, item: int, kind: bytes) -> list[bytes]:
        """Contents of its properties of that kind."""
        return [self.data[start:end] for name, start, end in self.properties.get(item, ()) if name == kind]

    def auxiliaries(self, item: int) -> Iterator[tuple[int, bytes]]:
        """Images that belong to this one, and of what type they are."""
        for helper in self.helpers.get(item, ()):
            yield helper, b"".join(content[4:132] for content in self.described(helper, b"auxC"))

    def _is_apart(self, box: Box) -> bool:
        """Whether a property is compared elsewhere: how the image is held, and a profile, which `colour` measures."""
        profile = box.kind == b"colr" and self.data[box.start : box.start + 4] in (b"prof", b"rICC")
        return profile or box.kind in _TURNS


def is_alpha(kind: bytes) -> bool:
    """Whether an auxiliary image of that type is transparency."""
    return b"alpha" in kind or b"hevc:2015:auxid:1" in kind


def aperture(data: bytes, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """The part that is shown of a picture of that size (`clap`): left, top, right, bottom; None for all of it."""
    try:
        found = items(data)
    except Damaged:
        return None
    for content in found.described(found.primary, b"clap"):
        if len(content) < 32:
            continue
        numbers = struct.unpack(">IIIIiIiI", content[:32])
        if not all(numbers[1::2]):
            continue
        from fractions import Fraction

        wide, high, right, down = (Fraction(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True))
        left, top = (size[0] - wide) / 2 + right, (size[1] - high) / 2 + down
        box = round(left), round(top), round(left + wide), round(top + high)
        if 0 <= box[0] < box[2] <= size[0] and 0 <= box[1] < box[3] <= size[1] and box != (0, 0, *size):
            return box
    return None


def items(data: bytes) -> Items:
    """Items of a file; none if it has no list of them.

    Raises
    ------
    Damaged
    """
    found = Items(data)
    meta = next((box for box in boxes(data) if box.kind == b"meta"), None)
    if meta is None:
        return found
    lists = {box.kind: box for box in boxes(data, meta.start + 4, meta.end)}
    idat = lists[b"idat"].start if b"idat" in lists else 0
    for kind, read in _READERS.items():
        if kind in lists:
            read(found, _Numbers(data, lists[kind].start, lists[kind].end), idat)
    return found


class _Numbers:
    """Numbers one behind the other, the most significant byte first; a full box's version and flags before them."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self.data, self.place, self.end = data, start, end
        self.version = 0

    def next(self, width: int) -> int:
        start, self.place = self.place, self.place + width
        if self.place > self.end:
            raise Damaged("a list of items ends early")
        return int.from_bytes(self.data[start : self.place], "big")

    def full(self) -> int:
        """Read version and flags; returns the flags."""
        self.version = self.next(1)
        return self.next(3)


def _primary(found: Items, numbers: _Numbers, idat: int) -> None:
    numbers.full()
    found.primary = numbers.next(4 if numbers.version else 2)


def _kinds(found: Items, numbers: _Numbers, idat: int) -> None:
    numbers.full()
    numbers.next(4 if numbers.version else 2)
    for box in boxes(numbers.data, numbers.place, numbers.end):
        entry = _Numbers(numbers.data, box.start, box.end)
        entry.full()
        item = entry.next(4 if entry.version == 3 else 2)
        entry.next(2)
        found.kinds[item] = entry.next(4).to_bytes(4, "big") if entry.version >= 2 else b""


def _extents(found: Items, numbers: _Numbers, idat: int) -> None:
    numbers.full()
    sizes = numbers.next(2)
    at, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 4 if numbers.version == 2 else 2
    for _ in range(numbers.next(wide)):
        item = numbers.next(wide)
        method = numbers.next(2) & 15 if numbers.version else 0
        numbers.next(2)
        start = numbers.next(base) + (idat if method == 1 else 0)
        places = found.extents.setdefault(item, [])
        for _ in range(numbers.next(2)):
            if numbers.version:
                numbers.next(index)
            first = start + numbers.next(at)
            size = numbers.next(length)
            places.append((first, min(first + size, len(found.data)) if size else len(found.data)))


def _references(found: Items, numbers: _Numbers, idat: int) -> None:
    numbers.full()
    wide = 4 if numbers.version else 2
    for kind, start, stop in boxes(numbers.data, numbers.place, numbers.end):
        entry = _Numbers(numbers.data, start, stop)
        item = entry.next(wide)
        ends = [entry.next(wide) for _ in range(entry.next(2))]
        found.references.setdefault((kind, item), []).extend(ends)
        for end in ends if kind == b"auxl" else ():
            found.helpers.setdefault(end, []).append(item)


def _properties(found: Items, numbers: _Numbers, idat: int) -> None:
    data = numbers.data
    lists = list(boxes(data, numbers.place, numbers.end))
    held = [box for outer in lists if outer.kind == b"ipco" for box in boxes(data, outer.start, outer.end)]
    for box in lists:
        if box.kind != b"ipma":
            continue
        entries = _Numbers(data, box.start, box.end)
        wide = 2 if entries.full() & 1 else 1
        for _ in range(entries.next(4)):
            owned = found.properties.setdefault(entries.next(4 if entries.version else 2), [])
            for _ in range(entries.next(1)):
                number = entries.next(wide) & ((1 << (8 * wide - 1)) - 1)
                if 0 < number <= len(held):
                    owned.append(held[number - 1])
            if len(owned) > _MOST_PROPERTIES:
                raise Damaged("an item has properties without end")


_READERS = {b"pitm": _primary, b"iinf": _kinds, b"iloc": _extents, b"iref": _references, b"iprp": _properties}
