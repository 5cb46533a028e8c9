"""How a file is replaced by a link to its keeper, and made a file of its own again."""

from __future__ import annotations

import errno
import os
import stat

from difPy.act import carry, disk
from difPy.act.acts import Act, Now, Refusal, facts_of, is_same, resembles, still
from difPy.act.steps import Action

_NO_REFLINKS = {errno.ENOTSUP, errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY, errno.ENOSYS}


def do(act: Act) -> Now:
    """Make the link under our own name, look where it leads, and put it in the file's place in one stroke."""
    ours = carry.beside(act.path, act.temporary)
    if act.action is Action.HARDLINK:
        disk.link(act.keeper, ours)
    elif act.action is Action.SYMLINK:
        disk.symlink(act.to or act.keeper, ours)
        if not os.path.samestat(disk.stat(ours), disk.stat(act.keeper)):
            raise Refusal(f'a symbolic link saying "{act.to}" would not lead to the kept picture')
    else:
        _clone(act, ours)
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
    """Put a copy in the place of the link."""
    was = act.was
    ours = carry.beside(act.path, act.temporary)
    carry.remove(ours)
    if act.main is not None and is_same(act.main, act.path):
        return
    linked = _in_place(act) or _orphaned(act, now)
    if not linked and resembles(act.path, was.size, was.mtime_ns, was.digest):
        return
    if not linked:
        raise Refusal(f'what is at "{act.path}" now is not the link that was made')
    if act.main is not None:
        disk.link(act.main, ours)
    else:
        carry.copy(act.path, ours, was, through_links=act.action is Action.SYMLINK)
    try:
        disk.replace(ours, act.path)
    except OSError:
        carry.remove(ours)
        raise


def _orphaned(act: Act, now: Now) -> bool:
    """Whether it is a hard link whose keeper has gone: then it is the one that has the bytes."""
    return (
        act.action is Action.HARDLINK
        and facts_of(act.keeper) is None
        and resembles(act.path, now.size, now.mtime_ns, act.was.digest)
    )


def _in_place(act: Act) -> bool:
    """Whether the link is at the path."""
    facts = facts_of(act.path)
    if facts is None:
        return False
    if act.action is Action.SYMLINK:
        return stat.S_ISLNK(facts.st_mode) and disk.read_link(act.path) == (act.to or act.keeper)
    if act.action is Action.HARDLINK:
        return is_same(act.path, act.keeper)
    return stat.S_ISREG(facts.st_mode) and facts.st_size == act.was.size and facts.st_ino != act.was.inode


def _clone(act: Act, ours: str) -> None:
    descriptor = disk.create(ours)
    try:
        disk.clone(act.keeper, descriptor)
    except OSError as error:
        if error.errno in _NO_REFLINKS:
            raise Refusal("this file system cannot let two files share their blocks (no reflinks)") from None
        raise
    finally:
        disk.close(descriptor)
    if disk.digest(ours) != disk.digest(act.path):
        raise Refusal("the shared blocks do not read back as its bytes")
    carry.dress(ours, act.was)
