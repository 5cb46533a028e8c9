"""How a file is deleted for good, and made again from its keeper's bytes."""

from __future__ import annotations

import os

from difPy.act import carry, disk
from difPy.act.acts import Act, Now, Refusal, facts_of, first_like, resembles, still


def do(act: Act) -> Now:
    """Delete it."""
    disk.unlink(act.path)
    return Now()


def settled(act: Act) -> bool:
    """Whether it was deleted."""
    if still(act.path, act.was):
        return False
    if facts_of(act.path) is not None:
        raise Refusal(f'another file is at "{act.path}" now')
    return True


def undo(act: Act, now: Now) -> None:
    """Make it again: as another name of one that is there, or as a copy of its keeper, if that still has the bytes."""
    was = act.was
    ours = carry.beside(act.path, act.temporary)
    carry.remove(ours)
    if resembles(act.path, was.size, was.mtime_ns, was.digest):
        return
    if facts_of(act.path) is not None:
        raise Refusal(carry.taken(act.path))
    name = first_like(act.others, was, act.keeper)
    if name is None and not act.same:
        raise Refusal(f'it was deleted for good, and "{act.keeper}" was not byte for byte the same')
    disk.make_folders(os.path.dirname(act.path))
    if name is not None:
        disk.link(name, act.path)
    else:
        carry.copy(act.keeper, ours, was)
        try:
            disk.rename_new(ours, act.path)
        except OSError:
            carry.remove(ours)
            raise
    disk.sync_folder(os.path.dirname(act.path))
