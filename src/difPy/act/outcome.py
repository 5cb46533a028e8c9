"""What `apply` gives back: which steps were done, and why the others were not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from difPy.act.steps import Step


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was carried out."""

    step: Step
    to: str | None
    """Where the picture is now, if it is anywhere."""
    freed: int
    """Bytes its file system has won."""
    names: tuple[str, ...] = ()
    """Where its other names are now, if it has any and they have gone with it."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A step that was not carried out, and why; the disk is as it was."""

    step: Step
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan."""

    done: tuple[Done, ...]
    skipped: tuple[Skipped, ...]
    """The disk is not as the plan says."""
    failed: tuple[Skipped, ...]
    """The disk refused."""
    journal: str | None
    """Where it is written; None if nothing was to be done."""
    dry_run: bool = False

    @property
    def bytes_freed(self) -> int:
        """Bytes that the file systems of the pictures have won."""
        return sum(done.freed for done in self.done)
