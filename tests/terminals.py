"""A terminal for the tests: a real one of the system's, as wide as a test likes."""

import os
import struct
import subprocess
import sys

import pytest


def on_a_terminal(*arguments, answer="", columns=80, **environment):
    """What a terminal shows of a command, and its exit code."""
    import fcntl
    import pty
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    usual = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    environment = usual | {"TERM": "xterm-256color"} | environment
    run = subprocess.Popen(
        [sys.executable, "-m", "difPy", *map(os.fspath, arguments)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
    )
    os.close(theirs)
    os.write(ours, answer.encode())
    shown = b""
    while True:
        try:
            some = os.read(ours, 4096)
        except OSError:  # Linux says so when the other end is closed
            break
        if not some:
            break
        shown += some
    os.close(ours)
    return shown.decode(), run.wait(timeout=60)


terminals = pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals of this kind")
