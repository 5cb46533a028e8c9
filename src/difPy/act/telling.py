"""Lines of JSON in; those that tell of some digests out. Of 200,000 lines hardly one is ever read.

Where a digest stands is found for all of them at one go; a line is read when one of its digests is asked for.
"""

from __future__ import annotations

import json
import sys
from bisect import bisect_left, bisect_right
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_FIGURES = 64
"""Of a digest in hexadecimal figures."""
_FIRST = 8
"""So many of them are looked up. What else begins like that is among the lines too: whoever reads them tells."""
_QUOTE = ord('"')


class Telling:
    """Lines, by the digests that they tell of.

    Parameters
    ----------
    data : bytes
        Lines of JSON, as they lie in a file; any of them may be none.

    Attributes
    ----------
    read : int
        Lines that were read: work, not time.

    Examples
    --------
    >>> one, two = 64 * "1", 64 * "2"
    >>> lines = Telling(f'{{"judged": ["{one}", "{two}"]}}'.encode())
    >>> lines.add([{"apart": [one]}])
    >>> [list(record) for record in lines.of([two])], [list(record) for record in lines.of([one])]
    ([['judged']], [['judged'], ['apart']])
    """

    def __init__(self, data: bytes) -> None:
        self._data, self.read = data, 0
        self._lines = data.count(b"\n")
        self._added: list[Any] = []
        self._places: dict[int, list[int]] = {}  # of what was added
        self._keys, self._at = _places(data)

    def __bool__(self) -> bool:
        return bool(self._data or self._added)

    def __iter__(self) -> Iterator[Any]:
        """What all lines say, at one go; what is no JSON says nothing."""
        lines = [line for line in self._data.split(b"\n") if line]
        self.read += len(lines)
        try:
            records = json.loads(b"[" + b",".join(lines) + b"]")
        except ValueError:
            records = filter(None, map(_record, lines))
        return chain(records, self._added)

    def __len__(self) -> int:
        return self._lines + len(self._added)

    def add(self, records: Iterable[Any]) -> None:
        """Lines that are written now."""
        for record in records:
            for key in {_key(digest) for digests in record.values() if isinstance(digests, list) for digest in digests}:
                self._places.setdefault(key, []).append(len(self._added))
            self._added.append(record)

    def of(self, digests: Iterable[str]) -> Iterator[Any]:
        """What the lines say that tell of any of some digests, in the order in which they were written."""
        keys = set(map(_key, digests))
        for start in sorted({start for key in keys for start in self._starts(key)}):
            self.read += 1
            end = self._data.find(b"\n", start)
            if record := _record(self._data[start : len(self._data) if end < 0 else end]):
                yield record
        for number in sorted({number for key in keys for number in self._places.get(key, ())}):
            yield self._added[number]

    def _starts(self, key: int) -> Iterator[int]:
        """Where the lines begin that have such a digest."""
        for place in self._at[bisect_left(self._keys, key) : bisect_right(self._keys, key)]:
            yield self._data.rfind(b"\n", 0, place) + 1


def _places(data: bytes) -> tuple[Sequence[int], Sequence[int]]:
    """Keys of all digests that stand in a text, in order, and where each stands."""
    if not data:
        return [], []
    import numpy as np  # here, for who has decided nothing needs none

    text = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(text == _QUOTE)
    starts = quotes[:-1][np.diff(quotes) == _FIGURES + 1] + 1
    keys = text[starts[:, None] + np.arange(_FIRST)].view(np.uint64).ravel()
    order = np.argsort(keys, kind="stable")
    return memoryview(keys[order]), memoryview(starts[order])


def _key(digest: object) -> int:
    return int.from_bytes(str(digest)[:_FIRST].encode("ascii", "replace"), sys.byteorder)


def _record(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
