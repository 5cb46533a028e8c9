"""Files and what they decode to in, one by one; a `Gallery` of columns out, and the `Rows` of it that the join sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.model import Failure, Gallery, Picture, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from difPy.model import File, Tensors


def gather(files: Sequence[File], looks: Iterable[Picture | Failure], px_size: int) -> Gallery:
    """Columns of the pictures among `looks`, in the order of `files`; Failures are kept beside them.

    Parameters
    ----------
    files : sequence of File
    looks : iterable of Picture or Failure
        One for each file, in the same order.
    px_size : int
        Width and height of the tensors.
    """
    n = len(files)
    gallery = empty(px_size, n)
    row = 0
    for file, look in zip(files, looks, strict=True):
        if isinstance(look, Failure):
            gallery.failures.append(look)
            continue
        gallery.files.append(file)
        gallery.identities.append(None)
        gallery.digests.append(look.digest)
        gallery.formats.append(look.format)
        put(gallery, row, look)
        row += 1
    for column in ("tensors", "widths", "heights", "frames", "stances", "errors", "exif_fields", "gps"):
        setattr(gallery, column, getattr(gallery, column)[:row])
    return gallery


def empty(px_size: int, n: int) -> Gallery:
    """Columns with room for n pictures; memory is taken as they are filled."""
    return Gallery(
        px_size=px_size,
        files=[],
        tensors=np.empty((n, px_size, px_size, 3), np.uint8),
        widths=np.empty(n, np.int32),
        heights=np.empty(n, np.int32),
        frames=np.empty(n, np.int32),
        identities=[],
        stances=np.empty(n, np.uint8),
        errors=np.empty(n, np.float32),
        digests=[],
        formats=[],
        exif_fields=np.empty(n, np.int32),
        gps=np.empty(n, np.bool_),
    )


def put(gallery: Gallery, row: int, picture: Picture) -> None:
    """Write what a picture is into its row: first as a sketch, perhaps, and exactly later."""
    gallery.tensors[row] = picture.tensor
    gallery.widths[row] = picture.width
    gallery.heights[row] = picture.height
    gallery.frames[row] = picture.frames
    gallery.identities[row] = picture.identity
    gallery.stances[row] = picture.stance
    gallery.errors[row] = picture.error
    gallery.exif_fields[row] = picture.exif_fields
    gallery.gps[row] = picture.gps
    gallery.views.pop(row, None)
    if picture.views is not None:
        gallery.views[row] = picture.views


class Taken:
    """Some rows of a column of tensors, in another order, without copying it."""

    def __init__(self, tensors: Tensors, rows: npt.NDArray[np.int64]) -> None:
        self._tensors = tensors
        self._rows = rows
        self.shape = (len(rows), *tensors.shape[1:])

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, rows: Any) -> npt.NDArray[np.uint8]:
        return self._tensors[self._rows[rows]]


def rows(gallery: Gallery, taken: npt.NDArray[np.int64], partition: npt.NDArray[np.int64]) -> Rows:
    """What the join sees of some pictures.

    Parameters
    ----------
    gallery : Gallery
    taken : ndarray of int64, shape (m,)
        The pictures, best first.
    partition : ndarray of int64, shape (m,)
        Their partition.
    """
    return Rows(
        tensors=Taken(gallery.tensors, taken),
        widths=gallery.widths[taken],
        heights=gallery.heights[taken],
        partition=partition,
        identities=[gallery.identities[row] for row in taken.tolist()],
        stances=gallery.stances[taken],
        errors=gallery.errors[taken],
        vectors=None if gallery.vectors is None else gallery.vectors[taken],
        views={at: gallery.views[row] for at, row in enumerate(taken.tolist()) if row in gallery.views},
    )
