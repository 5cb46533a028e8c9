"""How a file is deleted for good, and made again from its keeper's bytes."""

from __future__ import annotations

import os

from difPy.act import carry, disk
from difPy.act.acts import Act, Now, Refusal, facts_of, is_same, resembles, still


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
    """Make it again: as another name of its picture, or as a copy of its keeper, if that still has the bytes."""
    was = act.was
    ours = carry.beside(act.path, act.temporary)
    carry.remove(ours)
    if act.main is not None:
        if is_same(act.main, act.path):
            return
        if not resembles(act.main, was.size, was.mtime_ns, was.digest):
            raise Refusal(f'it was another name of "{act.main}", which is not there as it was')
        disk.link(act.main, act.path)
        return
    if resembles(act.path, was.size, was.mtime_ns, was.digest):
        return
    if facts_of(act.path) is not None:
        raise Refusal(carry.taken(act.path))
    if not act.same:
        raise Refusal(f'it was deleted for good, and "{act.keeper}" was not byte for byte the same')
    disk.make_folders(os.path.dirname(act.path))
    carry.copy(act.keeper, ours, was)
    try:
        disk.rename_new(ours, act.path)
    except OSError:
        carry.remove(ours)
        raise
    disk.sync_folder(os.path.dirname(act.path))
