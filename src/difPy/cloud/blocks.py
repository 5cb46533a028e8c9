"""A join whose rows live in cells in; who is kept for whom out: block after block of ranks, each of them committed.

Why that is exact. A pair that matches has its second row in one cell, whose box is no farther from the first than that
row is; so the first asks there, and the pair is found, once in each orientation. By induction over ranks: when a block
asks, every row before it that is kept has taken what it matches, so the driver sees every match of a row of the block
that is not taken with a later one that is not: what one machine sees. Neither the size of blocks nor the number of
cells matters. The driver holds a byte a row, and one block's pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from difPy.cloud.course import Course
from difPy.cloud.log import commit
from difPy.cloud.phases import PHASES
from difPy.cloud.steps import answer, ask
from difPy.model import silent

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from difPy.cloud.executors import Executor
    from difPy.cloud.joining import Join
    from difPy.match.mse import FullDistance
    from difPy.model import Progress, Stars


@dataclass(slots=True)
class Work:
    """What a join took, in this run."""

    blocks: int = 0
    shrunk: int = 0
    """Blocks that had too many candidates, and were made smaller."""
    rows: int = 0
    """That asked ..."""
    questions: int = 0
    """... so many cells, in all their orientations."""
    compared: int = 0
    most: int = 0
    """Pairs that the driver held at a time."""


def prepare(join: Join, executor: Executor) -> None:
    """Fill the cells of a join and make its plan, as far as nobody has."""
    for phase in PHASES.values():
        for _ in executor.map(partial(phase.step, join), phase.missing(join)):
            pass


def walk(
    join: Join,
    executor: Executor,
    lead: npt.NDArray[np.int64],
    full_distance: FullDistance,
    *,
    progress: Progress = silent,
) -> tuple[Stars, Work]:
    """Groups: equal to `match.mse.stars`, whoever runs the steps.

    Parameters
    ----------
    join : Join
    executor : Executor
    lead : ndarray of int64, shape (n,)
        First twin of each row: others than these take no part.
    full_distance : callable
        Settles ties; see `match.mse.FullDistance`.
    progress : Progress, optional
        Told ``("comparing", rows done, n)``.

    Notes
    -----
    What an earlier run committed is not done again.
    """
    course, work = Course(join, lead), Work()
    course.replay()
    while not course.done:
        rows = len(course.asking())
        answers = executor.exchange(ask, answer, course.turns())
        block = course.block(answers, full_distance)
        if any(one.verdict is None for one in answers):
            work.shrunk += 1
        else:
            work.blocks += 1
            work.rows += rows
            work.questions += sum(one.asked for one in answers)
            work.compared += block.compared
            work.most = max(work.most, block.compared)
        course.note(commit(join, course.number, block))
        progress("comparing", course.at, join.rows)
    progress("comparing", join.rows, join.rows)
    return course.stars(), work
