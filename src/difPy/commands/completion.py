"""The words typed so far in; what may follow, by the protocol of argcomplete, out."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

SHELLS = ("bash", "zsh", "fish")
_ASKED = "_ARGCOMPLETE"


def is_asked() -> bool:
    """Whether a shell asks what may follow."""
    return _ASKED in os.environ


def answer(documented: Callable[[], argparse.ArgumentParser], verbs: Callable[[], argparse.ArgumentParser]) -> NoReturn:
    """Tell the shell what may follow, and end."""
    import argcomplete

    words = os.environ.get("COMP_LINE", "").split()
    parser = documented() if len(words) > 1 and words[1].startswith("-") else verbs()
    argcomplete.autocomplete(parser)
    sys.exit(0)  # not reached: argcomplete ends the process


def script(options: argparse.Namespace) -> int:
    """`difpy completion`."""
    from argcomplete.shell_integration import shellcode

    sys.stdout.write(shellcode(["difpy", "difPy"], shell=options.shell))
    return 0
