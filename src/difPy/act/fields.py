"""A record of a document and a name -> the value that is written there, if it is one that can be."""

from __future__ import annotations

import os
import reprlib
from typing import TYPE_CHECKING, Any, TypeGuard

from difPy.act.steps import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT = 2**128
"""Whole numbers lie below it: no system numbers its files with more bits."""
_WORST = 255.0**2
"""The greatest mean squared error."""


class Wrong(ValueError):
    """A value that cannot be; the text says which."""


def record(given: object, what: str) -> dict[str, Any]:
    """A record itself."""
    if not isinstance(given, dict):
        raise Wrong(f"{what} should be an object in braces, not {_short(given)}")
    return given


def value(record: Mapping[str, Any], name: str) -> Any:
    """Whatever is written there."""
    if name not in record:
        raise Wrong(f'"{name}" is missing')
    return record[name]


def sequence(record: Mapping[str, Any], name: str) -> list[Any]:
    """A list; empty where none is written."""
    given = record.get(name, [])
    if not isinstance(given, list):
        raise Wrong(f'"{name}" should be a list in brackets, not {_short(given)}')
    return given


def whole(record: Mapping[str, Any], name: str, least: int = 0, below: int = LIMIT) -> int:
    """A whole number."""
    given = value(record, name)
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given < below:
        raise Wrong(f'"{name}" should be a whole number that a file can have, not {_short(given)}')
    return given


def px_size(record: Mapping[str, Any]) -> int:
    """The size at which two pictures were compared."""
    size = whole(record, "px_size")
    if not 10 <= size <= 5000:
        raise Wrong(f'"px_size" is from 10 to 5000, not {size}')
    return size


def distance(record: Mapping[str, Any]) -> float:
    """How far two pictures are apart."""
    given = value(record, "distance")
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not 0 <= given <= _WORST:
        raise Wrong(f'"distance" should be a number from 0 to {_WORST:.0f}, not {_short(given)}')
    return given


def action(record: Mapping[str, Any]) -> Action:
    """What is to be done."""
    given = text(record, "action")
    try:
        return Action(given)
    except ValueError:
        raise Wrong(f'"action" is one of {", ".join(Action)}, not {_short(given)}') from None


def digest(record: Mapping[str, Any]) -> bytes:
    """32 bytes, written as hexadecimal figures."""
    figures = text(record, "digest")
    try:
        found = bytes.fromhex(figures)
    except ValueError:
        found = b""
    if len(found) != 32:
        raise Wrong(f'"digest" has 64 hexadecimal figures; {_short(figures)} has not')
    return found


def text(record: Mapping[str, Any], name: str, missing: str | None = None) -> str:
    """A text; `missing`, if that is given, where none is written."""
    given = value(record, name) if missing is None else record.get(name, missing)
    if not isinstance(given, str):
        raise Wrong(f'"{name}" should be a text, not {_short(given)}')
    return given


def path_or_none(record: Mapping[str, Any], name: str) -> str | None:
    """A path, or None."""
    return None if record.get(name) is None else path(record, name)


def path(record: Mapping[str, Any], name: str) -> str:
    """A path that the system could have, and that means the same from wherever a plan is applied."""
    return as_path(value(record, name), name)


def as_path(given: object, name: str) -> str:
    """The same of a value at hand."""
    if not can_be_a_name(given) or not os.path.isabs(given):
        raise Wrong(f'"{name}" should be a path from the root on, not {_short(given)}')
    return given


def can_be_a_name(given: object) -> TypeGuard[str]:
    """Whether the system could have a path, or a link say, what is written there."""
    if not isinstance(given, str) or not given or "\0" in given:
        return False
    try:
        os.fsencode(given)
    except UnicodeEncodeError:
        return False
    return True


def _short(given: object) -> str:
    """A value as a person may read it: the brackets are enough of what is in brackets."""
    if isinstance(given, (dict, list)):
        return "{...}" if isinstance(given, dict) else "[...]"
    return reprlib.repr(given)
