"""What a person decides of groups in; what becomes of each out, remembered at once, and taken back step by step."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from difPy.act import Choice, Judgement

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.act import Decisions
    from difPy.page.shelf import Shelf

OPEN, AGREED, APART = 0, 1, 2
"""Nothing was decided; what is not kept may go; they are no duplicates."""
MOST_BACK = 1000
"""Decisions that can be taken back, one after the other."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided of a group."""

    state: int = OPEN
    keeper: int = 0
    """Which of its pictures is kept: 0 for the one that difPy chose."""
    stays: frozenset[int] = frozenset()
    """Which of its pictures are not kept for others, and stay."""
    changed: bool = False
    """Something was decided of it, and then it was not yet the group that it is now."""

    @property
    def is_particular(self) -> bool:
        """Whether something else becomes of its pictures than difPy proposes."""
        return bool(self.keeper or self.stays or self.state == APART)


_NOTHING = Verdict()


class Judging:
    """The verdicts on the groups of a shelf.

    Parameters
    ----------
    shelf : Shelf
    decisions : Decisions
        Where they are remembered.

    What was decided in another run is looked for when a group is first asked for.
    """

    def __init__(self, shelf: Shelf, decisions: Decisions) -> None:
        self._shelf, self._decisions = shelf, decisions
        self._verdicts: dict[int, Verdict] = {}
        self._back: list[dict[int, Verdict]] = []
        self._states: npt.NDArray[np.uint8] = np.zeros(len(shelf), np.uint8)
        self._looked = bytearray(len(shelf)) if decisions else None
        self._lock = threading.RLock()

    @property
    def states(self) -> npt.NDArray[np.uint8]:
        """Of each group: open, agreed, apart; uint8, shape (n,)."""
        self._look_at_all()
        return self._states

    @property
    def decided(self) -> list[int]:
        """Numbers of the groups of which something was decided."""
        self._look_at_all()
        return list(self._verdicts)

    def of(self, group: int) -> Verdict:
        """What was decided of a group."""
        if self._looked is not None:
            with self._lock:
                self._look(group)
        return self._verdicts.get(group, _NOTHING)

    def _look_at_all(self) -> None:
        with self._lock:
            if self._looked is not None:
                self._shelf.columns()  # all at one go is quicker than group by group
                for group in range(len(self._shelf)):
                    self._look(group)
                self._looked = None

    def _look(self, group: int) -> None:
        if self._looked is not None and not self._looked[group]:
            self._note(group, self._remembered(group))

    def decide(self, verdicts: dict[int, Verdict]) -> None:
        """Decide of some groups, together.

        Raises
        ------
        JournalBroken
            It cannot be remembered: then nothing is decided.
        """
        before = {group: self.of(group) for group in verdicts}
        self._write(verdicts)
        self._back = [*self._back[-MOST_BACK:], before]

    def take_back(self) -> list[int]:
        """Take the last decision back; the groups that it was of."""
        if not self._back:
            return []
        before = self._back[-1]
        self._write(before)
        self._back.pop()
        return list(before)

    @property
    def can_take_back(self) -> bool:
        """Whether anything was decided here."""
        return bool(self._back)

    def _write(self, verdicts: dict[int, Verdict]) -> None:
        turned = [group for group, new in verdicts.items() if (new.state == APART) != (self.of(group).state == APART)]
        self._decisions.say(
            apart=[self._shelf.digests(group) for group in turned if verdicts[group].state == APART],
            forgotten=[self._shelf.digests(group) for group in turned if verdicts[group].state != APART],
            judged=[self._judgement(group, new) for group, new in verdicts.items() if new.state != APART],
        )
        for group, verdict in verdicts.items():
            self._note(group, replace(verdict, changed=False))

    def _note(self, group: int, verdict: Verdict) -> None:
        self._states[group] = verdict.state
        if self._looked is not None:
            self._looked[group] = True
        self._verdicts[group] = verdict
        if verdict == _NOTHING:
            del self._verdicts[group]

    def _judgement(self, group: int, verdict: Verdict) -> Judgement:
        chosen = self._choices(group, [verdict.keeper]) if verdict.keeper else ()
        stays = self._choices(group, sorted(verdict.stays))
        digests = tuple(self._shelf.digests(group))
        return Judgement(digests, verdict.state == AGREED, chosen[0] if chosen else None, stays)

    def _choices(self, group: int, places: Sequence[int]) -> tuple[Choice, ...]:
        files = self._shelf.group(group).files
        known = [(files[place].digest, files[place].path) for place in places]
        return tuple(Choice(digest, _shown(path)) for digest, path in known if digest is not None)

    def _remembered(self, group: int) -> Verdict:
        """What was decided of it in another run, as far as it is the same group still."""
        digests = self._shelf.digests(group)
        if len(digests) < self._shelf.counts[group]:
            return _NOTHING
        if self._decisions.suppressed(digests):
            return Verdict(APART)
        judgement = self._decisions.judgement(digests)
        if judgement is None:
            return _NOTHING
        paths = [_shown(file.path) for file in self._shelf.group(group).files]
        keepers = judgement.keeper.among(digests, paths) if judgement.keeper else [0]
        keeper = keepers[0] if keepers else 0
        stays = frozenset(at for one in judgement.stays for at in one.among(digests, paths))
        return Verdict(AGREED if judgement.agreed else OPEN, keeper, stays - {keeper}, judgement.changed)


def _shown(path: str) -> str:
    """A path that says something from wherever the search is run again."""
    return os.path.abspath(path)
