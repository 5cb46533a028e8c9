"""The `difPy` command, and `python -m difPy`: it loads all else, so Ctrl-C has an answer of ours from the start."""

from __future__ import annotations

import gc
import os
import sys

_GARBAGE = 100_000
"""Things made, and not deleted, after which it is looked for."""
_INTERRUPTED = 130


def run() -> None:
    """Run the command with the arguments of this process, and exit."""
    gc.set_threshold(_GARBAGE)  # of what is loaded none is garbage, and to look for some takes 0.01 s
    try:
        from difPy.cli import main_exit

        main_exit()
    except KeyboardInterrupt:  # while it was being loaded, or was about to end for another
        try:
            print("difpy: stopped", file=sys.stderr, flush=True)
        finally:  # whether or not it was pressed again
            os._exit(_INTERRUPTED)


if __name__ == "__main__":
    run()
