"""A file and the place it shall have -> the file there, whole, on the disk, never over something else.

What an error left half-done `settled` takes away, the same way as after a crash.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from difPy.act import disk
from difPy.act.acts import Refusal, are_same, facts_of, first_like, is_same, resembles, unchanged
from difPy.act.aside import Leaving, put_back, saved_anew, taken, withdraw
from difPy.act.copying import copy, remove
from difPy.act.renames import NO_HARD_LINKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from difPy.act.acts import Act
    from difPy.act.places import Place


def carry(
    act: Act,
    source: Place,
    target: Place,
    looked_at: os.stat_result,
    names: Iterable[Place] = (),
    *,
    loosely: bool = False,
) -> None:
    """Move a file, across file systems too.

    Within a file system the name changes in one stroke, and goes back if it was another file's by then. Across, the
    bytes are copied to our own name beside the target, synced, read back and compared; then they get the target's name;
    and only then, after a last look, does the source go. Until it is gone our own name stays too, to tell a crash's
    finder that the file at `target` is ours. (Where there are no hard links, a crash at that very moment leaves a whole
    copy too many.)

    Parameters
    ----------
    act : Act
        Has what the file was, and the names that are ours.
    looked_at : os.stat_result
        Facts of the file that is meant: no other one is moved.
    names : iterable of Place, optional
        Places on the target's file system: where one bears the file already, `target` becomes another name of it.
    loosely : bool, optional
        Leave out attributes and modes that the target's file system cannot hold.

    Raises
    ------
    FileExistsError
        `target` is taken.
    OSError, Refusal
        Ask `settled` how far it came.
    """
    name = first_like(names, act.was)
    if name is None or is_same(name, source):
        try:
            disk.rename_new(source, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        else:
            _require_arrived(source, target, looked_at)
            return
    ours = target.beside(act.temporary)
    with Leaving(act, source) as leaving:
        if not leaving.has(looked_at):
            raise saved_anew(source)
        if name is None:
            copy(leaving.descriptor, ours, act.was, loosely=loosely)
        else:
            another_name(act, name, ours)
        try:
            disk.link(ours, target)
        except OSError as error:
            if error.errno not in NO_HARD_LINKS:
                raise
            disk.rename_new(ours, target)
        there = disk.lstat(target)
        disk.sync_folder(target)
        try:
            leaving.take()
        except Refusal:  # somebody saves it anew: then what was copied is of no use
            withdraw(act, target, there)
            raise
        leaving.remove(lambda: _require_there(target, there), lambda: _require_there(target, there))
    remove(ours)


def settled(
    act: Act, source: Place, target: Place, *, is_here: Callable[[], bool], is_there: Callable[[], bool]
) -> bool:
    """Whether a `carry` that may have been cut off was done; if it was not, what it left is taken away.

    Parameters
    ----------
    is_here, is_there : callable
        Whether the file is at `source`, and at `target`.

    Raises
    ------
    Refusal
        The file is at neither place.
    """
    for place in (source, target):
        put_back(place, place.beside(act.aside))
    ours = target.beside(act.temporary)
    here, there = is_here(), facts_of(target)
    if here and there is not None and (is_same(ours, target) or is_same(source, target)):
        changed = not is_same(source, target) and disk.digest(source) != disk.digest(target)
        if not changed:
            withdraw(act, target, there)
        remove(ours)
        if changed:  # whoever found it there has worked on it
            raise Refusal(
                f'it is still at "{source.path}", and its copy at "{target.path}" has been changed: both stay'
            )
    remove(ours)
    if here:
        return False
    if is_there():
        return True
    raise Refusal(f'it is neither at "{source.path}" nor at "{target.path}"')


def bring_back(
    act: Act, source: Place, target: Place, is_here: Callable[[], bool], names: Iterable[Place] = ()
) -> None:
    """Carry a file to the place it once had; harmless if it is there already, and nothing is left of a failure.

    Raises
    ------
    OSError, Refusal
        It could not be.
    """
    was = act.was

    def done() -> bool:
        there = lambda: resembles(target, was.size, was.mtime_ns, was.digest)  # noqa: E731 - a clause of its own
        return settled(act, source, target, is_here=is_here, is_there=there)

    if done():
        return
    target.places.make(os.path.dirname(target.path))
    try:
        carry(act, source, target, disk.lstat(source), names)
    except (OSError, Refusal) as error:
        if done():
            return
        if isinstance(error, FileExistsError):
            raise Refusal(taken(target)) from None
        raise


def another_name(act: Act, name: Place, ours: Place) -> None:
    """Make `ours` another name of a file that is as it was, and look whether it is the file that was meant."""
    was = act.was
    disk.link(name, ours)
    if not resembles(ours, was.size, was.mtime_ns, was.digest):
        remove(ours)
        raise saved_anew(name)


def _require_arrived(source: Place, target: Place, looked_at: os.stat_result) -> None:
    """Let what was moved in place of the file that was meant go back."""
    if not unchanged(looked_at, disk.lstat(target)):
        disk.rename_new(target, source)
        raise saved_anew(source)


def _require_there(target: Place, facts: os.stat_result) -> None:
    if not are_same(facts_of(target), facts):
        raise Refusal(f'what was put at "{target.path}" is not there any more')
