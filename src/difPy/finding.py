"""A library and options in; what matches out: as it was found before, by bytes, or by what the pictures show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from difPy import workers
from difPy.match import remembered
from difPy.match.same_bytes import same_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from difPy.library import Library
    from difPy.match.altered import Altered
    from difPy.match.settled import Settled
    from difPy.model import Progress
    from difPy.options import SearchOptions
    from difPy.policy import Policy
    from difPy.store import Index
    from difPy.workers import Executor


def found_in(
    library: Library,
    options: SearchOptions,
    keep: Sequence[str | Policy],
    policies: Sequence[Policy],
    *,
    in_folder: bool,
    progress: Progress,
) -> Settled:
    """What matches in a library.

    Parameters
    ----------
    library : Library
    options : SearchOptions
    keep : sequence of str or Policy
        What a person asked to keep: an answer is remembered if this can be written down.
    policies : sequence of Policy
        All that decides who is kept.
    in_folder : bool
        Whether only pictures under the same given directory are compared.
    progress : Progress
    """
    from difPy.match.watched import Watched

    executor = Watched(workers.executor(options.processes))
    altered = knowing(options.method, library.index, executor, progress)
    files, digests = (library.files, None) if options.by_bytes else (library.pictures, library.contents)
    asked = None
    if library.index.path is not None and all(isinstance(one, str) for one in keep):
        asked = remembered.question(
            library.index,
            files,
            digests,
            options,
            [str(one) for one in keep],
            library.references,
            in_folder=in_folder,
            recipe="" if altered is None else altered.recipe,
        )
        if (known := remembered.recall(library.index, asked, files, digests)) is not None:
            return known
    if options.by_bytes:
        found = same_bytes(
            files,
            library.index,
            in_folder=in_folder,
            policies=policies,
            references=library.references,
            threads=options.processes,
            progress=progress,
        )
    else:
        from difPy.match.settle import settle

        found = settle(
            library.gallery,
            options,
            executor,
            in_folder=in_folder,
            policies=policies,
            references=library.references,
            remember=library.index.put,
            altered=altered,
            progress=progress,
        )
    sure = not (executor.failed or found.failures) and (digests is not None or library.index.vouches(files))
    if asked is not None and sure:
        remembered.remember(library.index, asked, found, files)
    return found


def knowing(method: str | None, index: Index, executor: Executor, progress: Progress) -> Altered | None:
    """What a method knows of altered copies; None where none is asked for."""
    if method is None:
        return None
    from difPy.match.altered import Altered, the_method

    return Altered(the_method(method), index, executor, progress)
