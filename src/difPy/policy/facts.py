"""What policies look at, of one picture, and what a policy is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from difPy.traits import Lossless, Notes

if TYPE_CHECKING:
    from collections.abc import Callable

    from difPy.files import File


ENLARGED = 1.25
"""Pixels for each one that says something, from which on a picture counts as enlarged."""


class Facts(NamedTuple):
    """What policies look at."""

    file: File
    width: int
    height: int
    format: str
    """Pillow's name: JPEG, PNG, ..."""
    fields: int = 0
    """Fields of metadata, of whatever kind."""
    notes: Notes = Notes.NOTHING
    """What these tell."""
    lossless: Lossless = Lossless.MAYBE
    """Whether the file keeps every pixel that was saved to it."""
    origin: Lossless | None = None
    """The same of the least faithful file with these very pixels: a PNG made from a JPEG has gained nothing. None: of
    this one."""
    least: int | None = None
    """Bytes of the smallest file with these very pixels: what they take. None: of this one."""

    hides: int = 0
    """How much of what its altered copies show it does not: 0 for the one that shows most."""
    covered: bool = False
    """Whether something is written or drawn over it that an altered copy has not."""
    detail: int | None = None
    """Pixels that say something, as its altered copies show it: fewer than it has where it was enlarged. None: all."""

    @property
    def pixels_that_tell(self) -> int:
        """Pixels that say something."""
        return self.pixels if self.detail is None else self.detail

    @property
    def is_enlarged(self) -> bool:
        """Whether it has more pixels than say something."""
        return self.pixels > ENLARGED * self.pixels_that_tell

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height

    @property
    def is_dated(self) -> bool:
        """Whether anybody knows when it was changed: of what is no file here, nobody does."""
        return self.file.address is None

    @property
    def time(self) -> float:
        """When the file was changed last, seconds since 1970."""
        return self.file.mtime_ns / 1e9

    @property
    def pixels_kept(self) -> Lossless:
        """Whether the pixels are those that there were at first."""
        return self.lossless if self.origin is None else self.origin

    @property
    def pixels_take(self) -> int:
        """Bytes that the pixels take."""
        return self.file.size if self.least is None else self.least


class Policy(NamedTuple):
    """One reason to keep a picture rather than another."""

    name: str
    key: Callable[[Facts], Any]
    """The least is kept."""
    words: Callable[[Facts, Facts], str]
    """Why the first is kept rather than the second: follows "because"."""
    names: Callable[[str], bool] | None = None
    """Whether it prefers the file at a path; None for a policy that does not look at paths of a person's choice."""
    asked: str = ""
    """How a person asked for it."""
