"""A place in; objects by name out: written once, read whole or in ranges. A folder is such a place, and so is a bucket.

An object is written whole or not at all, and never over another: of two writers of one name the first wins, and as
every step gives the same bytes for the same input, it does not matter which.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from difPy.act import write_new
from difPy.address import UNKNOWN
from difPy.errors import RunRefused, WrongValue
from difPy.sources import objects, reasons

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Objects(Protocol):
    """Where a run keeps what it knows."""

    place: str
    """A folder, or a URL, from which the same can be opened anywhere."""

    def read(self, name: str) -> bytes:
        """All of an object; FileNotFoundError where there is none."""
        ...

    def ranges(self, name: str, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Bytes from each first to each last, without it; fewer where the object ends before."""
        ...

    def create(self, name: str, data: bytes) -> bool:
        """Write an object that there is not yet; False if there is one, which stays as it is."""
        ...

    def names(self, folder: str) -> list[str]:
        """Names of the objects right in a folder, ascending, without that folder's."""
        ...


class Folder:
    """Objects as files below a folder.

    Parameters
    ----------
    place : str
        The folder; it is made when something is written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     folder = Folder(place)
    ...     folder.create("parts/0.txt", b"first"), folder.create("parts/0.txt", b"second"), folder.names("parts")
    ...     folder.ranges("parts/0.txt", [(1, 3)])
    (True, False, ['0.txt'])
    [b'ir']
    """

    def __init__(self, place: str) -> None:
        self.place = os.path.abspath(place)

    def read(self, name: str) -> bytes:
        """See `Objects`."""
        with _found(), open(self._path(name), "rb") as file:
            return file.read()

    def ranges(self, name: str, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """See `Objects`."""
        found = []
        with _found(), open(self._path(name), "rb", buffering=0) as file:
            for first, last in ranges:
                found.append(_exactly(file, first, last - first))
        return found

    def create(self, name: str, data: bytes) -> bool:
        """See `Objects`."""
        path = self._path(name)
        if os.path.exists(path):
            return False
        with _found():
            os.makedirs(os.path.dirname(path), exist_ok=True)
            try:
                write_new(path, data)
            except FileExistsError:
                return False
        return True

    def names(self, folder: str) -> list[str]:
        """See `Objects`."""
        try:
            with _found():
                return sorted(name for name in os.listdir(self._path(folder)) if not name.startswith("."))
        except FileNotFoundError:
            return []

    def _path(self, name: str) -> str:
        return os.path.join(self.place, *name.split("/"))


class Bucket:
    """Objects below a URL of an object store.

    Parameters
    ----------
    place : str
        Such as ``s3://bucket/run``.
    """

    def __init__(self, place: str) -> None:
        self.place = place.rstrip("/")

    def read(self, name: str) -> bytes:
        """See `Objects`."""
        with _found():
            return objects.read(self._uri(name), 0, UNKNOWN, "")

    def ranges(self, name: str, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """See `Objects`."""
        with _found():
            return objects.ranges(self._uri(name), ranges)

    def create(self, name: str, data: bytes) -> bool:
        """See `Objects`."""
        with _found():
            return objects.create(self._uri(name), data)

    def names(self, folder: str) -> list[str]:
        """See `Objects`."""
        with _found():
            return objects.names(self._uri(folder))

    def _uri(self, name: str) -> str:
        return f"{self.place}/{name}"


@contextmanager
def _found() -> Iterator[None]:
    """Give what a disk or a store says its name here."""
    try:
        yield
    except FileNotFoundError:
        raise
    except reasons.Missing as error:
        raise FileNotFoundError(str(error)) from None
    except (OSError, reasons.Unreadable) as error:
        raise RunRefused(f"the place of the run cannot be used: {getattr(error, 'strerror', None) or error}") from None


def _exactly(file: io.FileIO, start: int, size: int) -> bytes:
    """So many bytes, or all there are: one read may give fewer, and never gives more than 2 GiB."""
    found = _some(file, start, size)
    while len(found) < size and (more := _some(file, start + len(found), size - len(found))):
        found += more
    return found


def _some(file: io.FileIO, start: int, size: int) -> bytes:
    if sys.platform != "win32":
        return os.pread(file.fileno(), size, start)
    file.seek(start)
    return file.read(size) or b""


@lru_cache(maxsize=16)
def opened(place: str) -> Objects:
    """The objects of a place.

    Parameters
    ----------
    place : str
        A folder, or a URL such as ``s3://bucket/run``.

    Raises
    ------
    WrongValue
        Nothing can be kept there.
    MissingExtra
        A bucket cannot be reached without the extra `data`.

    Examples
    --------
    >>> opened("run").place == os.path.abspath("run")
    True
    """
    if objects.is_remote(place):
        return Bucket(place)
    if "://" in place:
        raise WrongValue(f"{place!r} is no place that a run can be kept in: name a folder, or s3://bucket/run")
    return Folder(place)
