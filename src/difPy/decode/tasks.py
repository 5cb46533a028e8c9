"""A file in, what it decodes to out: as a task for workers, which alone load the decoders."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from difPy.address import UNKNOWN
from difPy.extensions import SCALABLE, extension
from difPy.model import Failure

if TYPE_CHECKING:
    from difPy.files import File
    from difPy.model import Picture

_UNKNOWN = 1 << 22


def is_slow(name: str) -> bool:
    """Whether a picture of that name takes long to decode, for its size.

    Examples
    --------
    >>> is_slow("IMG_0001.JPG"), is_slow("IMG_0001.CR3")
    (False, True)
    """
    return extension(name) not in SCALABLE


def load() -> None:
    """Load the decoders of nearly all pictures."""
    import_module("difPy.decode.pictures")


class Task:
    """What workers are handed. It loads the decoders beforehand: what they take is not held against a picture.

    Nor is what it takes to have our rules for them in force: a worker does nothing else, so they stay.
    """

    __slots__ = ()

    def prepare(self) -> None:
        """Load them."""
        load()
        import_module("difPy.decode.rules").lay_down_rules()


@dataclass(frozen=True, slots=True)
class Look(Task):
    """Reads a file, once, and decodes it: a task for workers, which read the next files while they decode one.

    Parameters
    ----------
    px_size : int
        Width and height of the tensor.
    exact : bool
        Decode in full. Otherwise a large picture may be decoded to a sketch (see `Picture.error`), and of a photo's
        identity there may be no more than the clue (see `difPy.clues`).
    """

    px_size: int
    exact: bool

    def __call__(self, file: File) -> Picture | Failure:
        """What a file decodes to. One that has changed since it was scanned is a failure."""
        return self.work(file, self.read(file))

    def read(self, file: File) -> bytes | Failure:
        """What is needed of a file, if it is still what was scanned: that may be done in a thread."""
        from difPy.decode.pictures import content

        return content(file)

    def work(self, file: File, data: bytes | Failure) -> Picture | Failure:
        """Do the rest with that."""
        from difPy.decode.pictures import decode

        if isinstance(data, Failure):
            return data
        return decode(data, file.path, self.px_size, exact=self.exact)

    def weight(self, file: File) -> int:
        """Bytes that `read` takes; where nobody knows, as many as a large photo has."""
        return _UNKNOWN if file.size == UNKNOWN else file.size


class Told(NamedTuple):
    """What EXIF says of how a picture came to be."""

    taken: str = ""
    """As ``2024-07-01 18:30``."""
    camera: str = ""


class Tell(Task):
    """Reads a file: when it says that it was taken, and with which camera. One that cannot be read says nothing."""

    def __call__(self, file: File) -> Told:
        """What a file says of itself."""
        from difPy.decode.pictures import told_of

        return told_of(file)


class FullDistance(Task):
    """Reads two files: the distance of all their pixels, as `full_resolution_distance` has it."""

    def __call__(self, job: tuple[File, File, tuple[int, ...]]) -> float:
        """That of two files in one of some orientations."""
        from difPy.decode.pictures import full_resolution_distance

        return full_resolution_distance(*job)
