"""Sources in; `Files` of the pictures that they hold, and what could not be listed, out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.address import UNKNOWN
from difPy.files import ELSEWHERE, Files
from difPy.model import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from difPy.address import Address
    from difPy.selection import Selection
    from difPy.sources import Source

_TELL = 1000  # addresses between two words on how far it is


def listed(
    sources: Iterable[Source],
    extensions: frozenset[str] | None,
    selection: Selection,
    left_out: dict[str, str],
    found: Callable[[int], None],
) -> tuple[Files, list[Failure]]:
    """Pictures of sources, in the order of the sources and in their own.

    What a person does not want is left out by name and, where it is known, by size. Nobody knows when it was changed,
    so all of it is taken as new.

    Parameters
    ----------
    sources : iterable of Source
    extensions, selection, found
        As in `scan`.
    left_out : dict
        What is left out is added: as in `Scan`.
    """
    rows: dict[Address, str] = {}
    failures = []
    for source in sources:
        for one in source.addresses(extensions):
            if isinstance(one, Failure):
                failures.append(one)
                continue
            what = selection.off(one.text.removeprefix(source.name).lstrip("/:")) if selection.by_name else None
            if what is None and one.size != UNKNOWN:
                what = selection.too_small(one.size)
            if what is not None:
                left_out[one.text] = what
            else:
                rows.setdefault(one, source.name)
                if len(rows) % _TELL == 0:
                    found(len(rows))
    found(len(rows))
    return _files(rows), failures


def _files(rows: dict[Address, str]) -> Files:
    addresses = list(rows)
    return Files(
        [one.text for one in addresses],
        list(rows.values()),
        [one.size for one in addresses],
        [one.stamp for one in addresses],
        np.full(len(addresses), ELSEWHERE),
        [one.key for one in addresses],
        addresses=dict(enumerate(addresses)),
    )
