"""`python -m difPy`, and the command `difpy`."""

import gc

_GARBAGE = 50_000
"""Things made, and not deleted, after which it is looked for."""


def run() -> None:
    """Run the command, and exit."""
    gc.set_threshold(_GARBAGE)  # of what is loaded none is garbage, and to look for some takes 0.01 s
    from difPy.cli import main_exit

    main_exit()


if __name__ == "__main__":
    run()
