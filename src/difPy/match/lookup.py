"""A gallery and a few pictures asked for in; which of the gallery match them, by exact distances, out."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from difPy import clues, group
from difPy import gallery as galleries
from difPy.match import mse
from difPy.match.decoding import complete, full_distances
from difPy.match.settled import Near
from difPy.model import silent

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from difPy.match.altered import Altered
    from difPy.match.decoding import Remember
    from difPy.model import Failure, Gallery, Progress
    from difPy.options import SearchOptions
    from difPy.workers import Executor


def look_up(
    gallery: Gallery,
    asked: Gallery,
    options: SearchOptions,
    executor: Executor,
    *,
    remember: Remember,
    altered: Altered | None = None,
    progress: Progress = silent,
) -> tuple[list[Near], list[Failure]]:
    """Pictures of the gallery that match, without comparing these with each other.

    Parameters
    ----------
    gallery, asked : Gallery
        What had to be decoded in full is replaced in them. A file of both does not match itself.
    options : SearchOptions
    executor : Executor
        Decodes.
    remember : callable
        Given what was decoded in full, batch by batch.
    altered : Altered, optional
        What a method knows of altered copies: these are found, too.
    progress : Progress, optional

    Returns
    -------
    found : list of Near
        By picture asked for, the nearest first.
    failures : list of Failure
        Files that can no longer be read.
    """
    failures, _ = complete(asked, np.flatnonzero(asked.errors > 0), executor, remember, progress)
    probes = np.flatnonzero(asked.errors == 0)
    same = partial(group.shapes, same_dimensions=options.only_same_dimensions)
    partition = same(gallery)
    codes = same(asked)
    probe_rows = galleries.rows(asked, probes, codes)
    possible = mse.possible(galleries.all_rows(gallery, partition), probe_rows, options.criterion)
    more, _ = complete(gallery, possible[gallery.errors[possible] > 0], executor, remember, progress)
    alike = clues.alike(gallery.identities, asked.identities)
    untold = [
        complete(some, rows, executor, remember, progress)[0]
        for some, rows in zip((asked, gallery), _begun(gallery, asked, alike), strict=True)
    ]
    more += untold[0] + untold[1]
    possible = np.union1d(possible[gallery.errors[possible] == 0], alike)
    if any(untold):  # what is only begun still would be taken for what begins alike
        begun_asked, begun = _begun(gallery, asked, alike)
        probes, possible = np.setdiff1d(probes, begun_asked), np.setdiff1d(possible, begun)
    pairs = mse.query(
        galleries.rows(gallery, possible, partition),
        galleries.rows(asked, probes, codes),
        options.criterion,
        partial(
            full_distances,
            executor,
            asked.files.take(probes.tolist()),
            others=gallery.files.take(possible.tolist()),
        ),
    )
    found = [
        Near(asked.files[probes[first]], gallery.files[possible[second]], float(distance), int(orientation))
        for first, second, orientation, distance in zip(
            pairs.first, pairs.second, pairs.orientation, pairs.distance, strict=True
        )
    ]
    if altered is not None:
        similar = {(one.asked.path, one.file.path) for one in found}
        copies = _altered(gallery, asked, probes, altered, options)
        found += [one for one in copies if (one.asked.path, one.file.path) not in similar]
        more += altered.failures
    others = [one for one in found if (one.asked.device, one.asked.inode) != (one.file.device, one.file.inode)]
    return sorted(others, key=lambda one: (one.asked.path, one.distance, one.file.path)), failures + more


def _begun(
    gallery: Gallery, asked: Gallery, alike: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows that are asked for, and rows of those that begin as one of them, which are only begun and meet others."""
    rows = alike.tolist()
    identities = [*asked.identities, *(gallery.identities[row] for row in rows)]
    met = clues.met(identities, [*asked.digests, *(gallery.digests[row] for row in rows)])
    return met[met < len(asked)], alike[met[met >= len(asked)] - len(asked)]


def _altered(
    gallery: Gallery,
    asked: Gallery,
    probes: npt.NDArray[np.int64],
    altered: Altered,
    options: SearchOptions,
) -> list[Near]:
    """Altered copies: all contents are described, and those pairs judged of which one was asked for."""
    wanted, held = _by_digest(asked, probes.tolist()), _by_digest(gallery, range(len(gallery)))
    altered.add({digest: gallery.files[rows[0]] for digest, rows in held.items()})
    altered.add({digest: asked.files[rows[0]] for digest, rows in wanted.items()})
    questions = [
        question
        for question in altered.candidates(altered.describe(wanted.keys() | held.keys()))
        if (question.first in wanted and question.second in held)
        or (question.second in wanted and question.first in held)
    ]
    same = partial(group.shapes, same_dimensions=options.only_same_dimensions)
    asked_codes, codes = same(asked), same(gallery)
    found = []
    for (one, other), judgement in altered.copies(questions).items():
        for first, second, mine in ((one, other, judgement), (other, one, judgement.reversed())):
            for probe, row in product(wanted.get(first, ()), held.get(second, ())):
                change = mine.change.in_full(_size(asked, probe), _size(gallery, row))
                if asked_codes[probe] == codes[row] and options.admits(change):
                    files = asked.files[probe], gallery.files[row]
                    found.append(Near(*files, mine.distance, mine.orientation, change))
    return found


def _by_digest(gallery: Gallery, rows: Iterable[int]) -> dict[bytes, list[int]]:
    found: dict[bytes, list[int]] = {}
    for row in rows:
        found.setdefault(gallery.digests[row], []).append(row)
    return found


def _size(gallery: Gallery, row: int) -> tuple[int, int]:
    return int(gallery.widths[row]), int(gallery.heights[row])
