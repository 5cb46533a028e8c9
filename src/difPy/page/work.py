"""Groups that were agreed to in; a plan to look at out, and then, by the digest of what was shown, the work itself.

One at a time, in a thread: how far it is, the page is told.
"""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from difPy import act, report
from difPy.errors import DifPyError, WrongValue
from difPy.terminal import number, printable, size

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from difPy.act import Outcome, Plan
    from difPy.page.desk import Desk

ACTIONS = ("move", "trash", "hardlink", "delete")
_BUSY = "something is being done already: wait until it has ended"
_ENDED = "difPy was asked to end: what had been done is in the journal"
_ALL = ("*",)
FIRST = 200
"""Steps that the page is shown."""


@dataclass
class Work:
    """What is done with the groups of a desk.

    Parameters
    ----------
    desk : Desk
    aside : path
        Where pictures are moved to.
    protect, references : sequence of str
        What is never touched.
    """

    desk: Desk
    aside: str | os.PathLike[str]
    protect: Sequence[str] = ()
    references: Sequence[str] = ()
    state: dict[str, Any] = field(default_factory=lambda: {"doing": "", "done": 0, "total": 0, "said": None})
    """What the page is told: what is being done, how far it is, and what came of it."""
    journals: list[str] = field(default_factory=list)
    """Of what was done in this run and can be taken back, the last one last."""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._plan: tuple[str, Plan] | None = None
        self._thread: threading.Thread | None = None
        self._stopping = False

    def plan(self, action: str, *, everything: bool, altered: bool = False, even: bool = False) -> dict[str, Any]:
        """What would be done, to altered copies or to all others; nothing is.

        Parameters
        ----------
        action : {'move', 'trash', 'hardlink', 'delete'}
        everything : bool
            To all groups but those that are no duplicates, not only to those that were agreed to.
        altered : bool, optional
            To altered copies, and nothing else.
        even : bool, optional
            Even to those of them that show more than the kept picture.

        Raises
        ------
        WrongValue
            There is no such action, or something is being done.
        """
        from difPy import api  # which takes longer to import than all that the first page needs

        if action not in ACTIONS:
            raise WrongValue("there is no such action")
        if self.is_busy:
            raise WrongValue(_BUSY)
        self.desk.mean(altered=altered, even=altered and even)
        groups = self.desk.chosen(everything=everything)
        made = api.plan(
            groups,
            action,
            destination=self.aside if action == "move" else None,
            keep_structure=action == "move",
            protect=self.protect,
            altered=altered,
            even=_ALL if altered and even else (),
            references=self.references,
        )
        digest = hashlib.sha256(act.to_json(made).encode()).hexdigest()
        self._plan = digest, made
        going = {step.file.path for step in made.steps}
        return {
            "digest": digest,
            "summary": self.desk.summary(),
            "action": action,
            "steps": len(made.steps),
            "bytes": made.size,
            "not_undoable": made.not_undoable,
            "aside": printable(str(self.aside)),
            "more": report.more_to_go(group.only(going) for group in groups),
            "held": [[printable(held.path), printable(held.why)] for held in made.held[:FIRST]],
            "held_count": len(made.held),
            "first": [[printable(step.file.path), printable(step.why), step.undoable] for step in made.steps[:FIRST]],
        }

    def apply(self, digest: str, *, sure: bool) -> None:
        """Do what was shown.

        Raises
        ------
        WrongValue
            It is not what was shown last; or some of it cannot be undone, and nobody said that this is known.
        """
        if self._plan is None or self._plan[0] != digest:
            raise WrongValue("this is not the plan that was shown last: look at it again")
        made = self._plan[1]
        if made.not_undoable and not sure:
            raise WrongValue(f"{number(made.not_undoable, 'step')} cannot be undone: say that you know")
        self._start("apply", lambda: self._applied(made))

    def undo(self) -> None:
        """Take back what was done last in this run.

        Raises
        ------
        WrongValue
            There is nothing to take back.
        """
        if not self.journals:
            raise WrongValue("there is nothing to take back")
        self._start("undo", self._undone)

    def stop(self) -> bool:
        """Have what is being done end where it can be left, and wait for that; whether anything was."""
        self._stopping, busy = True, self.is_busy
        if self._thread is not None:
            self._thread.join()
        return busy

    @property
    def is_busy(self) -> bool:
        """Whether something is being done."""
        return self._lock.locked()

    def _applied(self, made: Plan) -> dict[str, Any]:
        from difPy import api

        self._plan = None
        outcome = api.apply(made, progress=self._progress)
        if outcome.journal and outcome.done:
            self.journals.append(outcome.journal)
        went = {done.step.file.path: "linked" if done.step.action.links else "gone" for done in outcome.done}
        self.desk.went(self.desk.gone | went)
        return _outcome(outcome) | {"can_undo": bool(self.journals)}

    def _undone(self) -> dict[str, Any]:
        journal = self.journals[-1]
        undone = act.undo(journal, progress=self._progress)
        self.journals.pop()
        back = set(map(os.path.abspath, undone.restored))
        self.desk.went({path: how for path, how in self.desk.gone.items() if os.path.abspath(path) not in back})
        failed = [[printable(failure.path), printable(failure.reason)] for failure in undone.failed]
        return {"title": "undone", "done": len(undone.restored), "left": failed, "can_undo": bool(self.journals)}

    def _start(self, doing: str, work: Callable[[], dict[str, Any]]) -> None:
        if not self._lock.acquire(blocking=False):
            raise WrongValue(_BUSY)
        self.state = {"doing": doing, "done": 0, "total": 0, "said": None}
        self._thread = threading.Thread(target=self._work, args=(work,), name=f"difPy {doing}")
        self._thread.start()

    def _work(self, work: Callable[[], dict[str, Any]]) -> None:
        try:
            said = work()
        except KeyboardInterrupt:
            said = {"title": "stopped", "why": _ENDED, "left": [], "can_undo": False}
        except (DifPyError, OSError) as error:
            said = {"title": "stopped", "why": printable(str(error)), "left": [], "can_undo": bool(self.journals)}
        finally:
            self._lock.release()
        self.state = self.state | {"doing": "", "said": said}

    def _progress(self, phase: str, done: int, total: int | None = None) -> None:
        if self._stopping:
            raise KeyboardInterrupt  # as Ctrl-C does where no page is between: the journal tells what was done
        self.state = self.state | {"phase": phase, "done": done, "total": total or 0}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    left = [*outcome.skipped, *outcome.failed]
    return {
        "title": "done",
        "action": outcome.done[0].step.action if outcome.done else "",
        "done": len(outcome.done),
        "freed": outcome.bytes_freed,
        "freed_words": size(outcome.bytes_freed),
        "left": [[printable(one.step.file.path), printable(one.why)] for one in left[:FIRST]],
        "left_count": len(left),
        "journal": printable(outcome.journal or ""),
    }
