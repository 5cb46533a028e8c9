"""Files in; their names and numbers as the index keeps them out, and whether these still speak for the content."""

from __future__ import annotations

import os
from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.store.troubles import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from difPy.files import Files

    Row = tuple[Any, ...]

_SECOND = 1_000_000_000
_YOUNG = 2 * _SECOND  # the coarsest clock of a file system: FAT


def int64(number: int) -> int:
    """A number as SQLite can keep it: inodes may have 128 bits, and files may come from the year 2400."""
    return number if -(1 << 63) <= number < 1 << 63 else number % ((1 << 63) - 25)


def _int64s(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return numbers if numbers.dtype == np.int64 else np.array(list(map(int64, numbers)), np.int64)


def absolute(paths: Sequence[str]) -> list[bytes]:
    """Paths as bytes, without symbolic links but for the last part: the same from wherever they are seen."""
    if not paths:
        return []
    folders = {path[: path.rfind(os.sep) + 1] for path in paths}
    real = {folder: os.path.join(os.path.realpath(folder), "") for folder in folders}
    folder, place = min(real.items())
    ahead = place.removesuffix(folder)
    if all(place == ahead + folder for folder, place in real.items()):  # no links below: what lies ahead says it all
        return os.fsencode(ahead + f"\0{ahead}".join(paths)).split(b"\0")  # as one text, which costs a tenth
    ends = [path.rfind(os.sep) + 1 for path in paths]
    return [os.fsencode(real[path[:end]] + path[end:]) for path, end in zip(paths, ends, strict=True)]


def places(files: Files) -> list[bytes]:
    """Where files lie, as bytes: the same from wherever they are seen."""
    if not files.addresses:
        return absolute(files.paths)
    here = [row for row in range(len(files)) if row not in files.addresses]
    found = [os.fsencode(path) for path in files.paths]
    for row, place in zip(here, absolute([files.paths[row] for row in here]), strict=True):
        found[row] = place
    return found


def trusted_time(mtime_ns: int, since: int, until: int) -> int | None:
    """The time of a file that was read between `since` and `until`; None if it was so young that it proves nothing.

    A file that changes twice within a tick of the clock has the same time after both changes. If it was read in
    between, its time would vouch for a content that is gone. (Git calls such an entry of its index racily clean.) A
    time in the future is no worse than one in the past: a change would set it to now.
    """
    return None if since - _YOUNG < mtime_ns < until + _YOUNG else int64(mtime_ns)


def all_trusted(times: npt.NDArray[np.int64], since: int, until: int) -> bool:
    """Whether none of these files is so young."""
    return not ((times > since - _YOUNG) & (times < until + _YOUNG)).any()


class Sought:
    """Files that are looked for in the index, by device and inode.

    Parameters
    ----------
    files : Files
    """

    def __init__(self, files: Files) -> None:
        self.places = places(files)
        devices, inodes = _int64s(files.devices), _int64s(files.inodes)
        self._sizes, self._times = _int64s(files.sizes), _int64s(files.times)
        self._unsized = files.unsized()
        self._by_device = {}
        for device in sorted(set(devices.tolist())):
            rows = np.flatnonzero(devices == device)
            rows = rows[np.argsort(inodes[rows])]
            self._by_device[device] = (rows, inodes[rows])

    def inodes(self) -> dict[int, npt.NDArray[np.int64]]:
        """Device -> inodes, ascending."""
        return {device: inodes for device, (_, inodes) in self._by_device.items()}

    def unchanged(self, device: int, found: Sequence[Row]) -> Iterable[tuple[int, Row]]:
        """Rows of the index that can be believed of a file, each after the number of its file.

        Inode, size and time must be the same, and the name, too, if the time has no fraction of a second. Archives,
        cameras and FAT give many files one whole second; of those, another file of the same size may have come by the
        inode of a deleted one.

        Parameters
        ----------
        device : int
        found : sequence of tuple
            Rows of that device that begin with inode, size, mtime_ns and path.

        Raises
        ------
        Damaged
        """
        if not found:
            return []
        rows, inodes = self._by_device[device]
        try:
            found_inodes, sizes, times = (np.array(column, np.int64) for column in list(zip(*found, strict=True))[:3])
        except (TypeError, ValueError, OverflowError) as error:
            raise Damaged(f"a file's row makes no sense: {error}") from None
        near = np.minimum(np.searchsorted(inodes, found_inodes), len(inodes) - 1)
        row = rows[near]
        same = (inodes[near] == found_inodes) & (self._times[row] == times)
        same &= (self._sizes[row] == sizes) | self._unsized[row]
        for at in np.flatnonzero(same & (times % _SECOND == 0)).tolist():
            same[at] = found[at][3] == self.places[row[at]]
        return zip(row[same].tolist(), compress(found, same.tolist()), strict=True)
