"""A plan -> the plan carried out, step by step, each told to the journal before and after."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from difPy.act import disk
from difPy.act.acts import Now, Refusal, absolute, nearest, words
from difPy.act.bequests import Bequests
from difPy.act.check import Checker
from difPy.act.journal import Journal
from difPy.act.outcome import Done, Outcome, Skipped
from difPy.act.places import Places
from difPy.act.prepare import Preparer
from difPy.act.steps import Action
from difPy.act.straight import Straight
from difPy.act.turns import taking_turns
from difPy.act.undo import recover, settle, take_all_back
from difPy.act.ways import WAYS
from difPy.errors import WrongValue
from difPy.model import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from difPy.act.acts import Act
    from difPy.act.prepare import Write
    from difPy.act.steps import Plan, Step
    from difPy.act.turns import Turns
    from difPy.model import Progress
    from difPy.notes import Notes

    Verify = Callable[[Sequence[Step]], Sequence[str | None]]

TRIES = 10
"""How often somebody else may be faster in taking a name."""
BLOCK_STEPS = 256
BLOCK_BYTES = 1 << 28
"""A block ends after so many steps or bytes, whichever comes first: one sync for all of it."""


def unproven(steps: Sequence[Step]) -> Sequence[str | None]:
    """Why steps that cannot be undone are not done: nobody has looked at the pictures again."""
    return ["it cannot be undone, and nobody has compared the pictures again"] * len(steps)


def unwritten(old: bytes | None, notes: Notes) -> str:
    """Why pictures do not go whose notes are to be written: nobody can write them."""
    return "nobody was given who writes XMP"


def apply(
    plan: Plan,
    journal: str | os.PathLike[str] | None = None,
    *,
    dry_run: bool = False,
    reread: bool | None = None,
    verify: Verify = unproven,
    merge: Write = unwritten,
    progress: Progress = silent,
) -> Outcome:
    """Carry out a plan.

    Every step is compared with the disk right before it is done: the picture is the one the scan saw, the one kept for
    it is there, is another file, and stays. Otherwise it is skipped, with the reason. Applying a plan twice is
    harmless.

    Parameters
    ----------
    plan : Plan
        As `plan` made it, or as a person edited it.
    journal : path, optional
        The journal to write, a new file; by default one of its own in the user's state folder.
    dry_run : bool, optional
        Compare everything with the disk but change nothing.
    reread : bool, optional
        Whether to read contents again where the plan has a digest; by default before deleting and linking.
    verify : callable, optional
        Given steps that cannot be undone, says of each why it must not be done, or None: compares the pictures anew,
        whatever the plan and the index say. By default no such step is done.
    merge : callable, optional
        Given the bytes of an XMP file, or None, and notes: those of one that says both; or why not, and then no picture
        goes whose notes these are.
    progress : Progress, optional
        Told how many steps have been dealt with.

    Returns
    -------
    Outcome
        What was done, what was not, and why.

    Raises
    ------
    WrongValue
        If the destination is a file; nothing has been done.
    JournalBroken
        If the journal cannot be written. Nothing is done that it does not tell.

    Examples
    --------
    >>> from difPy.act import Plan
    >>> apply(Plan(())).done
    ()
    """
    for folder in sorted({os.path.dirname(wish) for step in plan.steps for wish in step.wishes if wish}):
        _require_folder(absolute(folder))
    worker = _Worker(plan, reread, verify, merge, progress)
    if dry_run:
        return worker.rehearse()
    if not plan.steps:
        return worker.outcome(None)
    actions = " ".join(sorted({str(step.action) for step in plan.steps}))
    told = Journal.create(None if journal is None else os.fspath(journal), action=actions, steps=len(plan.steps))
    try:
        with told, taking_turns() as turns:
            worker.work(told, turns)
    except KeyboardInterrupt:
        recover(told.path)
        raise
    return worker.outcome(told.path)


class _Worker:
    """Carries out one plan."""

    def __init__(self, plan: Plan, reread: bool | None, verify: Verify, write: Write, progress: Progress) -> None:
        self.steps = plan.steps
        self.refusals = plan.refusals()
        self.straight = Straight()
        self.checker = Checker(self.straight, reread)
        self.verify = verify
        self.write = write
        may_go = [step for number, step in enumerate(plan.steps) if number not in self.refusals]
        self.bequests = Bequests(may_go)
        self.progress = progress
        self.done: list[Done] = []
        self.skipped: list[Skipped] = []
        self.failed: list[Skipped] = []

    def outcome(self, journal: str | None, *, dry_run: bool = False) -> Outcome:
        """What has happened so far."""
        return Outcome(tuple(self.done), tuple(self.skipped), tuple(self.failed), journal, dry_run)

    def rehearse(self) -> Outcome:
        """Everything but the doing."""
        for block in _blocks(self.steps):
            steps = self.allowed(block)
            refuted = self.refuted(steps)
            for step in steps:
                if not (refuted and step in refuted) and (freed := self.may(step, self.checker.why_not)) is not None:
                    self.done.append(Done(step, step.to, freed))
            self.progress("acting", block.stop, len(self.steps))
        return self.outcome(None, dry_run=True)

    def work(self, journal: Journal, turns: Turns) -> None:
        """Block by block: say what will be done, sync, do it."""
        preparer = Preparer(journal.token, self.straight, self.write)
        for block in _blocks(self.steps):
            ready: list[tuple[Step, list[Act]]] = []
            for step in self.allowed(block):
                try:
                    ready.append((step, self.bequests.acts(step, preparer)))
                except (OSError, Refusal) as error:
                    if self.may(step, self.checker.changed) is not None:  # nothing about the files explains it
                        self.failed.append(Skipped(step, words(error)))
            if refuted := self.refuted([step for step, _ in ready]):  # what changes from now on is not acted on
                for step, acts in ready:
                    if step in refuted:
                        self.bequests.not_done(step, acts)
                ready = [(step, acts) for step, acts in ready if step not in refuted]
            journal.intend(act for _, acts in ready for act in acts)
            for step, acts in ready:
                with turns.turn():
                    self.carry_out(step, acts, journal, preparer)
            self.progress("acting", block.stop, len(self.steps))

    def allowed(self, block: range) -> list[Step]:
        """Those steps that break no rule of the plan."""
        for number in block:
            if number in self.refusals:
                self.skipped.append(Skipped(self.steps[number], self.refusals[number]))
        return [self.steps[number] for number in block if number not in self.refusals]

    def refuted(self, steps: Sequence[Step]) -> set[Step]:
        """Those of the steps that cannot be undone, and whose pictures, compared anew, are not what the plan says."""
        lasting = [step for step in steps if not step.undoable]
        if not lasting:
            return set()
        reasons = {step: why for step, why in zip(lasting, self.verify(lasting), strict=True) if why}
        self.skipped += [Skipped(step, why) for step, why in reasons.items()]
        return set(reasons)

    def may(self, step: Step, why_not: Callable[[Step], str | None]) -> int | None:
        """Bytes that a step will free; None if it must not be done, and then it is counted with the reason."""
        try:
            reason = why_not(step)
            if not reason:
                return _freed(step)
            self.skipped.append(Skipped(step, reason))
        except OSError as error:
            self.failed.append(Skipped(step, words(error)))
        return None

    def carry_out(self, step: Step, acts: list[Act], journal: Journal, preparer: Preparer) -> None:
        """Do a step, all of it or nothing."""
        freed = self.may(step, self.checker.why_not)
        if freed is None:
            for act in acts:
                journal.note("dropped", act)
            self.bequests.not_done(step, acts)
            return
        try:
            if self.bequests.lacks(step, acts):  # for whoever was to write it did not go
                for act in acts:
                    journal.note("dropped", act)
                acts = self.bequests.acts(step, preparer)
                journal.intend(acts)
            picture = self.insist(step, acts, journal, preparer)
        except (OSError, Refusal) as error:
            self.failed.append(Skipped(step, words(error)))
        else:
            moved = step.action is Action.MOVE
            names = picture.others_to if moved else ()
            self.done.append(Done(step, picture.to if moved else None, freed, names))

    def insist(self, step: Step, acts: list[Act], journal: Journal, preparer: Preparer) -> Act:
        """Do a step, under other names if somebody is faster in taking the chosen ones; returns the picture's act."""
        try:
            for _ in range(TRIES):
                try:
                    _do(step, acts, journal)
                    break
                except FileExistsError:
                    preparer.look_again(acts)
                    self.bequests.not_done(step, acts)
                    acts = self.bequests.acts(step, preparer)
                    journal.intend(acts)
            else:
                _do(step, acts, journal)
        except (OSError, Refusal):
            self.bequests.not_done(step, acts)
            raise
        own = [act for act in acts if act.new is None]
        return own[0 if step.action in (Action.MOVE, Action.TRASH) else -1]


def _do(step: Step, acts: list[Act], journal: Journal) -> None:
    """Do the acts of a step; after an error none of them has been done."""
    done: list[tuple[Act, Now]] = []
    for number, act in enumerate(acts):
        try:
            if any(disk.exists(path) for path in act.shared_with):
                journal.note("left", act)
                continue
            if act.action is Action.MOVE:
                with Places() as at:
                    at.make(os.path.dirname(act.to or ""), journal.folder)
            now = WAYS[act.action].do(act)
        except (OSError, Refusal) as error:
            for rest in acts[number + 1 :]:
                journal.note("dropped", rest)
            if trouble := _take_back(act, done, journal):
                raise Refusal("; ".join([words(error), *trouble])) from error
            raise
        journal.done(act, now)
        done.append((act, now))


def _take_back(failed: Act, done: list[tuple[Act, Now]], journal: Journal) -> list[str]:
    """Leave nothing of a step of which one act has failed; what could not be put right, in words."""
    trouble = []
    try:
        if settle(failed, journal):
            done = [*done, (failed, Now())]
    except (OSError, Refusal) as error:
        trouble.append(f"and it is not known how far it came ({words(error)})")
    back = take_all_back(done, journal)
    return trouble + [f'and "{act.path}" could not be put back ({why})' for act, why in back if why]


def _blocks(steps: Sequence[Step]) -> Iterator[range]:
    """Numbers of steps, in runs that share one sync."""
    start = size = 0
    for number, step in enumerate(steps):
        size += step.file.size
        if size >= BLOCK_BYTES or number + 1 - start >= BLOCK_STEPS or number + 1 == len(steps):
            yield range(start, number + 1)
            start, size = number + 1, 0


def _freed(step: Step) -> int:
    """Bytes that the file system wins: none as long as the file has a name that stays."""
    if step.action is Action.TRASH:
        return 0
    facts = disk.lstat(step.file.path)
    if facts.st_nlink > 1 + sum(not companion.sidecar for companion in step.companions):
        return 0
    if step.action is Action.MOVE and facts.st_dev == nearest(os.path.dirname(absolute(step.to or ""))).st_dev:
        return 0
    return facts.st_size


def _require_folder(folder: str) -> None:
    """Refuse a destination that is a file, lies below one, or cannot be looked at."""
    try:
        facts = nearest(folder)
    except NotADirectoryError:
        facts = None
    except OSError as error:
        raise WrongValue(f'the destination "{folder}" cannot be used: {error.strerror}') from error
    if facts is None or not stat.S_ISDIR(facts.st_mode):
        raise WrongValue(f'the destination must be a folder, and "{folder}" is, or lies below, a file')
