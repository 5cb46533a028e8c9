"""A Parquet file in; its rows, and the bytes of the picture in one of them, out. The home of pyarrow.

A picture is a column of bytes, or, as Hugging Face writes it, a struct of `bytes` and `path`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from itertools import accumulate
from threading import Lock
from typing import TYPE_CHECKING, Any

from difPy.errors import MissingExtra
from difPy.sources import stores
from difPy.sources.reasons import Damaged, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROWS = 16
"""Rows decoded at a time: a reader holds twice as many in memory."""


def arrow(what: str) -> Any:
    """The library that reads and writes columns.

    Raises
    ------
    MissingExtra
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra(f"{what} takes pyarrow: pip install 'difPy[data]'") from None
    return pyarrow


def pictures(uri: str, column: str = "") -> tuple[str, int]:
    """The column that holds pictures, and the number of rows; no name where it is a list of addresses instead.

    Parameters
    ----------
    uri : str
    column : str, optional
        As a person named it.

    Raises
    ------
    Missing, Unreadable, MissingExtra
    """
    with _file(uri, "") as file:
        schema, count = file.schema_arrow, int(file.metadata.num_rows)
    is_list = "uri" in schema.names and not any(_holds_bytes(arrow("a table"), field.type) for field in schema)
    return "" if is_list and not column else chosen(schema, column), count


def chosen(schema: Any, column: str = "") -> str:
    """The column of a table that holds pictures.

    Raises
    ------
    Unreadable
        There is none, or there are several and none is named.
    """
    pa = arrow("a table")
    found = [field.name for field in schema if _holds_bytes(pa, field.type)]
    if column:
        if column not in found:
            raise Unreadable(f'there is no column "{column}" of pictures ({_listed(found)})')
        return column
    structs = [name for name in found if pa.types.is_struct(schema.field(name).type)]
    likely = structs if len(structs) == 1 else found
    if len(likely) != 1:
        raise Unreadable(f"name the column that holds the pictures, as in data.parquet#image ({_listed(found)})")
    return str(likely[0])


def table(uri: str) -> Any:
    """All columns of a Parquet file that are no pictures.

    Raises
    ------
    Missing, Unreadable, MissingExtra
    """
    pa = arrow("a Parquet file")
    with _file(uri, "") as file, _judged():
        return file.read(columns=[field.name for field in file.schema_arrow if not _holds_bytes(pa, field.type)])


def read(uri: str, version: str, column: str, row: int) -> bytes:
    """The bytes of the picture in a row. It is quickest to read rows in their order.

    Raises
    ------
    Missing, Unreadable, MissingExtra
    """
    data = _reader(uri, version, column).read(row)
    if data is None:
        raise Unreadable("the row holds no picture")
    return data


def of_rows(rows: Any, column: str) -> Any:
    """The column of bytes of some rows, in one piece."""
    pa = arrow("a table")
    found = rows.column(column)
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    return found.field("bytes") if pa.types.is_struct(found.type) else found


def _holds_bytes(pa: Any, kind: Any) -> bool:
    if pa.types.is_struct(kind):
        at = kind.get_field_index("bytes")
        return at >= 0 and _holds_bytes(pa, kind.field(at).type)
    return any(one(kind) for one in (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view))


def _listed(columns: list[str]) -> str:
    return f"there {'is' if len(columns) == 1 else 'are'} {', '.join(columns)}" if columns else "none holds bytes"


@lru_cache(maxsize=2)
def _reader(uri: str, version: str, column: str) -> _Reader:
    return _Reader(uri, version, column)


class _Reader:
    """Rows of a column, a few of them in memory: who asks for a later one is given it without going back.

    Two groups of rows are open, and of each two batches are held: who reads ahead in threads is not quite in order.
    """

    def __init__(self, uri: str, version: str, column: str) -> None:
        self._open = ExitStack()
        self._file = self._open.enter_context(_file(uri, version))
        kind = self._file.schema_arrow.field(column).type
        self._name, self._column = column, f"{column}.bytes" if arrow("a column").types.is_struct(kind) else column
        counts = [self._file.metadata.row_group(at).num_rows for at in range(self._file.metadata.num_row_groups)]
        self._ends = list(accumulate(counts))
        self._groups: dict[int, _Group] = {}  # that of the last row last
        self._lock = Lock()

    def __del__(self) -> None:
        self._open.close()

    def read(self, row: int) -> bytes | None:
        """The bytes of a row; None where it has none."""
        with self._lock, _judged():
            number = bisect_right(self._ends, row)
            if number == len(self._ends):
                raise Unreadable("changed since it was listed: it has fewer rows")
            group = self._groups.pop(number, None)  # one that fails is not kept: there may be more memory later
            if group is None or row < group.first:
                start = self._ends[number - 1] if number else 0
                columns, groups = [self._column], [number]
                steps = self._file.iter_batches(_ROWS, row_groups=groups, columns=columns, use_threads=False)
                group = _Group((of_rows(rows, self._name) for rows in steps), start)
            found = group.read(row)
            self._groups = dict([*self._groups.items(), (number, group)][-2:])
            return found


class _Group:
    """The rows of one group, in their order."""

    def __init__(self, steps: Iterator[Any], start: int) -> None:
        self._steps, self._next = steps, start
        self._held: deque[tuple[int, Any]] = deque(maxlen=2)

    @property
    def first(self) -> int:
        """The first row that can still be had."""
        return self._held[0][0] if self._held else self._next

    def read(self, row: int) -> bytes | None:
        """The bytes of a row that is not before the first."""
        while row >= self._next:
            rows = next(self._steps, None)
            if rows is None:
                raise Damaged("a damaged Parquet file: it has fewer rows than it says")
            self._held.append((self._next, rows))
            self._next += len(rows)
        start, rows = next(held for held in reversed(self._held) if held[0] <= row)
        found: bytes | None = rows[row - start].as_py()
        return found


@contextmanager
def _file(uri: str, version: str) -> Iterator[Any]:
    pa = arrow("a Parquet file")
    with stores.opened(uri, version) as stream:
        with _judged():
            file = pa.parquet.ParquetFile(stream)
        yield file


@contextmanager
def _judged() -> Iterator[None]:
    """Give errors of pyarrow their name."""
    pa = arrow("a Parquet file")
    try:
        yield
    except MemoryError:  # pyarrow has one of its own, which is an ArrowException, too
        raise
    except (pa.ArrowException, OSError, KeyError) as error:
        line = str(error).strip().partition("\n")[0]
        raise Damaged(f"no Parquet file, or a damaged one: {line}") from None
