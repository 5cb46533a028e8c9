"""How a file goes to the system's trash, and is taken out of it again."""

from __future__ import annotations

import os

from difPy.act import carry, disk, freedesktop, moves
from difPy.act.acts import Act, Now, Refusal, resembles, still
from difPy.act.places import Places


def do(act: Act) -> Now:
    """Move it to its place in the trash, with a note; where only the system knows of places, ask the system."""
    if act.to is None:
        return _hand_over(act)
    with Places() as at:
        freedesktop.announce(at, act.to, act.path, act.temporary)
        return moves.moved(at, act)


def settled(act: Act) -> bool:
    """Whether it went; of one that did not, no note is left."""
    if act.to is None:
        return not still(act.path, act.was)
    went = moves.settled(act)
    if not went:
        freedesktop.forget(act.to, act.temporary)
    return went


def undo(act: Act, now: Now) -> None:
    """Take it out of the trash."""
    if act.to is None:
        _fetch(act)
        return
    moves.undo(act, now)
    freedesktop.forget(act.to, act.temporary)


def _hand_over(act: Act) -> Now:
    """Have the system do it, and look whether it did."""
    disk.send_to_trash(act.path)
    if still(act.path, act.was):
        raise Refusal("the system said it was put into the trash, but it is still there")
    return Now()


def _fetch(act: Act) -> None:
    """Take it out of a trash that was given it by the system, where one can look into it, as on macOS."""
    was = act.was
    place = _found(act)
    if place is not None:
        with Places() as at:
            carry.bring_back(act, at(place), at(act.path), lambda: still(place, was), map(at, act.others))
    elif not resembles(act.path, was.size, was.mtime_ns, was.digest):
        raise Refusal("it is not found in the trash: if the system has it, take it out by hand")


def _found(act: Act) -> str | None:
    """The very file, under a name like its own."""
    folder = disk.real(os.path.expanduser("~/.Trash"))
    stem, extension = os.path.splitext(os.path.basename(act.path))
    try:
        names = disk.names(folder)
    except OSError:
        return None
    places = (os.path.join(folder, name) for name in names if name.startswith(stem) and name.endswith(extension))
    return next((place for place in places if still(place, act.was)), None)
