"""A request in; itself out if it comes from the page that we opened, or an answer that says no.

The page can delete files, and any web site can send requests to this machine. So all of this is asked: the host, which
a name that was pointed at this machine has wrong; the origin, as the browser says it; a cookie that only the browser
has that we opened; and of whatever changes something, a form that no other site's page can send.
"""

from __future__ import annotations

import hmac
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from difPy.page.launch import Keys

LARGEST = 1 << 16
"""Bytes of what a page may send."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
_ALWAYS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
START = "/start"
"""Where the launch code is exchanged for the cookie."""


class Guard:
    """Stands before the pages.

    Parameters
    ----------
    app : ASGI application
        Asked only what may be asked.
    keys : Keys
    port : int
    """

    def __init__(self, app: ASGIApp, keys: Keys, port: int) -> None:
        self._app, self._keys = app, keys
        self._hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] != "http":
            return
        refusal = self.refusal(scope)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = message.get("headers", ())
                named = {name for name, _ in said}  # a page that holds its pictures forbids more than ours does
                message["headers"] = [*said, *(header for header in _ALWAYS if header[0] not in named)]
            await send(message)

        if refusal is not None:
            code, why = refusal
            await PlainTextResponse(why, code, {"Cache-Control": "no-store"})(scope, receive, answer)
            return
        await self._app(scope, _Bounded(receive), answer)

    def refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Why a request is not passed on."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return 421, "This is difPy, under another name than its own."
        if any(origin != f"http://{hosts[0]}" for origin in headers.getlist("origin")):
            return 403, "Another site asked."
        if scope["path"] == START and scope["method"] == "GET":
            return None  # the code that it holds is all the proof there is: nothing has been given to the browser yet
        if any(site not in ("same-origin", "none") for site in headers.getlist("sec-fetch-site")):
            return 403, "Another site asked."
        if not scope["path"].startswith(self._keys.path) or not self._has_cookie(headers):
            return 403, "This page is open in one browser only: the one that difpy review opened. Run it again."
        if scope["method"] in ("GET", "HEAD"):
            return None
        if scope["method"] != "POST":
            return 405, "Nothing here does that."
        if headers.getlist("content-type") != ["application/json"] or headers.getlist("x-difpy") != ["1"]:
            return 403, "Only difPy's own page may change something."
        length = headers.get("content-length", "")
        if not (length.isascii() and length.isdigit() and int(length) <= LARGEST):
            return 413, "That is more than any page sends."
        return None

    def _has_cookie(self, headers: Headers) -> bool:
        cookies = SimpleCookie()
        try:
            for header in headers.getlist("cookie"):
                cookies.load(header)
        except CookieError:
            return False
        found = cookies.get(self._keys.name)
        return found is not None and hmac.compare_digest(found.value.encode(), self._keys.cookie.encode())


class _Bounded:
    """What a page sends, up to a size."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._came = receive, 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._came += len(message.get("body", b""))
        if self._came > LARGEST:
            return {"type": "http.disconnect"}
        return message
