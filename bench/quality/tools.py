"""A folder in, what each tool takes for copies in it out: difPy 5 in its ways, its peers, and any command you name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import peer
from quality.score import Pair

SEEK = Path(__file__).with_name("seek.py")
IMAGEDEDUP = "imagededup==0.3.3.post2"


@dataclass(frozen=True)
class Found:
    """What one tool found, and what it took."""

    pairs: list[Pair]
    seconds: float
    cpu: float
    """Seconds of processors."""


@dataclass(frozen=True)
class Absent:
    """A tool that did not run."""

    why: str


Tool = Callable[[Path], Found | Absent]


def _seeker(interpreter: Callable[[], list[str]], tool: str, *arguments: str) -> Tool:
    def seek(folder: Path) -> Found | Absent:
        try:
            python = interpreter()
        except (OSError, subprocess.CalledProcessError) as error:
            return Absent(f"cannot be installed: {error}")
        run = _run([*python, str(SEEK), tool, str(folder), *arguments])
        if run.returncode:
            return Absent((run.stderr.strip().splitlines() or [f"ended with {run.returncode}"])[-1])
        report = json.loads(run.stdout.splitlines()[-1])
        return Found([(first, second, verdict) for first, second, verdict in report.pop("pairs")], **report)

    return seek


def command(line: str) -> Tool:
    """A tool of your own: a line for the shell, with {folder} in it, that prints ``first TAB second [TAB verdict]``."""

    def seek(folder: Path) -> Found | Absent:
        start = time.perf_counter(), os.times()
        run = _run(line.replace("{folder}", str(folder)), shell=True)
        if run.returncode:
            return Absent((run.stderr.strip().splitlines() or [f"ended with {run.returncode}"])[-1])
        rows = [row.split("\t") for row in run.stdout.splitlines() if "\t" in row]
        pairs = [(*map(os.path.basename, row[:2]), row[2] if len(row) > 2 else "copy") for row in rows]
        end = os.times()
        cpu = end.children_user + end.children_system - start[1].children_user - start[1].children_system
        return Found(pairs, time.perf_counter() - start[0], cpu)

    return seek


def _run(line: list[str] | str, shell: bool = False) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as own:
        environment = os.environ | {"DIFPY_CACHE_DIR": f"{own}/cache", "DIFPY_STATE_DIR": f"{own}/state"}
        return subprocess.run(line, shell=shell, capture_output=True, text=True, env=environment)


def _this() -> list[str]:
    return [sys.executable]


def _imagededup() -> list[str]:
    """Without its network, and torch with it: PHash does without."""
    packages = ("tqdm", "scikit-learn", "PyWavelets")
    return peer.interpreter(peer.HERE / ".peer-imagededup", *packages, bare=IMAGEDEDUP)


TOOLS: dict[str, Tool] = {
    "difPy 5, deep": _seeker(_this, "difpy5", "deep"),
    "difPy 5, copies": _seeker(_this, "difpy5", "copies"),
    "difPy 5, MSE 5": _seeker(_this, "difpy5", "5"),
    f"difPy {peer.VERSION}": _seeker(peer.python, "difpy4"),
    "imagededup PHash": _seeker(_imagededup, "imagededup"),
    "PDQ": _seeker(_this, "pdq"),
}
