"""Files in; the digests of those that may have the same bytes as another out: no picture is decoded, few are read.

Files of different size differ, unread. Of those of one size the small ones are read as a whole; of the others the
first bytes, which tell most of them apart; of great ones some from the middle and from the end, too, for pictures that
are not compressed often begin alike. What is still alike is read as a whole. The digest of all bytes has the last word:
the rest only excludes.

unchanged: a file is read only if it is what the scan saw
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from blake3 import blake3

from difPy import sources
from difPy.contents.unchanged import EMPTY, FLAGS, LARGE, LARGEST, changed, short, words
from difPy.errors import MissingExtra
from difPy.files import Files
from difPy.model import Failure, cores, silent
from difPy.threads import spread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from difPy.address import Address
    from difPy.files import File
    from difPy.model import Progress

    Read = Callable[[int, int, int], None]  # an open file, its row and its size: notes what was read

SAMPLE = 4096
"""Bytes that are read of a file's beginning: a page, which is the least that a system reads."""
SMALL = 1 << 14
"""Bytes up to which a file is read as a whole at once: to open it twice would take longer."""
LONG = 1 << 20
"""Bytes from which on a file is looked at in more places, before it is read as a whole."""
_CHUNK = 1 << 18
_THREADS = 8  # at least: slow disks answer many as quickly as one; elsewhere threads are in each other's way
_SLOW_SECONDS = 1e-3  # that a file takes on a slow disk, or a large one ...
_SLOW_FILES = 8  # ... if so many in a row do; one that takes several times as long ...
_AS_MANY = 4  # ... counts for as many, and at most for so many
_AT_ONCE = 16  # files between two looks at the clock, while none is slow
_HOLES = 16
_ODD = np.uint64(0x9E3779B97F4A7C15)


class Contents(NamedTuple):
    """What is known of the bytes of n files."""

    digests: list[bytes | None]
    """BLAKE3 of all bytes. None where no other file can have the same, or where that cannot be known."""
    whole: list[int]
    """Rows of the files that had to be read as a whole."""
    failures: list[Failure]
    """Files that had to be read, and could not be."""


def compare(
    files: Files,
    known: Sequence[bytes | None],
    *,
    whole: Sequence[int] = (),
    threads: int | None = None,
    progress: Progress = silent,
) -> Contents:
    """Find out which files have the same bytes: those whose digests are equal, and not None.

    Parameters
    ----------
    files : Files
        n files. An empty one has no picture, and is like no other. Sizes that are not known before are filled in.
    known : sequence of (bytes or None)
        Digests that are known already: where those of all files of a size are, none of them is opened.
    whole : sequence of int, optional
        Rows of files whose digests are wanted, whether or not another may have the same bytes.
    threads : int, optional
        Threads that read. What each holds in memory is a quarter of a mebibyte, however large the files.
    progress : Progress, optional

    Returns
    -------
    Contents

    Examples
    --------
    >>> from difPy.files import Files
    >>> compare(Files(["a", "b"], [".", "."], [10, 20], [0, 0], [1, 1], [7, 8]), [None, None]).digests
    [None, None]
    """
    return _Comparison(files, list(known), threads or max(_THREADS, cores()), progress).run(whole)


def digest_of(file: File) -> bytes | Failure:
    """Read a file: the BLAKE3 digest of its bytes, or why there is none.

    Examples
    --------
    >>> from difPy.files import File
    >>> digest_of(File("gone", "", 1, 0, 1, 1)).reason
    'cannot be opened: No such file or directory'
    """
    found = compare(Files.of([file]), [None], whole=[0], threads=1)
    return found.failures[0] if found.failures else found.digests[0] or Failure(file.path, EMPTY)


class _Comparison:
    def __init__(self, files: Files, digests: list[bytes | None], threads: int, progress: Progress) -> None:
        self.files, self.threads, self.progress = files, threads, progress
        self.digests = digests
        self.sizes, self.times, self.inodes = (one.tolist() for one in (files.sizes, files.times, files.inodes))
        self.samples = np.zeros(len(files), np.uint64)
        self.failed: dict[int, str] = {}
        self.whole: list[int] = []
        self.done = 0

    def run(self, whole: Sequence[int]) -> Contents:
        self.read_whole(np.flatnonzero(self.files.unsized()))
        self.read_whole(np.array([row for row in whole if self.sizes[row] > 0], np.int64))
        sizes = self.files.sizes
        kinds = np.unique(sizes, return_inverse=True)[1].reshape(-1)
        rows, kinds = self.open_questions(np.flatnonzero(sizes > 0), kinds[sizes > 0])
        elsewhere = np.zeros(len(sizes), np.bool_)
        elsewhere[list(self.files.addresses)] = True
        self.read_whole(rows[(sizes[rows] <= SMALL) | elsewhere[rows]])
        rows, kinds = self.open_questions(rows, kinds)
        for sample, least in ((self.beginning, 0), (self.middle_and_end, LONG)):
            self.read(rows[sizes[rows] > least], sample, "reading beginnings")
            mixed = kinds.astype(np.uint64) * _ODD + self.samples[rows]  # unlike kinds may become one: that only costs
            rows, kinds = self.open_questions(rows, np.unique(mixed, return_inverse=True)[1].reshape(-1))
        self.read_whole(rows)
        paths = self.files.paths
        failures = [Failure(paths[row], reason) for row, reason in sorted(self.failed.items())]
        return Contents(self.digests, sorted(self.whole), failures)

    def open_questions(
        self, rows: npt.NDArray[np.int64], kinds: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Rows of which another is of the same kind, and not all digests are known."""
        if self.failed:
            readable = ~np.isin(rows, list(self.failed))
            rows, kinds = rows[readable], kinds[readable]
        several = np.bincount(kinds)[kinds] > 1 if len(kinds) else np.zeros(0, np.bool_)
        rows, kinds = rows[several], kinds[several]
        unknown = np.fromiter((self.digests[row] is None for row in rows.tolist()), np.bool_, len(rows))
        asked = np.bincount(kinds[unknown], minlength=int(kinds.max(initial=0)) + 1)[kinds] > 0
        return rows[asked], kinds[asked]

    def read_whole(self, rows: npt.NDArray[np.int64]) -> None:
        """Have all digests known."""
        self.read(np.array([row for row in rows.tolist() if self.digests[row] is None], np.int64), self.all, "reading")

    def read(self, rows: npt.NDArray[np.int64], take: Read, phase: str) -> None:
        """Read of files what `take` wants, in the order in which they are likely to lie on the disk."""
        near = np.lexsort((self.files.inodes[rows], self.files.devices[rows]))
        order, caller, self.done = rows[near].tolist(), threading.get_ident(), 0

        def work(start: int, end: int) -> None:
            some = order[start:end]
            for row in some:
                if (reason := self.opened(row, take)) is not None:
                    self.failed[row] = reason
            self.done += len(some)
            if threading.get_ident() == caller:
                self.progress(phase, self.done, len(order))

        alone = _until_slow(work, len(order))
        left = len(order) - alone
        piece = max(1, min(4, left // self.threads))
        spread(lambda start, end: work(alone + start, alone + end), left, piece, self.threads)

    def opened(self, row: int, take: Read) -> str | None:
        """Have a file read; why it cannot be, in words, or None."""
        if row in self.files.addresses:
            return self.fetched(row, self.files.addresses[row])
        size = self.sizes[row]
        try:
            descriptor = os.open(self.files.paths[row], FLAGS)
        except (OSError, ValueError) as error:
            return f"cannot be opened: {words(error)}"
        try:
            status = os.fstat(descriptor)
            reason = changed(status, size, self.times[row], self.inodes[row]) or _too_large(status)
            if reason is None:
                take(descriptor, row, size)
        except EOFError as error:
            return str(error)
        except OSError as error:
            return f"cannot be read: {words(error)}"
        finally:
            os.close(descriptor)
        return reason

    def fetched(self, row: int, address: Address) -> str | None:
        """Note the digest, and the size, of what is no file here; why it cannot be had, or None."""
        if address.size > LARGEST:
            return f"too large: {address.size:,} bytes"
        try:
            data = sources.read(address)
        except (sources.Unreadable, MissingExtra) as error:
            return f"cannot be read: {error}"
        self.files.sizes[row] = len(data)
        if data:
            self.digests[row] = blake3(data).digest()
            self.whole.append(row)
        return None

    def beginning(self, descriptor: int, row: int, size: int) -> None:
        """Note what the first bytes are."""
        self.samples[row] = hash(os.read(descriptor, SAMPLE)) & 0xFFFFFFFFFFFFFFFF

    def middle_and_end(self, descriptor: int, row: int, size: int) -> None:
        """Note what some bytes from the middle, and the last ones, are."""
        found = []
        for place in (size // 2, size - SAMPLE):
            os.lseek(descriptor, place, os.SEEK_SET)
            found.append(os.read(descriptor, SAMPLE))
        self.samples[row] = hash(tuple(found)) & 0xFFFFFFFFFFFFFFFF

    def all(self, descriptor: int, row: int, size: int) -> None:
        """Note the digest of all bytes, which are good only if all of them come, and the file stays what it was."""
        state, came = blake3(), 0
        while came < size and (chunk := os.read(descriptor, min(_CHUNK, size - came))):
            state.update(chunk)
            came += len(chunk)
        reason = changed(os.fstat(descriptor), size, self.times[row], self.inodes[row])
        if reason or came < size:
            raise EOFError(reason or short(came, size))
        self.digests[row] = state.digest()
        self.whole.append(row)


def _until_slow(work: Callable[[int, int], None], count: int) -> int:
    """Work in this thread, until most of its time goes into waiting, or files take long; returns how far it came."""
    at, slow, some = 0, 0.0, 1
    while at < count and slow < _SLOW_FILES:
        until = min(at + some, count)
        began, busy = time.perf_counter(), time.thread_time()
        work(at, until)
        took, busy = time.perf_counter() - began, time.thread_time() - busy
        if took > min(2 * busy, _SLOW_SECONDS * (until - at)):
            slow, some = slow + min(max(1, took / _SLOW_SECONDS), _AS_MANY), 1
        else:
            slow, some = 0, min(2 * some, _AT_ONCE)
        at = until
    return at


def _too_large(status: os.stat_result) -> str | None:
    """Why a file is not read that is mostly holes: one that takes years to read costs nothing to make."""
    if status.st_size <= LARGE:
        return None
    there = getattr(status, "st_blocks", 0) * 512
    if there * _HOLES >= status.st_size:
        return None
    return f"too large: {status.st_size:,} bytes, of which {there:,} are on the disk"
