"""What a search would look at in; what it found when it last looked at just that, out: nothing is compared again.

An answer is remembered under a digest of all that decides it: the files, as the scan found them, and their contents;
the options; the decoders; and the program itself. What differs in any of these has another digest, so no answer is ever
out of date, whoever changed what: it is only not found.
"""

from __future__ import annotations

import json
import os
import zlib
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from blake3 import blake3

from difPy import store
from difPy.match.settled import Settled
from difPy.model import Group, Member, Shared, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from difPy.change import Change
    from difPy.files import File, Files
    from difPy.options import SearchOptions
    from difPy.store import Index

WAY = store.Way("answers", "1")
MOST = 16
"""Answers that are kept: the latest."""
LARGEST = 8 << 20
"""Bytes of an answer that is kept, packed: of some hundred thousand groups."""
_PIECE = 1 << 16
_DIGEST = 32


def question(
    index: Index,
    files: Files,
    digests: Sequence[bytes] | None,
    options: SearchOptions,
    keep: Sequence[str],
    references: Sequence[str],
    *,
    in_folder: bool,
    recipe: str = "",
) -> bytes:
    """A digest of all that decides what a search finds.

    Parameters
    ----------
    index : Index
    files : Files
        That are compared.
    digests : sequence of bytes or None
        BLAKE3 of their bytes; None where that is not known, and files are taken by their facts alone.
    options : SearchOptions
    keep, references : sequence of str
        As a person asked for them.
    in_folder : bool
    recipe : str, optional
        Of the method that finds altered copies.

    Returns
    -------
    bytes
        32 of them.
    """
    state = blake3()
    numbers = {root: number for number, root in enumerate(dict.fromkeys(files.roots))}
    asked = (
        _program(),
        repr(index.recipe),
        recipe,
        [options.similarity if options.by_bytes else options.threshold, options.method],
        [options.criterion.orientations, options.only_same_dimensions, options.only_reference, in_folder],
        [keep, references, os.getcwd()],
        [(root, os.path.realpath(root)) for root in numbers],
        sorted(files.links.items()),
        sorted((row, one.text, one.version, one.column) for row, one in files.addresses.items()),
    )
    columns = [files.sizes, files.times, files.devices, files.inodes]
    parts = [
        repr(asked).encode("utf-8", "surrogatepass"),
        *(column.tobytes() if column.dtype != object else repr(column.tolist()).encode() for column in columns),
        repr([numbers[root] for root in files.roots] if len(numbers) > 1 else len(files)).encode(),
        "\0".join(files.paths).encode("utf-8", "surrogatepass"),
        b"".join(digests or ()),
    ]
    for part in parts:
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.digest()


def recall(index: Index, asked: bytes, files: Files, digests: Sequence[bytes] | None) -> Settled | None:
    """What was found when this was asked last; None if it was not, or is not remembered any more."""
    first = index.recall(WAY, [_key(asked, 0)]).get(_key(asked, 0))
    if first is None:
        return None
    try:
        count, check = int.from_bytes(first[:4], "little"), first[4 : 4 + _DIGEST]
        keys = [_key(asked, number) for number in range(1, min(count, LARGEST // _PIECE + 1) + 1)]
        pieces = index.recall(WAY, keys)
        packed = b"".join(pieces[key] for key in keys)
        if blake3(packed).digest() != check:
            return None
        return _settled(json.loads(zlib.decompressobj().decompress(packed, LARGEST * 16)), files, digests)
    except (
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        zlib.error,
    ):  # of no use: it will be found anew
        return None


def remember(index: Index, asked: bytes, found: Settled, files: Files) -> None:
    """Keep what was found, unless it is too large, or there is no file to keep it in."""
    if index.path is None:
        return
    packed = zlib.compress(json.dumps(_record(found, files), separators=(",", ":")).encode(), 1)
    if len(packed) > LARGEST:
        return
    pieces = [packed[start : start + _PIECE] for start in range(0, len(packed), _PIECE)]
    head = len(pieces).to_bytes(4, "little") + blake3(packed).digest()
    index.remember(WAY, {_key(asked, number): piece for number, piece in enumerate([head, *pieces])})
    index.keep_latest(WAY, _DIGEST, MOST)


def _key(asked: bytes, number: int) -> bytes:
    return asked + number.to_bytes(4, "little")


@cache
def _program() -> list[tuple[str, int, int]]:
    """The files of this package, by size and time: whatever a search goes by stands in them, loops in C, too."""
    folders, found = [os.path.dirname(os.path.dirname(__file__))], []
    for folder in folders:  # which grows
        with suppress(OSError), os.scandir(folder) as entries:  # in an archive, or a frozen program, there is none
            for entry in entries:
                if entry.is_dir():
                    folders += [] if entry.name == "__pycache__" else [entry.path]
                else:
                    status = entry.stat()
                    found.append((entry.path, status.st_size, status.st_mtime_ns))
    return sorted(found)


def _record(found: Settled, files: Files) -> dict[str, Any]:
    """What was found as numbers of files, and what is known of these beside that."""
    rows = {path: row for row, path in enumerate(files.paths)}
    about = {file.path: file for group in found.groups for file in group.files}
    about |= {file.path: file for one in found.shared for file in (one.first, one.second)}
    return {
        "searched": found.searched,
        "compared": found.compared,
        "files": {rows[path]: [file.width, file.height, file.format, _hex(file)] for path, file in about.items()},
        "groups": [
            [rows[group.keeper.path], group.why, group.px_size, [_member(member, rows) for member in group.members]]
            for group in found.groups
        ],
        "shared": [
            [rows[one.first.path], rows[one.second.path], _values(one.change), one.verdict] for one in found.shared
        ],
    }


def _hex(file: File) -> str:
    return "" if file.digest is None else file.digest.hex()


def _member(one: Member, rows: dict[str, int]) -> list[Any]:
    change = None if one.change is None else _values(one.change)
    return [rows[one.file.path], one.distance, one.orientation, one.more, one.holds, one.differs, change, one.shows]


def _settled(values: dict[str, Any], files: Files, digests: Sequence[bytes] | None) -> Settled:
    known = dict(_files(values["files"], files, digests))
    groups = []
    for keeper, why, px_size, members in values["groups"]:
        found = tuple(
            Member(
                known[row],
                distance,
                orientation,
                tuple(more),
                holds,
                differs,
                None if change is None else _change(change),
                shows,
            )
            for row, distance, orientation, more, holds, differs, change, shows in members
        )
        groups.append(Group(known[keeper], found, why, px_size))
    shared = [
        Shared(known[first], known[second], _change(change), Verdict(verdict))
        for first, second, change, verdict in values["shared"]
    ]
    return Settled(groups, [], values["searched"], values["compared"], 0, shared)


def _values(change: Change) -> dict[str, Any]:
    from difPy.match import records  # here: most searches find no altered copies

    return records.values(change)


def _change(values: dict[str, Any]) -> Change:
    from difPy.match import records

    return records.change(values)


def _files(values: dict[str, Any], files: Files, digests: Sequence[bytes] | None) -> Iterator[tuple[int, File]]:
    for number, (width, height, kind, digest) in values.items():
        row = int(number)
        yield row, files.known(row, bytes.fromhex(digest) if digests is None else digests[row], width, height, kind)
