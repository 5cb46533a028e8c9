"""Pictures in: their order of quality and who may match whom; `Stars` in: `Group`s out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from difPy import parts, policy
from difPy.model import Group, Member
from difPy.protection import reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.files import File
    from difPy.model import Gallery, Stars


def order(
    gallery: Gallery, policies: Sequence[policy.Policy] = (), references: Sequence[str] = ()
) -> npt.NDArray[np.int64]:
    """Rows of the gallery, the picture to keep first: those of the reference directories, then by policy.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    ranks = [_ranks(gallery, one) for one in (*policies, *policy.DOCUMENTED)]
    return np.lexsort([*ranks[::-1], ~is_reference(gallery, references)]).astype(np.int64)


def _ranks(gallery: Gallery, one: policy.Policy) -> npt.NDArray[np.int64]:
    """Numbers that order the rows as a policy does; those that every search asks for, without looking at each row."""
    files = gallery.files
    if one is policy.SIZE:
        return -files.sizes
    if one is policy.RESOLUTION:
        return -(gallery.widths.astype(np.int64) * gallery.heights)
    if one is policy.OLDEST:
        return files.times if files.times.dtype == np.int64 else _ordinals(files.times.tolist())
    if one is policy.PATH:
        return _ordinals(files.paths)
    return _ordinals([one.key(_facts(gallery, row)) for row in range(len(files))])


def _ordinals(keys: Sequence[Any]) -> npt.NDArray[np.int64]:
    """Numbers in the order of the keys, equal for equal ones."""
    rank = {key: number for number, key in enumerate(sorted(set(keys)))}
    return np.fromiter((rank[key] for key in keys), np.int64, len(keys))


def is_reference(gallery: Gallery, references: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Which rows lie in a reference directory, under whichever of their names.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    chosen, files = set(references), gallery.files
    found = np.array([root in chosen for root in files.roots], np.bool_)
    for row, (hard_links, *_) in files.links.items():
        found[row] = reference(files.roots[row], hard_links, references) is not None
    return found


def partition(gallery: Gallery, *, in_folder: bool, same_dimensions: bool) -> npt.NDArray[np.int64]:
    """A number for each row: only rows of equal number may match.

    They have equally many frames; with `in_folder` they lie under the same root; with `same_dimensions` they have the
    same width and height, up to a turn.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    codes = shapes(gallery, same_dimensions=same_dimensions)
    numbers: dict[str, int] = {}
    roots = [numbers.setdefault(root, len(numbers)) if in_folder else 0 for root in gallery.files.roots]
    pairs = np.stack([codes, np.array(roots, np.int64)], axis=1)
    return np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def shapes(gallery: Gallery, *, same_dimensions: bool) -> npt.NDArray[np.int64]:
    """A number for each row, in any gallery equal for equally many frames and, if asked, equal width and height.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    frames = gallery.frames.astype(np.int64)
    if not same_dimensions:
        return frames
    least, greatest = np.minimum(gallery.widths, gallery.heights), np.maximum(gallery.widths, gallery.heights)
    return (frames << 44) + (least.astype(np.int64) << 22) + greatest  # no picture is 4 million pixels wide


def groups(
    gallery: Gallery,
    rows: npt.NDArray[np.int64],
    stars: Stars,
    policies: Sequence[policy.Policy] = (),
    references: Sequence[str] = (),
) -> list[Group]:
    """Groups of at least two pictures, best keeper first.

    Parameters
    ----------
    gallery : Gallery
    rows : ndarray of int64, shape (m,)
        The pictures that were joined, in that order.
    stars : Stars
        Who is kept for whom.
    policies, references : sequence, optional
        What ordered them: they say why a picture is kept.
    """
    reasons = (policy.referred(references), *policies)
    members: dict[int, list[int]] = {}
    for at in np.flatnonzero(stars.keeper != np.arange(len(rows))).tolist():
        members.setdefault(int(stars.keeper[at]), []).append(at)
    return [
        Group(
            keeper=_file(gallery, int(rows[keeper])),
            members=tuple(
                _member(gallery, int(rows[at]), int(rows[keeper]), stars.distance[at], stars.orientation[at])
                for at in members[keeper]
            ),
            why=policy.why(
                _facts(gallery, int(rows[keeper])), [_facts(gallery, int(rows[at])) for at in members[keeper]], reasons
            ),
            px_size=gallery.px_size,
        )
        for keeper in sorted(members)
    ]


def _member(gallery: Gallery, row: int, keeper: int, distance: float, orientation: int) -> Member:
    beside, kept = gallery.beside.get(row, ""), gallery.beside.get(keeper, "")
    holds, differs = parts.lacking(beside, kept), parts.differing(beside, kept)
    return Member(_file(gallery, row), float(distance), int(orientation), holds, differs)


def _file(gallery: Gallery, row: int) -> File:
    return replace(gallery.files[row], digest=gallery.digests[row])


def _facts(gallery: Gallery, row: int) -> policy.Facts:
    return policy.Facts(
        file=gallery.files[row],
        width=int(gallery.widths[row]),
        height=int(gallery.heights[row]),
        format=gallery.formats[row],
        exif_fields=int(gallery.exif_fields[row]),
        gps=bool(gallery.gps[row]),
    )
