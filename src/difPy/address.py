"""Where a picture lies that is no file of its own on this disk: in a tar, in a Parquet file, on an object store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

UNKNOWN = -1
"""Of a size: it is known when the bytes are read. Of an offset: the bytes are not there as they are."""


class Held(Protocol):
    """Rows of a data set in the memory of this process."""

    def read(self, row: int) -> bytes:
        """The bytes of a picture; none where it cannot be had."""
        ...


@dataclass(frozen=True, slots=True)
class Address:
    """Where the bytes of a picture lie: with them it is read again at any time, here or on another machine.

    Examples
    --------
    >>> one = Address("s3://bucket/shard-0001.tar", "0001.jpg", 512, 20_480, "etag")
    >>> one.text
    's3://bucket/shard-0001.tar::0001.jpg'
    >>> Address("s3://bucket/a.jpg").text, one.key == Address(one.uri, one.member).key
    ('s3://bucket/a.jpg', True)
    """

    uri: str
    """Of what holds it: a path, or ``s3://bucket/name``."""
    member: str = ""
    """Its name in a tar, or the number of its row; empty where `uri` is the picture."""
    offset: int = 0
    """Where its bytes begin in what `uri` names; UNKNOWN where they are a row of a column."""
    size: int = UNKNOWN
    """Bytes."""
    version: str = ""
    """Differs when what `uri` names has changed: what the store says (an etag), or size and time of a file here. Empty
    where nobody says."""
    column: str = ""
    """Of a Parquet file: the column that holds pictures."""
    held: Held | None = field(default=None, compare=False, repr=False)
    """What has the row in this process's memory; another process is sent the bytes."""

    @property
    def text(self) -> str:
        """As people read it, in the place of a path."""
        return f"{self.uri}::{self.member}" if self.member else self.uri

    @property
    def key(self) -> int:
        """A number for it, whatever its version: what device and inode are to a file."""
        return _number(self.uri, self.member, self.column)

    @property
    def stamp(self) -> int:
        """A number for its version: what the time of change is to a file."""
        return _number(self.version)

    def beginning(self, most: int) -> Address:
        """Of its first bytes, where these can be had without the others; else itself."""
        return replace(self, size=most) if self.size > most and self.offset != UNKNOWN else self

    def __reduce__(self) -> tuple[type[Address], tuple[Any, ...]]:
        held = self.held and Sent(self.held.read(int(self.member)))
        return Address, (self.uri, self.member, self.offset, self.size, self.version, self.column, held)


class Sent(NamedTuple):
    """The bytes of one row, as another process is sent them."""

    data: bytes

    def read(self, row: int) -> bytes:
        """These."""
        return self.data


def _number(*texts: str) -> int:
    from hashlib import blake2b  # here, for it loads a library that a help text need not wait for

    digest = blake2b("\0".join(texts).encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1
