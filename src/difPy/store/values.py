"""What goes into the index and what comes out of it, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from difPy.errors import WrongValue
from difPy.store.rows import seed

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from difPy.files import File
    from difPy.model import Picture
    from difPy.store.database import Database

NEW, LIKELY, PICTURE, FAILED = range(4)
"""What is known of a file or a digest. NEW: nothing, so decode it. LIKELY: nothing, but a file of its size is known, so
digest it first: its content may be known. PICTURE: it is in the index. FAILED: it is no picture."""


class Recipe(NamedTuple):
    """How pictures are looked at; what one recipe saw says nothing under another."""

    px_size: int
    decoders: str
    """Names and versions of all that decides the numbers: codecs, error bounds, vectors."""
    width: int | None = None
    """Numbers in a vector; None if that is not known."""

    @property
    def seed(self) -> int:
        """What the CRC of its rows begins with."""
        return seed(self.px_size, self.decoders)

    def number(self, database: Database) -> int:
        """Its id in the index; -1 where nothing was looked at in this way."""
        query = "SELECT id FROM recipe WHERE px_size = ? AND decoders = ?"
        rows = database.rows(query, (self.px_size, self.decoders))
        return int(rows[0][0]) if rows else -1


class Way(NamedTuple):
    """A method of finding altered copies: what one version of it found says nothing to another."""

    name: str
    recipe: str
    """Ends in the names and versions of all that decodes."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a file turned out to be: a picture; or, with a reason, none; or, with a digest alone, what is known."""

    file: File
    digest: bytes | None
    """BLAKE3 of its bytes; None if decoding ended before it was known, which takes a reason."""
    picture: Picture | None = None
    vector: npt.NDArray[np.float32] | None = None
    """Shape (d,): the row of `mse.vectors` for its tensor; goes with a picture."""
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.picture is not None and (self.vector is None or self.picture.digest != self.digest):
            raise WrongValue(f"the picture of {self.file.path!r} needs its vector and its own digest")
        if self.digest is None and self.reason is None:
            raise WrongValue(f"{self.file.path!r} has neither a digest nor a reason for that")


class Known(NamedTuple):
    """What is known of n files or digests, by column."""

    states: npt.NDArray[np.uint8]
    """NEW, LIKELY, PICTURE or FAILED."""
    digests: list[bytes | None]
    """BLAKE3 of the content of those whose content is known."""
    reasons: dict[int, str]
    """Row -> why it is no picture."""
    sizes: dict[int, int]
    """Row -> its bytes, where whoever asked did not know how many."""


class Info(NamedTuple):
    """What an index holds."""

    path: str
    size: int
    """Bytes on disk."""
    schema: int
    writable: bool
    files: int
    pictures: dict[tuple[int, str], int]
    """(px_size, decoders) -> pictures looked at in this way."""
    failures: int
    findings: dict[str, tuple[int, int]]
    """Method -> how many contents it described, or judged, and the bytes that takes."""
    set_aside: tuple[str, ...]
    """Files beside it that were in its place, and were damaged; difPy never deletes them."""


class Pruned(NamedTuple):
    """What was removed from an index."""

    files: int
    pictures: int
    failures: int
    size: int
    """Bytes given back to the disk."""
