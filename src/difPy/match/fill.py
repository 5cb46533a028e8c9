"""Files of a scan in; all of them known to the index, out: no content is decoded twice, no known file is opened."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from difPy import decode, disks, store
from difPy.address import UNKNOWN
from difPy.contents import compare
from difPy.contents.unchanged import LARGE
from difPy.errors import IndexUnusable
from difPy.match.decoding import BATCH_PICTURES, BATCH_SECONDS, described, told_apart
from difPy.match.looking import looks
from difPy.model import Failure, Picture, silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from difPy.files import File, Files
    from difPy.model import Gallery, Progress
    from difPy.workers import Executor

_KNOWN = 64  # pictures that are known, for each that is not
_LAST = 64  # files, at the end of a run, that are not taken in the order of their paths


@dataclass(eq=False)
class Filling:
    """An index being filled: `fill` does it, `complete` leaves no sketch, and `gallery` holds the columns."""

    files: Files
    index: store.Index
    px_size: int
    executor: Executor
    exact: bool = False
    """Decode in full whatever has to be decoded."""
    progress: Progress = silent
    digests: list[bytes | None] = field(default_factory=list)
    is_picture: list[bool] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    decoded: int = 0
    """Pictures that had to be decoded."""

    def fill(self, progress: Progress) -> None:
        """Have every file known to the index."""
        self.progress = progress
        try:
            self.fill_once()
        except IndexUnusable:  # found to be damaged on the way, and set aside: a new one is begun
            self.fill_once()
        self.progress = silent

    def fill_once(self) -> None:
        """Fill it, unless it turns out to be damaged."""
        known = self.index.known(self.files)
        self.digests, states = known.digests, known.states
        self.is_picture = (states == store.PICTURE).tolist()
        self.failures = [Failure(self.files.paths[row], reason) for row, reason in known.reasons.items()]
        for row, size in known.sizes.items():
            self.files.sizes[row] = size
        new = np.flatnonzero((states == store.NEW) | (states == store.LIKELY)).tolist()
        likely = set(np.flatnonzero(states == store.LIKELY).tolist())
        sizes = self.files.sizes[new].tolist()
        count = Counter(sizes)
        count[UNKNOWN] = 0  # what is known when it is read is read once
        self.read([row for row, size in zip(new, sizes, strict=True) if row in likely or count[size] > 1], likely)
        self.decode(self.slow_first(self.as_they_lie(self.recognise(new))))

    def complete(self, progress: Progress) -> None:
        """Decode in full what the index holds only sketches of, and what would be taken for another by its clue.

        What can no longer be read is no picture.
        """
        gallery = self.gallery
        sketches = np.flatnonzero(gallery.errors > 0)
        failures, decoded = told_apart(gallery, sketches, self.executor, self.index.put, progress)
        self.decoded += decoded
        if failures:
            self.failures += failures
            unread = {failure.path for failure in failures}
            self.is_picture = [
                one and path not in unread for one, path in zip(self.is_picture, self.files.paths, strict=True)
            ]
            del self.gallery

    def leave_out_small(self, pixels: int) -> list[str]:
        """Take pictures of fewer pixels for none; returns their paths."""
        gallery = self.gallery
        small = np.flatnonzero(gallery.widths.astype(np.int64) * gallery.heights < pixels)
        rows = np.flatnonzero(self.is_picture)[small].tolist()
        for row in rows:
            self.is_picture[row] = False
        if rows:
            del self.gallery
        return [self.files.paths[row] for row in rows]

    @property
    def pictures(self) -> Files:
        """The files that are pictures."""
        return self.files.take(np.flatnonzero(self.is_picture).tolist())

    @property
    def contents(self) -> list[bytes]:
        """The digests of these."""
        rows = zip(self.is_picture, self.digests, strict=True)
        return [digest for is_picture, digest in rows if is_picture and digest is not None]

    @cached_property
    def gallery(self) -> Gallery:
        """Columns of the files that are pictures: read from the index when they are first asked for."""
        try:
            return self.columns()
        except IndexUnusable:  # damaged, or emptied by others, since it was filled
            self.fill(silent)
            return self.columns()

    def columns(self) -> Gallery:
        """Columns of the files that are pictures, if the index still holds them."""
        return self.index.gallery(self.pictures, self.contents)

    def read(self, rows: list[int], likely: set[int]) -> None:
        """Digest files whose content is likely to be known, or may be that of another new file."""
        rows = [row for row in rows if self.files.sizes[row] <= LARGE or decode.is_readable(self.files[row])]
        whole = [at for at, row in enumerate(rows) if row in likely]
        found = compare(self.files.take(rows), [None] * len(rows), whole=whole, progress=self.progress)
        for row, digest in zip(rows, found.digests, strict=True):
            self.digests[row] = digest

    def recognise(self, new: list[int]) -> list[int]:
        """Take what the index knows of the digests; returns the rows that are still new."""
        read = [(row, digest) for row in new if (digest := self.digests[row]) is not None]
        known = self.index.recognise([digest for _, digest in read])
        found, done = [], set()
        for at, (row, digest) in enumerate(read):
            if known.digests[at] is not None:
                done.add(row)
                found.append(store.Found(self.files[row], digest))
                if at in known.reasons:
                    self.failures.append(Failure(self.files.paths[row], known.reasons[at]))
                else:
                    self.is_picture[row] = True
        self.index.put(found)
        return [row for row in new if row not in done]

    def as_they_lie(self, rows: list[int]) -> list[int]:
        """Files on a disk that turns in the order of their inodes, which is nearly that of their places; else as is."""
        devices, inodes = self.files.devices, self.files.inodes
        turning = {device for device in set(devices[rows].tolist()) if disks.turns(device)}
        if not turning:
            return rows
        return sorted(rows, key=lambda row: (devices[row], inodes[row] if devices[row] in turning else row))

    def slow_first(self, rows: list[int]) -> list[int]:
        """Of the last files the slow ones first, lest one worker is busy with them when all others are done."""
        last = sorted(rows[-_LAST:], key=lambda row: not decode.is_slow(self.files.paths[row]))
        return rows[:-_LAST] + last

    def decode(self, rows: list[int]) -> None:
        """Decode what is left, the same bytes once, and put it into the index as it comes."""
        pictures: list[tuple[File, Picture]] = []
        others: list[store.Found] = []
        since = time.monotonic()
        for done, (row, look) in enumerate(self.looks(rows), 1):
            if isinstance(look, Picture):
                self.digests[row], self.is_picture[row] = look.digest, True
                if self.files.sizes[row] == UNKNOWN:
                    self.files.sizes[row] = look.size
                pictures.append((self.files[row], look))
            else:
                self.failures.append(look)
                if look.lasting:
                    others.append(store.Found(self.files[row], look.digest or self.digests[row], reason=look.reason))
            if len(pictures) + len(others) >= BATCH_PICTURES or time.monotonic() - since > BATCH_SECONDS:
                self.put(pictures, others)
                since = time.monotonic()
            self.progress("decoding", done, len(rows))
        self.put(pictures, others)

    def put(self, pictures: list[tuple[File, Picture]], others: list[store.Found]) -> None:
        """Hand over to the index what was gathered, and begin anew."""
        self.index.put(described(pictures) + others)
        pictures.clear()
        others.clear()

    def identities(self, new: int) -> Sequence[bytes]:
        """Identities of the pictures that are known, unless so many are that it takes long to read them, for so few."""
        contents = self.contents
        return [] if self.exact or len(contents) > _KNOWN * new else self.index.identities(contents)

    def looks(self, rows: list[int]) -> Iterator[tuple[int, Picture | Failure]]:
        """What each file decodes to. Files of the same bytes share what the first of them decodes to."""
        leaders: dict[bytes | int, int] = {}
        for row in rows:
            leaders.setdefault(self.digests[row] or row, row)
        copies = Counter(digest for row in rows if (digest := self.digests[row]) is not None)
        files, known = self.files.take(list(leaders.values())), self.identities(len(leaders))
        decoded = looks(files, self.px_size, self.executor, exact=self.exact, known=known)
        seen: dict[bytes, Picture | Failure] = {}
        for row in rows:
            digest = self.digests[row]
            if digest not in seen:
                result = next(decoded)
                self.decoded += 1
                if digest is not None and copies[digest] > 1:
                    seen[digest] = result
            elif isinstance(result := seen[digest], Failure):
                if result.lasting:
                    result = result._replace(path=self.files.paths[row])
                else:  # the first could not be read, which says nothing of this one
                    (result,) = looks(self.files.take([row]), self.px_size, self.executor, exact=self.exact)
            yield row, result
