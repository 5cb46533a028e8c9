"""A second user of the machine, for tests of what others may do: a real one, so only where tests run as root."""

import os
import subprocess
import sys

import pytest

OTHER = 65534  # nobody, on most systems; no name is needed

needed = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="a second user takes tests that run as root"
)


def give(*paths):
    """Make files or folders the other user's."""
    for path in paths:
        os.chown(path, OTHER, OTHER, follow_symlinks=False)


def python(code, *arguments, imports="os", **options):
    """Run Python as the other user, with no groups of ours. Imports come first: they may lie where only we may read."""
    drop = f"os.setgroups([]); os.setgid({OTHER}); os.setuid({OTHER})"
    command = [sys.executable, "-c", f"import os, sys, grp, pwd, {imports}\n{drop}\n{code}", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
