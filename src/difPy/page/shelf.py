"""Groups in, one after the other; the same as columns out: any of 200,000 is at hand, and all take little memory."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from difPy.files import File
from difPy.model import Group, Member, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

BYTES, PIXELS, TURNED, RESIZED, EDITED, ALTERED = 1, 2, 4, 8, 16, 32
"""What differs between a member and its keeper: nothing; the file; and so on. A group has those of its members."""
_NUMBERS = ("size", "mtime_ns", "device", "inode", "width", "height")
KINDS = (BYTES, PIXELS, TURNED, RESIZED, EDITED, ALTERED)


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


class Shelf:
    """Groups by number, and their pictures by number; the kept one of a group is its first.

    Parameters
    ----------
    groups : iterable of Group
        Taken one by one.

    Attributes
    ----------
    first : ndarray of int64, shape (n + 1,)
        Of each group, the number of its first picture.
    sizes : ndarray of int64, shape (m,)
        Bytes of each picture.
    greatest : ndarray of float64, shape (n,)
        Of each group, the mean squared error that is greatest in it.
    kinds : ndarray of uint8, shape (n,)
        Of each group, what differs in it.
    paths : list of str

    Examples
    --------
    >>> one, two = (File(name, "", 10, 0, 1, number) for number, name in enumerate("ab", 1))
    >>> shelf = Shelf([Group(one, (Member(two, 2.5, 0),), "Kept because it is so.")])
    >>> len(shelf), shelf.group(0).members[0].distance, shelf.greatest.tolist()
    (1, 2.5, [2.5])
    """

    def __init__(self, groups: Iterable[Group]) -> None:
        self.paths: list[str] = []
        self.why: list[str] = []
        self._numbers = array("q")  # six of each picture
        self._digests = bytearray()
        self._texts: list[tuple[str, str]] = []  # root and format, of which there are few
        self._unusual: dict[int, Group | Member | File] = {}
        self._px_sizes = array("h")
        self.texts: dict[tuple[str, str], tuple[str, str]] = {}
        """The roots and formats that there are."""
        distances, orientations, kinds, first = array("d"), bytearray(), bytearray(), array("q", [0])
        for group in groups:
            self._add(group.keeper)
            distances.append(0.0)
            orientations.append(0)
            found = 0
            for member in group.members:
                if member != Member(member.file, member.distance, member.orientation):
                    self._unusual[len(self.paths)] = member
                self._add(member.file)
                distances.append(member.distance)
                orientations.append(member.orientation)
                found |= kind(group.keeper, member)
            kinds.append(found)
            first.append(len(self.paths))
            self.why.append(group.why)
            self._px_sizes.append(group.px_size)
        self.first = np.frombuffer(first, np.int64)
        self.kinds = np.frombuffer(bytes(kinds), np.uint8)
        self.orientations = bytes(orientations)
        self.distances: npt.NDArray[np.float64] = np.frombuffer(distances, np.float64) if distances else np.zeros(0)
        self.sizes = np.array(self._numbers, np.int64)[:: len(_NUMBERS)]
        self.counts = np.diff(self.first)
        starts = self.first[:-1]
        self.greatest = np.maximum.reduceat(self.distances, starts) if len(starts) else np.zeros(0)

    def __len__(self) -> int:
        return len(self.why)

    def group(self, number: int) -> Group:
        """A group, as it was found."""
        first, end = int(self.first[number]), int(self.first[number + 1])
        members = tuple(self._member(picture) for picture in range(first + 1, end))
        return Group(self.file(first), members, self.why[number], self._px_sizes[number])

    def group_of(self, picture: int) -> int:
        """The number of the group that a picture is in."""
        return int(np.searchsorted(self.first, picture, "right")) - 1

    def file(self, picture: int) -> File:
        """The file of a picture."""
        if isinstance(unusual := self._unusual.get(picture), File):
            return unusual
        if isinstance(unusual, Member):
            return unusual.file
        start = picture * len(_NUMBERS)
        size, mtime_ns, device, inode, width, height = self._numbers[start : start + len(_NUMBERS)]
        root, kind = self._texts[picture]
        digest = self.digest(picture)
        return File(
            self.paths[picture],
            root,
            size,
            mtime_ns,
            device,
            inode,
            digest=digest,
            width=width,
            height=height,
            format=kind,
        )

    def digest(self, picture: int) -> bytes | None:
        """BLAKE3 of a picture's file, if it is known."""
        digest = bytes(self._digests[32 * picture : 32 * picture + 32])
        return digest if any(digest) else None

    def digests(self, number: int) -> list[bytes]:
        """The same of all pictures of a group that it is known of."""
        known = (self.digest(picture) for picture in range(int(self.first[number]), int(self.first[number + 1])))
        return [digest for digest in known if digest is not None]

    def _member(self, picture: int) -> Member:
        if isinstance(unusual := self._unusual.get(picture), Member):
            return unusual
        return Member(self.file(picture), float(self.distances[picture]), self.orientations[picture])

    def _add(self, file: File) -> None:
        if file.hard_links or file.symlinks or file.linked or file.taken or file.camera or file.address:
            self._unusual.setdefault(len(self.paths), file)
        before = len(self._numbers)
        try:
            self._numbers.extend((file.size, file.mtime_ns, file.device, file.inode, file.width, file.height))
        except OverflowError:  # inodes may have 128 bits
            del self._numbers[before:]
            self._numbers.extend([file.size, *[0] * (len(_NUMBERS) - 1)])
            self._unusual.setdefault(len(self.paths), file)
        self.paths.append(file.path)
        self._digests += file.digest or bytes(32)
        texts = (file.root, file.format)
        self._texts.append(self.texts.setdefault(texts, texts))
