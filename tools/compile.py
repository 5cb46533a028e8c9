"""A step of the build: compiles all C of the package to one library; a wheel without it gives the same bits, slower.

`CC` names a compiler of one's own. Where there is none at all, the build asks for one from PyPI, Zig's. A wheel with
the library is one of its platform, for any Python, as the loops use none.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
from importlib import util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_PACKAGE = Path("src/difPy")
_OPTIONS = (
    "-std=c11",
    "-O3",
    "-fwrapv",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-shared",
    f"-I{_PACKAGE}",
)
_WIDE = ("-mavx2", "-mbmi", "-mbmi2")
_ZIG = "ziglang>=0.13"
_SECONDS = 300


class Compile(BuildHookInterface):
    """Adds the compiled library to a wheel, or leaves it beside its sources for an editable one."""

    def dependencies(self) -> list[str]:
        """What compiles, where nothing here does."""
        return [] if _found() else [_ZIG]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; say so where that fails, and go on without."""
        os.chdir(self.root)
        names = _home()
        library, wide = (_PACKAGE / name for name in names.FILES)
        for path in (library, wide):
            path.unlink(missing_ok=True)  # of older sources, perhaps
        digest = names.digest(_PACKAGE)
        why = _compiled(library, digest)
        if why:
            self.app.display_warning(f"difPy works without compiled loops, with the same results, but slower: {why}")
            return
        if platform.machine() in ("x86_64", "AMD64"):
            _compiled(wide, digest, *_WIDE)  # a compiler for other machines refuses: they need none
        tag = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        tag = tag.replace("universal2", platform.machine())  # of a Python for two kinds; the library is for one
        build_data |= {"pure_python": False, "tag": f"py3-none-{tag}"}
        build_data["artifacts"] += [path.as_posix() for path in (library, wide) if path.exists()]


def _home() -> Any:
    """The module that will load the library, without the package, whose dependencies are not here."""
    spec = util.spec_from_file_location("compiled", _PACKAGE / "compiled.py")
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _found() -> list[str]:
    """The command of the compiler that is here; empty if there is none."""
    named = os.environ.get("CC") or next(filter(shutil.which, ("cc", "gcc", "clang")), "")
    return shlex.split(named)


def _compiled(library: Path, digest: str, *options: str) -> str:
    """Why it could not be compiled; empty if it was."""
    compiler = _found() or [sys.executable, "-m", "ziglang", "cc"]
    sources = sorted(path.as_posix() for path in _PACKAGE.rglob("*.c"))
    place = () if sys.platform == "win32" else ("-fPIC",)
    command = [*compiler, *_OPTIONS, *place, *options, f'-DSOURCES="{digest}"', "-o", str(library), *sources, "-lm"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return f"{shlex.join(command)}: {run.stderr.strip()}" if run.returncode else ""
