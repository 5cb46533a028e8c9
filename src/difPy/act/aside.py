"""A file that is to go -> gone, after a last look at the very file; or back under its name.

The one rule of all that removes: a file first gets a name of our own, in its own folder, where nobody else looks for
it. There it is looked at through a descriptor that was opened before, and only if it is the very file, unchanged, and
nobody has it open to write, the name is removed. What is kept for it is looked at before and after. A file that was
saved anew meanwhile is another one, or a changed one: it gets its name back.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from difPy.act import disk
from difPy.act.acts import Refusal, are_same, differs, facts_of, still, unchanged
from difPy.act.copying import copy, remove
from difPy.act.names import numbered
from difPy.act.renames import UNSUPPORTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from difPy.act.acts import Act, Was
    from difPy.act.places import Place
    from difPy.act.steps import Seen


class Leaving:
    """A file that is to go, open while it goes.

    Parameters
    ----------
    act : Act
        Has the names that are ours.
    place : Place

    Raises
    ------
    OSError
        It cannot be opened, or is no regular file.
    """

    def __init__(self, act: Act, place: Place) -> None:
        self._act, self.place, self.aside = act, place, place.beside(act.aside)
        self.descriptor = disk.open_file(place)
        self._facts = disk.facts(self.descriptor)
        self._is_guarded = False

    def __enter__(self) -> Leaving:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)  # only read: nothing can be lost by it

    def require(self, was: Was) -> None:
        """Refuse another file than the one that was looked at, or a changed one, whatever its time of change says."""
        if not was.fits(self._facts):
            raise saved_anew(self.place)
        if self._facts.st_ctime_ns != was.ctime_ns:  # also where another of its names has just gone
            alike = bool(self._act.others) if was.digest is None else disk.digest_of(self.descriptor) == was.digest
            if not alike:
                raise saved_anew(self.place)

    def take(self) -> None:
        """Give it our own name, and look at it there. After a Refusal it may be there still, for `put_back`."""
        self._keep_writers_out()
        disk.rename_new(self.place, self.aside)
        self._look()

    def give_way(self, ours: Place) -> None:
        """Put a file of ours in its place, and take it aside, as `take` does, in the same stroke."""
        self._keep_writers_out()
        put_in(ours, self.place, self.aside)
        self._look()

    def make_way(self, ours: Place, is_ours: Callable[[Place], bool]) -> None:
        """Give way and go; of a failure nothing is left.

        Parameters
        ----------
        is_ours : callable
            Whether a place bears what was to be put in.
        """
        try:
            self.give_way(ours)
        except (OSError, Refusal):
            roll_back(self._act, self.place, is_ours)
            raise
        self.remove(lambda: None)

    def remove(self, require: Callable[[], None], afterwards: Callable[[], None] = lambda: None) -> None:
        """Remove it.

        Parameters
        ----------
        require : callable
            Refuses if what shall stay for it is not there.
        afterwards : callable, optional
            The same, asked when it is gone: then the bytes are written again.
        """
        require()
        disk.unlink(self.aside)
        try:
            afterwards()
        except Refusal:
            ours = self.place.beside(self._act.temporary)
            copy(self.descriptor, ours, self._act.was)
            put_back(self.place, ours)
            raise

    def has(self, facts: os.stat_result) -> bool:
        """Whether it is the very file of these facts, unchanged."""
        return unchanged(self._facts, facts)

    def _keep_writers_out(self) -> None:
        self._is_guarded = _guarded(self.descriptor)
        self._require_unchanged(disk.facts(self.descriptor), self._facts.st_ctime_ns)

    def _look(self) -> None:
        facts = disk.facts(self.descriptor)
        if not are_same(facts_of(self.aside), facts):
            raise saved_anew(self.place)
        self._require_unchanged(facts, facts.st_ctime_ns)  # our own renaming may count as a change, too
        if self._is_guarded and not disk.are_writers_kept_out(self.descriptor):
            raise saved_anew(self.place)

    def _require_unchanged(self, now: os.stat_result, ctime_ns: int) -> None:
        was = self._facts
        if (now.st_size, now.st_mtime_ns, now.st_ctime_ns) != (was.st_size, was.st_mtime_ns, ctime_ns):
            raise saved_anew(self.place)


def saved_anew(place: Place) -> Refusal:
    """A file is not acted on that somebody is at work on."""
    return Refusal(f'"{place.path}" is being changed, or was a moment ago')


def taken(place: Place) -> str:
    """Why something is not put there, in words."""
    return f'something else is at "{place.path}" now'


def require_kept(place: Place, kept: Seen | None) -> None:
    """Refuse if what is kept is not what the scan saw."""
    if kept is not None:
        facts = facts_of(place)
        reason = "is not there any more" if facts is None else differs(kept, facts)
        if reason:
            raise Refusal(f'what is kept for it, "{kept.path}", {reason}')


def put_in(ours: Place, place: Place, aside: Place) -> None:
    """Put a file of ours in a place, and what was there aside: in one stroke, where the file system can."""
    disk.rename_new(ours, aside)
    _exchange(aside, place, ours)


def put_back(place: Place, aside: Place) -> None:
    """Give what is aside, if anything is, its place again.

    Raises
    ------
    Refusal
        The place is taken; it has got another name beside it, which the text tells.
    """
    if facts_of(aside) is None:
        return
    stem, number = os.path.splitext(os.path.basename(place.path))[0], 1
    wish = place
    while True:
        try:
            disk.rename_new(aside, wish)
            break
        except FileExistsError:
            number += 1
            wish = place.beside(os.path.basename(numbered(place.path, stem, number)))
    if wish is not place:
        raise Refusal(f'{taken(place)}; what was there is at "{wish.path}"')


def roll_back(act: Act, place: Place, is_ours: Callable[[Place], bool]) -> None:
    """Of a `put_in` that was cut off leave nothing: what was in the place is there again.

    Parameters
    ----------
    is_ours : callable
        Whether a place bears what was to be put in, of which there is another copy.
    """
    aside, ours = place.beside(act.aside), place.beside(act.temporary)
    remove(ours)
    if facts_of(aside) is None:
        return
    if not is_ours(aside) and is_ours(place):
        _exchange(place, aside, ours)
    if is_ours(aside):
        discard(aside)
    else:
        put_back(place, aside)


def is_put_in(act: Act, place: Place, is_ours: Callable[[Place], bool]) -> bool:
    """Whether a `put_in` that may have been cut off was done; if it was not, nothing is left of it.

    Raises
    ------
    Refusal
        There is neither what was put in nor what was there.
    """
    roll_back(act, place, is_ours)
    if still(place, act.was):
        return False
    if is_ours(place):
        return True
    raise Refusal(taken(place))


def withdraw(act: Act, place: Place, facts: os.stat_result) -> None:
    """Remove a copy of ours that is not needed, and of which these were the facts: a changed one stays."""
    with Leaving(act, place) as leaving:
        if leaving.has(facts):
            leaving.take()
            leaving.remove(lambda: None)


def discard(place: Place) -> None:
    """Remove a file that we made, and that bears a name of ours; not one that somebody has come to write meanwhile.

    Raises
    ------
    Refusal
        Another program has it open.
    """
    facts = facts_of(place)
    if facts is not None and stat.S_ISREG(facts.st_mode):
        with disk.opened(place) as descriptor:
            _guarded(descriptor)
            disk.unlink(place)
    else:
        remove(place)


def _guarded(descriptor: int) -> bool:
    """Keep writers out, where that can be had; refuse if one is there."""
    try:
        return disk.keep_writers_out(descriptor)
    except BlockingIOError:
        raise Refusal("another program has it open, to write") from None


def _exchange(one: Place, other: Place, spare: Place) -> None:
    """Exchange what two places bear; where that takes three steps, `one`, which is ours, is spared for the first."""
    try:
        disk.exchange(one, other)
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
        disk.rename_new(one, spare)
        disk.rename_new(other, one)
        disk.rename_new(spare, other)
