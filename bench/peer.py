"""Peers from PyPI, each in a virtual environment of its own: made on first use, in bench/.peer*; difPy 4.2.1 first."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

VERSION = "4.2.1"
HERE = Path(__file__).parent
HOME = HERE / ".peer"
MEASURE = HERE / "measure.py"


OURS = [sys.executable]
"""The interpreter of difPy 5."""


def python() -> list[str]:
    """The interpreter of difPy 4.2.1, isolated."""
    return interpreter(HOME, f"difPy=={VERSION}")


def interpreter(home: Path, *packages: str, bare: str = "") -> list[str]:
    """An isolated interpreter that has some packages; numpy and Pillow of the versions that difPy 5 runs with here.

    `bare` is one more package, and what that asks for is not installed.
    """
    made = home / "bin" / "python" if os.name != "nt" else home / "Scripts" / "python.exe"
    ready = home / "ready"
    wanted = [*packages, *(f"{name}=={importlib.metadata.version(name)}" for name in ("numpy", "pillow"))]
    told = "\n".join([*wanted, *filter(None, [bare])])
    if not ready.exists() or ready.read_text() != told:
        print(f"installing {', '.join(told.splitlines())} into {home}", file=sys.stderr)
        venv.create(home, with_pip=True, clear=True)
        install = [made, "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, *wanted], check=True)
        if bare:
            subprocess.run([*install, "--no-deps", bare], check=True)
        ready.write_text(told)
    return [str(made), "-I"]


def module() -> str:
    """Path of the peer's dif.py, its command."""
    code = "import difPy.dif; print(difPy.dif.__file__)"
    return subprocess.run([*python(), "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def measure(interpreter: list[str], *arguments: object, timeout: float = 7200) -> dict[str, Any]:
    """Run measure.py under an interpreter, `OURS` or `python()`, with an empty index; what it reports."""
    command = [*interpreter, str(MEASURE), *map(str, arguments)]
    with tempfile.TemporaryDirectory() as own:
        environment = os.environ | {"DIFPY_CACHE_DIR": f"{own}/cache", "DIFPY_STATE_DIR": f"{own}/state"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # or one of the two would compile its modules every time
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=timeout, env=environment)
    if run.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {run.returncode}")
    report: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return report
