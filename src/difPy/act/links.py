"""How a file is replaced by a hard or symbolic link to its keeper, and made a file of its own again."""

from __future__ import annotations

import os
import stat
from functools import partial
from typing import TYPE_CHECKING

from difPy.act import carry, disk
from difPy.act.acts import Act, Now, Refusal, facts_of, first_like, is_same, resembles
from difPy.act.aside import Leaving, discard, is_put_in, put_in, require_kept, roll_back
from difPy.act.copying import copy
from difPy.act.places import Places
from difPy.act.steps import Action

if TYPE_CHECKING:
    from difPy.act.places import Place


def do(act: Act) -> Now:
    """Make the link under our own name, look where it leads, and put it in the file's place in one stroke."""
    with Places() as at, Leaving(act, at(act.path)) as leaving:
        leaving.require(act.was)
        place, keeper = leaving.place, at(act.keeper)
        require_replaceable(place)
        ours = place.beside(act.temporary)
        if act.action is Action.HARDLINK:
            disk.link(keeper, ours)
            require_kept(ours, act.kept)
        else:
            disk.symlink(_says(act), ours)
            if not os.path.samestat(disk.stat(ours), disk.lstat(keeper)):
                raise Refusal(f'a symbolic link saying "{act.to}" would not lead to the kept picture')
        leaving.give_way(ours)
        kept = partial(require_kept, keeper, act.kept)
        if act.action is Action.HARDLINK:  # what has the bytes now is in its place
            leaving.remove(kept)
        else:
            leaving.remove(kept, kept)
        facts = disk.lstat(place)
    return Now(act.path, facts.st_size, facts.st_mtime_ns)


def settled(act: Act) -> bool:
    """Whether the link is in place."""
    with Places() as at:
        return is_put_in(act, at(act.path), partial(_leads, act, at(act.keeper)))


def undo(act: Act, now: Now) -> None:
    """Put a copy in the place of the link, or another name of one that was made already."""
    with Places() as at:
        was, place, keeper = act.was, at(act.path), at(act.keeper)
        aside, ours = place.beside(act.aside), place.beside(act.temporary)

        def is_made_again(one: Place) -> bool:
            return not _leads(act, keeper, one) and resembles(one, was.size, was.mtime_ns, was.digest)

        def leads(one: Place) -> bool:
            return _leads(act, keeper, one) or _orphaned(act, one, keeper, now)

        if leads(aside) and not leads(place):
            discard(aside)
        roll_back(act, place, is_made_again)
        if not leads(place):
            if is_made_again(place):
                return
            raise Refusal(f'what is at "{act.path}" now is not the link that was made')
        name = first_like(map(at, act.others), was, keeper)
        if act.action is Action.HARDLINK:
            with Leaving(act, place) as leaving:  # which may be the last that has the bytes, and somebody write to it
                _made_again(act, name, leaving.descriptor, ours)
                leaving.make_way(ours, is_made_again)
            return
        with disk.opened(place, through_links=True) as source:
            _made_again(act, name, source, ours)
        put_in(ours, place, aside)
        if not leads(aside):
            roll_back(act, place, is_made_again)
            raise Refusal(f'what is at "{act.path}" now is not the link that was made')
        disk.unlink(aside)


def _made_again(act: Act, name: Place | None, source: int, ours: Place) -> None:
    """A file of its own under our name: another name of one that was made already, or a copy."""
    if name is not None:
        carry.another_name(act, name, ours)
    else:
        copy(source, ours, act.was)


def require_replaceable(place: Place) -> None:
    """Refuse where something of ours could be put and not be taken away again."""
    if disk.is_append_only(place):
        raise Refusal(f'files can be added to the folder of "{place.path}", and none be replaced (chattr +a)')


def _says(act: Act) -> str:
    """What the symbolic link says."""
    return act.to or act.keeper


def _leads(act: Act, keeper: Place, place: Place) -> bool:
    """Whether the place bears the link."""
    if act.action is Action.HARDLINK:
        return is_same(place, keeper)
    facts = facts_of(place)
    return facts is not None and stat.S_ISLNK(facts.st_mode) and disk.read_link(place) == _says(act)


def _orphaned(act: Act, place: Place, keeper: Place, now: Now) -> bool:
    """Whether it is a hard link whose keeper has gone: then it is the one that has the bytes."""
    return (
        act.action is Action.HARDLINK
        and facts_of(keeper) is None
        and resembles(place, now.size, now.mtime_ns, act.was.digest)
    )
