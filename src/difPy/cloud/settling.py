"""Ties of a join, and where their rows lie in; how far these are apart at full resolution out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.cloud import listing, tables
from difPy.cloud.pictures import PICTURES
from difPy.cloud.records import together
from difPy.match.decoding import full_distances

if TYPE_CHECKING:
    from collections.abc import Sequence

    from difPy.cloud.run import Run
    from difPy.cloud.steps import Answer
    from difPy.files import File
    from difPy.match.mse import FullDistance, Tie
    from difPy.workers import Executor


def settling(run: Run, executor: Executor, answers: Sequence[Answer]) -> FullDistance:
    """What settles the ties of some answers: of all pictures of the run, only those that tie are looked up."""
    tied = together([answer.tied for answer in answers])

    def full_distance(ties: Sequence[Tie]) -> list[float]:
        wanted = sorted({rank for first, second, _ in ties for rank in (first, second)})
        places = {fact["rank"]: (int(fact["part"]), int(fact["row"])) for fact in tied}
        files = _files(run, [places[rank] for rank in wanted])
        at = {rank: number for number, rank in enumerate(wanted)}
        return full_distances(executor, files, [(at[first], at[second], turns) for first, second, turns in ties])

    return full_distance


def _files(run: Run, places: Sequence[tuple[int, int]]) -> list[File]:
    """The files of pictures, by part and row there."""
    parts = {}
    for part in {part for part, _ in places}:
        found = tables.read(run.objects, PICTURES.format(part), (*listing.COLUMNS, "reason"))
        pictures = np.flatnonzero(found["reason"].is_null().to_numpy(zero_copy_only=False))
        parts[part] = listing.files_of(found).take(pictures.tolist())
    return [parts[part][row] for part, row in places]
