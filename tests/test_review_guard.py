"""Who may ask the review: the browser that it opened, and nobody else. Byte by byte, of a server that runs."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from reviewing import Running, drawn, environment, results, tree


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("review")
    tree(home / "in", groups=3)
    results(home, home / "in")
    return home


@pytest.fixture(scope="module")
def page(home):
    """A review whose browser has come in."""
    with Running(home, home / "found.jsonl", "--processes", "1") as page:
        page.entered = page.enter()
        yield page


def test_it_listens_on_this_machine_alone(page):
    listening = Path(f"/proc/{page.process.pid}/net/tcp")
    if not listening.exists():
        pytest.skip("only Linux says in a file who listens where")
    at = [line.split()[1] for line in listening.read_text().splitlines()[1:]]
    assert next(one for one in at if one.endswith(f":{page.port:04X}")).startswith("0100007F")


def test_nothing_lets_it_listen_elsewhere(home):
    said = subprocess.run(
        [sys.executable, "-m", "difPy", "review", "--help"], env=environment(home), capture_output=True, text=True
    ).stdout
    assert "--host" not in said and "--port" not in said and "--bind" not in said


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1", "127.0.0.1:80", "[::1]:{port}", "localhost.:{port}", "127.0.0.1:{port}.evil", ""],
)
def test_a_name_that_was_pointed_at_this_machine_is_refused(page, host):
    assert page.get("api/state", Host=host.format(port=page.port)).status in (400, 421)
    assert page.get("api/state", Host=f"localhost:{page.port}").status == 200


def test_two_hosts_are_none(page):
    host = f"Host: 127.0.0.1:{page.port}\r\n"
    said = page.send(f"GET {page.path} HTTP/1.1\r\n{host}Host: evil.example\r\nConnection: close\r\n\r\n".encode())
    assert said.split()[1] in (b"400", b"421")


def test_the_launch_code_is_good_for_one_time(page):
    assert page.ask(page.start).status == 403
    assert page.ask("/start?code=").status == 403
    assert page.ask("/start").status == 403


def test_the_cookie_is_for_this_page_alone(page):
    cookie = page.entered.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    path = cookie.partition("path=")[2].partition(";")[0]
    assert path == page.path.lower() and len(path) > 20


def test_without_the_cookie_there_is_nothing(page):
    for path in (page.path, f"{page.path}api/rows", f"{page.path}t/0", f"{page.path}web/main.js"):
        assert page.ask(path, without=("Cookie",)).status == 403
    assert page.ask(page.path, Cookie=page.cookie[:-1] + "x").status == 403
    assert page.ask("/").status == 403
    assert page.ask("/api/state").status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"without": ("Content-Type",)},
        {"without": ("X-difPy",)},
        {"X_difPy": "0"},
        {"without": ("Cookie",)},
    ],
    ids=str,
)
def test_what_another_site_sends_changes_nothing(page, headers):
    headers = {
        name: value.format(port=page.port) if isinstance(value, str) else value for name, value in headers.items()
    }
    assert page.post("decide", {"group": 0, "state": 1}, **headers).status == 403
    assert page.rows()[0]["state"] == 0


def test_what_the_page_sends_is_heard(page):
    assert page.post("decide", {"group": 0, "state": 1}).json["row"]["state"] == 1
    assert page.post("decide", {"group": 0, "state": 0}).status == 200


def test_a_picture_of_another_site_is_not_shown_there(page):
    assert page.get("t/0", Sec_Fetch_Site="cross-site").status == 403
    assert page.get("t/0", Sec_Fetch_Site="same-origin").status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_no_other_method_is_known(page, method):
    assert page.ask(f"{page.path}api/state", method).status in (403, 405)


@pytest.mark.parametrize(
    "number",
    ["-1", "99999", "1e1", "0x0", "../0", "..%2f..%2fetc%2fpasswd", "0/../../etc/passwd", "%d9%a3", "", "1" * 40],
)
def test_a_picture_is_asked_for_by_its_number(page, number):
    assert page.get(f"t/{number}").status in (403, 404)
    assert page.get(f"p/{number}").status in (403, 404)


@pytest.mark.parametrize("name", ["../desk.py", "..%2fdesk.py", "index.html", "%2e%2e/desk.py", "nothing.js"])
def test_only_the_files_of_the_page_are_served(page, name):
    assert page.get(f"web/{name}").status in (403, 404)


@pytest.mark.parametrize(
    "body",
    [[], 1, {}, {"group": "0"}, {"group": 1.0}, {"group": -1}, {"group": 10**9}, {"group": 0, "state": 7},
     {"group": 0, "keeper": 99}, {"group": 0, "keeper": True}, {"group": 0, "stays": 3},
     {"group": 0, "stays": [9, True]}],
    ids=json.dumps,
)  # fmt: skip
def test_nonsense_is_refused_and_said(page, body):
    answer = page.post("decide", body)
    assert answer.status in (400, 409) and answer.body
    assert b"Traceback" not in answer.body


def test_more_than_a_page_sends_is_not_read(page):
    assert page.ask(f"{page.path}api/decide", "POST", b" " * 100_000).status == 413
    assert page.ask(f"{page.path}api/decide", "POST", b"{}", Content_Length="-1").status in (400, 413)


def test_the_page_runs_nothing_but_its_own_and_is_framed_by_nobody(page):
    for path in ("", "web/main.js", "api/state", "t/0"):
        headers = page.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == headers["cross-origin-opener-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers


def test_the_page_asks_nobody_else_for_anything(page):
    web = Path(__file__).parents[1] / "src" / "difPy" / "page" / "web"
    for file in web.iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text and "https://" not in text, file
        assert "innerHTML" not in text and "eval(" not in text, file


def test_a_name_cannot_become_part_of_the_page(home, tmp_path):
    folder = tmp_path / "</script><script>alert(1)</script>"
    try:
        folder.mkdir(parents=True)
    except OSError:
        pytest.skip("this file system has no such names")
    drawn(1).save(folder / "a.png")
    drawn(1).save(folder / "b<img src=x>.png")
    found = results(tmp_path, tmp_path)
    with Running(tmp_path, found, "--processes", "1") as page:
        page.enter()
        assert page.get("").body.count(b"<script") == 2


def test_the_secrets_are_in_no_argument_list_and_in_nothing_that_is_said_later(page):
    arguments = Path(f"/proc/{page.process.pid}/cmdline")
    if arguments.exists():
        assert page.path.strip("/").encode() not in arguments.read_bytes()
        assert page.cookie.encode() not in arguments.read_bytes()
    assert not any(page.path in line or page.cookie in line for line in page.said)


def test_the_file_that_opens_the_browser_is_for_this_person_alone(home, tmp_path):
    """The browser is called with the name of the file, which the program that stands in for it writes down."""
    note = tmp_path / "called with"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > "{note}"\n')
    browser.chmod(0o755)
    if os.name == "nt":
        pytest.skip("no shell")
    command = [sys.executable, "-m", "difPy", "review", str(home / "found.jsonl"), "--processes", "1", "--idle", "0.03"]
    process = subprocess.Popen(
        command, env=environment(home) | {"BROWSER": f"{browser} %s"}, stderr=subprocess.PIPE, text=True
    )
    line = process.stderr.readline()
    called = note.read_text()
    path = Path(called.removeprefix("file://"))
    assert "code=" not in called and "code=" not in line
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "/start?code=" in path.read_text()
    process.communicate(timeout=60)  # nobody looks: it ends by itself
    assert process.returncode == 0
    assert not path.exists()


def test_a_link_that_has_taken_the_place_of_a_picture_is_not_followed(home, tmp_path):
    root = tree(tmp_path / "in", groups=1)
    secret = tmp_path / "secret.png"
    drawn(99).save(secret)
    with Running(tmp_path, results(tmp_path, root), "--processes", "1") as page:
        page.enter()
        assert page.get("p/0").status == 200
        for picture in sorted((root / "a").iterdir()):
            picture.unlink()
            try:
                picture.symlink_to(secret)
            except OSError:
                pytest.skip("no links here")
        numbers = [picture["id"] for row in page.rows() for picture in row["pictures"]]
        answers = [page.get(f"{kind}/{number}") for kind in "tp" for number in numbers]
        assert [answer.status for answer in answers].count(410) == 2
        assert b"changed since it was scanned" in b"".join(answer.body for answer in answers if answer.status == 410)


def test_what_was_not_shown_is_not_done(home, tmp_path):
    root = tree(tmp_path / "in", groups=2)
    with Running(tmp_path, results(tmp_path, root), "--processes", "1") as page:
        page.enter()
        assert page.post("apply", {"digest": "0" * 64}).status == 409
        page.post("decide", {"group": 0, "state": 1})
        shown = page.post("plan", {"action": "delete"}).json
        assert shown["steps"]
        page.post("decide", {"group": 1, "state": 1})
        page.post("plan", {"action": "trash"})
        assert page.post("apply", {"digest": shown["digest"], "sure": True}).status == 409
        assert len(list(root.rglob("*.png"))) == 5


def test_what_cannot_be_undone_asks_for_a_word(home, tmp_path):
    root = tree(tmp_path / "in", groups=4)
    with Running(tmp_path, results(tmp_path, root), "--processes", "1") as page:
        page.enter()
        page.post("agree", {})
        shown = page.post("plan", {"action": "delete"}).json
        assert shown["not_undoable"] > 0
        assert page.post("apply", {"digest": shown["digest"]}).status == 409
        assert page.post("undo", {}).status == 409


def test_only_one_thing_is_done_at_a_time(home, tmp_path):
    root = tree(tmp_path / "in", groups=3)
    with Running(tmp_path, results(tmp_path, root), "--processes", "1") as page:
        page.enter()
        page.post("agree", {})
        shown = page.post("plan", {"action": "move"}).json
        answers = [page.post("apply", {"digest": shown["digest"]}).status for _ in range(3)]
        assert answers.count(200) == 1
        page.get("api/progress")
        assert page.get("api/state").json["work"]["can_undo"]


def test_a_request_that_is_none_does_not_end_it(page):
    for noise in (b"\0" * 64, b"GET / HTTP/9.9\r\n\r\n", b"GET " + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n"):
        with contextlib.suppress(OSError):
            page.send(noise)
    with socket.create_connection(("127.0.0.1", page.port)):
        pass
    assert page.get("api/state").status == 200


def test_five_hundred_pictures_asked_for_at_once_all_come(page):
    async def ask():
        reader, writer = await asyncio.open_connection("127.0.0.1", page.port)
        lines = (
            f"GET {page.path}t/0 HTTP/1.1",
            f"Host: 127.0.0.1:{page.port}",
            f"Cookie: {page.cookie}",
            "Connection: close",
        )
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
        said = await reader.read()
        writer.close()
        return said.split()[1]

    async def ask_all():
        return await asyncio.gather(*(ask() for _ in range(500)))

    assert set(asyncio.run(ask_all())) == {b"200"}


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_asked_to_end_it_leaves_no_address_behind(home, tmp_path, monkeypatch, name):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    running = Running(tmp_path, results(tmp_path, tree(tmp_path / "in", groups=1)), "--processes", "1")
    assert list(temporary.rglob("open.html"))
    running.end(getattr(signal, name))
    assert not list(temporary.iterdir())
