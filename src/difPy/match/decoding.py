"""What is half known in, full decodes out, in batches that are remembered; the same bytes are decoded once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from difPy import clues, decode
from difPy import gallery as galleries
from difPy.match import mse
from difPy.model import Failure, silent
from difPy.store import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from difPy.files import File
    from difPy.model import Gallery, Picture, Progress
    from difPy.workers import Executor, Loss

    Remember = Callable[[Sequence[Found]], None]

BATCH_PICTURES = 256
BATCH_SECONDS = 1.0
"""So much work is lost, at most, when the process is killed."""


def complete(
    gallery: Gallery,
    rows: npt.NDArray[np.int64],
    executor: Executor,
    remember: Remember,
    progress: Progress = silent,
) -> tuple[list[Failure], int]:
    """Replace sketches, and what has only the clue of an identity, by full decodes; the same bytes are decoded once.

    Parameters
    ----------
    gallery : Gallery
    rows : ndarray of int64
        What to replace.
    executor : Executor
    remember : callable
        Given what was decoded, batch by batch.
    progress : Progress, optional

    Returns
    -------
    failures : list of Failure
        Files that can no longer be read; their rows stay as they are.
    decoded : int
    """
    same_bytes: dict[bytes, list[int]] = {}
    for row in rows.tolist():
        same_bytes.setdefault(gallery.digests[row], []).append(row)
    files = gallery.files.take([first for first, *_ in same_bytes.values()])
    looks = executor.map(decode.Look(gallery.px_size, exact=True), files, lost=lost)
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


def told_apart(
    gallery: Gallery,
    sketches: npt.NDArray[np.int64],
    executor: Executor,
    remember: Remember,
    progress: Progress = silent,
) -> tuple[list[Failure], int]:
    """Complete some sketches, and then what has only a clue that another picture has, too: all else differs.

    Parameters and what is returned are those of `complete`.
    """
    failures, decoded = complete(gallery, sketches, executor, remember, progress)
    more, again = complete(gallery, clues.met(gallery.identities, gallery.digests), executor, remember, progress)
    return failures + more, decoded + again


def comparable(gallery: Gallery, failures: Sequence[Failure]) -> npt.NDArray[np.bool_]:
    """Of each row whether it may be compared, once all was told apart but for what could not be read.

    Not what is a sketch still; nor what has a clue still that another picture has, too: they would be taken for one.
    """
    found: npt.NDArray[np.bool_] = gallery.errors == 0
    if failures:
        found[clues.met(gallery.identities, gallery.digests)] = False
    return found


def described(looks: Sequence[tuple[File, Picture]]) -> list[Found]:
    """Files and what they decode to, as the index takes them: with the vectors of their tensors."""
    if not looks:
        return []
    vectors = mse.vectors(np.stack([picture.tensor for _, picture in looks]))
    return [
        Found(file, picture.digest, picture, vector) for (file, picture), vector in zip(looks, vectors, strict=True)
    ]


def lost(file: File, loss: Loss) -> Picture | Failure:
    """What is known of a file that took its worker down."""
    return Failure(file.path, loss.reason, lasting=loss.lasting)


def full_distances(
    executor: Executor, files: Sequence[File], ties: Sequence[mse.Tie], others: Sequence[File] | None = None
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
    return list(executor.map(decode.FullDistance(), jobs, lost=_unknown))


def _unknown(job: tuple[File, File, tuple[int, ...]], loss: Loss) -> float:
    return float("inf")  # a picture that cannot be read matches nothing
