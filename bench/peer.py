"""difPy 4.2.1 from PyPI, in a virtual environment of its own: made on first use, in bench/.peer."""

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
    """The peer's interpreter, isolated. Its numpy and Pillow are of the versions that difPy 5 runs with here."""
    made = HOME / "bin" / "python" if os.name != "nt" else HOME / "Scripts" / "python.exe"
    ready = HOME / "ready"
    wanted = [f"difPy=={VERSION}", *(f"{name}=={importlib.metadata.version(name)}" for name in ("numpy", "pillow"))]
    if not ready.exists() or ready.read_text() != "\n".join(wanted):
        print(f"installing {', '.join(wanted)} into {HOME}", file=sys.stderr)
        venv.create(HOME, with_pip=True, clear=True)
        subprocess.run([made, "-m", "pip", "install", "--quiet", *wanted], check=True)
        ready.write_text("\n".join(wanted))
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
