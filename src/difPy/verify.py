"""Steps of a plan in; why they may not be done, each picture decoded anew and compared with the kept one, out.

What cannot be had back is not removed on the word of an index, or of a plan, that somebody else may have written.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from difPy import decode
from difPy.change import shows_all
from difPy.files import File
from difPy.match.mse.brute import nearest
from difPy.model import Failure, Rows
from difPy.orientation import ALL
from difPy.parts import lacking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from difPy.act import Seen, Step
    from difPy.match.mse import Tie
    from difPy.model import Picture
    from difPy.workers import Executor, Loss


def verify(executor: Executor, steps: Sequence[Step]) -> list[str | None]:
    """Decode both pictures of each step in full, and compare them by the definition of a match, however turned.

    Parameters
    ----------
    executor : Executor
        Decodes.
    steps : sequence of Step

    Returns
    -------
    list of str or None
        For each step why it may not be done: one of its pictures cannot be read, or they are less alike than the step
        says. None if they are as it says.
    """
    return list(executor.map(_why_not, steps, lost=_lost))


def distance(one: Picture, other: Picture, files: tuple[File, File]) -> float:
    """Mean squared error of two pictures decoded in full, as `mse.brute` defines it, in the best of all orientations.

    Parameters
    ----------
    one, other : Picture
    files : (File, File)
        What they were decoded from: read again where only all pixels can tell them apart.
    """
    pictures = (one, other)
    rows = Rows(
        tensors=np.stack([picture.tensor for picture in pictures]),
        widths=np.array([picture.width for picture in pictures], np.int32),
        heights=np.array([picture.height for picture in pictures], np.int32),
        partition=np.array([picture.frames for picture in pictures], np.int64),
        identities=[picture.identity for picture in pictures],
        stances=np.array([picture.stance for picture in pictures], np.uint8),
        errors=np.zeros(2, np.float32),
        views={row: picture.views for row, picture in enumerate(pictures) if picture.views is not None},
    )
    return nearest(rows, 0, 1, ALL, partial(_in_all_pixels, files))[0]


def _in_all_pixels(files: tuple[File, File], ties: Sequence[Tie]) -> list[float]:
    return [decode.full_resolution_distance(*files, orientations) for _, _, orientations in ties]


def _why_not(step: Step) -> str | None:
    files = (_file(step.file), _file(step.keeper))
    one, other = (decode.look(file, step.px_size, exact=True) for file in files)
    for look in (one, other):
        if isinstance(look, Failure):
            return f'"{look.path}" cannot be decoded again, to be compared: {look.reason}'
    assert not isinstance(one, Failure) and not isinstance(other, Failure)
    if held := lacking(one.beside, other.beside):
        return f'decoded again, it holds {held} that "{step.keeper.path}" does not'
    if step.altered:
        return _not_shown(step, files, (one, other))
    now = distance(one, other, files)
    if now <= step.distance:
        return None
    return (
        f'decoded again, it is not like "{step.keeper.path}" as the plan says: MSE {now:.6g}, not {step.distance:.6g}'
    )


def _not_shown(step: Step, files: tuple[File, File], pictures: tuple[Picture, Picture]) -> str | None:
    """Why an altered copy may not go: it is none, or shows more than the kept picture and than was agreed to."""
    from difPy.match.altered import how_altered

    file, keeper = (
        one._replace(digest=picture.digest, width=picture.width, height=picture.height)
        for one, picture in zip(files, pictures, strict=True)
    )
    found = how_altered(keeper, file)
    if found is None:
        return f'decoded again, it is no altered copy of "{step.keeper.path}"'
    if (lost := shows_all(found.change)) and lost not in step.altered:
        return f"decoded again, it {lost}"
    return None


def _lost(step: Step, loss: Loss) -> str:
    return f"it could not be compared again: {loss.reason}"


def _file(seen: Seen) -> File:
    return File(seen.path, seen.root, seen.size, seen.mtime_ns, seen.device, seen.inode)
