"""A file of groups, one a line, in; any of them out, read when it is asked for: the file may be larger than memory."""

from __future__ import annotations

import json
import os
import re
from array import array
from collections.abc import Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO, overload

from difPy.errors import UsageError
from difPy.results.records import group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from difPy.model import Group

_AT_HAND = 256
"""Groups that are kept in memory, those that were asked for last."""
_DISTANCE = re.compile(rb'"mse": ([^,]+),')
"""What a record has once for each picture that is not kept. Within a text the quotation marks would be escaped."""


class Lines(Sequence["Group"]):
    """The groups of a file of JSON lines.

    When it is opened, only that is looked for which says which group to show first.

    Parameters
    ----------
    path : path

    Attributes
    ----------
    counts : array of int
        Of each group, its pictures.
    greatest : array of float
        Of each group, the mean squared error that is greatest in it.
    roots : set of str
        Directories that were searched.
    parsed : int
        Records that were read in full: work, not time.

    Raises
    ------
    OSError, UsageError
        It cannot be read, or is no such file; also later, when a group is asked for.

    Examples
    --------
    >>> import tempfile
    >>> from difPy.files import File
    >>> from difPy.model import Group, Member
    >>> from difPy.results import record
    >>> one, two = (File(name, "here", 1, 0, 1, 1) for name in "ab")
    >>> found = Group(one, (Member(two, 0.25, 0),))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "found.jsonl")
    ...     with open(path, "w") as stream:
    ...         _ = stream.write(json.dumps(record(found)))
    ...     groups = Lines(path)
    ...     groups[0] == found, groups.counts[0], groups.greatest[0], groups.roots
    (True, 2, 0.25, {'here'})
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        self.counts, self.greatest = array("q"), array("d")
        self.roots: set[str] = set()
        self.parsed = 0
        self._starts, self._lengths = array("q"), array("q")
        self._known: list[bytes] = []
        at = 0
        with open(path, "rb") as file:
            self._seen = _facts(file)
            for line in file:
                if text := line.strip():
                    self._glance(text)
                    self._starts.append(at)
                    self._lengths.append(len(line))
                at += len(line)
        if not self._starts:
            raise none(path)
        self._at_hand = lru_cache(_AT_HAND)(self._read)

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, number: int) -> Group: ...
    @overload
    def __getitem__(self, number: slice) -> list[Group]: ...
    def __getitem__(self, number: int | slice) -> Group | list[Group]:
        if isinstance(number, slice):
            return [self[one] for one in range(len(self))[number]]
        return self._at_hand(range(len(self))[number])

    def __iter__(self) -> Iterator[Group]:
        with self._opened() as file:
            for line in file:
                if text := line.strip():
                    yield self._parsed(text)

    def _glance(self, line: bytes) -> None:
        """What is known of a group without reading its record; and the record where that says nothing."""
        distances: list[bytes] | list[float] = _DISTANCE.findall(line)
        if not (distances and line.startswith(b"{") and line.endswith(b"}")):
            distances = [member.distance for member in self._parsed(line).members]
        self.greatest.append(max(map(float, distances), default=0.0))
        self.counts.append(len(distances) + 1)
        if sum(map(line.count, self._known)) != self.counts[-1]:
            for root in {file.root for file in self._parsed(line).files} - self.roots:
                self.roots.add(root)
                self._known.append(f'"root": {json.dumps(root)}'.encode())

    def _read(self, number: int) -> Group:
        with self._opened() as file:
            file.seek(self._starts[number])
            return self._parsed(file.read(self._lengths[number]))

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        try:
            with open(self.path, "rb") as file:
                if _facts(file) != self._seen:
                    raise UsageError(f'"{self.path}" has changed since it was opened: run difpy review again')
                yield file
        except OSError as error:
            raise UsageError(f'"{self.path}" cannot be read any more: {error.strerror}') from None

    def _parsed(self, line: bytes) -> Group:
        self.parsed += 1
        try:
            return group(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise none(self.path) from None


def _facts(file: BinaryIO) -> tuple[int, int, int]:
    facts = os.fstat(file.fileno())
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def none(path: str | os.PathLike[str]) -> UsageError:
    """That a file holds no groups."""
    return UsageError(
        f'"{path}" is no result of difpy find --format json or jsonl, and no plan: make one, or name a directory'
    )
