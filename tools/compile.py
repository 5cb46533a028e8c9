"""A step of the build: compiles `decode/pixel_loops.c`, where there is a compiler; a wheel without gives the same bits.

`CC` names a compiler of one's own. A wheel with it is one of its platform, for any Python, as the loops use none.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_ROOM = Path("src/difPy/decode")
_LIBRARY = _ROOM / ("pixel_loops.dll" if sys.platform == "win32" else "pixel_loops.so")
_OPTIONS = ("-O3", "-fwrapv", "-ffp-contract=off", "-shared", *(() if sys.platform == "win32" else ("-fPIC",)))
_SECONDS = 120


class Compile(BuildHookInterface):
    """Adds the compiled library to a wheel, or leaves it beside its source for an editable one."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; say so where that fails, and go on without."""
        os.chdir(self.root)
        _LIBRARY.unlink(missing_ok=True)  # of an older source, perhaps
        why = _compiled()
        if why:
            self.app.display_warning(f"difPy decodes without compiled loops, to the same pixels but slower: {why}")
            return
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data |= {"pure_python": False, "tag": f"py3-none-{platform}"}
        build_data["artifacts"].append(_LIBRARY.as_posix())


def _compiled() -> str:
    """Why it could not be compiled; empty if it was."""
    named = os.environ.get("CC") or next(filter(shutil.which, ("cc", "gcc", "clang")), None)
    if named is None:
        return "no C compiler was found (cc, gcc, clang)"
    command = [*shlex.split(named), *_OPTIONS, "-o", str(_LIBRARY), str(_ROOM / "pixel_loops.c")]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return f"{shlex.join(command)}: {run.stderr.strip()}" if run.returncode else ""
