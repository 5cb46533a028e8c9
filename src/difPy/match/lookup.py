"""A gallery and a few pictures asked for in; which of the gallery match them, by exact distances, out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from difPy import gallery as galleries
from difPy import group
from difPy.match import mse
from difPy.match.decoding import complete, full_distances
from difPy.model import silent

if TYPE_CHECKING:
    from difPy.files import File
    from difPy.match.decoding import Remember
    from difPy.model import Failure, Gallery, Progress
    from difPy.options import SearchOptions
    from difPy.workers import Executor


@dataclass(frozen=True, slots=True)
class Near:
    """A picture of the gallery that matches one that was asked for."""

    asked: File
    file: File
    distance: float
    """Mean squared error; 0 for an identical picture."""
    orientation: int
    """The orientation that turns the gallery's picture into the one asked for: see `difPy.orientation`."""


def look_up(
    gallery: Gallery,
    asked: Gallery,
    options: SearchOptions,
    executor: Executor,
    *,
    remember: Remember,
    progress: Progress = silent,
) -> tuple[list[Near], list[Failure]]:
    """Pictures of the gallery that match, without comparing these with each other.

    Parameters
    ----------
    gallery, asked : Gallery
        Sketches that had to be decoded in full are replaced in them. A file of both does not match itself.
    options : SearchOptions
    executor : Executor
        Decodes.
    remember : callable
        Given what was decoded in full, batch by batch.
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
    probe_rows = galleries.rows(asked, probes, same(asked))
    possible = mse.possible(galleries.all_rows(gallery, partition), probe_rows, options.criterion)
    more, _ = complete(gallery, possible[gallery.errors[possible] > 0], executor, remember, progress)
    possible = possible[gallery.errors[possible] == 0]
    pairs = mse.query(
        galleries.rows(gallery, possible, partition),
        probe_rows,
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
    others = [one for one in found if (one.asked.device, one.asked.inode) != (one.file.device, one.file.inode)]
    return sorted(others, key=lambda one: (one.asked.path, one.distance, one.file.path)), failures + more
