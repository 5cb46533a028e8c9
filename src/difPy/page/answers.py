"""Requests that the guard let through in; the page, its groups and what is decided of them out."""

from __future__ import annotations

import asyncio
import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from difPy.errors import DifPyError, WrongValue
from difPy.page.desk import ROWS
from difPy.page.guard import START
from difPy.page.pictures import Pictures
from difPy.page.views import View

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from starlette.requests import Request

    from difPy.page.desk import Desk
    from difPy.page.launch import Keys
    from difPy.page.pictures import Tensors
    from difPy.page.work import Work
    from difPy.thumbs import Maker

_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FRESH = {"Cache-Control": "no-store"}
_FIRST = 24
"""Groups that come with the page itself."""
_SOON = 2_000
"""So many groups are counted before the page is shown; of more it asks how many there are of each kind."""
_TOLD_EVERY = 0.1  # seconds
_REFRESH = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={path}">
<link rel="icon" href="{path}web/mark.svg"><title>difPy review</title><p>Opening difPy review ...</html>
"""


class Answers:
    """What the server answers.

    Parameters
    ----------
    desk : Desk
    work : Work
    maker : Maker
    keys : Keys
    calibrated : callable, optional
        Makes the page that says which threshold fits, and says what that may do; without it there is none.
    tensors : callable, optional
        What tiles show until their thumbnails have come: see `Pictures`.
    """

    def __init__(
        self,
        desk: Desk,
        work: Work,
        maker: Maker,
        keys: Keys,
        calibrated: Callable[[], tuple[str, str]] | None = None,
        tensors: Tensors | None = None,
    ) -> None:
        self._desk, self._work, self._keys = desk, work, keys
        self._calibrated, self._has_tensors = calibrated, tensors is not None
        self._calibration: tuple[str, str] | None = None
        self._web = {
            file.name: file.read_bytes()
            for file in (resources.files("difPy.page") / "web").iterdir()
            if "." + file.name.rpartition(".")[2] in _TYPES
        }
        pictures = Pictures(desk.shelf, maker, tensors)
        posts = {"decide": self.decide, "agree": self.agree, "back": self.back, "plan": self.plan}
        posts |= {"apply": self.apply, "undo": self.undo}
        self.app = Starlette(
            routes=[
                Route(START, self.start),
                Mount(
                    keys.path.rstrip("/"),
                    routes=[
                        Route("/", self.home),
                        Route("/web/{name}", self.web),
                        Route("/calibrate", self.calibrate),
                        Route("/t/{number}", pictures.thumbnail),
                        Route("/p/{number}", pictures.picture),
                        Route("/api/tensors", pictures.tensors),
                        Route("/api/rows", self.rows),
                        Route("/api/state", self.state),
                        Route("/api/progress", self.progress),
                        *(Route(f"/api/{name}", answer, methods=["POST"]) for name, answer in posts.items()),
                    ],
                ),
            ],
            exception_handlers={DifPyError: _refused, ValueError: _nonsense, KeyError: _nonsense, TypeError: _nonsense},
        )

    async def start(self, request: Request) -> Response:
        """The launch code in, the cookie out."""
        if not self._keys.exchange(request.query_params.get("code", "")):
            return PlainTextResponse("This address was good for one time. Run difpy review again.", 403, _FRESH)
        response = HTMLResponse(_REFRESH.format(path=self._keys.path), headers=_FRESH)
        response.set_cookie(self._keys.name, self._keys.cookie, path=self._keys.path, httponly=True, samesite="strict")
        return response

    async def home(self, request: Request) -> Response:
        """The page, with its first groups in it."""
        rows = await self._rows(View(), 0, _FIRST)
        counted = self._desk.is_counted or len(self._desk.shelf) <= _SOON
        first = json.dumps(rows | await self._state(counted=counted), separators=(",", ":"))
        page = self._web["index.html"].replace(b"{{first}}", first.replace("<", "\\u003c").encode())
        return Response(page, media_type="text/html", headers=_FRESH)

    async def web(self, request: Request) -> Response:
        """A file of the page."""
        name = request.path_params["name"]
        if name not in self._web or name == "index.html":
            return PlainTextResponse("There is no such file.", 404)
        return Response(self._web[name], media_type=_TYPES["." + name.rpartition(".")[2]], headers=_FRESH)

    async def calibrate(self, request: Request) -> Response:
        """Which threshold fits the pictures; measured when it is first asked for."""
        if self._calibrated is None:
            return PlainTextResponse(
                "Only where a directory was searched is it known which threshold fits.", 404, _FRESH
            )
        if self._calibration is None:
            self._calibration = await asyncio.to_thread(self._calibrated)
        page, policy = self._calibration
        return HTMLResponse(page, headers=_FRESH | {"Content-Security-Policy": f"{policy}; frame-ancestors 'none'"})

    async def rows(self, request: Request) -> Response:
        """Some groups of a view."""
        asked = request.query_params
        start, count = int(asked.get("from", "0")), int(asked.get("n", "40"))
        return _json(await self._rows(_view(asked), start, count))

    async def state(self, request: Request) -> Response:
        """Totals, and what is being done."""
        return _json(await self._state())

    async def decide(self, request: Request) -> Response:
        """Decide of one group."""
        body = await _body(request)
        group = body["group"]
        if type(group) is not int or not 0 <= group < len(self._desk.shelf):
            raise WrongValue("there is no such group")
        await asyncio.to_thread(self._desk.decide, group, body)
        return _json({"row": self._desk.row(group), "summary": self._desk.summary()})

    async def agree(self, request: Request) -> Response:
        """Agree to all open groups of a view."""
        body = await _body(request)
        count = await asyncio.to_thread(self._desk.agree, _view({key: str(value) for key, value in body.items()}))
        return _json({"count": count, "summary": self._desk.summary()})

    async def back(self, request: Request) -> Response:
        """Take the last decision back."""
        await _body(request)
        groups = await asyncio.to_thread(self._desk.take_back)
        row = self._desk.row(groups[0]) if len(groups) == 1 else None
        return _json({"count": len(groups), "row": row, "summary": self._desk.summary()})

    async def plan(self, request: Request) -> Response:
        """What would be done."""
        body = await _body(request)
        wanted = {name: body.get(name) is True for name in ("everything", "altered", "even")}
        return _json(await asyncio.to_thread(lambda: self._work.plan(body["action"], **wanted)))

    async def apply(self, request: Request) -> Response:
        """Do what was shown."""
        body = await _body(request)
        self._work.apply(str(body["digest"]), sure=body.get("sure") is True)
        return _json({})

    async def undo(self, request: Request) -> Response:
        """Take back what was done last."""
        await _body(request)
        self._work.undo()
        return _json({})

    async def progress(self, request: Request) -> Response:
        """How far the work is, until it has ended."""

        async def told() -> AsyncIterator[str]:
            while True:
                state = self._work.state
                yield f"data: {json.dumps(state | {'summary': self._desk.summary()} if state['said'] else state)}\n\n"
                if state["said"] or not state["doing"]:
                    return
                await asyncio.sleep(_TOLD_EVERY)

        return StreamingResponse(told(), media_type="text/event-stream", headers=_FRESH)

    async def _rows(self, view: View, start: int, count: int) -> dict[str, Any]:
        def found() -> dict[str, Any]:
            numbers = self._desk.views.numbers(view)
            some = numbers[max(0, start) : max(0, start) + min(max(0, count), ROWS)].tolist()
            return {"total": len(numbers), "start": start, "rows": [self._desk.row(number) for number in some]}

        return await asyncio.to_thread(found)

    async def _state(self, *, counted: bool = True) -> dict[str, Any]:
        work = {"can_undo": bool(self._work.journals), "doing": self._work.state["doing"]}
        work |= {"altered": self._desk.altered, "even": self._desk.even}
        summary = await asyncio.to_thread(self._desk.summary) if counted else None
        known = {"calibrates": self._calibrated is not None, "tensors": self._has_tensors}
        return {"summary": summary, "work": work} | known


def _view(asked: Mapping[str, str]) -> View:
    kind = int(asked.get("kind", "0"))
    return View(asked.get("order", "doubt"), kind, asked.get("state", ""), asked.get("text", ""))


async def _body(request: Request) -> dict[str, Any]:
    body = await request.json()
    if not isinstance(body, dict):
        raise WrongValue("that is not what a page sends")
    return body


def _json(value: dict[str, Any]) -> Response:
    return JSONResponse(value, headers=_FRESH)


async def _refused(request: Request, error: Exception) -> Response:
    return PlainTextResponse(str(error), 409, _FRESH)


async def _nonsense(request: Request, error: Exception) -> Response:
    return PlainTextResponse("That is not what a page sends.", 400, _FRESH)
