"""How an XMP file is made beside a kept picture, or replaced by one that says more; and how that is taken back.

The journal has the bytes of both, so whatever happens, the old one can be had again.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from difPy.act import disk
from difPy.act.acts import Act, Now, Refusal, Was, facts_of, resembles
from difPy.act.aside import Leaving, discard, is_put_in, put_back, require_kept, roll_back, taken
from difPy.act.copying import put, remove
from difPy.act.links import require_replaceable
from difPy.act.places import Places

if TYPE_CHECKING:
    from difPy.act.places import Place


def do(act: Act) -> Now:
    """Write it under our own name, and give it its place: in one stroke, and never over another file."""
    assert act.new is not None
    with Places() as at:
        place = at(act.path)
        ours = place.beside(act.temporary)
        require_kept(at(act.keeper), act.kept)
        if act.old is None:
            if facts_of(place) is not None:
                raise Refusal(taken(place))
            put([act.new], ours, act.was)
            try:
                disk.rename_new(ours, place)
            except FileExistsError:
                raise Refusal(taken(place)) from None
        else:
            require_replaceable(place)
            with Leaving(act, place) as leaving:
                leaving.require(act.was)
                _require(leaving, act.old)
                put([act.new], ours, _dressed(act.was, act.new))
                leaving.give_way(ours)
                leaving.remove(lambda: None)
        disk.sync_folder(place)
        facts = disk.lstat(place)
    return Now(act.path, facts.st_size, facts.st_mtime_ns)


def settled(act: Act) -> bool:
    """Whether it was written; of one that was not, nothing is left."""
    with Places() as at:
        place = at(act.path)
        if act.old is not None:
            return is_put_in(act, place, partial(_is_new, act))
        remove(place.beside(act.temporary))
        put_back(place, place.beside(act.aside))
        if facts_of(place) is None:
            return False
        if _is_new(act, place):
            return True
        raise Refusal(taken(place))


def undo(act: Act, now: Now) -> None:
    """Take it away, or put the old one in its place, if nobody has changed it since."""
    with Places() as at:
        place = at(act.path)
        if act.old is None:
            _take_away(act, place)
        else:
            _put_old(act, place, act.old)


def _take_away(act: Act, place: Place) -> None:
    remove(place.beside(act.temporary))
    put_back(place, place.beside(act.aside))
    if facts_of(place) is None:
        return
    with Leaving(act, place) as leaving:
        _require(leaving, act.new)
        try:
            leaving.take()
        except (OSError, Refusal):
            put_back(place, leaving.aside)
            raise
        leaving.remove(lambda: None)
    disk.sync_folder(place)


def _put_old(act: Act, place: Place, old: bytes) -> None:
    aside, ours, was = place.beside(act.aside), place.beside(act.temporary), act.was

    def is_old(one: Place) -> bool:
        return resembles(one, was.size, was.mtime_ns, was.digest)

    if _is_new(act, aside) and not _is_new(act, place):
        discard(aside)
    roll_back(act, place, is_old)
    if is_old(place):
        return
    with Leaving(act, place) as leaving:
        _require(leaving, act.new)
        put([old], ours, was)
        leaving.make_way(ours, is_old)


def _require(leaving: Leaving, data: bytes | None) -> None:
    """Refuse to put away what has not these bytes: looked at in the open file, whose place no other one can take."""
    if data is None or disk.digest_of(leaving.descriptor) != digest(data):
        raise Refusal(f'"{leaving.place.path}" has been changed since')


def _is_new(act: Act, place: Place) -> bool:
    """Whether the place bears what was written."""
    assert act.new is not None
    return resembles(place, len(act.new), 0, digest(act.new))


def _dressed(was: Was, data: bytes) -> Was:
    """The facts of a file that takes the place of another one, now."""
    now = time.time_ns()
    return replace(was, size=len(data), digest=digest(data), mtime_ns=now, atime_ns=now)


def fresh(keeper: Was, data: bytes) -> Was:
    """The facts of a new file, which whoever may read the kept picture may read."""
    return replace(_dressed(keeper, data), mode=keeper.mode & 0o666, device=0, inode=0, attributes={}, ctime_ns=None)


def digest(data: bytes) -> bytes:
    """BLAKE3 of some bytes."""
    import blake3

    return blake3.blake3(data).digest()
