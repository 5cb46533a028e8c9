"""What the review costs: groups of distinct pictures, from a file of results to the first page, and key by key.

    python bench/review.py [GROUPS]        by default 50,000
    python bench/review.py decisions       200,000 of them, loaded

Nothing is decoded: the files are not there, so what is measured is the server and the page. Beside the seconds stands
the work: nodes in the page, bytes of memory, processor time.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from browsing import chromium
from difPy.act import Decisions
from difPy.files import File
from difPy.model import Group, Member
from difPy.results import record

KEYS = 60
_PRESS = """async count => {
  const took = [];
  for (let n = 0; n < count; n++) {
    const start = performance.now();
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    took.push(performance.now() - start);
  }
  return took.sort((a, b) => a - b);
}"""


def results(path: Path, groups: int) -> None:
    """A file of results: three different pictures in each group."""
    with open(path, "w", encoding="utf-8") as file:
        for number in range(groups):
            keeper, *others = (_file(number, at) for at in range(3))
            members = tuple(Member(other, (number * 7919 % 5000) / 1000 + 0.001, 0) for other in others)
            file.write(json.dumps(record(Group(keeper, members, "Kept because it has more pixels."))) + "\n")


def _file(group: int, number: int) -> File:
    return File(
        f"many/album {group // 100}/IMG_{group:06}-{number}.jpg",
        "many",
        4_000_000 - 1_000_000 * number + group,
        1_700_000_000_000_000_000 + group,
        1,
        3 * group + number + 1,
        digest=hashlib.sha256(f"{group} {number}".encode()).digest(),
        width=4000,
        height=3000,
        format="JPEG",
    )


def main(groups: int) -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as home:
        results(Path(home) / "found.jsonl", groups)
        environment = os.environ | {"DIFPY_CACHE_DIR": f"{home}/cache", "DIFPY_STATE_DIR": f"{home}/state"}
        command = [sys.executable, "-m", "difPy", "review", f"{home}/found.jsonl", "--no-browser", "--processes", "1"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
            address = next(found[0] for line in server.stderr if (found := re.search(r"http://\S+", line)))
            try:
                with chromium() as browser:
                    _measure(browser, address, psutil.Process(server.pid), groups)
            finally:
                server.terminate()


def decisions(count: int = 200_000) -> None:
    """Load decisions: the best of five times, and how many of them were read; then ask what was said of some groups."""
    with tempfile.TemporaryDirectory() as home:
        path, groups = Path(home) / "decisions.jsonl", [_digests(number) for number in range(count)]
        with open(path, "w", encoding="utf-8") as file:
            for number, group in enumerate(groups):
                said = {"apart": group} if number % 20 == 0 else {"judged": group, "agreed": number % 3 > 0}
                file.write(json.dumps(said, separators=(",", ":")) + "\n")
        took = []
        for _ in range(5):
            start = time.process_time()
            loaded = Decisions(path)
            took.append(time.process_time() - start)
        print(
            f"{count:,} decisions, {path.stat().st_size >> 20} MB: {min(took):.2f} s of CPU, {loaded.read} of them read"
        )
        start = time.process_time()
        for group in groups[1:40_001:40]:
            loaded.judgement([bytes.fromhex(digest) for digest in group])
        each = (time.process_time() - start) / 1000
        print(f"what was said of a group: {1e6 * each:.0f} us of CPU, {loaded.read / 1000:.0f} of them read")


def _digests(number: int) -> list[str]:
    return [hashlib.sha256(f"{number} {at}".encode()).hexdigest() for at in range(2 + number % 2)]


def _measure(browser, address: str, server: psutil.Process, groups: int) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 875})
    page.goto(address)
    page.wait_for_selector(".row .tile:focus")
    times = server.cpu_times()
    print(f"{groups:,} groups: {times.user + times.system:.2f} s of CPU to the first page, ", end="")
    print(f"{server.memory_info().rss >> 20} MiB, {page.evaluate('document.querySelectorAll(`*`).length')} nodes")
    page.wait_for_selector("#sum b", timeout=120_000)
    page.wait_for_timeout(1000)
    times = server.cpu_times()
    print(f"all of them counted: {times.user + times.system:.2f} s of CPU, {server.memory_info().rss >> 20} MiB")
    took = page.evaluate(_PRESS, KEYS)
    print(f"key to changed frame: median {took[KEYS // 2]:.0f} ms, 95 % {took[KEYS * 95 // 100]:.0f} ms")
    for at in (groups // 2, groups, 4):
        start = time.perf_counter()
        page.evaluate("at => { window.prompt = () => String(at); }", at)
        page.keyboard.press("g")
        page.wait_for_selector(f'.row.at[aria-rowindex="{at}"] button.tile')
        print(f"jump to group {at:,}: {time.perf_counter() - start:.2f} s")
    print(f"at the end: {server.memory_info().rss >> 20} MiB, ", end="")
    print(f"{page.evaluate('document.querySelectorAll(`*`).length')} nodes")


if __name__ == "__main__":
    decisions() if sys.argv[1:] == ["decisions"] else main(int(sys.argv[1]) if sys.argv[1:] else 50_000)
