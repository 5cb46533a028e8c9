"""A gallery of pictures, some of them only sketched, in; who is kept for whom, by exact distances, out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from difPy import decode, group, join
from difPy import gallery as galleries
from difPy.model import Failure, Group, silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.model import File, Gallery, Picture, Progress, SearchOptions
    from difPy.workers import Executor

_Tie = tuple[int, int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Settled:
    """The answer, and the work it took."""

    groups: list[Group]
    failures: list[Failure]
    """Pictures that could be sketched but no longer be read when it mattered; they are in no group."""
    searched: int
    compared: int
    """Distances computed by the join."""
    decoded: int
    """Pictures decoded in full because they might match."""


def settle(
    gallery: Gallery, options: SearchOptions, executor: Executor, *, in_folder: bool, progress: Progress = silent
) -> Settled:
    """Groups of the pictures that match.

    The sketches say which pictures may have a match at all; these are decoded in full, and the join of the full
    pictures decides. So the answer is that of decoding everything in full.

    Parameters
    ----------
    gallery : Gallery
        Sketches that had to be decoded in full are replaced in it.
    options : SearchOptions
    executor : Executor
        Decodes.
    in_folder : bool
        Whether only pictures under the same root are compared.
    progress : Progress, optional
    """
    progress("comparing", 0, len(gallery))
    order = group.order(gallery)
    codes = group.partition(gallery, in_folder=in_folder, same_dimensions=options.only_same_dimensions)
    failures: list[Failure] = []
    decoded = 0
    if (gallery.errors > 0).any():
        possible = join.involved(
            galleries.rows(gallery, order, codes[order]), options.criterion, threads=options.processes
        )
        order = order[possible]
        failures, decoded = complete(gallery, order[gallery.errors[order] > 0], executor, progress)
        order = order[gallery.errors[order] == 0]
    files = [gallery.files[row] for row in order.tolist()]
    stars = join.stars(
        galleries.rows(gallery, order, codes[order]),
        options.criterion,
        partial(_full_distances, files, executor),
        threads=options.processes,
        progress=progress,
    )
    return Settled(
        groups=group.groups(files, stars),
        failures=failures,
        searched=len(gallery) - len(failures),
        compared=stars.compared,
        decoded=decoded,
    )


def complete(
    gallery: Gallery, rows: npt.NDArray[np.int64], executor: Executor, progress: Progress = silent
) -> tuple[list[Failure], int]:
    """Replace sketches by full decodes.

    Parameters
    ----------
    gallery : Gallery
    rows : ndarray of int64
        The sketches to replace.

    Returns
    -------
    failures : list of Failure
        Files that can no longer be read; their rows stay sketches.
    decoded : int
    """
    numbers = rows.tolist()
    files = [gallery.files[row] for row in numbers]
    failures: list[Failure] = []
    looks = executor.map(partial(decode.look, px_size=gallery.px_size, exact=True), files, lost=lost)
    for done, (row, look) in enumerate(zip(numbers, looks, strict=True), 1):
        if isinstance(look, Failure):
            failures.append(look)
        else:
            galleries.put(gallery, row, look)
        progress("decoding in full", done, len(files))
    return failures, len(files)


def lost(file: File, reason: str) -> Picture | Failure:
    """What is known of a file that took its worker down."""
    return Failure(file.path, reason)


def _full_distances(files: Sequence[File], executor: Executor, ties: Sequence[_Tie]) -> list[float]:
    """Mean squared errors at full resolution, for pairs of rows whose tensors are equal and whose pixels are not."""
    jobs = [(files[first], files[second], orientations) for first, second, orientations in ties]
    return list(executor.map(_full_distance, jobs, lost=_unknown))


def _full_distance(job: tuple[File, File, tuple[int, ...]]) -> float:
    return decode.full_resolution_distance(*job)


def _unknown(job: tuple[File, File, tuple[int, ...]], reason: str) -> float:
    return float("inf")  # a picture that cannot be read matches nothing
