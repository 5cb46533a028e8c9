"""What a search found, whichever way it went, and the work that it took; and what a query found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from difPy.model import Member

if TYPE_CHECKING:
    from difPy.change import Change
    from difPy.files import File
    from difPy.model import Failure, Group, Shared, Verdict


@dataclass(frozen=True, slots=True)
class Settled:
    """The answer, and the work it took."""

    groups: list[Group]
    failures: list[Failure]
    """Pictures that could be sketched but no longer be read when it mattered; they are in no group."""
    searched: int
    compared: int
    """Distances computed by the join."""
    decoded: int
    """Pictures decoded in full because they might match."""
    shared: list[Shared] = field(default_factory=list)
    """Pairs beside the groups that show the same in part or all: where altered copies were looked for."""
    described: int = 0
    """Pictures that a method had to look at to find altered copies; the others were known."""
    judged: int = 0
    """Pairs that had to be judged; the others were known."""


class Near(NamedTuple):
    """A picture of the gallery that matches one that was asked for."""

    asked: File
    file: File
    distance: float
    """Mean squared error; 0 for an identical picture."""
    orientation: int
    """The orientation that turns the gallery's picture into the one asked for: see `difPy.orientation`."""
    change: Change | None = None
    """What was done to the picture asked for to get this one, if it is an altered copy."""

    @property
    def likeness(self) -> str:
        """The verdict as people read it, with the number that it rests on."""
        return self._member.likeness

    @property
    def verdict(self) -> Verdict:
        """What the two are to each other."""
        return self._member.verdict

    @property
    def _member(self) -> Member:
        return Member(self.file, self.distance, self.orientation, change=self.change)
