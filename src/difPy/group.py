"""Pictures in: their order of quality and who may match whom; `Stars` in: `Group`s out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from difPy import parts, policy
from difPy.model import Group, Member
from difPy.protection import reference
from difPy.traits import Lossless, Notes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from difPy.change import Change
    from difPy.files import File, Files
    from difPy.looks import Looks
    from difPy.model import Gallery, Stars


HARDER = 3
"""Bytes of an altered copy for each of the kept picture, of what both show, from which on it is held back."""
_NONE: Mapping[int, Change] = {}


def order(
    looks: Looks, policies: Sequence[policy.Policy] = policy.DOCUMENTED, references: Sequence[str] = ()
) -> npt.NDArray[np.int64]:
    """Rows of the gallery, the picture to keep first: those of the reference directories, then by policy.

    Parameters
    ----------
    looks : Looks
    policies : sequence of Policy, optional
        All that decide, ending in `policy.TIES`: see `policy.chosen`.
    references : sequence of str, optional

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    first = tuple(policies)[: -len(policy.TIES)]
    assert tuple(policies)[len(first) :] == policy.TIES
    ranks = [~is_reference(looks.gallery.files, references), *(_ranks(looks, one) for one in first)]
    found = np.lexsort(ranks[::-1]).astype(np.int64)
    same = np.ones(max(len(found) - 1, 0), np.bool_)
    for rank in ranks:
        same &= rank[found[1:]] == rank[found[:-1]]
    for start, end in _runs(same):  # few are left to be told apart by their names, which takes long
        tied = found[start:end].tolist()
        found[start:end] = sorted(tied, key=lambda row: policy.order(looks[row], policy.TIES))
    return found


def _runs(same: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and end of each run of equal neighbours; `same[i]` says whether i is equal to i + 1."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    return [(start, end + 1) for start, end in edges.reshape(-1, 2).tolist()]


def _ranks(looks: Looks, one: policy.Policy) -> npt.NDArray[np.int64]:
    """Numbers that order the rows as a policy does; those that every search asks for, without looking at each row."""
    gallery, files = looks.gallery, looks.gallery.files
    if one is policy.SIZE:
        return -files.sizes
    if one is policy.SMALLEST:
        return files.sizes
    if one is policy.LEAST:
        return -looks.least
    if one is policy.ORIGIN:
        return -looks.origin
    if one is policy.RESOLUTION:
        return -(gallery.widths.astype(np.int64) * gallery.heights)
    if one is policy.DETAIL:
        return -looks.detail
    if one is policy.FAITHFUL:
        return np.asarray(looks.origin != int(Lossless.YES), np.int64)
    if one is policy.ORIGINAL:
        return (gallery.widths.astype(np.int64) * gallery.heights > policy.ENLARGED * looks.detail).astype(np.int64)
    if one is policy.WHOLE:
        return looks.hides
    if one is policy.CLEAN:
        return looks.covered
    if one is policy.OLDEST:
        times = files.times.copy()
        times[list(files.addresses)] = policy.UNDATED
        return times if times.dtype == np.int64 else _ordinals(times.tolist())
    if one is policy.METADATA:
        place, counts = looks.notes & int(Notes.PLACE) > 0, np.zeros(len(files), np.int64)
        for note in Notes:
            counts += looks.notes & int(note) > 0
        return (~place).astype(np.int64) * (1 << 50) - counts * (1 << 40) - looks.fields
    if one is policy.IS_LOSSLESS:
        return -gallery.lossless.astype(np.int64)
    if one in (policy.LIVE, policy.CAMERA):
        texts = files.roots if one is policy.LIVE else gallery.formats  # which is all that they look at
        keys = {text: one.key(looks[row]) for text, row in {text: row for row, text in enumerate(texts)}.items()}
        return np.array([keys[text] for text in texts], np.int64)
    return _ordinals([one.key(looks[row]) for row in range(len(files))])


def _ordinals(keys: Sequence[Any]) -> npt.NDArray[np.int64]:
    """Numbers in the order of the keys, equal for equal ones."""
    rank = {key: number for number, key in enumerate(sorted(set(keys)))}
    return np.fromiter((rank[key] for key in keys), np.int64, len(keys))


def is_reference(files: Files, references: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Which rows lie in a reference directory, under whichever of their names.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    chosen = set(references)
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
    looks: Looks,
    rows: npt.NDArray[np.int64],
    stars: Stars,
    policies: Sequence[policy.Policy] = policy.DOCUMENTED,
    references: Sequence[str] = (),
    changes: Mapping[int, Change] = _NONE,
) -> list[Group]:
    """Groups of at least two pictures, best keeper first.

    Parameters
    ----------
    looks : Looks
    rows : ndarray of int64, shape (m,)
        The pictures that were joined, in that order.
    stars : Stars
        Who is kept for whom.
    policies, references : sequence, optional
        What ordered them: they say why a picture is kept.
    changes : mapping of int to Change, optional
        Row of an altered copy -> what was done to its keeper to get it.
    """
    gallery = looks.gallery
    reasons = policy.asked_once((policy.referred(references), *policies))
    members: dict[int, list[int]] = {}
    for at in np.flatnonzero(stars.keeper != np.arange(len(rows))).tolist():
        members.setdefault(int(stars.keeper[at]), []).append(at)
    found = []
    for keeper in sorted(members):
        kept, others = looks[int(rows[keeper])], [looks[int(rows[at])] for at in members[keeper]]
        group = Group(
            keeper=file(gallery, int(rows[keeper])),
            members=tuple(
                _member(
                    looks,
                    int(rows[at]),
                    int(rows[keeper]),
                    one.notes & ~kept.notes,
                    stars.distance[at],
                    stars.orientation[at],
                    changes.get(int(rows[at])),
                )
                for at, one in zip(members[keeper], others, strict=True)
            ),
            why=policy.why(kept, others, reasons),
            px_size=gallery.px_size,
        )
        found.append(group)
    return found


def _member(
    looks: Looks, row: int, keeper: int, more: Notes, distance: float, orientation: int, change: Change | None
) -> Member:
    gallery = looks.gallery
    beside, kept = gallery.beside.get(row, ""), gallery.beside.get(keeper, "")
    holds, differs = parts.lacking(beside, kept), parts.differing(beside, kept)
    shows = "" if change is None else _shows(looks, row, keeper, change)
    return Member(file(gallery, row), float(distance), int(orientation), more.words, holds, differs, change, shows)


def _shows(looks: Looks, row: int, keeper: int, change: Change) -> str:
    """What of an altered copy the kept picture does not show, in words."""
    from difPy.change import shows_all  # here: most searches ask for no altered copies

    lost = shows_all(change), _finer_kept(looks, row, keeper, change), _unseen(looks.gallery, row)
    return "; ".join(filter(None, lost))


def _finer_kept(looks: Looks, row: int, keeper: int, change: Change) -> str:
    """What of an altered copy is stored better than in the kept picture, in words."""
    gallery = looks.gallery
    if gallery.lossless[row] == Lossless.YES and looks.origin[keeper] != Lossless.YES:
        return "keeps every pixel, and the kept one does not"
    kept, own = (gallery.files.sizes[one] * share for one, share in zip((keeper, row), change.shown, strict=True))
    if own > HARDER * kept:
        return f"takes {own / max(kept, 1):.0f} times the bytes for what both show: the kept one is compressed harder"
    return ""


def _unseen(gallery: Gallery, row: int) -> str:
    """What the comparison of altered copies does not look at, of a picture that has it; in words."""
    if (frames := int(gallery.frames[row])) > 1:
        return f"has {frames:,} frames, of which only the first was compared"
    return "has transparency, which was not compared" if row in gallery.views else ""


def file(gallery: Gallery, row: int) -> File:
    """A file, with what is known of its picture."""
    size = gallery.widths.item(row), gallery.heights.item(row)
    return gallery.files.known(row, gallery.digests[row], *size, gallery.formats[row])
