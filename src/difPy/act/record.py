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

from difPy.act import fields
from difPy.act.acts import Act, Now, Refusal, Was, Writing
from difPy.act.steps import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONG = 1 << 63
_NUMBERS = {
    "size": (0, _LONG),
    "mtime_ns": (-_LONG, _LONG),
    "atime_ns": (-_LONG, _LONG),
    "mode": (0, 0o2000),
    "user": (0, 1 << 32),
    "group": (0, 1 << 32),
    "device": (0, 1 << 64),
    "inode": (0, 1 << 128),
}
"""The facts of a file that are numbers, and the range of each, its end left out."""
_NONE: Mapping[str, bytes] = {}
_NOWHERE = Now()
_ATTRIBUTE = re.compile(r"[^\0.]+\.[^\0]+", re.DOTALL)
_KEYS = {
    "is",
    "n",
    "unit",
    "action",
    "path",
    "to",
    "others",
    "others_to",
    "keeper",
    "same",
    "temporary",
    "was",
    "new",
    "old",
}


def to_record(act: Act) -> dict[str, Any]:
    """The act as JSON has it; what says nothing is left out."""
    was = act.was
    record: dict[str, Any] = {"n": act.number, "unit": act.unit, "action": str(act.action), "path": act.path}
    record |= {"to": act.to} if act.to else {}
    record |= {name: list(paths) for name in ("others", "others_to") if (paths := getattr(act, name))}
    record |= {"keeper": act.keeper, "same": act.same, "temporary": act.temporary}
    facts = {name: getattr(was, name) for name in _NUMBERS}
    if was.digest:
        facts["digest"] = was.digest.hex()
    if was.attributes:
        facts["attributes"] = {name: base64.b64encode(value).decode() for name, value in was.attributes.items()}
    written = {
        name: base64.b64encode(data).decode() for name in ("new", "old") if (data := getattr(act, name)) is not None
    }
    return record | {"was": facts} | written


def require_readable(act: Act) -> None:
    """Refuse an act that could not be read back, and so not be undone, before it is done."""
    try:
        from_record(to_record(act), act.token)
    except ValueError as error:
        raise Refusal(f"its journal could not be read back, and it not be undone: {error}") from None


def from_record(record: Mapping[str, Any], token: str) -> Act:
    """The act that `to_record` wrote; ValueError for anything else.

    Parameters
    ----------
    token : str
        The journal's: what its names of ours begin with.
    """
    if unknown := record.keys() - _KEYS:
        raise fields.Wrong(f"unknown: {unknown}")
    number = fields.whole(record, "n", below=_LONG)
    action = Writing.NOTE if record.get("action") == Writing.NOTE else fields.action(record)
    target = _said if action is Action.SYMLINK else _straight
    path, same = straight_path(record, "path"), fields.value(record, "same")
    to = None if record.get("to") is None else target(record["to"])
    if to == path and action is not Action.SYMLINK:
        raise fields.Wrong("it would be moved to itself")
    if action is Action.MOVE and to is None:
        raise fields.Wrong("it is not said where it was moved to")
    if record.get("temporary") != f".difpy-{token}-{number}":
        raise fields.Wrong("that is no name of ours")
    if not isinstance(same, bool):
        raise fields.Wrong("same is yes or no")
    new, old = (_contents(record, name) for name in ("new", "old"))
    if (new is not None) != (action is Writing.NOTE) or (old is not None and action is not Writing.NOTE):
        raise fields.Wrong("only what is written has contents")
    if action is Writing.NOTE and not path.lower().endswith(".xmp"):
        raise fields.Wrong("only XMP files are written")
    return Act(
        number=number,
        unit=fields.whole(record, "unit", below=_LONG),
        action=action,
        path=path,
        was=_was(fields.record(fields.value(record, "was"), "was")),
        keeper=sys.intern(straight_path(record, "keeper")) if fields.text(record, "keeper") else "",  # that of many
        same=same,
        to=to,
        others=tuple(map(_straight, fields.sequence(record, "others"))),
        others_to=tuple(map(target, fields.sequence(record, "others_to"))),
        new=new,
        old=old,
        token=token,
    )


def now_from(record: Mapping[str, Any]) -> Now:
    """Where the bytes are after an act; ValueError if that makes no sense."""
    if "path" not in record:
        return _NOWHERE
    size, mtime_ns = (fields.whole(record, name, *_NUMBERS[name]) for name in ("size", "mtime_ns"))
    return Now(straight_path(record, "path"), size, mtime_ns)


def straight_path(record: Mapping[str, Any], name: str) -> str:
    """A path that leads to one place, wherever one is: from the root on, and with no steps back.

    Examples
    --------
    >>> straight_path({"path": os.path.abspath("a.jpg")}, "path") == os.path.abspath("a.jpg")
    True
    """
    return _straight(fields.value(record, name))


def _contents(record: Mapping[str, Any], name: str) -> bytes | None:
    """What a written file is, or was."""
    return base64.b64decode(fields.text(record, name), validate=True) if name in record else None


def _straight(given: object) -> str:
    path = fields.as_path(given, "path")
    if os.path.normpath(path) != path:
        raise fields.Wrong(f"{path!r} leads by ways that may change")
    return path


def _said(given: object) -> str:
    """What a symbolic link says: any path, also a relative one."""
    if not fields.can_be_a_name(given):
        raise fields.Wrong(f"{given!r} is nothing that a link can say")
    return given


def _was(facts: Mapping[str, Any]) -> Was:
    numbers = {name: fields.whole(facts, name, *bounds) for name, bounds in _NUMBERS.items()}
    digest = fields.digest(facts) if "digest" in facts else None
    attributes = fields.record(facts.get("attributes", {}), "attributes")
    if not all(_ATTRIBUTE.fullmatch(name) for name in attributes):
        raise fields.Wrong("that is no name of an attribute")
    values = {name: base64.b64decode(fields.text(attributes, name), validate=True) for name in attributes}
    return Was(**numbers, digest=digest, attributes=values or _NONE)
