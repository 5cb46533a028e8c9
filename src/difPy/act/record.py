"""An act -> the values of a journal's line; and these -> the act, every value checked.

What an undo obeys is what is written there. So a name of ours is one only by its pattern, a path is one that leads to
one place, and no mode makes a file run as somebody else.
"""

from __future__ import annotations

import base64
import os
import re
import sys
from typing import TYPE_CHECKING, Any

from difPy.act.acts import Act, Now, Refusal, Was
from difPy.act.steps import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBERS = ("size", "mtime_ns", "atime_ns", "mode", "user", "group", "device", "inode")
_GREATEST = {"mode": 0o1777, "user": 1 << 32, "group": 1 << 32, "device": 1 << 64, "inode": 1 << 128}
_NONE: Mapping[str, bytes] = {}
_NOWHERE = Now()
_ATTRIBUTE = re.compile(r"[^\0.]+\.[^\0]+", re.DOTALL)
_KEYS = {"is", "n", "unit", "action", "path", "to", "others", "others_to", "keeper", "same", "temporary", "was"}


def to_record(act: Act) -> dict[str, Any]:
    """The act as JSON has it; what says nothing is left out."""
    was = act.was
    record: dict[str, Any] = {"n": act.number, "unit": act.unit, "action": str(act.action), "path": act.path}
    record |= {name: value for name in ("to", "others", "others_to") if (value := getattr(act, name))}
    record |= {"keeper": act.keeper, "same": act.same, "temporary": act.temporary}
    facts = {name: getattr(was, name) for name in _NUMBERS}
    if was.digest:
        facts["digest"] = was.digest.hex()
    if was.attributes:
        facts["attributes"] = {name: base64.b64encode(value).decode() for name, value in was.attributes.items()}
    return record | {"was": facts}


def require_readable(act: Act) -> None:
    """Refuse an act that could not be read back, and so not be undone, before it is done."""
    try:
        from_record(to_record(act), act.token)
    except (KeyError, TypeError, ValueError) as error:
        raise Refusal(f"its journal could not be read back, and it not be undone: {error}") from None


def from_record(record: Mapping[str, Any], token: str) -> Act:
    """The act that `to_record` wrote; KeyError, TypeError or ValueError for anything else.

    Parameters
    ----------
    token : str
        The journal's: what its names of ours begin with.
    """
    if unknown := record.keys() - _KEYS:
        raise ValueError(f"unknown: {unknown}")
    number, action, path = whole(record["n"]), Action(record["action"]), a_path(record["path"])
    to = record.get("to")
    if action in (Action.MOVE, Action.TRASH) and to is not None and a_path(to) == path:
        raise ValueError("it would be moved to itself")
    if action is Action.MOVE and to is None:
        raise ValueError("it is not said where it was moved to")
    if record["temporary"] != f".difpy-{token}-{number}":
        raise ValueError("that is no name of ours")
    if not isinstance(record["same"], bool):
        raise TypeError("same is yes or no")
    return Act(
        number=number,
        unit=whole(record["unit"]),
        action=action,
        path=path,
        was=_was(record["was"]),
        keeper=sys.intern(a_path(record["keeper"])) if record["keeper"] else "",  # that of many
        same=record["same"],
        to=None if to is None else _text(to),
        others=tuple(map(a_path, record.get("others", ()))),
        others_to=tuple(map(_text if action is Action.SYMLINK else a_path, record.get("others_to", ()))),
        token=token,
    )


def now_from(record: Mapping[str, Any]) -> Now:
    """Where the bytes are after an act."""
    if "path" not in record:
        return _NOWHERE
    return Now(a_path(record["path"]), whole(record["size"]), whole(record["mtime_ns"], least=-(1 << 63)))


def whole(value: object, *, least: int = 0, greatest: int = 1 << 63) -> int:
    """A whole number within the bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= greatest:
        raise ValueError(f"{value!r} is no such number")
    return value


def a_path(value: object) -> str:
    """A path that leads to one place, wherever one is: absolute, and with no steps back.

    Examples
    --------
    >>> a_path(os.path.abspath("a.jpg")) == os.path.abspath("a.jpg")
    True
    """
    path = _text(value)
    if not os.path.isabs(path) or os.path.normpath(path) != path:
        raise ValueError(f"{path!r} is no absolute path")
    return path


def _was(facts: Mapping[str, Any]) -> Was:
    least = {"mtime_ns": -(1 << 63), "atime_ns": -(1 << 63)}
    numbers = {
        name: whole(facts[name], least=least.get(name, 0), greatest=_GREATEST.get(name, 1 << 63)) for name in _NUMBERS
    }
    digest = bytes.fromhex(facts["digest"]) if "digest" in facts else None
    if digest is not None and len(digest) != 32:
        raise ValueError("that is no digest")
    attributes = facts.get("attributes", {})
    if not all(_ATTRIBUTE.fullmatch(name) for name in attributes):
        raise ValueError("that is no name of an attribute")
    values = {name: base64.b64decode(value, validate=True) for name, value in attributes.items()}
    return Was(**numbers, digest=digest, attributes=values or _NONE)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError(f"{value!r} is no text")
    os.fsencode(value)  # or it could not be asked for
    return value
