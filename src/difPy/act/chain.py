"""Records -> lines, each sealed with the one before; and lines -> records, of which those that were changed are told.

The seal of a line is BLAKE3 of the seal before it and of the line's own text. So a bit that has flipped shows, and a
line that was taken out, put in, repeated or moved. It is no signature: who can write the file can write right seals,
too. What keeps them out is whose file it is.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from difPy.act import disk
from difPy.errors import JournalBroken
from difPy.private import Untrusted, trusted_file

if TYPE_CHECKING:
    from collections.abc import Iterator

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_BEFORE_SEAL = b',"seal":"'
_AFTER_SEAL = b'"}'
LONGEST = 1 << 24
"""Bytes of a line, at most: nobody writes longer ones."""
_SEAL = 16  # figures: enough for what happens by chance


def encode(value: object) -> bytes:
    """One line of JSON. Bytes of a path that are not UTF-8 become escapes, which JSON readers give back."""
    return _JSON.encode(value).encode("utf-8", "backslashreplace") + b"\n"


def sealed(record: dict[str, Any], previous: bytes) -> tuple[bytes, bytes]:
    """A line with its seal, and the seal.

    Examples
    --------
    >>> line, seal = sealed({"is": "done", "n": 1}, b"")
    >>> line.startswith(b'{"is":"done","n":1,"seal":"'), line.endswith(seal + b'"}' + bytes([10]))
    (True, True)
    """
    text = encode(record)[:-2]  # without the brace
    seal = _seal(text, previous)
    return text + _BEFORE_SEAL + seal + _AFTER_SEAL + b"\n", seal


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file."""

    number: int
    """1 for the first."""
    record: dict[str, Any] | None
    """What it says; None if it, or what was before it, has changed since it was written."""
    seal: bytes
    """What the next line is sealed with."""
    whole: bool
    """Whether it ends as a line does: the last one may have been cut off by a crash."""


def lines(path: str) -> Iterator[Line]:
    """Lines of a sealed file, one at a time.

    Raises
    ------
    JournalBroken
        It cannot be read, is no regular file, or others could have written it.
    """
    try:
        trusted = trusted_file(path, sticky=True)
        with disk.opened(trusted) as descriptor:
            seal, rest, number = b"", b"", 0
            for chunk in disk.read(descriptor):
                *whole, rest = (rest + chunk).split(b"\n")
                if len(rest) > LONGEST:
                    raise JournalBroken(f'"{path}" is not a journal of difPy\'s: its lines have no end')
                for text in whole:
                    number += 1
                    line = _line(number, text, seal, whole=True)
                    seal = line.seal
                    yield line
            if rest:
                yield _line(number + 1, rest, seal, whole=False)
    except Untrusted as error:
        raise JournalBroken(f'the journal "{path}" is not trusted: {error}') from error
    except OSError as error:
        raise JournalBroken(f'the journal "{path}" cannot be read: {error.strerror}') from error


@dataclass(frozen=True, slots=True)
class End:
    """The end of a sealed file, which the next line is to follow."""

    seal: bytes
    """What the next line is sealed with."""
    torn: bool
    """Whether a crash has cut off the last line."""
    before: bytes
    """What must stand before the next line: the end of the last one, where that lacks it."""


def end_of(path: str) -> End:
    """How a sealed file ends: by its last lines alone, however long it is.

    Raises
    ------
    OSError
        It cannot be read.
    """
    *whole, rest = _tail(path, LONGEST).split(b"\n")
    seal, torn = b"", False
    for text in whole:
        seal = _borne(text) or seal
    if rest:
        torn = _borne(rest) is None
        seal = _borne(rest) or seal
    return End(seal, torn, b"\n" if rest else b"")


def ends_torn(path: str) -> bool:
    """Whether a crash has cut off the last line of a file."""
    return _tail(path, 1) not in (b"", b"\n")


def _tail(path: str, length: int) -> bytes:
    """So many bytes from the end of a file, or all that there are."""
    with disk.opened(path) as descriptor:
        os.lseek(descriptor, max(0, disk.facts(descriptor).st_size - length), os.SEEK_SET)
        return b"".join(iter(lambda: os.read(descriptor, length), b""))


def _borne(line: bytes) -> bytes | None:
    """The seal that a line bears, right or wrong."""
    _, found, end = line.rpartition(_BEFORE_SEAL)
    return end[:_SEAL] if found and end[_SEAL:].startswith(_AFTER_SEAL) else None


def _line(number: int, line: bytes, previous: bytes, *, whole: bool) -> Line:
    """A line, checked. After a broken one the next is held to the seal that it bears."""
    seal = _borne(line)
    if seal is None:
        return Line(number, None, previous, whole)
    # One that lacks nothing but its end is whole; one with something else in the place of that has changed.
    text = line.removesuffix(_BEFORE_SEAL + seal + _AFTER_SEAL)
    record = _parsed(text + b"}") if text != line and seal == _seal(text, previous) else None
    return Line(number, record, seal, True)


def _parsed(text: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _seal(text: bytes, previous: bytes) -> bytes:
    import blake3

    return blake3.blake3(previous + text).hexdigest()[:_SEAL].encode()
