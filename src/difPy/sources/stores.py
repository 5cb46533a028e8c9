"""A path or a remote address in; its bytes, in full or in part, its size and its version out."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from difPy.sources import objects
from difPy.sources.objects import Object, is_remote
from difPy.sources.reasons import Missing, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

# O_NONBLOCK: opening a FIFO that has taken the file's place must not wait for a writer.
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY"))


def about(uri: str) -> Object:
    """Size and version of what an address names.

    Raises
    ------
    Missing
        There is none.
    Unreadable
        The store does not answer, or does not let us.
    MissingExtra
    """
    if not is_remote(uri):
        try:
            return _seen(uri, os.stat(uri))
        except (OSError, ValueError) as error:
            raise Missing(_words(error)) from None
    return objects.about(uri)


def read(uri: str, offset: int, size: int, version: str) -> bytes:
    """Bytes of what an address names, in one request.

    Parameters
    ----------
    uri : str
    offset, size : int
        Which bytes; a negative size stands for all that follow.
    version : str
        That it must still have; empty for any.

    Raises
    ------
    Unreadable
        It is gone, has changed, or fewer bytes came.
    MissingExtra
    """
    try:
        if is_remote(uri):
            data = objects.read(uri, offset, size, version)
        else:
            with opened(uri, version) as stream:
                stream.seek(offset)
                data = stream.read(size)
    except OSError as error:
        raise Unreadable(_words(error)) from None
    if 0 <= size != len(data):
        raise Unreadable(f"{len(data):,} of {size:,} bytes came")
    return data


@contextmanager
def opened(uri: str, version: str = "") -> Iterator[IO[bytes]]:
    """What an address names, as a file that can be read from any place.

    Parameters
    ----------
    uri : str
    version : str, optional
        That it must still have.

    Raises
    ------
    Missing
    Unreadable
        It is not what it was.
    MissingExtra
    """
    if is_remote(uri):
        found = about(uri)
        if version and found.version != version:
            raise Unreadable("changed since it was listed")
        with objects.stream(found) as stream:
            yield stream
        return
    try:
        descriptor = os.open(uri, _FLAGS)
    except (OSError, ValueError) as error:
        raise Missing(_words(error)) from None
    with open(descriptor, "rb") as stream:
        now = os.fstat(descriptor)
        if not stat.S_ISREG(now.st_mode):
            raise Unreadable("it is no regular file")
        if version and _seen(uri, now).version != version:
            raise Unreadable("changed since it was listed")
        yield stream


def _seen(path: str, now: os.stat_result) -> Object:
    return Object(path, now.st_size, f"{now.st_size}-{now.st_mtime_ns}-{now.st_ino}")


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
