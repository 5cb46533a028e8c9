"""A gallery of pictures, some of them only sketched, in; who is kept for whom, by exact distances, out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from difPy import decode, group, join
from difPy import gallery as galleries
from difPy.looks import Looks, kin
from difPy.model import Failure, Group, silent
from difPy.policy import DOCUMENTED
from difPy.store import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from difPy.files import File
    from difPy.model import Gallery, Picture, Progress
    from difPy.options import SearchOptions
    from difPy.policy import Policy
    from difPy.workers import Executor, Loss

    Remember = Callable[[Sequence[Found]], None]

BATCH_PICTURES = 256
BATCH_SECONDS = 1.0
"""So much work is lost, at most, when the process is killed."""


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
    gallery: Gallery,
    options: SearchOptions,
    executor: Executor,
    *,
    in_folder: bool,
    remember: Remember,
    policies: Sequence[Policy] = DOCUMENTED,
    references: Sequence[str] = (),
    progress: Progress = silent,
) -> Settled:
    """Groups of the pictures that match.

    The sketches say which of them may have a match at all; these are decoded in full, and the join of the full
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
    remember : callable
        Given what was decoded in full, batch by batch.
    policies : sequence of Policy, optional
        What makes a picture the one to keep: see `policy.chosen`.
    references : sequence of str, optional
        Roots whose pictures are always kept, and not compared with each other.
    progress : Progress, optional
    """
    progress("comparing", 0, len(gallery))
    fixed = group.is_reference(gallery, references)
    codes = group.partition(gallery, in_folder=in_folder, same_dimensions=options.only_same_dimensions)
    failures: list[Failure] = []
    decoded = 0
    if (gallery.errors > 0).any():
        anyhow = np.argsort(~fixed, kind="stable")  # what is best is known when it is known what is identical
        possible = join.involved(
            galleries.rows(gallery, anyhow, codes, fixed), options.criterion, threads=options.processes
        )
        failures, decoded = complete(gallery, anyhow[possible], executor, remember, progress)
    looks = Looks(gallery, kin(gallery, codes, options.criterion))
    order = group.order(looks, policies, references)
    order = order[gallery.errors[order] == 0]
    stars = join.stars(
        galleries.rows(gallery, order, codes, fixed),
        options.criterion,
        partial(full_distances, executor, gallery.files.take(order.tolist())),
        threads=options.processes,
        progress=progress,
    )
    return Settled(
        groups=group.groups(looks, order, stars, policies, references),
        failures=failures,
        searched=len(gallery) - len(failures),
        compared=stars.compared,
        decoded=decoded,
    )


def complete(
    gallery: Gallery,
    rows: npt.NDArray[np.int64],
    executor: Executor,
    remember: Remember,
    progress: Progress = silent,
) -> tuple[list[Failure], int]:
    """Replace sketches by full decodes; the same bytes are decoded once.

    Parameters
    ----------
    gallery : Gallery
    rows : ndarray of int64
        The sketches to replace.
    executor : Executor
    remember : callable
        Given what was decoded, batch by batch.
    progress : Progress, optional

    Returns
    -------
    failures : list of Failure
        Files that can no longer be read; their rows stay sketches.
    decoded : int
    """
    same_bytes: dict[bytes, list[int]] = {}
    for row in rows.tolist():
        same_bytes.setdefault(gallery.digests[row], []).append(row)
    files = gallery.files.take([first for first, *_ in same_bytes.values()])
    looks = executor.map(partial(decode.look, px_size=gallery.px_size, exact=True), files, lost=lost)
    failures: list[Failure] = []
    others: list[int] = []  # copies of files that could not be read: to be tried themselves
    batch: list[tuple[list[int], Picture]] = []
    since = time.monotonic()
    for done, (copies, look) in enumerate(zip(same_bytes.values(), looks, strict=True), 1):
        if isinstance(look, Failure):
            failures.append(look)
            others += copies[1:]
        else:
            batch.append((copies, look))
        late = len(batch) == BATCH_PICTURES or time.monotonic() - since > BATCH_SECONDS
        if batch and (late or done == len(files)):
            found = described([(gallery.files[first], picture) for (first, *_), picture in batch])
            remember(found)
            again = [(row, one) for (copies, _), one in zip(batch, found, strict=True) for row in copies]
            galleries.put(gallery, [row for row, _ in again], [one for _, one in again])
            batch, since = [], time.monotonic()
        progress("decoding in full", done, len(files))
    if others:
        more, decoded = complete(gallery, np.array(others), executor, remember, progress)
        return failures + more, len(files) + decoded
    return failures, len(files)


def described(looks: Sequence[tuple[File, Picture]]) -> list[Found]:
    """Files and what they decode to, as the index takes them: with the vectors of their tensors."""
    if not looks:
        return []
    vectors = join.vectors(np.stack([picture.tensor for _, picture in looks]))
    return [
        Found(file, picture.digest, picture, vector) for (file, picture), vector in zip(looks, vectors, strict=True)
    ]


def lost(file: File, loss: Loss) -> Picture | Failure:
    """What is known of a file that took its worker down."""
    return Failure(file.path, loss.reason, lasting=loss.lasting)


def full_distances(
    executor: Executor, files: Sequence[File], ties: Sequence[join.Tie], others: Sequence[File] | None = None
) -> list[float]:
    """Mean squared errors at full resolution, for pairs of rows whose tensors are equal and whose pixels are not.

    Parameters
    ----------
    executor : Executor
    files : sequence of File
        Of the rows that ties name first.
    ties : sequence of (int, int, tuple of int)
        Two rows and the orientations of the second that count.
    others : sequence of File, optional
        Of the rows that ties name second, if these are others.
    """
    seconds = files if others is None else others
    jobs = [(files[first], seconds[second], orientations) for first, second, orientations in ties]
    return list(executor.map(_full_distance, jobs, lost=_unknown))


def _full_distance(job: tuple[File, File, tuple[int, ...]]) -> float:
    return decode.full_resolution_distance(*job)


def _unknown(job: tuple[File, File, tuple[int, ...]], loss: Loss) -> float:
    return float("inf")  # a picture that cannot be read matches nothing
