"""How a file is moved, and moved back."""

from __future__ import annotations

from difPy.act import carry, disk
from difPy.act.acts import Act, Now, Refusal, resembles, still
from difPy.act.places import Places


def do(act: Act) -> Now:
    """Move it; another name of a picture that went to another file system follows as another name."""
    with Places() as at:
        return moved(at, act)


def moved(at: Places, act: Act) -> Now:
    """Move it, by way of folders that may be open already."""
    assert act.to is not None
    source, target = at(act.path), at(act.to)
    looked_at = disk.lstat(source)
    if not act.was.fits(looked_at):
        raise Refusal("it has changed")
    carry.carry(act, source, target, looked_at, map(at, act.others_to), loosely=True)
    facts = disk.lstat(target)
    return Now(act.to, facts.st_size, facts.st_mtime_ns)


def settled(act: Act) -> bool:
    """Whether it was moved; what a half-done move left is taken away."""
    assert act.to is not None
    was = act.was
    with Places() as at:
        source, target = at(act.path), at(act.to)
        return carry.settled(
            act,
            source,
            target,
            is_here=lambda: still(source, was),
            is_there=lambda: still(target, was) or resembles(target, was.size, was.mtime_ns, was.digest),
        )


def undo(act: Act, now: Now) -> None:
    """Move it back, if it is still what was moved and nothing has taken its old name."""
    assert act.to is not None
    was = act.was
    size, mtime_ns = (was.size, was.mtime_ns) if now.path is None else (now.size, now.mtime_ns)
    with Places() as at:
        source = at(act.to)
        is_here = lambda: resembles(source, size, mtime_ns, was.digest)  # noqa: E731 - asked three times
        carry.bring_back(act, source, at(act.path), is_here, map(at, act.others))
