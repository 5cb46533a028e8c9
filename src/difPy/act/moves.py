"""How a file is moved, and moved back."""

from __future__ import annotations

from difPy.act import carry, disk
from difPy.act.acts import Act, Now, resembles, still


def do(act: Act) -> Now:
    """Move it; another name of a picture that went to another file system follows as another name."""
    assert act.to is not None
    carry.carry(act.path, act.to, act.temporary, act.was, act.others_to, loosely=True)
    facts = disk.lstat(act.to)
    return Now(act.to, facts.st_size, facts.st_mtime_ns)


def settled(act: Act) -> bool:
    """Whether it was moved; what a half-done move left is taken away."""
    assert act.to is not None
    to, was = act.to, act.was
    return carry.settled(
        act.path,
        to,
        act.temporary,
        is_here=lambda: still(act.path, was),
        is_there=lambda: still(to, was) or resembles(to, was.size, was.mtime_ns, was.digest),
    )


def undo(act: Act, now: Now) -> None:
    """Move it back, if it is still what was moved and nothing has taken its old name."""
    assert act.to is not None
    to, was = act.to, act.was
    size, mtime_ns = (was.size, was.mtime_ns) if now.path is None else (now.size, now.mtime_ns)
    carry.bring_back(to, act.path, act.temporary, was, lambda: resembles(to, size, mtime_ns, was.digest), act.others)
