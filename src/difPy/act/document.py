"""A plan -> JSON that a person can read and edit, or CSV."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING

from difPy.act.acts import absolute
from difPy.act.reading import NUMBERS, VERSION
from difPy.tables import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from difPy.act.steps import Companion, Held, Merge, Plan, Seen, Step

COLUMNS = ("group", "action", "path", "kept", "distance", "bytes", "to", "undo", "why")


def to_json(plan: Plan) -> str:
    """The plan as JSON: steps may be taken out, or their action changed, before it is applied.

    All paths are absolute, so it may be applied from anywhere. Bytes of a path that are not UTF-8 are escapes, so the
    text can be written in UTF-8.

    Examples
    --------
    >>> from difPy.act import Plan, from_json
    >>> from_json(to_json(Plan(()))) == Plan(())
    True
    """
    steps = ",\n".join(_step_text(step) for step in plan.steps)
    held = ",\n".join(_text(_held_record(held)) for held in plan.held)
    return f'{{"difPy": "plan", "version": {VERSION},\n"steps": [\n{steps}\n],\n"held": [\n{held}\n]}}\n'


def to_csv(plan: Plan) -> str:
    """The plan as CSV with a header, one row for each picture, also for those held back.

    Bytes of a path that are not UTF-8 are surrogates: write it with ``errors="surrogateescape"``.
    """
    rows: list[tuple[object, ...]] = []
    for step in plan.steps:
        file, kept = step.file, step.keeper
        what = (step.group, step.action, file.path, kept.path, step.distance, file.size)
        rows.append((*what, step.to or "", step.undo_in_words, step.why))
    rows += [(held.group, "hold", held.path, held.keeper, "", "", "", "", held.why) for held in plan.held]
    return table(COLUMNS, rows)


def _step_text(step: Step) -> str:
    about = {"group": step.group, "action": step.action, "distance": step.distance, "px_size": step.px_size}
    about |= {"altered": step.altered} if step.altered else {}
    about["to"] = _absolute(step.to)
    words = {"why": step.why, "undo": step.undo_in_words}
    lines = [_text(about | words)[:-1], f'"file": {_text(_seen_record(step.file))}']
    lines.append(f'"keeper": {_text(_seen_record(step.keeper))}')
    if step.merge:
        lines.append(f'"merge": {_text(_merge_record(step.merge))}')
    if step.companions:
        lines.append(
            '"companions": [' + ",\n   ".join(_text(_companion_record(part)) for part in step.companions) + "]"
        )
    return ",\n  ".join(lines) + "}"


def _text(record: Mapping[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def _seen_record(seen: Seen) -> dict[str, object]:
    record: dict[str, object] = {"path": _absolute(seen.path)}
    record |= {name: getattr(seen, name) for name in NUMBERS}
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


def _merge_record(merge: Merge) -> dict[str, object]:
    said = {one.name: getattr(merge.notes, one.name) for one in fields(merge.notes)}
    return {
        "path": _absolute(merge.path),
        "beside": _seen_record(merge.beside) if merge.beside else None,
        "notes": {name: value for name, value in said.items() if value not in (None, "", ())},
    }


def _held_record(held: Held) -> dict[str, object]:
    return {"group": held.group, "path": absolute(held.path), "keeper": absolute(held.keeper), "why": held.why}
