"""A review as a person starts it: a process that serves a page, and what may be sent to it byte by byte."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

import difPy
from difPy import report


def drawn(seed, size=(160, 120)):
    """A picture that looks like no other: smooth colours and a few sharp edges."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 256, (5, 7, 3), np.uint8)).resize(size, Image.Resampling.BICUBIC)
    for _ in range(4):
        x, y = rng.integers(0, size[0] - 30), rng.integers(0, size[1] - 30)
        image.paste(tuple(int(level) for level in rng.integers(0, 256, 3)), (int(x), int(y), int(x) + 24, int(y) + 18))
    return image


def tree(root, groups=4):
    """Pictures with copies of each: the same bytes, turned, mirrored, half the size, compressed."""
    for number in range(groups):
        picture = drawn(number)
        (root / "a").mkdir(parents=True, exist_ok=True)
        (root / "b").mkdir(exist_ok=True)
        picture.save(root / "a" / f"{number}.png")
        kind = number % 4
        if kind == 0:
            (root / "b" / f"{number}.png").write_bytes((root / "a" / f"{number}.png").read_bytes())
        elif kind == 1:
            picture.transpose(Image.Transpose.ROTATE_90).save(root / "b" / f"{number} turned.png")
            picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(root / "b" / f"{number} mirrored.png")
        elif kind == 2:
            picture.resize((80, 60), Image.Resampling.LANCZOS).save(root / "b" / f"{number} half.png")
            picture.save(root / "b" / f"{number}.jpg", quality=85)
        else:
            picture.save(root / "b" / f"{number}.jpg", quality=70)
    return root


def environment(home):
    """Where difPy keeps what it remembers, for a process of its own."""
    return os.environ | {f"DIFPY_{kind}_DIR": str(home / kind.lower()) for kind in ("CACHE", "STATE")}


@dataclass
class Answer:
    """What the server says."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Running:
    """A review that runs, and what its browser would know."""

    def __init__(self, home, *arguments, **options):
        command = [sys.executable, "-m", "difPy", "review", *map(str, arguments), "--no-browser"]
        self.process = subprocess.Popen(
            command,
            env=environment(Path(home)),
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            **options,
        )
        self.said = []
        for line in self.process.stderr:
            self.said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:(\d+)(/start\?code=\S+)", line):
                self.port, self.start = int(found[1]), found[2]
                break
        else:
            raise AssertionError("".join(self.said))
        self.path = self.cookie = ""

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}{self.start}"

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.end()

    def end(self, by=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(by)
        self.process.wait(30)
        self.process.stderr.close()

    def send(self, data):
        """Bytes to the server; all that it says until it ends the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(data)
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))

    def ask(self, path, method="GET", body=b"", *, without=(), **headers):
        """A request as the page sends it, but for what is said otherwise."""
        usual = {"Host": f"127.0.0.1:{self.port}", "Connection": "close", "Cookie": self.cookie}
        if method == "POST":
            usual |= {"Origin": f"http://127.0.0.1:{self.port}", "Sec-Fetch-Site": "same-origin"}
            usual |= {"Content-Type": "application/json", "X-difPy": "1", "Content-Length": str(len(body))}
        usual |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in usual.items() if v and k not in without)]
        said = self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        head, _, rest = said.partition(b"\r\n\r\n")
        first, *others = head.decode("latin-1").split("\r\n")
        found = {name.lower(): value for name, _, value in (line.partition(": ") for line in others)}
        if found.get("transfer-encoding") == "chunked":
            rest = _whole(rest)
        return Answer(int(first.split()[1]), found, rest)

    def enter(self):
        """Exchange the launch code for the cookie, as a browser does."""
        answer = self.ask(self.start)
        assert answer.status == 200, answer
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        self.path = re.search(rb'url=(/[^"]+/)"', answer.body)[1].decode()
        return answer

    def get(self, path, **more):
        return self.ask(self.path + path, **more)

    def post(self, path, body, **more):
        return self.ask(f"{self.path}api/{path}", "POST", json.dumps(body).encode(), **more)

    def rows(self):
        return self.get("api/rows?n=100&order=path").json["rows"]


def _whole(chunks):
    found = b""
    while chunks:
        size, _, rest = chunks.partition(b"\r\n")
        found += rest[: int(size, 16)]
        chunks = rest[int(size, 16) + 2 :]
    return found


def results(home, root):
    """A file of what is found there."""
    path = Path(home) / "found.jsonl"
    found = difPy.find(difPy.index(root, cache=False, processes=1), "similar", mirror=True, processes=1)
    path.write_text(report.jsonl(found.groups), encoding="utf-8")
    return path
