"""Columns in; the bytes of a Parquet file, the same for the same columns, out; and back, or only some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from difPy.cloud.stored import judged
from difPy.sources.parquet import arrow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from difPy.cloud.objects import Objects

_WHAT = "a run of many machines"


def parquet(columns: dict[str, Any], kinds: dict[str, str] | None = None) -> bytes:
    """The columns as a Parquet file.

    Parameters
    ----------
    columns : dict of str to sequence
        A two-dimensional array is a list of fixed size in each row.
    kinds : dict of str to str, optional
        Arrow's type of a column, by its name there, where the values do not tell: that of empty ones, or of None.
    """
    pa = arrow(_WHAT)
    kinds = kinds or {}
    made = {}
    for name, values in columns.items():
        if getattr(values, "ndim", 1) == 2:
            made[name] = pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), values.shape[1])
        else:
            made[name] = pa.array(values, pa.type_for_alias(kinds[name]) if name in kinds else None)
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(pa.table(made), sink, compression="zstd")
    return bytes(sink.getvalue())


def read(objects: Objects, name: str, names: Sequence[str] | None = None) -> dict[str, Any]:
    """The columns of a Parquet object, or some of them, as Arrow's arrays."""
    pa, data = arrow(_WHAT), objects.read(name)
    with judged(name):  # what pyarrow raises is a ValueError
        table = pa.parquet.read_table(pa.BufferReader(data), columns=None if names is None else list(names))
    return {name: table.column(name).combine_chunks() for name in table.column_names}


def matrix(column: Any) -> Any:
    """An Arrow array of lists of fixed size as a two-dimensional one of numpy."""
    return column.flatten().to_numpy(zero_copy_only=False).reshape(len(column), column.type.list_size)
