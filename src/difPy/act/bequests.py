"""The steps of a plan -> what is to be written beside each kept picture, before the first one goes that says it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from difPy.notes import joined

if TYPE_CHECKING:
    from collections.abc import Iterable

    from difPy.act.acts import Act
    from difPy.act.prepare import Preparer
    from difPy.act.steps import Merge, Step


class Bequests:
    """What is still to be written. Whoever goes first writes it for all; if it cannot go, the next one does.

    Parameters
    ----------
    steps : iterable of Step
        Those that may be done.
    """

    def __init__(self, steps: Iterable[Step]) -> None:
        self._unwritten: dict[str, Merge] = {}
        for step in steps:
            if step.merge:
                known = self._unwritten.get(step.merge.path, step.merge)
                self._unwritten[step.merge.path] = replace(known, notes=joined(known.notes, step.merge.notes))
        self._all = dict(self._unwritten)

    def lacks(self, step: Step, acts: list[Act]) -> bool:
        """Whether what a step's picture says is written neither by its own acts nor by those of another step."""
        return step.merge is not None and step.merge.path in self._unwritten and acts[0].new is None

    def acts(self, step: Step, preparer: Preparer) -> list[Act]:
        """The acts of a step; and before them, if it is the first to go, the one that writes.

        Raises
        ------
        OSError, Refusal
            As from `Preparer.acts` and `Preparer.note`.
        """
        acts = preparer.acts(step)
        if step.merge and step.merge.path in self._unwritten:
            acts = [preparer.note(step, self._unwritten[step.merge.path], acts[0].unit), *acts]
            del self._unwritten[step.merge.path]
        return acts

    def not_done(self, step: Step, acts: list[Act]) -> None:
        """A step was not done, and so nothing was written."""
        if step.merge and acts[0].new is not None:
            self._unwritten[step.merge.path] = self._all[step.merge.path]
