"""What policies look at, of one picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from difPy.files import File


@dataclass(frozen=True, slots=True)
class Facts:
    """What policies look at."""

    file: File
    width: int
    height: int
    format: str
    """Pillow's name: JPEG, PNG, ..."""
    exif_fields: int = 0
    gps: bool = False

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height

    @property
    def time(self) -> float:
        """When the file was changed last, seconds since 1970."""
        return self.file.mtime_ns / 1e9


@dataclass(frozen=True, slots=True)
class Policy:
    """One reason to keep a picture rather than another."""

    name: str
    key: Callable[[Facts], Any]
    """The least is kept."""
    words: Callable[[Facts, Facts], str]
    """Why the first is kept rather than the second: follows "because"."""
