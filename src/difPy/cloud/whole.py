"""What a person asks of many pictures in; a run that has looked at them, and the groups of those that match, out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from difPy import group, policy, workers
from difPy.cloud import blocks, listing, planning, steps
from difPy.cloud.asked import asked_of
from difPy.cloud.executors import Here
from difPy.cloud.joining import GROUPS
from difPy.cloud.log import finished
from difPy.cloud.means import join_of, who
from difPy.cloud.pictures import FILES, decoded, undone
from difPy.cloud.ranking import lay_out
from difPy.cloud.run import Run
from difPy.columns import Looked
from difPy.errors import RunRefused
from difPy.extensions import EXTENSIONS
from difPy.found import Found
from difPy.match.decoding import full_distances
from difPy.model import silent
from difPy.options import BuildOptions, SearchOptions
from difPy.scan import given, scan

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from difPy.cloud.executors import Executor
    from difPy.cloud.joining import Join
    from difPy.model import Progress

    Directory = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]

PART = 2048
"""Files in a part: some minutes of work for a core."""


def index(
    *pictures: Directory,
    place: str,
    reference: Directory = (),
    executor: Executor | None = None,
    px_size: int = 50,
    part: int = PART,
    processes: int | None = None,
    limit_extensions: bool = True,
    only_list: bool = False,
    progress: Progress = silent,
) -> Run:
    """List pictures and decode them, part by part; what is there already is not done again.

    Parameters
    ----------
    *pictures : str, path-like, or list of these
        Directories, tars, Parquet files, lists of addresses; here or on an object store. All machines must see them.
    place : str
        Where the run is kept: a folder that all machines see, or a URL such as ``s3://bucket/run``.
    reference : str, path-like, or list of these, optional
        Pictures that are compared with the others, never among themselves.
    executor : Executor, optional
        Who decodes; by default, worker processes of this machine.
    px_size, limit_extensions
        As for `difPy.build`.
    part : int, optional
        Files decoded in one step.
    processes : int, optional
        Processor cores that each step may use; by default, as many as the executor says.
    only_list : bool, optional
        Decode nothing: that is left to others.
    progress : Progress, optional

    Raises
    ------
    UsageError
        A parameter is wrong.
    RunRefused
        Another run is at that place, or a machine would decode otherwise than the others.
    MissingExtra
        Parquet or an object store takes the extra `data`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     index(folder, place=f"{folder}/run").count
    0
    """
    options = BuildOptions(px_size=px_size, processes=processes, limit_extensions=limit_extensions)
    executor = Here() if executor is None else executor
    asked = {
        "roots": tuple(map(str, roots := given(pictures))),
        "references": tuple(map(str, referred := given([reference]) if reference else ())),
        "px_size": options.px_size,
    }
    if Run.there(place):
        run = Run.read(place).require(**asked)
    else:
        extensions = EXTENSIONS if options.limit_extensions else None
        scanned = scan((*referred, *roots), extensions=extensions, found=partial(progress, "scanning"))
        failures = tuple((failure.path, failure.reason) for failure in scanned.failures)
        run = Run.of_here(place, count=len(scanned.files), part=part, failures=failures, **asked)
        for number in range(run.parts):
            files = scanned.files[number * part : (number + 1) * part]
            run.objects.create(FILES.format(run.listing, number), listing.packed(files))
        run = run.begin().require(**asked)
    missing = [] if only_list else undone(run)
    progress("decoding", run.parts - len(missing), run.parts)
    each = executor.cores if options.processes is None else options.processes
    for count, why in enumerate(executor.map(partial(decoded, run, each), missing), 1):
        if why is not None:
            raise RunRefused(why)
        progress("decoding", run.parts - len(missing) + count, run.parts)
    return run


def find(
    run: Run | str,
    similarity: str | float = "duplicates",
    *,
    rotate: bool = True,
    mirror: bool = False,
    lazy: bool = True,
    same_dim: bool | None = None,
    in_folder: bool = False,
    keep: policy.Keep = (),
    executor: Executor | None = None,
    alone: bool | None = None,
    processes: int | None = None,
    candidates: int = planning.CANDIDATES,
    progress: Progress = silent,
    warn: Callable[[str], None] = lambda message: None,
) -> Found:
    """Groups of the pictures of a run: those that `difPy.find` finds, bit for bit.

    They are kept in the run, too, as columns: ``found/NAME/groups.parquet``, as `Found.to_parquet` writes it.

    Parameters
    ----------
    run : Run or str
        Or its place.
    similarity, rotate, mirror, lazy, same_dim
        As for `difPy.search`, but for altered copies: these are found on one machine.
    in_folder, keep
        As for `difPy.find`.
    executor : Executor, optional
        Who holds the cells, if there are more pictures than fit this machine; by default, this process.
    alone : bool, optional
        Whether this process does it although there is an `executor`; None: if it can.
    processes : int, optional
        Processor cores that each of them, and this process, may use; by default, all.
    candidates : int, optional
        Pairs a picture that may have to be compared, at most, by what a sample foretells.
    progress : Progress, optional
    warn : callable, optional
        Told, in a sentence, what a person should know.

    Raises
    ------
    UsageError
        A parameter is wrong.
    RunRefused
        The run is not done, or the threshold would have nearly all pictures compared with all.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     find(index(folder, place=f"{folder}/run")).groups
    []
    """
    here = Here(processes)
    options = SearchOptions(similarity, rotate, lazy, True, processes, None, same_dim, mirror)
    asked = asked_of(run, options, keep, in_folder=in_folder)
    pictures, ranked = asked.pictures, asked.ranked
    unread = {failure.path: failure.reason for failure in pictures.failures}
    looked = Looked(pictures.files, lambda: pictures.gallery, unread, asked.run.references)
    if not len(ranked.order):
        return Found([], pictures.failures, 0, 0, 0, looked=looked)
    join = join_of(asked.run, options, ranked, here.places, here.cores)
    if not finished(join):
        executor = who(executor, here, len(ranked.order), alone=alone, warn=warn)
        join = join_of(asked.run, options, ranked, executor.places, executor.cores).begin()
        lay_out(asked.run, pictures, ranked, join)
        blocks.prepare(join, executor)
        planning.require_bearable(join, candidates)
    files = pictures.gallery.files.take(ranked.order.tolist())
    settle = partial(full_distances, workers.executor(processes), files)
    stars, _ = blocks.walk(join, executor or here, ranked.lead, settle, progress=progress)
    steps.forget()
    groups = group.groups(ranked.looks, ranked.order, stars, asked.policies, asked.run.references)
    found = Found(groups, pictures.failures, len(files), stars.compared, 0, looked=looked)
    if GROUPS not in join.names(GROUPS):
        join.objects.create(join.at(GROUPS), found.to_parquet())
    return found


def order(
    run: Run | str,
    similarity: str | float = "duplicates",
    *,
    rotate: bool = True,
    mirror: bool = False,
    lazy: bool = True,
    same_dim: bool | None = None,
    in_folder: bool = False,
    keep: policy.Keep = (),
    groups: int = 1,
) -> Join | None:
    """Put the pictures of a run in order, for others to join them step by step; `find` with the same gives the groups.

    Parameters
    ----------
    run, similarity, rotate, mirror, lazy, same_dim, in_folder, keep
        As for `find`.
    groups : int, optional
        In how many shares the work is cut.

    Returns
    -------
    Join or None
        None if there is no picture.

    Raises
    ------
    UsageError
        A parameter is wrong.
    RunRefused
        The run is not done.
    """
    options = SearchOptions(similarity, rotate, lazy, True, None, None, same_dim, mirror)
    asked = asked_of(run, options, keep, in_folder=in_folder)
    if not len(asked.ranked.order):
        return None
    join = join_of(asked.run, options, asked.ranked, groups, 1).begin()
    lay_out(asked.run, asked.pictures, asked.ranked, join)
    return join
