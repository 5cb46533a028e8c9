"""A Chromium that is driven over a pipe and asked of nothing but its page: what it takes is what it takes a person's.

Playwright has the browser tell of every picture that it loads, and asks the page only when the page is idle: of a page
of 4,400 pictures that is more than half the time.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

_ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe")
_HANDED = """
import fcntl, os, sys
told, answered, *command = sys.argv[1:]
told, answered = (fcntl.fcntl(int(one), fcntl.F_DUPFD, 5) for one in (told, answered))  # neither is 3 or 4
os.dup2(told, 3)
os.dup2(answered, 4)
os.execvp(command[0], command)
"""
"""Chromium reads what it is told at 3, and answers at 4."""


class Bare:
    """A browser with one page."""

    def __init__(self, program: str, home: str) -> None:
        told, self._tell = os.pipe()
        self._answers, answered = os.pipe()
        command = [program, *_ARGUMENTS, f"--user-data-dir={home}", "about:blank"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _HANDED, str(told), str(answered), *command],
            pass_fds=(told, answered),
            stderr=subprocess.DEVNULL,
        )
        os.close(told)
        os.close(answered)
        self._read, self._number, self._session = b"", 0, None
        targets = self.ask("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self._session = self.ask("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        self.ask("Page.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A method of the DevTools protocol; what it returns."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._tell, json.dumps(message).encode() + b"\0")
        while (said := self._next()).get("id") != self._number:
            pass
        return said["result"]

    def go(self, address: str, *, first: str) -> None:
        """Load a page; `first` is JavaScript that runs before it."""
        self.ask("Page.addScriptToEvaluateOnNewDocument", source=first)
        self.ask("Page.navigate", url=address)
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def value(self, expression: str) -> Any:
        """What JavaScript says of the page; of a promise, what becomes of it."""
        asked = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        return self.ask("Runtime.evaluate", **asked)["result"].get("value")

    def cpu(self) -> float:
        """Seconds of all its processes."""
        browser, seconds = psutil.Process(self._process.pid), 0.0
        for process in (browser, *browser.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                seconds += sum(process.cpu_times()[:2])
        return seconds

    def close(self) -> None:
        """End it."""
        os.close(self._tell)  # which it takes for a word to end
        self._process.wait(60)
        os.close(self._answers)

    def _next(self) -> dict[str, Any]:
        parts = [self._read]
        while b"\0" not in parts[-1]:
            if not (part := os.read(self._answers, 1 << 20)):
                raise EOFError("the browser has ended")
            parts.append(part)
        message, _, self._read = b"".join(parts).partition(b"\0")
        return json.loads(message)


@contextlib.contextmanager
def bare(program: str) -> Iterator[Bare]:
    """A browser that ends with the block."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        browser = Bare(program, home)
        try:
            yield browser
        finally:
            browser.close()
