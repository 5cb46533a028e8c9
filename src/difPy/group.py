"""Pictures in: their order of quality and who may match whom; `Stars` in: `Group`s out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.model import Group, Member

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.model import File, Gallery, Stars


def order(gallery: Gallery) -> npt.NDArray[np.int64]:
    """Rows of the gallery, best picture first: the larger file, then more pixels, then the older file, then the path.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    pixels = gallery.widths.astype(np.int64) * gallery.heights

    def quality(row: int) -> tuple[int, int, int, str]:
        file = gallery.files[row]
        return -file.size, -int(pixels[row]), file.mtime_ns, file.path

    return np.array(sorted(range(len(gallery)), key=quality), np.int64)


def partition(gallery: Gallery, *, in_folder: bool, same_dimensions: bool) -> npt.NDArray[np.int64]:
    """A number for each row: only rows of equal number may match.

    They have equally many frames; with `in_folder` they lie under the same root; with `same_dimensions` they have the
    same width and height, up to a turn.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    columns: list[npt.NDArray[np.int64]] = [gallery.frames.astype(np.int64)]
    if in_folder:
        numbers: dict[str, int] = {}
        columns.append(np.array([numbers.setdefault(file.root, len(numbers)) for file in gallery.files], np.int64))
    if same_dimensions:
        columns.append(np.minimum(gallery.widths, gallery.heights).astype(np.int64))
        columns.append(np.maximum(gallery.widths, gallery.heights).astype(np.int64))
    if len(gallery) == 0:
        return np.empty(0, np.int64)
    _, codes = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
    return codes.reshape(-1).astype(np.int64)


def groups(files: Sequence[File], stars: Stars) -> list[Group]:
    """Groups of at least two pictures, best keeper first.

    Parameters
    ----------
    files : sequence of File
        The file of each row.
    stars : Stars
        Who is kept for whom.
    """
    taken = np.flatnonzero(stars.keeper != np.arange(len(files)))
    members: dict[int, list[Member]] = {}
    for row in taken.tolist():
        member = Member(files[row], float(stars.distance[row]), int(stars.orientation[row]))
        members.setdefault(int(stars.keeper[row]), []).append(member)
    return [Group(files[keeper], tuple(members[keeper])) for keeper in sorted(members)]
