"""Answers in; a server for this machine's browser out, which ends by itself when nobody looks any more."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING

import uvicorn

from difPy.page.guard import Guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from starlette.types import Receive, Scope, Send

    from difPy.page.answers import Answers
    from difPy.page.launch import Keys
    from difPy.page.work import Work

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_LOOK = 1.0  # seconds
_CONNECTIONS = 256


def listening() -> socket.socket:
    """A socket that only this machine reaches, at a port that nobody could know before."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.bind(("127.0.0.1", 0))
    return found


def serve(
    answers: Answers, keys: Keys, at: socket.socket, work: Work, *, idle: float, ready: Callable[[], None]
) -> int:
    """Answer until Ctrl-C, or until nobody has asked for anything for some time, and nothing is being done.

    Parameters
    ----------
    answers : Answers
    keys : Keys
    at : socket
        From `listening`.
    work : Work
    idle : float
        Seconds.
    ready : callable
        Called when the server answers.

    Returns
    -------
    int
        The signal that asked for the end; 0 if none did. Who gets it raises it again, once all is closed.
    """
    port = at.getsockname()[1]
    watched = _Watched(Guard(answers.app, keys, port))
    server = _Server(
        uvicorn.Config(
            watched,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            limit_concurrency=_CONNECTIONS * 4,
            timeout_graceful_shutdown=1,
        )
    )
    asyncio.run(_until_idle(server, watched, at, work, idle, ready))
    return server.asked


class _Server(uvicorn.Server):
    """Ends when a signal asks for it, and keeps which."""

    asked = 0

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn does, which raises them again in the middle of a task."""
        if threading.current_thread() is not threading.main_thread():  # signals come to no other
            yield
            return
        heeded = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, self._end) for number in heeded}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.asked = number
        self.handle_exit(number, frame)


async def _until_idle(
    server: uvicorn.Server, watched: _Watched, at: socket.socket, work: Work, idle: float, ready: Callable[[], None]
) -> None:
    running = asyncio.create_task(server.serve(sockets=[at]))
    while not server.started and not running.done():
        await asyncio.sleep(0.005)
    if not running.done():
        ready()
    while not running.done():
        if time.monotonic() - watched.asked > idle and not work.is_busy and not watched.open:
            server.should_exit = True
        await asyncio.wait([running], timeout=min(_LOOK, idle))
    await running


class _Watched:
    """Notes when something was asked for last."""

    def __init__(self, app: Guard) -> None:
        self._app, self.asked, self.open = app, time.monotonic(), 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked, self.open = time.monotonic(), self.open + 1
        try:
            await self._app(scope, receive, send)
        finally:
            self.asked, self.open = time.monotonic(), self.open - 1
