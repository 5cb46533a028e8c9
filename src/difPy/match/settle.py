"""A gallery of pictures, some of them only sketched, in; who is kept for whom, by exact distances, out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from difPy import gallery as galleries
from difPy import group
from difPy.looks import Looks, kin
from difPy.match import mse
from difPy.match.decoding import comparable, full_distances, told_apart
from difPy.match.settled import Settled
from difPy.model import silent
from difPy.policy import DOCUMENTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from difPy.match.altered import Altered
    from difPy.match.decoding import Remember
    from difPy.model import Gallery, Progress
    from difPy.options import SearchOptions
    from difPy.policy import Policy
    from difPy.workers import Executor


def settle(
    gallery: Gallery,
    options: SearchOptions,
    executor: Executor,
    *,
    in_folder: bool,
    remember: Remember,
    policies: Sequence[Policy] = DOCUMENTED,
    references: Sequence[str] = (),
    altered: Altered | None = None,
    progress: Progress = silent,
) -> Settled:
    """Groups of the pictures that match.

    The sketches say which of them may have a match at all; these are decoded in full, and so are pictures whose
    identities begin alike. The join of the full pictures decides. So the answer is that of decoding everything in full.

    Parameters
    ----------
    gallery : Gallery
        What had to be decoded in full is replaced in it.
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
    altered : Altered, optional
        What a method knows of altered copies: these are found, too.
    progress : Progress, optional
    """
    progress("comparing", 0, len(gallery))
    fixed = group.is_reference(gallery.files, references)
    codes = group.partition(gallery, in_folder=in_folder, same_dimensions=options.only_same_dimensions)
    possible = np.empty(0, np.int64)
    if (gallery.errors > 0).any():
        anyhow = np.argsort(~fixed, kind="stable")  # what is best is known when it is known what is identical
        rows = galleries.rows(gallery, anyhow, codes, fixed)
        possible = anyhow[mse.involved(rows, options.criterion, threads=options.processes)]
    failures, decoded = told_apart(gallery, possible, executor, remember, progress)
    looks = Looks(gallery, kin(gallery, codes, options.criterion))
    order = group.order(looks, policies, references)
    order = order[comparable(gallery, failures)[order]]
    stars = mse.stars(
        galleries.rows(gallery, order, codes, fixed),
        options.criterion,
        partial(full_distances, executor, gallery.files.take(order.tolist())),
        only_fixed=options.only_reference and altered is None,  # which of several copies is altered is asked of all
        threads=options.processes,
        progress=progress,
    )
    settled = Settled([], failures, len(gallery) - len(failures), stars.compared, decoded)
    if altered is None:
        return replace(settled, groups=group.groups(looks, order, stars, policies, references))
    from difPy.match.union import Union

    full_distance = partial(full_distances, executor, gallery.files)
    found = Union(looks, codes, fixed, altered, options, policies, references, full_distance).united(order, stars)
    return replace(
        settled,
        groups=group.groups(looks, found.order, found.stars, policies, references, found.changes),
        failures=failures + altered.failures,
        shared=found.shared,
        described=altered.described,
        judged=altered.judged,
    )
