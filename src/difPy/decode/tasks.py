"""A file in, what it decodes to out: as a task for workers, which alone load the decoders."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True)
class Look:
    """Reads a file, once, and decodes it: a task for workers, which read the next files while they decode one.

    Parameters
    ----------
    px_size : int
        Width and height of the tensor.
    exact : bool
        Decode in full. Otherwise a large picture may be decoded to a sketch: see `Picture.error`.
    """

    px_size: int
    exact: bool

    def __call__(self, file: File) -> Picture | Failure:
        """What a file decodes to. One that has changed since it was scanned is a failure."""
        return self.work(file, self.read(file))

    def prepare(self) -> None:
        """Load the decoders, before anything is to be decoded."""
        import_module("difPy.decode.pictures")

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


@dataclass(frozen=True, slots=True)
class Told:
    """What EXIF says of how a picture came to be."""

    taken: str = ""
    """As ``2024-07-01 18:30``."""
    camera: str = ""


def told(file: File) -> Told:
    """When a picture says that it was taken, and with which camera. One that cannot be read says nothing."""
    from difPy.decode.pictures import told_of

    return told_of(file)


def look(file: File, px_size: int, *, exact: bool) -> Picture | Failure:
    """Read a file, once, and decode it: see `Look`."""
    return Look(px_size, exact)(file)
