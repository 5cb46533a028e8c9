"""How a file is deleted for good, and made again from its keeper's bytes."""

from __future__ import annotations

import os
from functools import partial

from difPy.act import carry, disk
from difPy.act.acts import Act, Now, Refusal, facts_of, first_like, resembles, still
from difPy.act.aside import Leaving, put_back, require_kept, taken
from difPy.act.copying import copy, remove
from difPy.act.places import Places


def do(act: Act) -> Now:
    """Delete it, while its keeper is there."""
    with Places() as at, Leaving(act, at(act.path)) as leaving:
        leaving.require(act.was)
        leaving.take()
        kept = partial(require_kept, at(act.keeper), act.kept)
        leaving.remove(kept, kept)
    return Now()


def settled(act: Act) -> bool:
    """Whether it was deleted."""
    with Places() as at:
        place, was = at(act.path), act.was
        remove(place.beside(act.temporary))
        put_back(place, place.beside(act.aside))
        if still(place, was) or resembles(place, was.size, was.mtime_ns, was.digest):
            return False
        if facts_of(place) is not None:
            raise Refusal(f'another file is at "{act.path}" now')
        return True


def undo(act: Act, now: Now) -> None:
    """Make it again: as another name of one that is there, or as a copy of its keeper, if that still has the bytes."""
    with Places() as at:
        place, was = at(act.path), act.was
        ours = place.beside(act.temporary)
        remove(ours)
        if resembles(place, was.size, was.mtime_ns, was.digest):
            return
        if facts_of(place) is not None:
            raise Refusal(taken(place))
        name = first_like(map(at, act.others), was, at(act.keeper))
        if name is None and not act.same:
            raise Refusal(f'it was deleted for good, and "{act.keeper}" was not byte for byte the same')
        at.make(os.path.dirname(act.path))
        if name is not None:
            carry.another_name(act, name, ours)
        else:
            with disk.opened(at(act.keeper)) as keeper:
                copy(keeper, ours, was)
        try:
            disk.rename_new(ours, place)
        except OSError:
            remove(ours)
            raise
        disk.sync_folder(place)
