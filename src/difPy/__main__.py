"""The `difPy` command, and `python -m difPy`: it loads all else, so Ctrl-C has an answer of ours from the start."""

from __future__ import annotations

import sys


def main_exit() -> None:
    """Run the command with the arguments of this process, and exit."""
    try:
        from difPy import cli

        cli.main_exit()
    except KeyboardInterrupt:  # while `cli` was being loaded, or was not ready for it
        exec("")  # as in `cli.main`
        print("difpy: stopped", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main_exit()
