"""How a file is replaced by a clone, which shares its keeper's blocks until one of them is changed, and taken back.

A clone is a file of its own, with the times, mode and attributes of the file it replaces: nobody but the file system
can tell them apart. So there is nothing to undo, unless only some names of a file lead to the clone.
"""

from __future__ import annotations

import errno
from functools import partial
from typing import TYPE_CHECKING

from difPy.act import carry, disk
from difPy.act.acts import Act, Now, Refusal, resembles, still
from difPy.act.aside import Leaving, discard, is_put_in, require_kept, roll_back
from difPy.act.copying import dress
from difPy.act.links import require_replaceable
from difPy.act.places import Places

if TYPE_CHECKING:
    from difPy.act.places import Place

_NO_REFLINKS = {errno.ENOTSUP, errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY, errno.ENOSYS}


def do(act: Act) -> Now:
    """Clone the keeper, compare the bytes, dress the clone like the file, and put it in its place in one stroke.

    Where another name of the file leads to a clone already, this one will too.
    """
    with Places() as at, Leaving(act, at(act.path)) as leaving:
        leaving.require(act.was)
        place, keeper = leaving.place, at(act.keeper)
        require_replaceable(place)
        ours = place.beside(act.temporary)
        name = next((other for other in map(at, act.others) if _is_clone(act, other)), None)
        if name is not None:
            carry.another_name(act, name, ours)
        else:
            _clone(act, keeper, leaving, ours)
        leaving.give_way(ours)
        leaving.remove(partial(require_kept, keeper, act.kept))
    return Now(act.path, act.was.size, act.was.mtime_ns)


def settled(act: Act) -> bool:
    """Whether the clone is in place."""
    with Places() as at:
        return is_put_in(act, at(act.path), partial(_is_clone, act))


def undo(act: Act, now: Now) -> None:
    """Lead the name back to the file, where another name of it still does; else the clone serves as well."""
    with Places() as at:
        place, was = at(act.path), act.was
        aside, ours = place.beside(act.aside), place.beside(act.temporary)
        is_clone, is_file = partial(_is_clone, act), partial(still, was=was)
        if is_clone(aside) and not is_clone(place):
            discard(aside)
        roll_back(act, place, is_file)
        if not is_clone(place) and not is_file(place):
            raise Refusal(f'what is at "{act.path}" now is not the clone that was made')
        name = next((other for other in map(at, act.others) if is_file(other)), None)
        if name is not None and not is_file(place):
            with Leaving(act, place) as leaving:
                disk.link(name, ours)
                leaving.make_way(ours, is_file)


def _is_clone(act: Act, place: Place) -> bool:
    """Whether the place bears the clone: a file with the bytes and times of the one it replaces, and another one."""
    was = act.was
    return not still(place, was) and resembles(place, was.size, was.mtime_ns, was.digest)


def _clone(act: Act, keeper: Place, leaving: Leaving, ours: Place) -> None:
    descriptor = disk.create(ours)
    try:
        try:
            disk.clone(keeper, descriptor)
        except OSError as error:
            if error.errno in _NO_REFLINKS:
                raise Refusal("this file system cannot let two files share their blocks (no reflinks)") from None
            raise
        if disk.digest(ours) != disk.digest(leaving.place):
            raise Refusal("the shared blocks do not read back as its bytes")
        dress(ours, descriptor, act.was)
        facts = disk.facts(descriptor)
    finally:
        disk.close(descriptor)
    if (facts.st_uid, facts.st_gid) != (act.was.user, act.was.group):
        raise Refusal("the clone would belong to somebody else")
