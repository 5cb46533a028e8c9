"""A table of addresses in, as CSV or Parquet; the addresses out.

Columns: `uri`; and, where they are known, `member`, `offset`, `size`, `version`, `column`.
"""

from __future__ import annotations

import csv
import io
import os
import posixpath
from typing import TYPE_CHECKING, Any

from difPy.address import UNKNOWN, Address
from difPy.sources import parquet, stores
from difPy.sources.objects import is_remote
from difPy.sources.reasons import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def of_csv(uri: str) -> Iterator[Address]:
    """Addresses of a CSV.

    Raises
    ------
    Missing, Unreadable, MissingExtra
    """
    with stores.opened(uri) as stream:
        try:
            rows = csv.DictReader(io.TextIOWrapper(stream, "utf-8-sig", newline=""))
            if "uri" not in (rows.fieldnames or ()):
                raise Unreadable('no list of addresses: it has no column "uri"')
            yield from _addresses(uri, rows)
        except (UnicodeDecodeError, csv.Error) as error:
            raise Unreadable(f"no CSV: {error}") from None


def of_parquet(uri: str) -> Iterator[Address]:
    """Addresses of a Parquet file.

    Raises
    ------
    Missing, Unreadable, MissingExtra
    """
    yield from _addresses(uri, parquet.table(uri).to_pylist())


def _addresses(manifest: str, rows: Iterable[dict[str, Any]]) -> Iterator[Address]:
    for number, row in enumerate(rows, 1):
        if not row["uri"]:
            raise Unreadable(f"row {number:,} names no uri")
        try:
            offset, size = (int(row.get(name) or default) for name, default in (("offset", 0), ("size", UNKNOWN)))
        except ValueError:
            raise Unreadable(f"row {number:,}: offset and size must be whole numbers") from None
        member, version, column = (str(row.get(name) or "") for name in ("member", "version", "column"))
        yield Address(_beside(manifest, str(row["uri"])), member, offset, size, version, column)


def _beside(manifest: str, uri: str) -> str:
    """What a relative address means: beside the list that it stands in."""
    if is_remote(uri) or os.path.isabs(uri):
        return uri
    return (
        posixpath.join(posixpath.dirname(manifest), uri)
        if is_remote(manifest)
        else os.path.join(os.path.dirname(manifest), uri)
    )
