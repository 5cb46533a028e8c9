"""Rows in; CSV out that a spreadsheet shows, and does not run."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_RUN = ("=", "+", "-", "@", "\t", "\r")
"""What makes a text a formula where it begins with it."""


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    r"""CSV with a header.

    A path that a spreadsheet would take for a formula gets ``./`` before it: it is the same path, for programs too.

    Examples
    --------
    >>> table(["path", "mse"], [["=cmd|' /C calc'!A0.jpg", 0.0]])
    "path,mse\n./=cmd|' /C calc'!A0.jpg,0.0\n"
    """
    import csv  # here, for few ask for one

    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([f"./{cell}" if isinstance(cell, str) and cell.startswith(_RUN) else cell for cell in row])
    return stream.getvalue()
