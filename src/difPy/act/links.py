"""How a file is replaced by a hard or symbolic link to its keeper, and made a file of its own again."""

from __future__ import annotations

import os
import stat

from difPy.act import carry, disk
from difPy.act.acts import Act, Now, Refusal, facts_of, first_like, is_same, resembles, still
from difPy.act.steps import Action


def do(act: Act) -> Now:
    """Make the link under our own name, look where it leads, and put it in the file's place in one stroke."""
    ours = carry.beside(act.path, act.temporary)
    if act.action is Action.HARDLINK:
        disk.link(act.keeper, ours)
    else:
        disk.symlink(act.to or act.keeper, ours)
        if not os.path.samestat(disk.stat(ours), disk.stat(act.keeper)):
            raise Refusal(f'a symbolic link saying "{act.to}" would not lead to the kept picture')
    disk.replace(ours, act.path)
    facts = disk.lstat(act.path)
    return Now(act.path, facts.st_size, facts.st_mtime_ns)


def settled(act: Act) -> bool:
    """Whether the link is in place."""
    carry.remove(carry.beside(act.path, act.temporary))
    if still(act.path, act.was):
        return False
    if _in_place(act):
        return True
    raise Refusal(carry.taken(act.path))


def undo(act: Act, now: Now) -> None:
    """Put a copy in the place of the link, or another name of one that was made already."""
    was = act.was
    ours = carry.beside(act.path, act.temporary)
    carry.remove(ours)
    if not _in_place(act) and not _orphaned(act, now):
        if resembles(act.path, was.size, was.mtime_ns, was.digest):
            return
        raise Refusal(f'what is at "{act.path}" now is not the link that was made')
    name = first_like(act.others, was, act.keeper)
    if name is not None:
        disk.link(name, ours)
    else:
        carry.copy(act.path, ours, was, through_links=act.action is Action.SYMLINK)
    carry.put(ours, act.path)


def _in_place(act: Act) -> bool:
    """Whether the link is at the path."""
    if act.action is Action.HARDLINK:
        return is_same(act.path, act.keeper)
    facts = facts_of(act.path)
    is_link = facts is not None and stat.S_ISLNK(facts.st_mode)
    return is_link and disk.read_link(act.path) == (act.to or act.keeper)


def _orphaned(act: Act, now: Now) -> bool:
    """Whether it is a hard link whose keeper has gone: then it is the one that has the bytes."""
    return (
        act.action is Action.HARDLINK
        and facts_of(act.keeper) is None
        and resembles(act.path, now.size, now.mtime_ns, act.was.digest)
    )
