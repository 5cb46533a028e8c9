"""The address of an object on a store in; its bytes, in full or in part, its size and its version out.

The home of obstore, which takes credentials as the environment has them: ``AWS_ACCESS_KEY_ID``, ``AWS_ENDPOINT_URL``,
``GOOGLE_APPLICATION_CREDENTIALS``, ``AZURE_STORAGE_ACCOUNT_NAME`` and so on.
"""

from __future__ import annotations

import io
import os
import re
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from difPy.errors import MissingExtra
from difPy.sources.reasons import Missing, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_REMOTE = re.compile(r"(?:s3a?|gs|az|abfss?|adl|azure|https?)://", re.IGNORECASE)
_PIECE = 1 << 20  # bytes asked for at once where somebody reads on
_PATIENCE: Any = {"max_retries": 5, "retry_timeout": timedelta(seconds=60)}


class Object(NamedTuple):
    """What is known of what an address names without reading it."""

    uri: str
    size: int
    version: str


def is_remote(uri: str) -> bool:
    """Whether it names something on an object store.

    Examples
    --------
    >>> is_remote("s3://bucket/a.jpg"), is_remote("C:/Pictures")
    (True, False)
    """
    return _REMOTE.match(uri) is not None


def about(uri: str) -> Object:
    """Size and version of an object.

    Raises
    ------
    Missing, Unreadable, MissingExtra
    """
    store, name = _store(uri)
    with _judged():
        return _object(uri, store.head(name))


def below(uri: str) -> Iterator[Object]:
    """All objects whose names begin as a remote address does, sorted by name.

    Raises
    ------
    Missing, Unreadable, MissingExtra
    """
    store, name = _store(uri)
    found: list[Any] = []
    with _judged():
        for some in store.list(name or None):
            found += some
    root = uri[: len(uri) - len(name)] if name else uri.rstrip("/") + "/"
    for meta in sorted(found, key=lambda meta: meta["path"]):
        yield _object(root + meta["path"], meta)


def read(uri: str, offset: int, size: int, version: str) -> bytes:
    """Bytes of an object, in one request: as `stores.read`."""
    store, name = _store(uri)
    options: dict[str, Any] = {"range": (offset, offset + size)} if size >= 0 else {}
    with _judged():
        answer = store.get(name, options=options)
        if version and _object(uri, answer.meta).version != version:
            raise Unreadable("changed since it was listed")
        data = bytes(answer.bytes())
    return data if size >= 0 else data[offset:]


def ranges(uri: str, wanted: Sequence[tuple[int, int]]) -> list[bytes]:
    """Bytes from each first to each last, without it, of what a remote address names; fewer where it ends before.

    Neighbours are asked for together.

    Raises
    ------
    Missing, Unreadable, MissingExtra
    """
    store, name = _store(uri)
    if not wanted:
        return []
    with _judged():
        found = store.get_ranges(name, starts=[first for first, _ in wanted], ends=[last for _, last in wanted])
        return [bytes(one) for one in found]


def create(uri: str, data: bytes) -> bool:
    """Write an object that there is not yet, in one request; False if there is one, which stays as it is.

    Raises
    ------
    Unreadable, MissingExtra
    """
    store, name = _store(uri)
    from obstore.exceptions import AlreadyExistsError

    with _judged():
        try:
            store.put(name, data, mode="create")
        except AlreadyExistsError:
            return False
    return True


def names(uri: str) -> list[str]:
    """Names of the objects right below a remote address, ascending, without its own.

    Raises
    ------
    Unreadable, MissingExtra
    """
    store, name = _store(uri)
    with _judged():
        found = store.list_with_delimiter(name.rstrip("/") + "/")["objects"]
    return sorted(one["path"].rsplit("/", 1)[1] for one in found)


def stream(found: Object) -> IO[bytes]:
    """An object as a file that can be read from any place: by ranges of the version that was found."""
    return io.BufferedReader(_Stream(found), _PIECE)


class _Stream(io.RawIOBase):
    """An object, read by ranges of the version that it had when it was opened."""

    def __init__(self, found: Object) -> None:
        super().__init__()
        self._found, self._at = found, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._found.size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        size = max(0, min(len(buffer), self._found.size - self._at))
        if size:
            buffer[:size] = read(self._found.uri, self._at, size, self._found.version)
            self._at += size
        return size


def _object(uri: str, meta: Any) -> Object:
    changed = meta.get("last_modified")
    tag = (meta.get("e_tag") or "").strip('"')  # a list has it without quotes on some stores
    return Object(uri, int(meta["size"]), tag or (changed.isoformat() if changed else ""))


def _store(uri: str) -> tuple[Any, str]:
    """The store of an address, and the name in it."""
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(uri)
    return _of_bucket(f"{parts.scheme}://{parts.netloc}"), unquote(parts.path).lstrip("/")


@lru_cache(maxsize=64)
def _of_bucket(url: str) -> Any:
    try:
        from obstore.store import from_url
    except ImportError:
        raise MissingExtra(f"{url} is on an object store, which takes obstore: pip install 'difPy[data]'") from None
    plain = any(os.environ.get(name, "").startswith("http://") for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT"))
    with _judged():
        return from_url(url, client_options={"allow_http": plain or url.startswith("http:")}, retry_config=_PATIENCE)


@contextmanager
def _judged() -> Iterator[None]:
    """Give errors of a store their name."""
    from obstore import exceptions

    try:
        yield
    except FileNotFoundError:
        raise Missing("there is no such object or bucket") from None
    except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError):
        raise Unreadable("the store does not let us: look at the credentials") from None
    except (exceptions.BaseError, ValueError, OSError) as error:
        text = str(error)
        if "<Code>NoSuchBucket</Code>" in text:
            raise Missing("there is no such bucket") from None
        raise Unreadable(f"the store does not answer: {_short(text)}") from None


def _short(text: str) -> str:
    """What a store says, without what only its programmers understand."""
    line = text.strip().split("\n", 1)[0].partition(": <?xml")[0]
    return line if len(line) <= 300 else f"{line[:297]}..."
