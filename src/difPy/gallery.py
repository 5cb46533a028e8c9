"""A `Gallery` and some of its rows in; the `Rows` that the join sees out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from difPy.model import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.model import Gallery, Tensors
    from difPy.store import Found


def put(gallery: Gallery, rows: Sequence[int], found: Sequence[Found]) -> None:
    """Write what pictures are, now that they are decoded in full, over their sketches; one for each row."""
    pictures = [one.picture for one in found if one.picture is not None]
    # First, for the index may fail to answer: then they must stay the sketches that they are.
    gallery.tensors[rows] = np.stack([picture.tensor for picture in pictures])
    for row, one, picture in zip(rows, found, pictures, strict=True):
        assert one.vector is not None
        gallery.vectors[row] = one.vector
        gallery.widths[row] = picture.width
        gallery.heights[row] = picture.height
        gallery.frames[row] = picture.frames
        gallery.identities[row] = picture.identity
        gallery.stances[row] = picture.stance
        gallery.errors[row] = picture.error
        gallery.views.pop(row, None)
        gallery.beside.pop(row, None)
        if picture.views is not None:
            gallery.views[row] = picture.views
        if picture.beside:
            gallery.beside[row] = picture.beside


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


def rows(
    gallery: Gallery,
    taken: npt.NDArray[np.int64],
    partition: npt.NDArray[np.int64],
    fixed: npt.NDArray[np.bool_] | None = None,
) -> Rows:
    """What the join sees of some pictures.

    Parameters
    ----------
    gallery : Gallery
    taken : ndarray of int64, shape (m,)
        The pictures, best first.
    partition : ndarray of int64, shape (n,)
        The partition of every picture of the gallery.
    fixed : ndarray of bool, shape (n,), optional
        Pictures that are never taken, and do not match each other.
    """
    place = np.full(len(gallery), -1)
    place[taken] = np.arange(len(taken))
    return Rows(
        tensors=Taken(gallery.tensors, taken),
        widths=gallery.widths[taken],
        heights=gallery.heights[taken],
        partition=partition[taken],
        identities=[gallery.identities[row] for row in taken.tolist()],
        stances=gallery.stances[taken],
        errors=gallery.errors[taken],
        vectors=gallery.vectors[taken] if len(gallery) else None,  # an empty one does not know how long they are
        fixed=None if fixed is None or not fixed.any() else fixed[taken],
        views={int(place[row]): gallery.views[row] for row in gallery.views if place[row] >= 0},
    )


def all_rows(gallery: Gallery, partition: npt.NDArray[np.int64]) -> Rows:
    """What the join sees of all pictures, in their order; nothing is copied."""
    return Rows(
        tensors=gallery.tensors,
        widths=gallery.widths,
        heights=gallery.heights,
        partition=partition,
        identities=gallery.identities,
        stances=gallery.stances,
        errors=gallery.errors,
        vectors=gallery.vectors if len(gallery) else None,
        views=gallery.views,
    )
