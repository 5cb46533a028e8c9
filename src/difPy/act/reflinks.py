"""How a file is replaced by a clone, which shares its keeper's blocks until one of them is changed, and taken back.

A clone is a file of its own, with the times, mode and attributes of the file it replaces: nobody but the file system
can tell them apart. So there is nothing to undo, unless only some names of a file lead to the clone.
"""

from __future__ import annotations

import errno

from difPy.act import carry, disk
from difPy.act.acts import Act, Now, Refusal, resembles, still

_NO_REFLINKS = {errno.ENOTSUP, errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY, errno.ENOSYS}


def do(act: Act) -> Now:
    """Clone the keeper, compare the bytes, dress the clone like the file, and put it in its place in one stroke.

    Where another name of the file leads to a clone already, this one will too.
    """
    was = act.was
    ours = carry.beside(act.path, act.temporary)
    name = next((name for name in act.others if not still(name, was) and _resembles(name, act)), None)
    if name is not None:
        disk.link(name, ours)
    else:
        _clone(act, ours)
    disk.replace(ours, act.path)
    return Now(act.path, was.size, was.mtime_ns)


def settled(act: Act) -> bool:
    """Whether the clone is in place."""
    carry.remove(carry.beside(act.path, act.temporary))
    if still(act.path, act.was):
        return False
    if _resembles(act.path, act):
        return True
    raise Refusal(carry.taken(act.path))


def undo(act: Act, now: Now) -> None:
    """Lead the name back to the file, where another name of it still does; else the clone serves as well."""
    ours = carry.beside(act.path, act.temporary)
    carry.remove(ours)
    if not _resembles(act.path, act):
        raise Refusal(f'what is at "{act.path}" now is not the clone that was made')
    name = next((name for name in act.others if still(name, act.was)), None)
    if name is not None and not still(act.path, act.was):
        disk.link(name, ours)
        carry.put(ours, act.path)


def _resembles(path: str, act: Act) -> bool:
    return resembles(path, act.was.size, act.was.mtime_ns, act.was.digest)


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
    facts = disk.lstat(ours)
    if (facts.st_uid, facts.st_gid) != (act.was.user, act.was.group):
        raise Refusal("the clone would belong to somebody else")
