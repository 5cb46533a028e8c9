"""A shelf and what was decided in; what the page shows, and the groups that are to be acted on, out."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.difference import differs
from difPy.errors import WrongValue
from difPy.page.judging import AGREED, APART, OPEN, Judging, Verdict
from difPy.page.shelf import ALTERED, HELD, KINDS, Shelf
from difPy.page.views import Views, freed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from difPy.act import Decisions
    from difPy.files import File
    from difPy.model import Group, Member
    from difPy.page.views import Numbers, View

ROWS = 200
"""Groups that a page may ask for at once."""


class _Counted:
    """Of each group, how many pictures go, and how many bytes these are; and the same of all, whatever was decided."""

    def __init__(self, goes: Numbers, sizes: Numbers) -> None:
        self.goes, self.sizes = goes, sizes
        self.all = int(goes.sum()), int(sizes.sum())


class Desk:
    """The groups that are reviewed, and all that was decided of them.

    Parameters
    ----------
    groups : iterable of Group
    decisions : Decisions
    cache : path or bool, optional
        The index, for measuring distances to another kept picture.
    """

    def __init__(
        self, groups: Iterable[Group], decisions: Decisions, cache: str | os.PathLike[str] | bool | None = None
    ) -> None:
        self.shelf = Shelf(groups)
        self.judging = Judging(self.shelf, decisions)
        self.views = Views(self.shelf, self.judging)
        self._cache = cache
        self._above = os.path.dirname(_common(self.shelf.roots))
        self._rekept: dict[tuple[int, int], Group] = {}
        self.gone: dict[str, str] = {}
        """Paths of pictures that went in this run, and how: 'gone' or 'linked'."""
        self.altered = self.even = False
        """Whether altered copies are meant, too, and even those that show more than the kept picture."""
        self._counted: _Counted | None = None
        self._lock = threading.Lock()

    @property
    def is_counted(self) -> bool:
        """Whether the totals are at hand."""
        return self._counted is not None

    def _counts(self) -> _Counted:
        """What goes, group by group; it takes a while when it is first asked for."""
        with self._lock:
            if self._counted is None:
                counted = _Counted(self.shelf.counts - 1, freed(self.shelf))
                decided = {number for number in self.judging.decided if self.judging.of(number).is_particular}
                self._refresh(counted, decided.union(self._unusual(ALTERED | HELD)))
                self._counted = counted
            return self._counted

    def group(self, number: int) -> Group:
        """A group with the picture kept that a person chose, and all said of the others measured to that one."""
        group, keeper = self.shelf.group(number), self.judging.of(number).keeper
        return self._rekept_group(number, group, keeper) if keeper else group

    def _rekept_group(self, number: int, group: Group, keeper: int) -> Group:
        from difPy.keeper import rekeep  # which takes as long to import as all the rest

        if (number, keeper) not in self._rekept:
            self._rekept[number, keeper] = rekeep(group, group.files[keeper].path, cache=self._cache)
        return self._rekept[number, keeper]

    def decide(self, number: int, change: dict[str, Any]) -> None:
        """Decide of one group.

        Parameters
        ----------
        number : int
        change : dict
            Some of 'state' (0, 1 or 2), 'keeper' (a place in the group) and 'stays' ([place, bool]).

        Raises
        ------
        WrongValue
            There is no such picture, state or group; or the picture cannot be kept, as it cannot be read.
        """
        verdict, count = self.judging.of(number), int(self.shelf.counts[number])
        if "state" in change:
            verdict = replace(verdict, state=_number(change["state"], 3))
        if "keeper" in change:
            keeper = _number(change["keeper"], count)
            if keeper:
                self._rekept_group(number, self.shelf.group(number), keeper)
            verdict = replace(verdict, keeper=keeper, stays=verdict.stays - {keeper}, state=OPEN)
        if "stays" in change:
            place, stays = change["stays"]
            place = _number(place, count)
            others = verdict.stays - {place}
            verdict = replace(verdict, stays=others | {place} if stays and place != verdict.keeper else others)
        self.judging.decide({number: verdict})
        self._refresh(self._counts(), [number])

    def mean(self, *, altered: bool, even: bool) -> None:
        """Say whether altered copies are meant, too, and even those that show more than the kept picture."""
        if (altered, even) != (self.altered, self.even):
            counted = self._counts()
            self.altered, self.even = altered, even
            self._refresh(counted, self._unusual(ALTERED))

    def _unusual(self, kinds: int) -> list[int]:
        """Groups in which there is something of some kinds."""
        return np.flatnonzero(self.shelf.columns().kinds & kinds).tolist()

    def take_back(self) -> list[int]:
        """Take the last decision back; the groups that it was of."""
        numbers = self.judging.take_back()
        if len(numbers) == 1:  # taken back together is what was agreed to together: that changes no count
            self._refresh(self._counts(), numbers)
        return numbers

    def agree(self, view: View) -> int:
        """Agree to all groups of a view that are open; how many that were."""
        numbers = [number for number in self.views.numbers(view).tolist() if self.judging.states[number] == OPEN]
        self.judging.decide({number: replace(self.judging.of(number), state=AGREED) for number in numbers})
        return len(numbers)

    def went(self, paths: dict[str, str]) -> None:
        """These pictures are gone, and what went before is where it was but for them."""
        before, self.gone = self.gone, dict(paths)
        touched = before.keys() | self.gone.keys()
        rows = [row for row, path in enumerate(self.shelf.columns().paths) if path in touched]
        self._refresh(self._counts(), sorted(set(map(self.shelf.group_of, rows))))

    def chosen(self, *, everything: bool) -> list[Group]:
        """The groups that are to be acted on: those agreed to; or all that were not said to be none."""
        states = self.judging.states
        numbers = np.flatnonzero(states != APART if everything else states == AGREED).tolist()
        found = []
        for number in numbers:
            group, verdict = self.group(number), self.judging.of(number)
            files = self.shelf.group(number).files
            stays = {files[place].path for place in verdict.stays} | self.gone.keys()
            if group.keeper.path not in self.gone and (left := group.without(stays)).members:
                found.append(left)
        return found

    def summary(self) -> dict[str, Any]:
        """Totals."""
        states, counted = self.judging.states, self._counts()
        agreed, kinds = states == AGREED, self.shelf.columns().kinds
        return {
            "groups": len(self.shelf),
            "pictures": self.shelf.pictures,
            "agreed": int(agreed.sum()),
            "apart": int((states == APART).sum()),
            "goes": int(counted.goes[agreed].sum()),
            "freed": int(counted.sizes[agreed].sum()),
            "could_go": counted.all[0],
            "could_be_freed": counted.all[1],
            "kinds": {str(kind): int(((kinds & kind) > 0).sum()) for kind in KINDS},
            "can_take_back": self.judging.can_take_back,
        }

    def _refresh(self, counted: _Counted, numbers: Iterable[int]) -> None:
        """Count anew how many pictures of some groups go, and how many bytes these are."""
        for number in numbers:
            sizes = [picture["bytes"] for picture in self.row(number)["pictures"] if picture["is"] == "goes"]
            counted.goes[number], counted.sizes[number] = len(sizes), sum(sizes)

    def row(self, number: int) -> dict[str, Any]:
        """A group for the page: its pictures in the order in which they were found."""
        verdict, found, group = self.judging.of(number), self.shelf.group(number), self.group(number)
        first = int(self.shelf.first[number])
        members = {member.file.path: member for member in group.members}
        pictures = []
        for place, file in enumerate(found.files):
            member = members.get(file.path)
            pictures.append(
                self._picture(first + place, file, member, group) | {"is": self._is(place, file, member, verdict)}
            )
        going = [picture for picture in pictures if picture["is"] == "goes"]
        return {
            "id": number,
            "why": group.why,
            "keeper": verdict.keeper,
            "state": verdict.state,
            "changed": verdict.changed,
            "freed": sum(picture["bytes"] for picture in going),
            "pictures": pictures,
        }

    def _is(self, place: int, file: File, member: Member | None, verdict: Verdict) -> str:
        """What becomes of a picture."""
        if file.path in self.gone:
            return self.gone[file.path]
        if place == verdict.keeper:
            return "keep"
        if member is None:
            return "far"
        if place in verdict.stays or verdict.state == APART:
            return "stays"
        return "goes" if self._may_go(member) else "held"

    def _may_go(self, member: Member) -> bool:
        """Whether a plan would let it go, as far as the group tells."""
        meant = self.altered and (self.even or not member.shows)
        return member.may_go or (meant and not member.holds)

    def _picture(self, picture: int, file: File, member: Member | None, group: Group) -> dict[str, Any]:
        folder, name = os.path.split(file.path)
        about = {
            "id": picture,
            "name": _text(name),
            "folder": _text(folder.removeprefix(self._above).lstrip(os.sep)),
            "width": file.width,
            "height": file.height,
            "format": file.format,
            "bytes": file.size,
            "changed": file.mtime_ns // 10**9 if file.address is None else 0,  # nobody knows
            "taken": file.taken,
            "camera": file.camera,
        }
        if member is None:
            return about
        same = file.digest is not None and file.digest == group.keeper.digest
        about |= {"mse": member.distance, "turn": member.orientation, "same": same}
        about |= {"differs": differs(group.keeper, member), "note": member.note, "more": list(member.more)}
        if member.change is None:
            return about
        return about | {"altered": member.change.words(beyond=not member.shows), "map": list(member.change.between)}


def _common(roots: set[str]) -> str:
    """The folder that all directories are in that were searched, as far as their paths say."""
    try:
        return os.path.commonpath([root for root in roots if root])
    except ValueError:  # none, or some absolute and some not
        return ""


def _text(path: str) -> str:
    """A path that can be sent, and shown on one line."""
    from difPy.terminal import printable

    return printable(path)


def _number(value: object, end: int) -> int:
    if type(value) is not int or not 0 <= value < end:
        raise WrongValue("there is no such picture, group or state")
    return value
