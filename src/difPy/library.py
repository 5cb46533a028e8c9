"""What a scan found and an index knows of it in; pictures, files and failures, to be searched, out."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from difPy.columns import Looked
from difPy.contents.unchanged import EMPTY
from difPy.errors import WrongValue
from difPy.group import file
from difPy.model import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from difPy.files import File, Files
    from difPy.match.fill import Filling
    from difPy.model import Gallery
    from difPy.scan import Scan
    from difPy.store import Index


class Library:
    """Pictures below some directories, and the index that remembers them.

    Attributes
    ----------
    index
        What remembers them.
    roots : tuple of str
    references : tuple of str
        Directories whose pictures are compared with the others, never among themselves, and never touched.
    files
        A sequence of `File`: those found that are wanted, but for empty ones, whether they are pictures or not.
    failures : list of Failure
        What could not be read, by path.
    left_out : dict
        Folders and files that were passed over, by path -> what they are (a trash, old versions, thumbnails, ...), or
        why they were not wanted.
    decoded : int
        Pictures that had to be decoded; the others were known.
    """

    def __init__(
        self,
        scanned: Scan,
        roots: tuple[str, ...],
        references: tuple[str, ...],
        opened: Index,
        filling: Filling | None = None,
    ) -> None:
        self.index, self.roots, self.references = opened, roots, references
        self.left_out = scanned.left_out
        self.decoded = 0 if filling is None else filling.decoded
        self._filling = filling
        self._found = found = scanned.files
        empty = [found.paths[row] for row in np.flatnonzero(found.sizes == 0).tolist()]
        unread = [Failure(path, EMPTY) for path in empty] if filling is None else filling.failures
        self.failures = by_path(scanned.failures, unread)
        gone = self.left_out.keys() | set(empty)
        rows = [row for row, path in enumerate(found.paths) if path not in gone] if gone else range(len(found))
        self.files = found if len(rows) == len(found) else found.take(rows)

    @property
    def gallery(self) -> Gallery:
        """The pictures, by column: read from the index when they are first asked for.

        Raises
        ------
        WrongValue
            None was decoded.
        """
        if self._filling is None:
            raise WrongValue("no picture was decoded: search for similarity='files', or leave decode=False out")
        return self._filling.gallery

    @property
    def pictures(self) -> Files:
        """The files that are pictures; where none was decoded, all."""
        return self.files if self._filling is None else self._filling.pictures

    @property
    def contents(self) -> list[bytes] | None:
        """The digests of these; None where no picture was decoded."""
        return None if self._filling is None else self._filling.contents

    def file(self, row: int) -> File:
        """One of `pictures`, with what is known of it."""
        return self.files[row] if self._filling is None else file(self._filling.gallery, row)

    def looked(self, failures: Sequence[Failure]) -> Looked:
        """All that was looked at, for a search that could not read some pictures any more."""
        unread = self.left_out | {one.path: one.reason for one in (*self.failures, *failures)}
        if self._filling is None:
            return Looked(self._found, lambda: None, unread, self.references)
        filling = self._filling
        return Looked(self._found, lambda: filling.gallery, unread, self.references)

    def __len__(self) -> int:
        return len(self.files) if self._filling is None else sum(self._filling.is_picture)


def by_path(*failures: Sequence[Failure]) -> list[Failure]:
    """All failures, by path."""
    return sorted(chain.from_iterable(failures), key=lambda failure: failure.path)
