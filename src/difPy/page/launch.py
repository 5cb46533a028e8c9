"""Nothing in; the keys of one run out, and a file that hands the first of them to the browser, and to nobody else.

What a program is started with, everybody on the machine can read. So the browser is given the name of a file that only
this person can read, and in that stands a code, good for one time. For it the browser gets a cookie, whose path nobody
can guess: a browser sends a cookie of this machine to all of its ports.
"""

from __future__ import annotations

import hmac
import os
import secrets
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from difPy.page.guard import START

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0;url={address}"><title>difPy review</title><p>Opening difPy review ...</html>
"""


@dataclass
class Keys:
    """What proves that a request comes from the browser that we opened."""

    path: str = field(default_factory=lambda: f"/{secrets.token_urlsafe(18)}/", repr=False)
    """What all addresses begin with."""
    name: str = field(default_factory=lambda: f"difpy-{secrets.token_hex(4)}", repr=False)
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    code: str | None = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    """Good for one time: None once it was used."""

    def exchange(self, code: str) -> bool:
        """Whether it is the code, which from now on is worth nothing."""
        if self.code is None or not hmac.compare_digest(code.encode(), self.code.encode()):
            return False
        self.code = None
        return True

    def address(self, port: int) -> str:
        """What a browser opens first."""
        return f"http://127.0.0.1:{port}{START}?code={self.code}"


@contextmanager
def launcher(keys: Keys, port: int) -> Iterator[str]:
    """A file that leads a browser to the page; gone at the end.

    Yields
    ------
    str
        Its path.
    """
    with tempfile.TemporaryDirectory(prefix="difpy-review-") as folder:  # of mode 0700
        path = os.path.join(folder, "open.html")
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(_PAGE.format(address=keys.address(port)))
        yield path
