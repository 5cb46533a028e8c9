"""Groups in; the same out, with what their pictures say of themselves: when they were taken, and with which camera."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from difPy import decode, workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from difPy.files import File
    from difPy.model import Group
    from difPy.workers import Loss


def told(groups: Sequence[Group], *, processes: int | None = None) -> list[Group]:
    """Ask the pictures of some groups, of each content one, what people want to know first.

    Parameters
    ----------
    groups : sequence of Group
    processes : int, optional
        Worker processes that read them; all cores by default.

    Examples
    --------
    >>> told([])
    []
    """
    asked: dict[object, File] = {}
    for group in groups:
        for file in group.files:
            asked.setdefault(_content(file), file)
    answers = workers.executor(processes).map(decode.Tell(), list(asked.values()), lost=_silent)
    known = dict(zip(asked, answers, strict=True))

    def full(file: File) -> File:
        answer = known[_content(file)]
        return file._replace(taken=answer.taken, camera=answer.camera)

    return [
        replace(
            group,
            keeper=full(group.keeper),
            members=tuple(replace(member, file=full(member.file)) for member in group.members),
        )
        for group in groups
    ]


def _content(file: File) -> object:
    return file.digest or file.path


def _silent(file: File, loss: Loss) -> decode.Told:
    return decode.Told()
