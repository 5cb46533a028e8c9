"""The JSON of a plan, perhaps edited, perhaps hostile -> the plan, every value checked, one step at a time."""

from __future__ import annotations

import codecs
import dataclasses
import os
import reprlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from difPy.act import disk, fields
from difPy.act.members import members
from difPy.act.steps import Companion, Held, Merge, Plan, Seen, Step
from difPy.errors import UsageError, WrongValue
from difPy.notes import Notes, text, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    T = TypeVar("T")

VERSION = 1
NUMBERS = ("size", "mtime_ns", "device", "inode")


def read_plan(path: str | os.PathLike[str]) -> Plan:
    """The plan in a file that `to_json` wrote, perhaps edited. No more of the text than a step is held at once.

    Raises
    ------
    UsageError
        If the file cannot be read, or is no regular file: a pipe or a device need not end.
    WrongValue
        If it is no plan; the text says where.

    Examples
    --------
    >>> import tempfile
    >>> from difPy.act import to_json, write_new
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_new(os.path.join(folder, "plan.json"), to_json(Plan(())).encode())
    ...     read_plan(os.path.join(folder, "plan.json"))
    Plan(steps=(), held=())
    """
    name = os.fspath(path)
    if "\0" in name:
        raise WrongValue(f"no file can have the name {name!r}")
    try:
        return _plan(_decoded(disk.chunks(name, through_links=True)))
    except WrongValue as error:
        raise WrongValue(f'"{name}": {error}') from None
    except OSError as error:
        why = f'the plan "{name}" cannot be read: {error.strerror}'
        raise UsageError(f"{why}; name a file that difpy plan -o has written") from None


def from_json(text: str | bytes) -> Plan:
    """The plan that `to_json` wrote, perhaps edited.

    Raises
    ------
    WrongValue
        If it is no plan; the text says where.

    Examples
    --------
    >>> from_json('{"difPy": "plan", "version": 1, "steps": [], "held": []}')
    Plan(steps=(), held=())
    """
    return _plan([text.removeprefix("\ufeff")] if isinstance(text, str) else _decoded([text]))


def _decoded(chunks: Iterable[bytes]) -> Iterator[str]:
    """Text of the bytes: UTF-8, or UTF-16 where a mark says so, as some editors and shells on Windows write it."""
    decoder = None
    for chunk in chunks:
        if decoder is None:
            marked = chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            decoder = codecs.getincrementaldecoder("utf-16" if marked else "utf-8-sig")()
        yield decoder.decode(chunk)
    if decoder is not None:
        yield decoder.decode(b"", final=True)


def _plan(pieces: Iterable[str]) -> Plan:
    reader = _Reader()
    found: dict[str, Any] = {}
    lists: dict[str, Callable[[Any], object]] = {"steps": reader.step, "held": reader.held}
    try:
        for name, value in members(pieces):
            if name in lists and isinstance(value, Iterator):
                found[name] = tuple(_each(name, value, lists[name]))
            elif name in ("difPy", "version"):
                found[name] = value
            if found.get("difPy", "plan") != "plan":
                break
    except WrongValue:
        raise
    except UnicodeDecodeError as error:
        raise WrongValue(f"the plan is not written in UTF-8: {error.reason}") from None
    except ValueError as error:
        raise WrongValue(f"this is no plan: {error}") from None
    if found.get("difPy") != "plan":
        raise WrongValue("this is not a plan of difPy's")
    version = found.get("version")
    if version != VERSION:
        raise WrongValue(f"this plan has version {reprlib.repr(version)}; this difPy reads version {VERSION}")
    for name in lists:
        if name not in found:
            raise WrongValue(f'the plan has no list "{name}"')
    return Plan(found["steps"], found["held"])


def _each(name: str, records: Iterable[Any], read: Callable[[Any], T]) -> Iterator[T]:
    """Every record of a list, read."""
    for number, record in enumerate(records, 1):
        try:
            yield read(record)
        except fields.Wrong as error:
            raise WrongValue(f"{name} {number}: {error}") from None


class _Reader:
    """Reads records. What is the same from step to step is held in memory once."""

    def __init__(self) -> None:
        self._keeper: Seen | None = None
        self._keeper_record: object = None
        self._why = ""
        self._root = ""
        self._device = 0

    def step(self, value: object) -> Step:
        """A step."""
        record = fields.record(value, "a step")
        if self._keeper is None or fields.value(record, "keeper") != self._keeper_record:
            self._keeper = self.seen(record, "keeper")
            self._keeper_record = record["keeper"]
        why = fields.text(record, "why", "")
        if why != self._why:
            self._why = why
        return Step(
            group=fields.whole(record, "group"),
            action=fields.action(record),
            file=self.seen(record, "file"),
            keeper=self._keeper,
            distance=fields.distance(record),
            why=self._why,
            to=fields.path_or_none(record, "to"),
            companions=tuple(self.companion(part) for part in fields.sequence(record, "companions")),
            px_size=fields.px_size(record),
            merge=None if record.get("merge") is None else self.merge(record["merge"]),
            altered=fields.text(record, "altered", ""),
        )

    def merge(self, value: object) -> Merge:
        """What is written beside a kept picture."""
        record = fields.record(value, '"merge"')
        beside = None if record.get("beside") is None else self.seen(record, "beside")
        return Merge(
            fields.path(record, "path"), _notes(fields.record(fields.value(record, "notes"), '"notes"')), beside
        )

    def companion(self, value: object) -> Companion:
        """A companion of a step."""
        record = fields.record(value, "a companion")
        kind = fields.text(record, "kind")
        if kind not in ("sidecar", "name"):
            raise fields.Wrong(f'"kind" is sidecar or name, not {reprlib.repr(kind)}')
        return Companion(
            seen=self.seen(record, "file"),
            to=fields.path_or_none(record, "to"),
            sidecar=kind == "sidecar",
            twin=None if record.get("twin") is None else self.seen(record, "twin"),
            shared_with=tuple(fields.as_path(path, "shared_with") for path in fields.sequence(record, "shared_with")),
        )

    def held(self, value: object) -> Held:
        """What is held back."""
        record = fields.record(value, "what is held back")
        return Held(
            fields.whole(record, "group"),
            fields.path(record, "path"),
            fields.path(record, "keeper"),
            fields.text(record, "why"),
        )

    def seen(self, record: Mapping[str, Any], name: str) -> Seen:
        """A file as the scan saw it."""
        about = fields.record(fields.value(record, name), f'"{name}"')
        root = fields.text(about, "root", "")
        if root != self._root:
            self._root = root and fields.as_path(root, "root")
        device = fields.whole(about, "device")
        if device != self._device:
            self._device = device
        digest = None if about.get("digest") is None else fields.digest(about)
        if digest is not None and self._keeper is not None and digest == self._keeper.digest:
            digest = self._keeper.digest
        numbers = fields.whole(about, "size"), fields.whole(about, "mtime_ns", least=-fields.LIMIT)
        return Seen(
            fields.path(about, "path"), *numbers, self._device, fields.whole(about, "inode"), digest, self._root
        )


def _notes(record: Mapping[str, Any]) -> Notes:
    """What a picture says."""
    if unknown := record.keys() - {one.name for one in dataclasses.fields(Notes)}:
        raise fields.Wrong(f'"notes" has no {reprlib.repr(min(unknown))}')
    place = fields.sequence(record, "place")
    if len(place) not in (0, 2, 3) or not all(type(value) in (int, float) and abs(value) < 1e6 for value in place):
        raise fields.Wrong('"place" has degrees north and east, and perhaps metres above the sea')
    lists = {name: fields.sequence(record, name) for name in ("keywords", "creators")}
    if not all(isinstance(value, str) for values in lists.values() for value in values):
        raise fields.Wrong('"keywords" and "creators" are texts')
    return Notes(
        rating=fields.whole(record, "rating", least=-1, below=6) if record.get("rating") is not None else None,
        keywords=texts(lists["keywords"]),
        title=text(fields.text(record, "title", "")),
        description=text(fields.text(record, "description", "")),
        creators=texts(lists["creators"]),
        copyright=text(fields.text(record, "copyright", "")),
        taken=text(fields.text(record, "taken", "")),
        place=tuple(place),
    )
