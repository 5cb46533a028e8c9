"""How a file is moved, and moved back."""

from __future__ import annotations

import os

from difPy.act import carry, disk
from difPy.act.acts import Act, Now, is_same, resembles, still


def do(act: Act) -> Now:
    """Move it; another name of a picture that went to another file system follows as another name."""
    assert act.to is not None
    if act.main_to is not None and not _same_device(act.path, act.main_to):
        disk.link(act.main_to, act.to)
        disk.unlink(act.path)
    else:
        carry.carry(act.path, act.to, act.temporary, act.was)
    facts = disk.lstat(act.to)
    return Now(act.to, facts.st_size, facts.st_mtime_ns)


def settled(act: Act) -> bool:
    """Whether it was moved; what a half-done move left is taken away."""
    assert act.to is not None
    to = act.to
    if act.main_to is not None and still(act.path, act.was) and is_same(act.main_to, to):
        disk.unlink(to)
    return carry.settled(
        act.path, to, act.temporary, is_here=lambda: still(act.path, act.was), is_there=lambda: _there(act, to)
    )


def undo(act: Act, now: Now) -> None:
    """Move it back, if it is still what was moved and nothing has taken its old name."""
    assert act.to is not None
    to, was = act.to, act.was
    size, mtime_ns = (was.size, was.mtime_ns) if now.path is None else (now.size, now.mtime_ns)

    def is_here() -> bool:
        return resembles(to, size, mtime_ns, was.digest)

    if act.main is not None and is_here() and not _same_device(to, act.path):
        if not is_same(act.main, act.path):  # a crash may have come between the next two lines
            disk.link(act.main, act.path)
        disk.unlink(to)
    else:
        carry.bring_back(to, act.path, act.temporary, was, is_here)


def _there(act: Act, to: str) -> bool:
    return still(to, act.was) or resembles(to, act.was.size, act.was.mtime_ns, act.was.digest)


def _same_device(path: str, other: str) -> bool:
    return disk.lstat(path).st_dev == disk.lstat(os.path.dirname(other)).st_dev
