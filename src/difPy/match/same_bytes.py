"""Files in; those that have the same bytes out, who is kept among them, and why: no picture is decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy import policy
from difPy.contents import compare
from difPy.files import Files
from difPy.match.settled import Near, Settled
from difPy.memory import garbage_left
from difPy.model import Group, Member, silent
from difPy.orientation import SAME
from difPy.policy import Facts
from difPy.protection import reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from difPy.contents import Contents
    from difPy.files import File
    from difPy.model import Failure, Progress
    from difPy.policy import Policy
    from difPy.store import Index


def same_bytes(
    files: Files,
    index: Index,
    *,
    in_folder: bool = False,
    policies: Sequence[Policy] = policy.BEST,
    references: Sequence[str] = (),
    threads: int | None = None,
    progress: Progress = silent,
) -> Settled:
    """Groups of the files that have the same bytes, the largest first.

    Parameters
    ----------
    files : Files
    index : Index
        Asked for digests that are known; told those that were not.
    in_folder : bool, optional
        Whether only files under the same root are compared.
    policies : sequence of Policy, optional
        What makes a file the one to keep. Of its picture nothing is known, and it is the same for all of a group.
    references : sequence of str, optional
        Roots whose files are always kept, and not compared with each other.
    threads : int, optional
        Threads that read.
    progress : Progress, optional
    """
    contents = _contents(files, index, threads, progress)
    alike: dict[tuple[bytes, str], list[int]] = {}
    for row, digest in enumerate(contents.digests):
        if digest is not None:
            alike.setdefault((digest, files.roots[row] if in_folder else ""), []).append(row)
    order = policy.among_copies(policies, references)
    with garbage_left():
        found = [
            _group([Facts(files.known(row, digest), 0, 0, "") for row in rows], order, references)
            for (digest, _), rows in alike.items()
            if len(rows) > 1
        ]
    groups = sorted((group for group in found if group.members), key=lambda one: (-one.keeper.size, one.keeper.path))
    return Settled(groups, contents.failures, len(files) - len(contents.failures), 0, 0)


def look_up_bytes(
    files: Files, asked: Files, index: Index, *, threads: int | None = None, progress: Progress = silent
) -> tuple[list[Near], list[Failure]]:
    """Files that have the same bytes as one that is asked for, without comparing them with each other.

    Parameters
    ----------
    files, asked : Files
        A file of both does not match itself.
    index, threads, progress
        As for `same_bytes`.

    Returns
    -------
    found : list of Near
        By file asked for.
    failures : list of Failure
        Files that can no longer be read.
    """
    may_be = np.isin(files.sizes, asked.sizes) | files.unsized() | asked.unsized().any()
    possible = files.take(np.flatnonzero(may_be).tolist())
    contents = _contents(asked + possible, index, threads, progress)
    alike: dict[bytes, list[File]] = {}
    for file, digest in zip(possible, contents.digests[len(asked) :], strict=True):
        if digest is not None:
            alike.setdefault(digest, []).append(file)
    near = [
        Near(probe, file, 0.0, SAME)
        for probe, digest in zip(asked, contents.digests, strict=False)
        for file in alike.get(digest or b"", ())
        if (probe.device, probe.inode) != (file.device, file.inode)
    ]
    return sorted(near, key=lambda one: (one.asked.path, one.file.path)), contents.failures


def _contents(files: Files, index: Index, threads: int | None, progress: Progress) -> Contents:
    """What is known of the bytes of files, now that it was looked at; the index knows it, too."""
    found = compare(files, index.contents(files), threads=threads, progress=progress)
    digests = [digest for row in found.whole if (digest := found.digests[row]) is not None]
    index.put_contents(files.take(found.whole), digests)
    return found


def _group(looks: Sequence[Facts], order: Sequence[Policy], references: Sequence[str]) -> Group:
    """The one to keep, and all others that may go for it."""
    kept, *others = policy.ranked(looks, order)
    going = [one for one in others if reference(one.file.root, one.file.hard_links, references) is None]
    return Group(kept.file, tuple(Member(one.file, 0.0, SAME) for one in going), policy.why(kept, going, order))
