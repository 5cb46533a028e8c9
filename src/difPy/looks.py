"""Columns of pictures in; what policies look at, of each, out: what is known of its identical ones included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.orientation import compose, members
from difPy.policy import Facts
from difPy.traits import Lossless, Notes

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.model import Criterion, Gallery


def kin(gallery: Gallery, partition: npt.NDArray[np.int64], criterion: Criterion) -> npt.NDArray[np.int64]:
    """A number for each row, equal for pictures that match because they are identical.

    Of pictures that were only sketched it is not known what they are identical to: each has its own number.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    # The orientations tried are a group H, and `stance` holds those s that show the picture in the frame of its
    # identity. Two pictures are one in an orientation of H if they have a coset sH in common; then they have all.
    least = {
        stance: min((compose(s, o) for s in members(stance) for o in criterion.orientations), default=0)
        for stance in set(gallery.stances.tolist())
    }
    numbers: dict[object, int] = {}
    keys = zip(gallery.identities, partition.tolist(), gallery.stances.tolist(), strict=True)
    found = (
        numbers.setdefault(row if identity is None else (identity, code, least[stance]), len(numbers))
        for row, (identity, code, stance) in enumerate(keys)
    )
    return np.fromiter(found, np.int64, len(gallery))


class Looks:
    """What policies look at, by column.

    Parameters
    ----------
    gallery : Gallery
    kin : ndarray of int64, shape (n,)
        Equal for pictures known to be identical.

    Attributes
    ----------
    origin, least, fields, notes, hides, covered, detail : ndarray of int64, shape (n,)
        As the attributes of `policy.Facts`. The last three hang on altered copies, of which nothing is known at first.
    """

    def __init__(self, gallery: Gallery, kin: npt.NDArray[np.int64]) -> None:
        self.gallery = gallery
        self.hides, self.covered = np.zeros((2, len(gallery)), np.int64)
        self.detail = gallery.widths.astype(np.int64) * gallery.heights
        self.origin = _least(gallery.lossless.astype(np.int64), kin)
        self.least = _least(gallery.files.sizes, kin)
        self.fields = gallery.exif_fields.astype(np.int64) + gallery.other_fields
        self.notes = gallery.notes.astype(np.int64) | np.where(gallery.gps, int(Notes.PLACE), 0)

    def __getitem__(self, row: int) -> Facts:
        gallery = self.gallery
        return Facts(
            file=gallery.files[row],
            width=int(gallery.widths[row]),
            height=int(gallery.heights[row]),
            format=gallery.formats[row],
            fields=int(self.fields[row]),
            notes=Notes(int(self.notes[row])),
            lossless=Lossless(int(gallery.lossless[row])),
            origin=Lossless(int(self.origin[row])),
            least=int(self.least[row]),
            hides=int(self.hides[row]),
            covered=bool(self.covered[row]),
            detail=int(self.detail[row]),
        )


def _least(column: npt.NDArray[np.int64], kin: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each row the least number among its kin."""
    least = np.full(len(kin), np.iinfo(np.int64).max)
    np.minimum.at(least, kin, column)
    return least[kin]
