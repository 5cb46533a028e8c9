"""Groups in, any of which can be had by its number; the same as columns out: what a list of 200,000 is made of.

What the first page needs is known at once; all else when it is first asked for.
"""

from __future__ import annotations

import threading
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from difPy import memory
from difPy.model import Verdict
from difPy.results import Lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from difPy.files import File
    from difPy.model import Group, Member

BYTES, PIXELS, TURNED, RESIZED, EDITED, ALTERED = 1, 2, 4, 8, 16, 32
"""What differs between a member and its keeper: nothing; the file; and so on. A group has those of its members."""
HELD = 64
"""One of its pictures does not go without more ado: it holds, or shows, what the kept one does not."""
KINDS = (BYTES, PIXELS, TURNED, RESIZED, EDITED, ALTERED)
_UNKNOWN = bytes(32)


def kind(keeper: File, member: Member) -> int:
    """What differs between a picture and the one kept for it."""
    if member.file.digest is not None and member.file.digest == keeper.digest:
        return BYTES
    if member.verdict is Verdict.ALTERED:
        return ALTERED
    if member.orientation:
        return TURNED
    if member.distance == 0:
        return PIXELS
    return EDITED if member.file.width * member.file.height == keeper.width * keeper.height else RESIZED


@dataclass(frozen=True, slots=True)
class Columns:
    """What is known of all groups and pictures; the kept one of a group is its first."""

    paths: list[str]
    sizes: npt.NDArray[np.int64]
    """Bytes of each picture."""
    kinds: npt.NDArray[np.uint8]
    """Of each group, what differs in it."""
    digests: bytes
    """32 of each picture: BLAKE3 of its file; zeros if it is not known."""


class Shelf:
    """Groups by number, and their pictures by number.

    Parameters
    ----------
    groups : iterable of Group
        `Lines` are read when they are asked for.

    Attributes
    ----------
    counts : ndarray of int64, shape (n,)
        Of each group, its pictures.
    first : ndarray of int64, shape (n + 1,)
        Of each group, the number of its first picture.
    greatest : ndarray of float64, shape (n,)
        Of each group, the mean squared error that is greatest in it.
    roots : set of str
        Directories that were searched.

    Examples
    --------
    >>> from difPy.files import File
    >>> from difPy.model import Group, Member
    >>> one, two = (File(name, "", 10, 0, 1, number) for number, name in enumerate("ab", 1))
    >>> shelf = Shelf([Group(one, (Member(two, 2.5, 0),), "Kept because it is so.")])
    >>> len(shelf), shelf.group(0).members[0].distance, shelf.greatest.tolist(), shelf.columns().paths
    (1, 2.5, [2.5], ['a', 'b'])
    """

    def __init__(self, groups: Iterable[Group]) -> None:
        self._groups: Sequence[Group] = groups if isinstance(groups, Lines) else list(groups)
        known = self._groups if isinstance(self._groups, Lines) else _Known(self._groups)
        self.counts = np.array(known.counts, np.int64)
        self.greatest = np.array(known.greatest, np.float64)
        self.roots = known.roots
        self.first = np.concatenate([np.zeros(1, np.int64), np.cumsum(self.counts)])
        self._columns: Columns | None = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._groups)

    @property
    def pictures(self) -> int:
        """How many there are in all groups."""
        return int(self.first[-1])

    def columns(self) -> Columns:
        """What is known of all; it takes a while when it is first asked for."""
        with self._lock:
            if self._columns is None:
                self._columns = self._gathered()
            return self._columns

    @property
    def is_known(self) -> bool:
        """Whether the columns are at hand."""
        return self._columns is not None

    def _gathered(self) -> Columns:
        paths: list[str] = []
        sizes, kinds, digests = array("q"), bytearray(), bytearray()
        with memory.garbage_left():
            for group in self._groups:
                found = 0
                for member in group.members:
                    found |= kind(group.keeper, member) | (HELD if member.holds or member.shows else 0)
                kinds.append(found)
                for file in group.files:
                    paths.append(file.path)
                    sizes.append(file.size)
                    digests += file.digest or _UNKNOWN
        return Columns(paths, np.array(sizes, np.int64), np.frombuffer(bytes(kinds), np.uint8), bytes(digests))

    def group(self, number: int) -> Group:
        """A group, as it was found."""
        return self._groups[number]

    def group_of(self, picture: int) -> int:
        """The number of the group that a picture is in."""
        return int(np.searchsorted(self.first, picture, "right")) - 1

    def file(self, picture: int) -> File:
        """The file of a picture."""
        number = self.group_of(picture)
        return self.group(number).files[picture - int(self.first[number])]

    def digests(self, number: int) -> list[bytes]:
        """BLAKE3 of the files of all pictures of a group that it is known of."""
        if self._columns is None:
            return [file.digest for file in self.group(number).files if file.digest is not None]
        digests, places = self._columns.digests, range(int(self.first[number]), int(self.first[number + 1]))
        known = (digests[32 * picture : 32 * picture + 32] for picture in places)
        return [digest for digest in known if digest != _UNKNOWN]


class _Known:
    """What `Lines` know at once, of groups in memory."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self.counts = [1 + len(group.members) for group in groups]
        self.greatest = [max([member.distance for member in group.members], default=0.0) for group in groups]
        self.roots = {file.root for group in groups for file in group.files}
