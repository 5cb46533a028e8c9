"""A run and what a person asks of it in; its pictures in order out, or why that cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from difPy import policy
from difPy.cloud.album import Album, album
from difPy.cloud.pictures import undone
from difPy.cloud.ranking import Ranking, ranking
from difPy.cloud.run import Run
from difPy.errors import RunRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from difPy.options import SearchOptions


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What is asked of a run, and its pictures in order."""

    run: Run
    policies: Sequence[policy.Policy]
    pictures: Album
    ranked: Ranking


def asked_of(run: Run | str, options: SearchOptions, keep: policy.Keep, *, in_folder: bool) -> Asked:
    """Put the pictures of a run in order.

    Parameters
    ----------
    run : Run or str
        Or its place.
    options : SearchOptions
    keep, in_folder
        As for `difPy.find`.

    Raises
    ------
    UsageError
        A parameter is wrong.
    RunRefused
        The run is not done, or that is asked of one machine only.
    """
    run = Run.read(run) if isinstance(run, str) else run
    if options.method is not None:
        raise RunRefused(f"altered copies are found on one machine: difpy find -s {options.method}")
    if options.by_bytes:
        raise RunRefused("files of the same bytes are found on one machine: difpy find -s files")
    if missing := undone(run):
        raise RunRefused(
            f"{len(missing):,} of the {run.parts:,} parts of the run at {run.place!r} are not decoded yet: "
            "difpy cloud index goes on with it"
        )
    policies = policy.chosen(keep, policy.BEST)
    pictures = album(run)
    ranked = ranking(pictures, options, policies, run.references, in_folder=in_folder)
    return Asked(run, policies, pictures, ranked)
