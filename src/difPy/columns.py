"""What a search found in; the same as columns, one row a picture, out: for whatever takes Arrow, and as Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from difPy.errors import MissingExtra
from difPy.model import Verdict
from difPy.protection import reference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from difPy.files import File, Files
    from difPy.model import Gallery, Group, Member

KEPT, NO_MATCH, UNREAD = "kept", "no match", "unread"
"""Verdicts of pictures that are no matches of another: see also `Verdict`."""


class Looked(NamedTuple):
    """All that a search looked at, whether or not it was found to match, or to be a picture."""

    files: Files
    pictures: Callable[[], Gallery | None]
    """Those that are pictures, asked for when they are needed; None where none was decoded."""
    unread: Mapping[str, str]
    """Path -> why it was not compared."""
    references: Sequence[str]

    def order(self) -> tuple[list[int], int]:
        """Rows of the files: those that were searched in their order, then those of references; and how many those are.

        Returns
        -------
        rows : list of int
        searched : int
            So many rows come first.
        """
        files, chosen = self.files, set(self.references)
        referred = np.array([root in chosen for root in files.roots], np.bool_)
        for row, (hard_links, *_) in files.links.items() if chosen else ():
            referred[row] = reference(files.roots[row], hard_links, self.references) is not None
        return np.argsort(referred, kind="stable").tolist(), int((~referred).sum())


def keep(looked: Looked, groups: Sequence[Group]) -> npt.NDArray[np.bool_]:
    """Which of the searched pictures stay, in their order: all but the matches of others.

    Returns
    -------
    ndarray of bool, shape (n,)
        What could not be read stays. Pictures of references are not among the n.
    """
    gone = {member.file.path for group in groups for member in group.members}
    rows, searched = looked.order()
    paths = looked.files.paths
    return np.array([paths[row] not in gone for row in rows[:searched]], np.bool_)


def table(looked: Looked, groups: Sequence[Group]) -> Any:
    """A `pyarrow.Table` of one row a picture; those of references come last.

    Raises
    ------
    MissingExtra
        pyarrow is not installed.
    """
    pa = _arrow()
    rows, searched = looked.order()
    files = looked.files.take(rows)
    found = _found(groups)
    gallery = looked.pictures()
    rows_of = {} if gallery is None else dict(zip(gallery.files.paths, range(len(gallery)), strict=True))
    facts = {path: _facts(gallery, row) for path, row in rows_of.items() if gallery is not None}
    if gallery is None:  # all were compared, and of what matches the digests are known
        facts = dict.fromkeys(files.paths, (None, None, None, None))
        facts |= {path: (None, None, None, _hex(place)) for path, place in found.items()}
    records = [_record(file, looked, facts.get(file.path), *found.get(file.path, _NONE)) for file in files]
    columns: dict[str, Sequence[object]] = dict(
        zip(_NAMES, zip(*records, strict=True) if records else [()] * len(_NAMES), strict=True)
    )
    columns["reference"] = [row >= searched for row in range(len(rows))]
    return pa.table({name: pa.array(values, _types(pa)[name]) for name, values in columns.items()})


def parquet(looked: Looked, groups: Sequence[Group]) -> bytes:
    """The same as the bytes of a Parquet file.

    Raises
    ------
    MissingExtra
        pyarrow is not installed.
    """
    pa = _arrow()
    import pyarrow.parquet

    sink = pa.BufferOutputStream()
    pyarrow.parquet.write_table(table(looked, groups), sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


_Place = tuple["int | None", "Group | None", "Member | None"]
_NONE: _Place = (None, None, None)
_NAMES = (
    "uri",
    "member",
    "keep",
    "group",
    "kept_uri",
    "kept_member",
    "mse",
    "orientation",
    "verdict",
    "reason",
    "width",
    "height",
    "format",
    "bytes",
    "blake3",
)


def _types(pa: Any) -> dict[str, Any]:
    numbers = {"keep": pa.bool_(), "group": pa.int64(), "mse": pa.float64(), "orientation": pa.uint8()}
    numbers |= {"width": pa.int32(), "height": pa.int32(), "bytes": pa.int64(), "reference": pa.bool_()}
    return dict.fromkeys(_NAMES, pa.string()) | numbers


def _found(groups: Sequence[Group]) -> dict[str, _Place]:
    """Path -> the number of its group, the group, and what it is in that; None for the kept one."""
    found: dict[str, _Place] = {}
    for number, group in enumerate(groups):
        found[group.keeper.path] = (number, group, None)
        for member in group.members:
            found[member.file.path] = (number, group, member)
    return found


_Facts = tuple["int | None", "int | None", "str | None", "str | None"]


def _facts(gallery: Gallery, row: int) -> _Facts:
    """Width, height, format and digest of a picture."""
    return int(gallery.widths[row]), int(gallery.heights[row]), gallery.formats[row], gallery.digests[row].hex()


def _hex(place: _Place) -> str | None:
    """The digest of what is in a group."""
    _, group, member = place
    file = member.file if member is not None else group.keeper if group is not None else None
    return None if file is None or file.digest is None else file.digest.hex()


def _record(
    file: File, looked: Looked, facts: _Facts | None, number: int | None, group: Group | None, member: Member | None
) -> tuple[object, ...]:
    why_not = looked.unread.get(file.path)
    *about, digest = facts or (None, None, None, None)
    verdict: str = NO_MATCH if facts is not None and why_not is None else UNREAD
    reason = why_not
    if group is not None:
        verdict = KEPT if member is None else Verdict(member.verdict).value
        reason = (group.why if member is None else member.note) or None
    kept = group.keeper if group is not None and member is not None else None
    return (
        *_text_of(file),
        member is None,
        number,
        *(_text_of(kept) if kept is not None else (None, None)),
        member.distance if member is not None else None,
        member.orientation if member is not None else None,
        verdict,
        reason,
        *about,
        file.size if file.size >= 0 else None,
        digest,
    )


def _text_of(file: File) -> tuple[str, str | None]:
    """Address of a picture: what holds it, and which of that it is. Bytes that are not UTF-8 are escaped."""
    uri, member = (file.path, "") if file.address is None else (file.address.uri, file.address.member)
    return _printed(uri), _printed(member) or None


def _printed(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def require() -> None:
    """Ask that there is what makes columns.

    Raises
    ------
    MissingExtra
    """
    _arrow()


def _arrow() -> Any:
    try:
        import pyarrow
    except ImportError:
        raise MissingExtra("results as columns take pyarrow: pip install 'difPy[data]'") from None
    return pyarrow
