"""A join that has a plan in; the same, joined, out: by processes that know nothing of each other but a store.

Each does what nobody has done yet, its own share first; what others leave undone for a while it does, too. What is made
is a pure function of the log and of objects, and is never written over: so it does not matter who makes it, nor whether
two do, nor whether all work at a time. One alone makes everything.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from difPy.cloud import steps
from difPy.cloud.course import Course
from difPy.cloud.joining import ANSWERED, ASKED, LEAD
from difPy.cloud.log import commit
from difPy.cloud.parcels import answer_packed, answer_read, questions_packed, questions_read
from difPy.cloud.stored import array
from difPy.model import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from difPy.cloud.joining import Join
    from difPy.cloud.steps import Answer, Turn
    from difPy.match.mse import FullDistance
    from difPy.model import Progress

PATIENCE = 60.0
"""Seconds without anything new, after which a process does the share of others."""
_LOOK = 0.05, 2.0  # seconds between two looks at the store: at first, and at most


def share(
    join: Join,
    rank: int,
    count: int,
    full_distance: Callable[[Sequence[Answer]], FullDistance],
    *,
    patience: float = PATIENCE,
    progress: Progress = silent,
) -> int:
    """Do a share of a join, until all of it is done.

    Parameters
    ----------
    join : Join
    rank, count : int
        Which of so many processes this is: those groups are its own that have its number, modulo the count.
    full_distance : callable
        Given what all groups answered, settles their ties; see `match.mse.FullDistance`.
    patience : float, optional
        Seconds.
    progress : Progress, optional
        Told ``("comparing", rows done, n)``.

    Returns
    -------
    int
        Objects that this process has made.
    """
    course = Course(join, array(join.objects, join.at(LEAD)))
    made, since, pause = 0, time.monotonic(), _LOOK[0]
    while True:
        course.replay()
        progress("comparing", course.at, join.rows)
        if course.done:
            return made
        late = time.monotonic() - since > patience
        ours = range(join.groups) if late else range(rank, join.groups, count)
        done = _next(join, course, full_distance, ours)
        if done:
            made, since, pause = made + done, time.monotonic(), _LOOK[0]
        else:
            time.sleep(pause)
            pause = min(2 * pause, _LOOK[1])


def _next(
    join: Join,
    course: Course,
    full_distance: Callable[[Sequence[Answer]], FullDistance],
    ours: range,
) -> int:
    """Make what can be made now of the next block: what its rows ask, what is answered, what becomes of it."""
    number, groups = course.number, range(join.groups)
    asked, answered = (set(map(int, join.names(kind, number))) for kind in (ASKED, ANSWERED))
    made = 0
    turns: list[Turn] = []
    for group in ours:
        if group not in asked | answered:
            turns = turns or course.turns()
            join.objects.create(join.at(ASKED, number, group), questions_packed(steps.ask(turns[group])))
            made += 1
    if made or len(asked) < join.groups:
        return made
    for group in ours:
        if group not in answered:
            turns = turns or course.turns()
            parcels = [questions_read(join.objects, join.at(ASKED, number, other), group) for other in groups]
            join.objects.create(join.at(ANSWERED, number, group), answer_packed(steps.answer(turns[group], parcels)))
            made += 1
    if not made and len(answered) == join.groups and number % join.groups in ours:
        answers = [answer_read(join.objects, join.at(ANSWERED, number, group)) for group in groups]
        course.note(commit(join, number, course.block(answers, full_distance(answers))))
        made += 1
    return made
