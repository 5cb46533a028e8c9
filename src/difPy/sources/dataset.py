"""A `datasets.Dataset` of Hugging Face in; the addresses of its rows, and the bytes of each, out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

from difPy.address import UNKNOWN, Address
from difPy.sources import parquet, stores
from difPy.sources.reasons import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROWS = 1000


class DataSet(Protocol):
    """A `datasets.Dataset`, for those who check types."""

    @property
    def features(self) -> Any:
        """What its columns hold."""

    @property
    def column_names(self) -> Any:
        """Names of these."""


class Rows:
    """The pictures of a data set, not decoded by it.

    Parameters
    ----------
    dataset : datasets.Dataset

    Raises
    ------
    Unreadable
        No column holds pictures, or several do.
    """

    def __init__(self, dataset: Any) -> None:
        library = sys.modules["datasets"]
        images = [name for name, kind in dataset.features.items() if isinstance(kind, library.Image)]
        column = images[0] if len(images) == 1 else ""
        if images:
            dataset = dataset.select_columns(images)
            for name in images:
                dataset = dataset.cast_column(name, library.Image(decode=False))
        self._rows = dataset.with_format("arrow")
        self._column = column or parquet.chosen(dataset.features.arrow_schema)
        self.name = _name(dataset)

    def read(self, row: int) -> bytes:
        """The bytes of a picture; none where it cannot be had."""
        rows = self._rows[row : row + 1]
        data = parquet.of_rows(rows, self._column)[0].as_py()
        if data is None and (path := self._path(rows)):
            try:
                return stores.read(path, 0, UNKNOWN, "")
            except Unreadable:
                return b""
        return data or b""

    def addresses(self) -> Iterator[Address]:
        """One for each row."""
        import pyarrow.compute as compute

        row = 0
        for rows in self._rows.iter(_ROWS):
            for size in compute.binary_length(parquet.of_rows(rows, self._column)).to_pylist():
                yield Address(
                    self.name, str(row), UNKNOWN, UNKNOWN if size is None else size, self._version, self._column, self
                )
                row += 1

    @property
    def _version(self) -> str:
        return str(getattr(self._rows, "_fingerprint", ""))

    def _path(self, rows: Any) -> str | None:
        cell = rows.column(self._column)[0].as_py()
        return cell.get("path") if isinstance(cell, dict) else None


def _name(dataset: Any) -> str:
    """What people call it, and what tells it from others."""
    words = [getattr(dataset.info, "dataset_name", None) or "dataset", str(dataset.split or "")]
    return "/".join(filter(None, words)) + f"@{dataset._fingerprint}"
