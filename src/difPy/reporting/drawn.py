"""Groups in; a small picture of each content in them out, as a text that HTML can hold."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from difPy import decode, workers
from difPy.model import Failure, silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from difPy.decode import Shown
    from difPy.files import File
    from difPy.model import Group, Progress
    from difPy.workers import Loss

SIDE = 148
"""Longest side, in pixels."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A small picture, or why there is none."""

    data: str = ""
    """A ``data:`` URL."""
    width: int = 0
    height: int = 0
    why: str = ""


def content(file: File) -> object:
    """Equal for files with the same bytes."""
    return file.digest or file.path


def drawn(
    groups: Sequence[Group], *, side: int = SIDE, processes: int | None = None, progress: Progress = silent
) -> Mapping[object, Drawn]:
    """Small pictures by `content`."""
    files: dict[object, File] = {}
    for group in groups:
        for file in group.files:
            files.setdefault(content(file), file)
    task = partial(decode.thumbnail, side=side, kind="WEBP")
    found: dict[object, Drawn] = {}
    made = workers.executor(processes).map(task, list(files.values()), lost=_lost)
    for done, (key, one) in enumerate(zip(files, made, strict=True), 1):
        found[key] = _drawn(one)
        progress("drawing", done, len(files))
    return found


def _drawn(one: Shown | Failure) -> Drawn:
    if isinstance(one, Failure):
        return Drawn(why=one.reason)
    return Drawn(f"data:{one.kind};base64,{base64.b64encode(one.data).decode()}", one.width, one.height)


def _lost(file: File, loss: Loss) -> Shown | Failure:
    return Failure(file.path, loss.reason)
