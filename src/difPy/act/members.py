"""Pieces of a JSON text that is one object -> its members, and of arrays their elements: never all of it at once."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST = 1 << 24
"""Characters of a value that is not an array of the outermost object: nobody writes longer ones."""

_END = re.compile(r"[],:} \t\n\r]")
"""What may stand behind a value; never the end of the text, which is a bracket."""
_NO_SPACE = re.compile(r"[^ \t\n\r]")


def members(pieces: Iterable[str]) -> Iterator[tuple[str, Any]]:
    r"""Name and value of each member, in the order of the text; an array is an iterator of its elements.

    What is not taken of an array before the next member is asked for is read and dropped.

    Parameters
    ----------
    pieces : iterable of str
        The text, cut anywhere.

    Raises
    ------
    ValueError
        If it is no JSON object, or one that readers understand differently: with a name that comes twice, or with NaN.
        What has been yielded before stands.

    Examples
    --------
    >>> for name, value in members(['{"version": 1, "st', 'eps": [{"to": null}, 2]}']):
    ...     print(name, value if name == "version" else list(value))
    version 1
    steps [{'to': None}, 2]
    """
    text = _Text(pieces)
    text.take("{")
    names: set[str] = set()
    for _ in text.until("}"):
        name = text.value()
        if not isinstance(name, str):
            text.refuse("a name in double quotes should stand here")
        if name in names:
            text.refuse(f"{name!r} comes twice")
        names.add(name)
        text.take(":")
        if text.next() != "[":
            yield name, text.value()
            continue
        elements = _elements(text)
        yield name, elements
        for _ in elements:
            pass
    if text.next():
        text.refuse("nothing may stand behind the last bracket")


def _elements(text: _Text) -> Iterator[Any]:
    text.take("[")
    for _ in text.until("]"):
        yield text.value()


class _Text:
    """The part of a text that is being read."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = iter(pieces)
        self._text = ""
        self._at = 0
        self._line = 1
        self._decoder = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)

    def next(self) -> str:
        """The character that comes next, spaces passed over; empty at the end."""
        while True:
            if found := _NO_SPACE.search(self._text, self._at):
                self._at = found.start()
                return found[0]
            self._at = len(self._text)
            if not self._more():
                return ""

    def take(self, character: str) -> None:
        """Pass over this one."""
        found = self.next()
        if found != character:
            self.refuse(f"{character!r} should stand here" if found else f"the text ends, and {character!r} is to come")
        self._at += 1

    def until(self, bracket: str) -> Iterator[None]:
        """Once for each value up to a closing bracket; commas and bracket are passed over."""
        if self.next() != bracket:
            yield
            while self.next() == ",":
                self._at += 1
                yield
        self.take(bracket)

    def value(self) -> Any:
        """The value that begins here."""
        self.next()
        while True:
            why, end = "", self._at
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
                if _END.match(self._text, end):
                    self._at = end
                    return value
            except json.JSONDecodeError as error:
                why, end = error.msg, error.pos
            except ValueError as error:
                self.refuse(str(error))
            except RecursionError:
                self.refuse("too many brackets within brackets")
            # It is wrong, or goes on in a piece that is not here yet: even a number that seems whole may.
            if len(self._text) - self._at > LONGEST:
                self.refuse(f"a value of more than {LONGEST:,} characters begins here")
            wrong = end - self._at
            if not self._more():
                self._at = wrong
                self.refuse(why or "the text ends, or goes on with what does not belong here")

    def refuse(self, why: str) -> NoReturn:
        """Say in which line the text is not what it should be."""
        line = self._line + self._text.count("\n", 0, self._at)
        raise ValueError(f"line {line}: {why}")

    def _more(self) -> bool:
        """Drop what has been read, and get at least as much as is left; False at the end of the text."""
        self._line += self._text.count("\n", 0, self._at)
        parts = [self._text[self._at :]]
        self._at = 0
        missing = max(1, len(parts[0]))
        for piece in self._pieces:
            parts.append(piece)
            missing -= len(piece)
            if missing <= 0:
                break
        self._text = "".join(parts)
        return len(parts) > 1


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("a name comes twice in one object")
    return record


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")
