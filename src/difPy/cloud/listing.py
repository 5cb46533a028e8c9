"""`Files` in; the bytes of an object that lists them, for those who decode them elsewhere, out; and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from difPy.address import Address
from difPy.cloud import tables
from difPy.errors import WrongValue
from difPy.files import Files

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBERS = ("sizes", "times", "devices", "inodes")
_TEXTS = ("uri", "member", "version", "column")
_PLACES = ("offset", "bytes")
COLUMNS = ("path", "root", *_NUMBERS, *_TEXTS, *_PLACES, "hard_links", "symlinks", "linked")
"""Of a list. Of a file on this disk, `uri` is null."""


def columns_of(files: Files) -> dict[str, Any]:
    """Files as columns.

    Raises
    ------
    WrongValue
        One of them lies in the memory of this process.
    """
    at = [files.addresses.get(row) for row in range(len(files))]
    if held := next((one for one in at if one is not None and one.held is not None), None):
        raise WrongValue(f"{held.uri!r} is in the memory of this process: save it as Parquet, and name the files")
    links = [files.links.get(row, ((), (), False)) for row in range(len(files))]
    return {
        "path": files.paths,
        "root": files.roots,
        **{name: getattr(files, name) for name in _NUMBERS},
        **{name: [None if one is None else getattr(one, name) for one in at] for name in _TEXTS},
        "offset": [None if one is None else one.offset for one in at],
        "bytes": [None if one is None else one.size for one in at],
        "hard_links": [list(hard) for hard, _, _ in links],
        "symlinks": [list(soft) for _, soft, _ in links],
        "linked": [linked for _, _, linked in links],
    }


def files_of(columns: Mapping[str, Any]) -> Files:
    """Files of columns, as Arrow gives them."""
    of = {name: columns[name].to_pylist() for name in COLUMNS if name not in _NUMBERS}
    links = {
        row: (tuple(hard), tuple(soft), linked)
        for row, (hard, soft, linked) in enumerate(zip(of["hard_links"], of["symlinks"], of["linked"], strict=True))
        if hard or soft or linked
    }
    parts = zip(*(of[name] for name in ("uri", "member", "offset", "bytes", "version", "column")), strict=True)
    addresses = {row: Address(*part) for row, part in enumerate(parts) if part[0] is not None}
    sizes, times, devices, inodes = (columns[name].to_numpy(zero_copy_only=False).copy() for name in _NUMBERS)
    return Files(of["path"], of["root"], sizes, times, devices, inodes, links, addresses)


def packed(files: Files) -> bytes:
    """The object that lists files."""
    kinds = dict.fromkeys(("path", "root", *_TEXTS), "string") | dict.fromkeys(_PLACES, "int64")
    return tables.parquet(columns_of(files), kinds | {"linked": "bool"})
