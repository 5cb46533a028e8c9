"""A journal -> the files where and as they were before; and steps that a crash cut off, ended or taken back."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from difPy.act import disk
from difPy.act.acts import Act, Now, Refusal, words
from difPy.act.journal import Journal
from difPy.act.places import Places
from difPy.act.story import read
from difPy.act.ways import WAYS
from difPy.model import Failure, silent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from difPy.model import Progress


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo brought back."""

    restored: tuple[str, ...]
    """Files that are where and as they were."""
    failed: tuple[Failure, ...]
    """Files that are not, and why."""
    journal: str


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of the steps that a crash cut off."""

    ended: tuple[str, ...]
    """Files whose step had been done; the journal says so now."""
    rolled_back: tuple[str, ...]
    """Files whose step had not been done, or in part: they are as they were."""
    failed: tuple[Failure, ...]
    """Files of which that cannot be said, and why."""
    journal: str


def undo(journal: str | os.PathLike[str], *, progress: Progress = silent) -> Undone:
    """Bring back every file of a journal: path, bytes, times, mode and extended attributes.

    Nothing that is there now is overwritten, and nothing that has changed since is touched; what cannot be brought back
    is said, with the reason. An undo that was interrupted or has failed in part may be run again.

    Parameters
    ----------
    journal : path
        As `apply` named it.
    progress : Progress, optional
        Told how many files have been dealt with.

    Raises
    ------
    JournalBroken
        If the journal cannot be read or written.

    Examples
    --------
    >>> import difPy, tempfile
    >>> from PIL import Image
    >>> folder = tempfile.TemporaryDirectory()
    >>> for name in ("a.png", "b.png"):
    ...     Image.new("RGB", (9, 9)).save(os.path.join(folder.name, name))
    >>> groups = difPy.find(difPy.index(folder.name, cache=False)).groups
    >>> plan = difPy.plan(groups, "move", destination=os.path.join(folder.name, "aside"))
    >>> done = difPy.apply(plan, os.path.join(folder.name, "journal.jsonl"))
    >>> len(difPy.undo(done.journal).restored), sorted(os.listdir(folder.name))
    (1, ['a.png', 'b.png', 'journal.jsonl'])
    """
    path = os.path.abspath(journal)
    failed = list(recover(path).failed)
    restored = []
    with Journal.resume(path) as told:
        story = read(path)
        failed += [Failure(path, f"line {line} is damaged: what it told is not undone") for line in story.damaged]
        acts = [act for number, act in reversed(story.acts.items()) if story.states[number] == "done"]
        for count, act in enumerate(acts, 1):
            why = take_back(act, story.now[act.number], told)
            if why is None:
                restored.append(act.path)
            else:
                failed.append(Failure(act.path, why))
            progress("undoing", count, len(acts))
    _remove_folders(story.folders)
    return Undone(tuple(restored), tuple(failed), path)


def recover(journal: str | os.PathLike[str]) -> Recovered:
    """End or take back what a crash cut off, by looking at the disk; harmless where nothing was cut off.

    Raises
    ------
    JournalBroken
        If the journal cannot be read or written.
    """
    path = os.path.abspath(journal)
    story = read(path)
    if not story.cut_off:
        return Recovered((), (), (), path)
    ended: list[str] = []
    rolled_back: list[str] = []
    failed: list[Failure] = []
    with Journal.resume(path) as told:
        story = read(path)  # again: now nobody else writes it
        cut_off = {act.unit for act in story.open}
        for act in story.open:
            try:
                done = settle(act, told)
            except (OSError, Refusal) as error:
                failed.append(Failure(act.path, words(error)))
                continue
            story.states[act.number] = "done" if done else "dropped"
            story.now[act.number] = Now()
            (ended if done else rolled_back).append(act.path)
        for acts in story.half_done(cut_off):
            for act, why in take_all_back([(act, story.now[act.number]) for act in acts], told):
                if why is None:
                    rolled_back.append(act.path)
                else:
                    failed.append(Failure(act.path, why))
    returned = set(rolled_back)
    return Recovered(tuple(name for name in ended if name not in returned), tuple(rolled_back), tuple(failed), path)


def settle(act: Act, told: Journal) -> bool:
    """Find out whether an act was done, take it back if half, and tell the journal.

    Raises
    ------
    OSError
        Then it is as open as before.
    Refusal
        The file is at no place we know: it is given up.
    """
    try:
        done = WAYS[act.action].settled(act)
    except Refusal as error:
        told.note("lost", act, words(error))
        raise
    if done:
        told.done(act, Now())
    else:
        told.note("dropped", act)
    return done


def take_back(act: Act, now: Now, told: Journal) -> str | None:
    """Undo one act and tell the journal; why it could not be, in words."""
    try:
        WAYS[act.action].undo(act, now)
    except (OSError, Refusal) as error:
        return words(error)
    told.note("undone", act)
    return None


def take_all_back(acts: Iterable[tuple[Act, Now]], told: Journal) -> list[tuple[Act, str | None]]:
    """Undo acts, the last first."""
    return [(act, take_back(act, now, told)) for act, now in reversed(list(acts))]


def _remove_folders(folders: Iterable[str]) -> None:
    """Remove the folders that were made, if nothing is in them."""
    for folder in sorted(set(folders), key=len, reverse=True):
        with Places() as at, contextlib.suppress(OSError):  # somebody has put something into it, or it is gone
            disk.remove_folder(at(folder))
