"""An album and what a person asks in; a join whose rows lie in batches, by rank, ready to be cut into cells, out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from difPy import group
from difPy.cloud import tables
from difPy.cloud.columns import packed, packed_together
from difPy.cloud.joining import LEAD, RANKS, ROWS, Join
from difPy.cloud.kin import Kin
from difPy.cloud.pictures import PICTURES
from difPy.cloud.records import Records
from difPy.cloud.stored import arrays
from difPy.clues import WHOLE
from difPy.looks import Looks, kin
from difPy.match.mse.vectors import WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.cloud.album import Album
    from difPy.cloud.run import Run
    from difPy.options import SearchOptions
    from difPy.policy import Policy

_PARTS_SHARE = 1 << 16  # rows of a batch, about: so that a cell is gathered from few objects


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The order of quality."""

    looks: Looks
    order: npt.NDArray[np.int64]
    """The picture of each rank, best first."""
    lead: npt.NDArray[np.int64]
    """The first rank of the same tensor, views, dimensions, identity and stance: a rank that leads others or itself."""
    partition: npt.NDArray[np.int64]
    """Of each rank; numbered from 0."""
    fixed: int
    """The first so many are of reference directories."""


def ranking(
    album: Album, options: SearchOptions, policies: Sequence[Policy], references: Sequence[str], *, in_folder: bool
) -> Ranking:
    """Order pictures as one machine does.

    Parameters
    ----------
    album : Album
    options : SearchOptions
    policies, references
        As for `match.settle`.
    in_folder : bool
        Whether only pictures under the same root are compared.
    """
    gallery = album.gallery
    codes = group.partition(gallery, in_folder=in_folder, same_dimensions=options.only_same_dimensions)
    looks = Looks(gallery, kin(gallery, codes, options.criterion))
    order = group.order(looks, policies, references)
    fixed = group.is_reference(gallery.files, references)[order]
    partition = np.unique(codes[order], return_inverse=True)[1].reshape(-1).astype(np.int64)
    keys = np.zeros(
        len(order),
        [
            ("likeness", "S33"),
            ("identity", f"S{WHOLE + 1}"),
            *((name, "<i8") for name in ("stance", "partition", "fixed", "w", "h")),
        ],
    )
    for name, texts in (("likeness", album.likeness), ("identity", gallery.identities)):
        keys[name] = [(texts[row] or b"") + b"." for row in order.tolist()]  # numpy drops zeros at an end
    keys["stance"], keys["partition"], keys["fixed"] = gallery.stances[order], partition, fixed
    keys["w"], keys["h"] = gallery.widths[order], gallery.heights[order]
    first, which = np.unique(keys.view(f"V{keys.itemsize}"), return_index=True, return_inverse=True)[1:]
    return Ranking(looks, order, first[which.reshape(-1)].astype(np.int64), partition, int(np.count_nonzero(fixed)))


def lay_out(run: Run, album: Album, ranked: Ranking, join: Join) -> None:
    """Write what a join begins with: what is known of its rows, in batches, and who shows one picture.

    The vectors of the pictures are read by the steps, not by this process.
    """
    rank = np.empty(len(ranked.order), np.int64)
    rank[ranked.order] = np.arange(len(rank))
    takes_part = ranked.lead == np.arange(len(rank))
    facts = album.facts.copy()
    facts["rank"] = rank
    facts["partition"] = ranked.partition[rank]
    _kin(facts[ranked.order], album, ranked, takes_part, join).write()
    join.objects.create(join.at(LEAD), packed(ranked.lead))
    for number, parts in enumerate(batches_of(run)):
        here = (facts["part"] >= parts.start) & (facts["part"] < parts.stop)
        join.objects.create(join.at(RANKS, number), packed_together(facts=facts[here & takes_part[rank]]))


def lay_rows(join: Join, batch: int) -> None:
    """Write the rows of a batch: what is known of them, and their vectors."""
    facts = arrays(join.objects, join.at(RANKS, batch))["facts"]
    rows = Records(facts, np.empty((len(facts), WIDTH), np.float32))
    for part in np.unique(facts["part"]).tolist():
        found = tables.read(join.objects, PICTURES.format(part), ("reason", "vector"))
        vectors = tables.matrix(found["vector"])[found["reason"].is_null().to_numpy(zero_copy_only=False)]
        at = np.flatnonzero(facts["part"] == part)
        rows.vectors[at] = vectors[facts["row"][at]]
    join.objects.create(join.at(ROWS, batch), rows.packed())


def batches_of(run: Run) -> list[range]:
    """The parts of each batch."""
    share = max(1, _PARTS_SHARE // run.part)
    return [range(start, min(run.parts, start + share)) for start in range(0, run.parts, share)]


def _kin(
    facts: npt.NDArray[np.void], album: Album, ranked: Ranking, takes_part: npt.NDArray[np.bool_], join: Join
) -> Kin:
    """Ranks whose identity another one has too, if both take part."""
    numbers: dict[bytes, int] = {}
    identities = album.gallery.identities
    codes = np.array(
        [
            -1 if (identity := identities[row]) is None else numbers.setdefault(identity, len(numbers))
            for row in ranked.order.tolist()
        ],
        np.int64,
    )
    codes[~takes_part] = -1
    counts = np.bincount(codes + 1, minlength=len(numbers) + 1)
    at = np.flatnonzero((codes >= 0) & (counts[codes + 1] > 1))
    return Kin(facts[at], codes[at], album.gallery.stances[ranked.order[at]], join)
