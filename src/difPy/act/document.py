"""A plan -> JSON that a person can read and edit, or CSV; and JSON -> a plan, every value checked."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import TYPE_CHECKING, Any

from difPy.act.acts import absolute
from difPy.act.steps import Action, Companion, Held, Plan, Seen, Step
from difPy.errors import WrongValue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VERSION = 1
COLUMNS = ("group", "action", "path", "kept", "distance", "bytes", "to", "undo", "why")


def to_json(plan: Plan) -> str:
    """The plan as JSON: steps may be taken out, or their action changed, before it is applied.

    All paths are absolute, so it may be applied from anywhere. Bytes of a path that are not UTF-8 are escapes, so the
    text can be written in UTF-8.

    Examples
    --------
    >>> from_json(to_json(Plan(()))) == Plan(())
    True
    """
    steps = ",\n".join(_step_text(step) for step in plan.steps)
    held = ",\n".join(_text(_held_record(held)) for held in plan.held)
    return f'{{"difPy": "plan", "version": {VERSION},\n"steps": [\n{steps}\n],\n"held": [\n{held}\n]}}\n'


def from_json(text: str | bytes) -> Plan:
    """The plan that `to_json` wrote, perhaps edited.

    Raises
    ------
    WrongValue
        If it is no plan; the text says where.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        raise WrongValue(f"the plan is not JSON: {error}") from None
    if not isinstance(value, dict) or value.get("difPy") != "plan":
        raise WrongValue("this is not a plan of difPy's")
    if value.get("version") != VERSION:
        raise WrongValue(f"this plan has version {value.get('version')!r}; this difPy reads version {VERSION}")
    return Plan(_all(value, "steps", _step), _all(value, "held", _held))


def to_csv(plan: Plan) -> str:
    """The plan as CSV with a header, one row for each picture, also for those held back.

    Bytes of a path that are not UTF-8 are surrogates: write it with ``errors="surrogateescape"``.
    """
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for step in plan.steps:
        file, kept = step.file, step.keeper
        what = (step.group, step.action, file.path, kept.path, step.distance, file.size)
        rows.writerow((*what, step.to or "", step.undo_in_words, step.why))
    for held in plan.held:
        rows.writerow((held.group, "hold", held.path, held.keeper, "", "", "", "", held.why))
    return text.getvalue()


def _step_text(step: Step) -> str:
    about = {"group": step.group, "action": step.action, "distance": step.distance, "px_size": step.px_size}
    about["to"] = _absolute(step.to)
    words = {"why": step.why, "undo": step.undo_in_words}
    lines = [_text(about | words)[:-1], f'"file": {_text(_seen_record(step.file))}']
    lines.append(f'"keeper": {_text(_seen_record(step.keeper))}')
    if step.companions:
        lines.append(
            '"companions": [' + ",\n   ".join(_text(_companion_record(part)) for part in step.companions) + "]"
        )
    return ",\n  ".join(lines) + "}"


def _text(record: Mapping[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def _seen_record(seen: Seen) -> dict[str, object]:
    record: dict[str, object] = {"path": _absolute(seen.path)}
    record |= {name: getattr(seen, name) for name in _NUMBERS}
    record["root"] = _absolute(seen.root)
    return record | ({"digest": seen.digest.hex()} if seen.digest else {})


def _absolute(path: str | None) -> str | None:
    return absolute(path) if path else path


def _companion_record(part: Companion) -> dict[str, object]:
    return {
        "kind": "sidecar" if part.sidecar else "name",
        "file": _seen_record(part.seen),
        "to": _absolute(part.to),
        "twin": _seen_record(part.twin) if part.twin else None,
        "shared_with": [absolute(path) for path in part.shared_with],
    }


def _held_record(held: Held) -> dict[str, object]:
    return {"group": held.group, "path": absolute(held.path), "keeper": absolute(held.keeper), "why": held.why}


_NUMBERS = ("size", "mtime_ns", "device", "inode")


def _all(value: Mapping[str, Any], name: str, read: Callable[[Mapping[str, Any]], Any]) -> tuple[Any, ...]:
    """Every record of a list, read."""
    records = value.get(name)
    if not isinstance(records, list):
        raise WrongValue(f'the plan has no list "{name}"')
    found = []
    for number, record in enumerate(records, 1):
        try:
            found.append(read(record))
        except KeyError as error:
            raise WrongValue(f"{name} {number}: {error} is missing") from None
        except (TypeError, ValueError) as error:
            raise WrongValue(f"{name} {number}: {error}") from None
    return tuple(found)


def _step(record: Mapping[str, Any]) -> Step:
    distance = record["distance"]
    if isinstance(distance, bool) or not isinstance(distance, (int, float)) or not 0 <= distance < math.inf:
        raise ValueError(f"distance must be a number of 0 or more, not {distance!r}")
    return Step(
        group=_whole(record["group"]),
        action=Action(record["action"]),
        file=_seen(record["file"]),
        keeper=_seen(record["keeper"]),
        distance=distance,
        why=_string(record.get("why", "")),
        to=_path_or_none(record.get("to")),
        companions=tuple(_companion(part) for part in record.get("companions", ())),
        px_size=_px_size(record["px_size"]),
    )


def _companion(record: Mapping[str, Any]) -> Companion:
    return Companion(
        seen=_seen(record["file"]),
        to=_path_or_none(record.get("to")),
        sidecar={"sidecar": True, "name": False}[record["kind"]],
        twin=_seen(record["twin"]) if record.get("twin") else None,
        shared_with=tuple(_path(path) for path in record.get("shared_with", ())),
    )


def _held(record: Mapping[str, Any]) -> Held:
    return Held(_whole(record["group"]), _path(record["path"]), _path(record["keeper"]), _string(record["why"]))


def _seen(record: Mapping[str, Any]) -> Seen:
    digest = bytes.fromhex(record["digest"]) if record.get("digest") else None
    if digest is not None and len(digest) != 32:
        raise ValueError(f"a digest has 64 hexadecimal figures, not {len(digest) * 2}")
    size, mtime_ns, device, inode = (_whole(record[name]) for name in _NUMBERS)
    return Seen(_path(record["path"]), size, mtime_ns, device, inode, digest, _string(record.get("root", "")))


def _px_size(value: object) -> int:
    size = _whole(value)
    if not 10 <= size <= 5000:
        raise ValueError(f"px_size is from 10 to 5000, not {size}")
    return size


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} should be a whole number")
    return value


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} should be a text")
    return value


def _path(value: object) -> str:
    path = _string(value)
    if not path or "\0" in path:
        raise ValueError(f"{path!r} cannot be a path")
    return path


def _path_or_none(value: object) -> str | None:
    return None if value is None else _path(value)
