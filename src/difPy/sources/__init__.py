"""What a person named in; the addresses of its pictures out; and an address in, its bytes out.

address (the value) <- objects (obstore) <- stores (paths, too) <- tar, parquet (pyarrow), dataset, manifest
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from difPy.address import UNKNOWN, Address
from difPy.errors import NoSuchDirectory, SourceFailed, WrongType
from difPy.model import Failure
from difPy.sources import objects, stores
from difPy.sources.objects import is_remote
from difPy.sources.reasons import Damaged, Missing, Unreadable

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from difPy.sources.dataset import Rows

__all__ = ["Address", "Gone", "Source", "Unreadable", "read", "source"]

_HOLDS = ("tar", "parquet", "csv")
_WILD = re.compile(r"[*?\[]")


def read(address: Address) -> bytes:
    """The bytes of a picture: one request to a store, or a few rows of a column.

    Raises
    ------
    Unreadable
        They cannot be had, or are not those that were listed.
    MissingExtra
    """
    if address.held is not None:
        return address.held.read(int(address.member))
    if address.column:
        from difPy.sources import parquet

        return parquet.read(address.uri, address.version, address.column, int(address.member))
    return stores.read(address.uri, address.offset, address.size, address.version)


class Gone:
    """Says of pictures that are no files of their own whether they are still there; each place is asked once.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Gone()(f"{folder}/shard.tar::0001.jpg", 0), Gone()("rows of a data set::7", 0)
    (True, False)
    """

    def __init__(self) -> None:
        self._stamps: dict[str, int | None] = {}

    def __call__(self, text: str, stamp: int | None) -> bool:
        """Whether what an address names is gone, or has another version than the one of that number.

        Where nobody answers, or nobody can be asked, as of rows that were in the memory of a process, it is not.
        """
        uri = text.partition("::")[0]
        if not is_remote(uri) and not os.path.isabs(uri):
            return False
        if uri not in self._stamps:
            try:
                self._stamps[uri] = Address(uri, version=stores.about(uri).version).stamp
            except Missing:
                self._stamps[uri] = None
            except Unreadable:
                self._stamps[uri] = stamp
        found = self._stamps[uri]
        return found is None or stamp not in (found, Address(uri).stamp)


class Source(NamedTuple):
    """Pictures that are no files here: what a person named, ready to be listed.

    Examples
    --------
    >>> source("Pictures") is None, source("s3://bucket/shard-*.tar").name
    (True, 's3://bucket/shard-*.tar')
    """

    name: str
    rows: Rows | None = None
    """Of a data set in memory."""

    def __str__(self) -> str:
        return self.name

    def addresses(self, extensions: Container[str] | None = None) -> Iterator[Address | Failure]:
        """Pictures, in their order, and what could not be listed.

        Parameters
        ----------
        extensions : container of str, optional
            Lower-case extensions of pictures, without the dot: of members of a tar, and of objects. None takes all.

        Raises
        ------
        NoSuchDirectory
            There is nothing of that name.
        SourceFailed
            Its store does not answer; or it does not say which pictures are meant.
        MissingExtra
            What reads it is not installed.
        """
        try:
            yield from self.rows.addresses() if self.rows else _listed(self.name, extensions)
        except Missing as error:
            raise NoSuchDirectory(f"{self.name!r} cannot be searched: {error}") from None
        except Damaged as error:
            yield Failure(self.name, str(error))
        except Unreadable as error:
            raise SourceFailed(f"{self.name!r} cannot be searched: {error}") from None


def source(named: object) -> Source | None:
    """What a person named, if it is no folder and no picture of this disk.

    Parameters
    ----------
    named : object
        A path, a remote address, a `datasets.Dataset`, or a Source.

    Raises
    ------
    WrongType, SourceFailed
        A data set that cannot be read by rows, or has no column of pictures.
    """
    if isinstance(named, Source):
        return named
    if type(named).__module__.partition(".")[0] == "datasets":
        from difPy.sources.dataset import Rows

        if not hasattr(named, "_fingerprint"):
            raise WrongType("a data set that is streamed has no rows to come back to: name its Parquet files or shards")
        try:
            rows = Rows(named)
        except Unreadable as error:
            raise SourceFailed(f"the data set cannot be searched: {error}") from None
        return Source(rows.name, rows)
    if isinstance(named, (str, bytes, os.PathLike)):
        text = os.fsdecode(named)
        if is_remote(text) or (_kind(text) and not os.path.isdir(text)):
            return Source(text)
    return None


def _kind(uri: str) -> str | None:
    """How what has that name holds pictures, if not as a file or a folder."""
    extension = os.path.splitext(uri.partition("#")[0] if ".parquet#" in uri else uri)[1][1:].lower()
    return extension if extension in _HOLDS else None


def _listed(uri: str, extensions: Container[str] | None) -> Iterator[Address | Failure]:
    if is_remote(uri) and (_WILD.search(uri) or _kind(uri) is None):
        yield from _objects(uri, extensions)
    else:
        yield from _held(uri, extensions)


def _objects(uri: str, extensions: Container[str] | None) -> Iterator[Address | Failure]:
    """Pictures, and those held by tars and Parquet files, below a remote address, or whose names match it."""
    wild = _WILD.search(uri)
    found = False
    if not wild and not uri.endswith("/"):
        with contextlib.suppress(Missing):
            one = stores.about(uri)
            yield Address(one.uri, "", 0, one.size, one.version)
            return
    for one in objects.below(uri[: uri.rindex("/", 0, wild.start()) + 1] if wild else uri):
        if wild and not fnmatch.fnmatchcase(one.uri, uri):
            continue
        found = True
        if _kind(one.uri) in ("tar", "parquet"):
            try:
                yield from _held(one.uri, extensions)
            except Damaged as error:
                yield Failure(one.uri, str(error))
        elif _wanted(one.uri, extensions):
            yield Address(one.uri, "", 0, one.size, one.version)
    if not found:
        raise Missing("there is no object of that name, and none below it")


def _held(uri: str, extensions: Container[str] | None, *, listed: bool = False) -> Iterator[Address | Failure]:
    """Pictures that a tar, a Parquet file or a list of addresses holds; no list that is `listed` by another one."""
    from difPy.sources import manifest, parquet, tar  # here: who searches folders needs none of them

    kind = _kind(uri)
    if kind == "csv":
        _require_first(listed)
        yield from _of_manifest(manifest.of_csv(uri), extensions)
    elif kind == "parquet":
        name, _, column = uri.partition("#") if ".parquet#" in uri else (uri, "", "")
        version = stores.about(name).version
        column, count = parquet.pictures(name, column)
        if not column:
            _require_first(listed)
            yield from _of_manifest(manifest.of_parquet(name), extensions)
            return
        for row in range(count):
            yield Address(name, str(row), UNKNOWN, UNKNOWN, version, column)
    else:
        about = stores.about(uri)
        with stores.opened(uri, about.version) as stream:
            try:
                for part in tar.parts(stream, about.size):
                    if _wanted(part.name, extensions):
                        yield Address(uri, part.name, part.offset, part.size, about.version)
            except Damaged as error:
                yield Failure(uri, f"cannot be read to its end: {error}")


def _require_first(listed: bool) -> None:
    if listed:  # it may name the list that names it
        raise Unreadable("a list that names a list is not followed")


def _of_manifest(listed: Iterator[Address], extensions: Container[str] | None) -> Iterator[Address | Failure]:
    """What a list names: a picture, or something that holds some."""
    for one in listed:
        kind = _kind(one.uri)
        try:
            if kind and not one.member:
                yield from _held(one.uri, extensions, listed=True)
            elif kind == "tar" and not one.offset:  # a header comes before each member
                yield _members(one.uri)[one.member]
            elif kind == "parquet" and not one.column:
                yield replace(one, column=_column(one.uri), offset=UNKNOWN)
            elif one.version or is_remote(one.uri):
                yield one
            else:
                about = stores.about(one.uri)
                yield replace(one, size=about.size if one.size == UNKNOWN else one.size, version=about.version)
        except (Unreadable, KeyError) as error:
            yield Failure(one.text, str(error) if isinstance(error, Unreadable) else "there is no such member")


@lru_cache(maxsize=4)
def _members(tar: str) -> dict[str, Address]:
    return {one.member: one for one in _held(tar, None) if isinstance(one, Address)}


@lru_cache(maxsize=64)
def _column(uri: str) -> str:
    from difPy.sources import parquet

    return parquet.pictures(uri)[0]


def _wanted(name: str, extensions: Container[str] | None) -> bool:
    return extensions is None or os.path.splitext(name)[1][1:].lower() in extensions
