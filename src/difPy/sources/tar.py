"""A tar in; its members out, with where their bytes begin: no more than its headers is read."""

from __future__ import annotations

import tarfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from difPy.sources.reasons import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Part:
    """A regular file in a tar."""

    name: str
    offset: int
    size: int


def parts(stream: IO[bytes], size: int) -> Iterator[Part]:
    """Regular files of a tar, in their order.

    Parameters
    ----------
    stream : file
        Of bytes; it can be read from any place.
    size : int
        Of the tar, in bytes.

    Raises
    ------
    Damaged
        It is no tar, is compressed, or ends too early: then what came is good, but not all.
    """
    try:
        with tarfile.open(fileobj=stream, mode="r:") as tar:
            while (part := tar.next()) is not None:
                tar.members = []  # type: ignore[attr-defined]  # it remembers all of them otherwise
                if part.offset_data + part.size > size:
                    raise Damaged(f'a truncated tar: it ends in the middle of "{part.name}"')
                if part.isreg() and not part.issparse():
                    yield Part(part.name, part.offset_data, part.size)
    except (tarfile.TarError, EOFError) as error:
        stream.seek(0)
        if stream.read(2) in (b"\x1f\x8b", b"BZ", b"\xfd7", b"(\xb5"):
            raise Damaged("a compressed tar, of which no member can be read alone: unpack it") from None
        raise Damaged(f"no tar, or a damaged one: {error}") from None
