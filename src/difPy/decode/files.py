"""A `File` in, its bytes out: read once, and only if it is still the regular file, or the object, that the scan saw."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from difPy import memory, sources
from difPy.contents import unchanged
from difPy.decode import opening
from difPy.decode.refused import Refused
from difPy.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable

    from difPy.address import Address
    from difPy.files import File


def read(file: File) -> bytes:
    """Bytes of a file.

    Raises
    ------
    Refused
        If it is gone, unreadable, too large, no regular file, or not the one that was scanned.
    Short
        If it holds more than may be taken into memory in this process.
    """
    if file.address is not None:
        return _fetched(file.address)
    return _unchanged(file, _all)


def beginning(file: File, most: int) -> bytes:
    """The first bytes of a file.

    Raises
    ------
    Refused
        As in `read`.
    """
    if file.address is not None:
        return _fetched(file.address.beginning(most))
    return _unchanged(file, lambda _, descriptor: os.read(descriptor, most))


def _all(file: File, descriptor: int) -> bytes:
    memory.require(file.size)
    parts, came = [], 0
    while came < file.size and (part := os.read(descriptor, file.size + 1 - came)):
        parts.append(part)
        came += len(part)
    _require_all(file, came)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _fetched(address: Address) -> bytes:
    """Bytes of what is no file of its own here."""
    if address.size > unchanged.LARGEST:
        raise Refused(f"too large: {address.size:,} bytes; pictures are read up to {unchanged.LARGEST:,}")
    memory.require(max(address.size, 0))
    try:
        data = sources.read(address)
    except (sources.Unreadable, MissingExtra) as error:
        raise Refused(f"cannot be read: {error}") from None
    if not data:
        raise Refused("not a picture: there are no bytes")
    return data


def _unchanged(file: File, taken: Callable[[File, int], bytes]) -> bytes:
    """What is taken of the file, open to be read, if it is worth it; in the end it must still be what it was."""
    try:
        descriptor = os.open(file.path, unchanged.FLAGS)
    except (OSError, ValueError) as error:
        raise Refused(f"cannot be opened: {unchanged.words(error)}") from None
    try:
        _require_unchanged(file, os.fstat(descriptor))
        if file.size == 0:
            raise Refused(unchanged.EMPTY)
        if file.size > unchanged.LARGEST:
            raise Refused(f"too large: {file.size:,} bytes; pictures are read up to {unchanged.LARGEST:,}")
        if file.size > unchanged.LARGE:  # only if its beginning is that of a picture
            with open(descriptor, "rb", buffering=0, closefd=False) as stream:
                opening.require_picture(stream, file.path)
                stream.seek(0)
        data = taken(file, descriptor)
        _require_unchanged(file, os.fstat(descriptor))
        return data
    except OSError as error:
        raise Refused(f"cannot be read: {unchanged.words(error)}") from None
    finally:
        os.close(descriptor)


def _require_unchanged(file: File, now: os.stat_result) -> None:
    if why := unchanged.changed(now, file.size, file.mtime_ns, file.inode):
        raise Refused(why)


def _require_all(file: File, came: int) -> None:
    if came > file.size:
        raise Refused(unchanged.CHANGED)
    if came < file.size:
        raise Refused(unchanged.short(came, file.size))
