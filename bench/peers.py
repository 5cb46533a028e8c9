"""difPy beside its peers: seconds of processors of all their processes, with and without the start, and their memory.

    python bench/peers.py [--photos 1000 10000] [--pages 200] [--copies 10000] [--runs 3] [--corpus DIR]

Each tool searches the same folders, in turns, from nothing: every run has a home and caches of its own. What a tool
takes for an empty folder is its start. Tools that are not installed are left out: czkawka's Python binding is installed
into bench/.peer-czkawka; imagededup is taken from where bench/altered.py has put it; jdupes, rmlint and findimagedupes
are packages of most systems. Linux only: it asks /proc.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import peer
import photos

CZKAWKA = "czkawka==0.1.2"
_SUBREAPER = 36  # of prctl: what a tool leaves behind becomes our child, and is counted
_LOOK = 0.1

_SEARCH_CZKAWKA = """
import sys, czkawka
finder = czkawka.ImageSimilarity()
finder.set_directories([czkawka.Path(sys.argv[1])])
finder.set_similarity(10)
print(len(finder.find_similar()))
"""
_SEARCH_IMAGEDEDUP = """
import importlib.util, os, sys, types
(home,) = importlib.util.find_spec("imagededup").submodule_search_locations
for name in ("methods", "utils"):  # whose __init__ imports torch and matplotlib
    module = sys.modules[f"imagededup.{name}"] = types.ModuleType(f"imagededup.{name}")
    module.__path__ = [os.path.join(home, name)]
from imagededup.methods.hashing import PHash
if __name__ == "__main__":
    print(len(PHash(verbose=False).find_duplicates(image_dir=sys.argv[1])))
"""


@dataclass(frozen=True)
class Tool:
    """A program that finds copies."""

    name: str
    computes: str
    command: Callable[[str], list[str]]
    """A folder -> what is called."""


@dataclass(frozen=True)
class Took:
    """What a run took."""

    cpu: float
    """Seconds of processors, of the program and all its descendants."""
    wall: float
    memory: float
    """Most that they took together: the sum of their PSS, in MiB."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, nargs="*", default=[1000], metavar="N", help="crops of photos")
    parser.add_argument("--pages", type=int, nargs="*", default=[200], metavar="N", help="drawn pages of 2 megapixels")
    parser.add_argument("--copies", type=int, nargs="*", default=[10_000], metavar="N", help="small files, some alike")
    parser.add_argument("--no-large", action="store_true", help="leave out the large photos beside the project")
    parser.add_argument("--only", nargs="*", default=[], metavar="WORD", help="only tools with such a word in the name")
    parser.add_argument("--runs", type=int, default=3)
    photos.add_argument(parser)
    options = parser.parse_args()
    ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0)
    corpus = photos.corpus(options.corpus)
    similar = [(f"{count:,} photos", photos.crops(corpus, count)) for count in options.photos]
    similar += [(f"{count:,} pages", photos.pages(count)) for count in options.pages]
    if photos.LARGE.is_dir() and not options.no_large:
        similar.append(("large photos", photos.LARGE))
    bytewise = [(f"{count:,} files", photos.planted(corpus, count)) for count in options.copies]
    print(f"{os.cpu_count()} cores; medians of {options.runs} runs, in turns", flush=True)
    for tools, folders in ((of_pictures, similar), (of_bytes, bytewise)):
        for what, folder in folders:
            chosen = [tool for tool in tools() if not options.only or any(word in tool.name for word in options.only)]
            print(f"\n{what}, {sum(path.is_file() for path in folder.rglob('*')):,} files\n")
            table(chosen, folder, options.runs)


def table(tools: list[Tool], folder: Path, runs: int) -> None:
    """Print, as a table of Markdown, what each tool took."""
    print("| | computes | CPU-s | less the start | MiB | seconds |\n|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as empty:
        starts = in_turns(tools, empty, runs)
    for tool, took in in_turns(tools, str(folder), runs).items():
        cpu, wall, memory = (
            statistics.median(getattr(one, what) for one in took) for what in ("cpu", "wall", "memory")
        )
        less = cpu - statistics.median(one.cpu for one in starts[tool])
        print(f"| {tool.name} | {tool.computes} | {cpu:.2f} | {less:.2f} | {memory:.0f} | {wall:.2f} |", flush=True)


def in_turns(tools: list[Tool], folder: str, runs: int) -> dict[Tool, list[Took]]:
    """Run all tools, again and again, so that a busy minute of the machine hits all of them."""
    took: dict[Tool, list[Took]] = {tool: [] for tool in tools}
    for _ in range(runs):
        for tool in tools:
            took[tool].append(run(tool.command(folder)))
    return took


def run(command: list[str]) -> Took:
    """Run a program from nothing, and wait for all that it started."""
    with tempfile.TemporaryDirectory() as home:
        own = {"HOME": home, "XDG_CACHE_HOME": f"{home}/cache", "XDG_CONFIG_HOME": f"{home}/config"}
        own |= {"DIFPY_CACHE_DIR": f"{home}/difpy", "DIFPY_STATE_DIR": f"{home}/state"}
        others = set(_children())  # of this bench, not of the program
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        with open(os.devnull, "wb") as nowhere:
            program = subprocess.Popen(command, stdout=nowhere, stderr=nowhere, cwd=home, env=os.environ | own)
        watch = Watch(program.pid)
        code = program.wait()
        wall = time.perf_counter() - start
        watch.end()
        while left := set(_children()) - others:  # what it started, and did not wait for
            os.waitpid(left.pop(), 0)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if code:
        print(f"{' '.join(command)} ended with {code}", file=sys.stderr)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(cpu, wall, watch.most / 1024)


class Watch(threading.Thread):
    """Looks now and then at how much memory a program and its descendants take; `most` is in KiB."""

    def __init__(self, program: int) -> None:
        super().__init__(daemon=True)
        self.most = 0
        self._program = program
        self._ended = threading.Event()
        self.start()

    def run(self) -> None:
        """Look until it is enough."""
        while not self._ended.wait(_LOOK):
            self.most = max(self.most, sum(map(_pss, _family(self._program))))

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        self.join()


def _family(program: int) -> Iterator[int]:
    """A process, and those that it started, and so on."""
    parents = _parents()
    left = [program]
    while left:
        one = left.pop()
        yield one
        left += parents.get(one, [])


def _children() -> list[int]:
    return _parents().get(os.getpid(), [])


def _parents() -> dict[int, list[int]]:
    """Process -> those that it started, or that were left to it."""
    found: dict[int, list[int]] = {}
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            parent = int(Path("/proc", name, "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):  # it has just ended
            continue
        found.setdefault(parent, []).append(int(name))
    return found


def _pss(process: int) -> int:
    """KiB of a process, of what it shares with others its part."""
    try:
        lines = Path("/proc", str(process), "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def of_pictures() -> Iterator[Tool]:
    """Those that look at pictures."""
    yield Tool("difPy 5, similar", "MSE of tensors of 50 x 50, exactly; all turns", _difpy("similar"))
    yield Tool("difPy 5, duplicates", "equal pixels, alpha, frames; all turns", _difpy("duplicates"))
    try:
        czkawka = peer.interpreter(peer.HERE / ".peer-czkawka", CZKAWKA)
    except (OSError, subprocess.CalledProcessError):
        print("czkawka's binding cannot be installed", file=sys.stderr)
    else:
        yield Tool("czkawka (binding)", "perceptual hash", lambda folder: [*czkawka, "-c", _SEARCH_CZKAWKA, folder])
    imagededup = peer.HERE / ".peer-imagededup" / "bin" / "python"
    if imagededup.exists():
        yield Tool(
            "imagededup PHash",
            "perceptual hash of 64 bits",
            lambda folder: [str(imagededup), "-I", "-c", _SEARCH_IMAGEDEDUP, folder],
        )
    if found := shutil.which("findimagedupes"):
        yield Tool("findimagedupes", "fingerprint of 256 bits", lambda folder: [found, "-R", "-q", "--", folder])


def of_bytes() -> Iterator[Tool]:
    """Those that look at bytes."""
    yield Tool("difPy 5, files", "BLAKE3 of what is alike; writes its index", _difpy("files"))
    yield Tool("difPy 5, files, --no-cache", "the same, nothing remembered", _difpy("files", "--no-cache"))
    yield Tool("difPy 5, duplicates", "equal pixels: all is decoded", _difpy("duplicates"))
    if jdupes := shutil.which("jdupes"):
        yield Tool("jdupes", "xxHash of what is alike, then all bytes", lambda folder: [jdupes, "-r", "-q", folder])
    if rmlint := shutil.which("rmlint"):
        arguments = [rmlint, "-T", "df", "-o", "json:stdout"]
        yield Tool("rmlint", "BLAKE2b of what is alike, piece by piece", lambda folder: [*arguments, folder])


def _difpy(similarity: str, *more: str) -> Callable[[str], list[str]]:
    line = [sys.executable, "-m", "difPy", "find", "-s", similarity, "--no-config", "--quiet", *more]
    return lambda folder: [*line, folder]


if __name__ == "__main__":
    main()
