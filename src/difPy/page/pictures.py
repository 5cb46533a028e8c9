"""Numbers of pictures in; what a browser shows of them out, made by workers: never a file by its path.

A file is opened only if it is the one that the scan saw, and no link has taken its place. Until a thumbnail of it has
come, its tensor is shown, which is known without opening it.
"""

from __future__ import annotations

import asyncio
import os
import stat
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response

from difPy.errors import IndexUnusable
from difPy.model import Failure
from difPy.thumbs import SIDE, Job

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import numpy as np
    import numpy.typing as npt
    from starlette.requests import Request

    from difPy.decode import Shown
    from difPy.files import File
    from difPy.page.shelf import Shelf
    from difPy.thumbs import Maker

    Tensors = Callable[[Collection[bytes]], dict[bytes, npt.NDArray[np.uint8]]]
    """Digests -> tensors of shape (50, 50, 3) of those that are known."""

_KEPT = {"Cache-Control": "private, max-age=86400, immutable"}
_NOT_KEPT = {"Cache-Control": "no-store"}
_BYTES = _NOT_KEPT | {"Content-Type": "application/octet-stream"}
_SAFE = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
"""What is served as what it is: no SVG, no HTML, nothing that a browser would run."""
_TENSORS = 256
"""So many come at once, at most: 2 MB of them."""


class Pictures:
    """Answers requests for pictures.

    Parameters
    ----------
    shelf : Shelf
    maker : Maker
    tensors : callable, optional
        Digests -> tensors of shape (50, 50, 3) of those that are known.
    """

    def __init__(self, shelf: Shelf, maker: Maker, tensors: Tensors | None = None) -> None:
        self._shelf, self._maker, self._tensors = shelf, maker, tensors

    async def thumbnail(self, request: Request) -> Response:
        """A small one."""
        file = self._file(request.path_params["number"])
        if file is None:
            return _missing()
        if (known := self._maker.known(file)) is not None and not _replaced(file):
            return Response(known, media_type="image/jpeg", headers=_KEPT)
        return await self._made(Job(file, SIDE))

    async def picture(self, request: Request) -> Response:
        """All of it; ``?exact`` for every pixel as difPy decodes it."""
        file = self._file(request.path_params["number"])
        return _missing() if file is None else await self._made(Job(file, 0, "exact" in request.query_params))

    async def tensors(self, request: Request) -> Response:
        """Tensors of some, as they lie in the index: of each that is known its number, in 4 bytes, and its levels."""
        numbers = request.query_params.get("n", "").split(",")[:_TENSORS]
        return Response(await asyncio.to_thread(self._levels, numbers), headers=_BYTES)

    def _levels(self, numbers: list[str]) -> bytes:
        files = {int(text): file for text in numbers if (file := self._file(text)) is not None}
        digests = {number: file.digest for number, file in files.items() if file.digest is not None}
        try:
            found = {} if self._tensors is None else self._tensors(set(digests.values()))
        except IndexUnusable:  # nobody is told: the thumbnails come all the same
            return b""
        known = ((number, found[digest]) for number, digest in digests.items() if digest in found)
        return b"".join(number.to_bytes(4, "little") + tensor.tobytes() for number, tensor in known)

    async def _made(self, job: Job) -> Response:
        if why := _replaced(job.file):
            return _unreadable(why)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Shown | Failure] = loop.create_future()

        def answer(result: Shown | Failure) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, future, result)

        self._maker.ask(job, answer)
        result = await future
        if isinstance(result, Failure):
            return _unreadable(result.reason)
        assert result.kind in _SAFE
        return Response(result.data, media_type=result.kind, headers=_KEPT)

    def _file(self, text: str) -> File | None:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) < self._shelf.pictures):
            return None
        return self._shelf.file(int(text))


def _settle(future: asyncio.Future[Shown | Failure], result: Shown | Failure) -> None:
    if not future.done():  # nobody waits any more for what has scrolled by
        future.set_result(result)


def _replaced(file: File) -> str:
    """Why the file is not opened: something else is in its place."""
    if file.address is not None:  # whoever reads it asks for the version that was listed
        return ""
    try:
        found = os.lstat(file.path)
    except (OSError, ValueError) as error:
        return f"cannot be opened: {getattr(error, 'strerror', None) or error}"
    if file.linked or file.path == file.root:  # reached through a link that the search was shown
        return ""
    same = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    if not stat.S_ISREG(found.st_mode) or same != (file.device, file.inode, file.size, file.mtime_ns):
        return "changed since it was scanned"
    return ""


def _missing() -> Response:
    return PlainTextResponse("There is no such picture.", 404, _NOT_KEPT)


def _unreadable(why: str) -> Response:
    return PlainTextResponse(f"This picture cannot be read any more: {why}.", 410, _NOT_KEPT)
