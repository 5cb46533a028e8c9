"""The bytes of a JPEG in; of each component what its blocks say of large things, and bounds on all else, out.

The syntax is that of ITU-T T.81, annexes B, F and G. Read is only what is whole and usual: everything else is left to
libjpeg, whose word on it is final.
"""

from __future__ import annotations

import contextlib
import struct
from typing import TYPE_CHECKING

import numpy as np

from difPy.decode import jpeg
from difPy.decode.blocks import component
from difPy.decode.entropy import TABLE, Code, Scan
from difPy.decode.refused import Damaged

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.decode.blocks import Component

_SOS, _DQT, _DHT, _DRI = 0xDA, 0xDB, 0xC4, 0xDD
_SOF0, _SOF1, _SOF2 = 0xC0, 0xC1, 0xC2
_IGNORED = {*range(0xE0, 0xF0), 0xFE}  # applications' own, and comments
_UNKNOWN = -1


class Unusual(ValueError):
    """No whole JPEG of a usual kind."""


class _Part:
    """A component while it is read."""

    def __init__(self, sides: bytes, start: int, frame: tuple[int, int, int, int]) -> None:
        self.name, self.h, self.v, self.table = sides[0], sides[1] >> 4, sides[1] & 15, sides[2]
        across, down, width, height = frame
        self.stride, self.rows, self.start = across * self.h, down * self.v, start
        self.wide, self.tall = -(-width // 8), -(-height // 8)
        self.steps: npt.NDArray[np.float32] | None = None
        self.bits = [_UNKNOWN] * 64
        """Of each coefficient: how many of its last bits are not known yet."""


class _Reader:
    """The state of a decoder between two segments."""

    def __init__(self, data: bytes) -> None:
        self.data, self.code = data, Code(data)
        self.steps: dict[int, npt.NDArray[np.float32]] = {}
        self.tables = np.zeros((8, TABLE), np.uint8)
        self.interval = 0
        self.parts: list[_Part] = []
        self.is_progressive = False

    def take(self, marker: int, start: int, end: int) -> int:
        """Read one segment, and the code behind it if it begins a scan; where what was read ends."""
        segment = self.data[start + 4 : end]
        if marker == _SOS:
            return self.scan(segment, end)
        if marker == _DQT:
            self.define_steps(segment)
        elif marker == _DHT:
            self.define_codes(segment)
        elif marker == _DRI:
            self.interval = struct.unpack(">H", segment)[0]
        elif marker in (_SOF0, _SOF1, _SOF2):
            self.begin(segment, marker == _SOF2)
        else:
            _require(marker in _IGNORED)
        return end

    def define_steps(self, segment: bytes) -> None:
        while segment:
            size = 2 if segment[0] >> 4 else 1
            values = np.frombuffer(segment[1 : 1 + 64 * size], ">u2" if size == 2 else "u1")
            self.steps[segment[0] & 15] = values.astype(np.float32)
            _require(segment[0] & 15 < 4 and len(values) == 64)
            segment = segment[1 + 64 * size :]

    def define_codes(self, segment: bytes) -> None:
        while segment:
            table = (segment[0] >> 4) * 4 + (segment[0] & 15)
            lengths = segment[1:17]
            symbols = segment[17 : 17 + sum(lengths)]
            _require(table < 8 and segment[0] & 15 < 4 and len(symbols) == sum(lengths))
            _require(table > 3 or max(symbols, default=0) < 16)
            _require(len(symbols) <= 256 and sum(n << (15 - at) for at, n in enumerate(lengths)) <= 1 << 16)
            self.tables[table] = np.frombuffer(lengths + symbols.ljust(256, b"\0"), np.uint8)
            segment = segment[17 + len(symbols) :]

    def begin(self, segment: bytes, is_progressive: bool) -> None:
        precision, height, width, count = struct.unpack(">BHHB", segment[:6])
        sides = [segment[6 + 3 * i : 9 + 3 * i] for i in range(count)]
        _require(len(segment) == 6 + 3 * count)
        _require(not self.parts and precision == 8 and count in (1, 3) and height > 0 and width > 0)
        h, v = (max(part[1] >> shift & 15 for part in sides) for shift in (4, 0))
        _require(all(part[1] & 15 and part[1] >> 4 for part in sides))
        self.is_progressive = is_progressive
        self.units = -(-width // (8 * h)), -(-height // (8 * v))
        start = 0
        for part in sides:
            size = -(-width * (part[1] >> 4) // h), -(-height * (part[1] & 15) // v)
            self.parts.append(_Part(part, start, (*self.units, *size)))
            start += self.parts[-1].stride * self.parts[-1].rows
        self.low = np.zeros((start, 4), np.int16)
        self.rest = np.zeros((start, 4), np.float32)
        self.known = np.zeros(start if is_progressive else 0, np.uint64)

    def scan(self, segment: bytes, place: int) -> int:
        """Read one scan, whose code begins there; where it ends."""
        count = segment[0]
        _require(len(segment) == 4 + 2 * count)
        named = {part.name: part for part in self.parts}
        chosen = [(named[segment[1 + 2 * i]], segment[2 + 2 * i]) for i in range(count)]
        begin, last, bits = segment[1 + 2 * count :]
        before, shift = bits >> 4, bits & 15
        self._follow(chosen, begin, last, before, shift)
        alone = len(chosen) == 1
        rows, steps = [], np.ones((4, 64), np.float32)
        for number, (part, tables) in enumerate(chosen):
            steps[number] = part.steps
            sides = (1, 1) if alone else (part.h, part.v)
            _require(tables >> 4 < 4 and tables & 15 < 4)
            rows.append([tables >> 4, 4 + (tables & 15), number, part.start, part.stride, *sides])
        across, down = (chosen[0][0].wide, chosen[0][0].tall) if alone else self.units
        intervals = -(-across * down // self.interval) if self.interval else 1
        code, starts, end = self.code.of(place, intervals)
        _require(end >= 0)
        read = Scan(
            *(code, starts, self.interval or -1, self.tables, np.array(rows, np.int64), steps),
            *(self.low, self.rest, shift, across, down),
        )
        if begin:
            size = read.progressive(begin, last, self.known, again=before > 0)
        else:
            size = read.means() if before else read.sequential(last)
        _require(0 <= size <= starts[-1])
        return end

    def _follow(self, chosen: list[tuple[_Part, int]], begin: int, last: int, before: int, shift: int) -> None:
        """Note what a scan says, if it may say that now."""
        _require(0 < len(chosen) == len({part.name for part, _ in chosen}))
        if self.is_progressive:
            _require(begin <= last < 64 and (last == 0 or (begin > 0 and len(chosen) == 1)) and shift < 14)
        else:
            _require((begin, last, before, shift) == (0, 63, 0, 0))
        for part, _ in chosen:
            if part.steps is None:
                part.steps = self.steps[part.table]
            _require(begin == 0 or part.bits[0] != _UNKNOWN)
            _require(set(part.bits[begin : last + 1]) == {before or _UNKNOWN})
            _require(before in (0, shift + 1))
            part.bits[begin : last + 1] = [shift] * (last + 1 - begin)

    def components(self) -> list[Component]:
        """What was read, if that was everything."""
        found = []
        _require(len(self.parts) > 0)
        for part in self.parts:
            _require(part.steps is not None and set(part.bits) == {0})
            assert part.steps is not None
            start, end = part.start, part.start + part.rows * part.stride
            some, shape = slice(start, end), (part.rows, part.stride)
            found.append(component((part.h, part.v), self.low[some], self.rest[some], part.steps, shape))
        return found


def components(data: bytes) -> list[Component]:
    """Brightness, or brightness and two colours, of a JPEG.

    Raises
    ------
    Unusual
        If it is damaged, or of a kind that is not read.
    """
    try:
        return _components(data)
    except (IndexError, KeyError, struct.error, ValueError) as error:
        raise Unusual from error


def _components(data: bytes) -> list[Component]:
    reader, place = _Reader(data), 2
    with contextlib.suppress(Damaged):  # what is no segment: the end mark
        while True:
            place = reader.take(*jpeg.segment(data, place))
    _require(data.startswith(jpeg.EOI, place))
    return reader.components()


def _require(holds: bool) -> None:
    if not holds:
        raise Unusual
