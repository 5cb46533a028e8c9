"""Files in, small pictures of them out: made in worker processes, what was asked for last first, and remembered.

What a person looks at now was asked for last. What has scrolled by may wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from difPy.errors import WorkersFailed
from difPy.model import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from difPy.decode import Shown
    from difPy.files import File
    from difPy.store.thumbnails import Thumbnails
    from difPy.workers import Executor, Loss

SIDE = 320
"""Longest side of a thumbnail, in pixels."""
_AT_ONCE = 8  # handed to the workers together: so long, at most, waits what is asked for next

Answer = Callable[["Shown | Failure"], None]


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be made of a file."""

    file: File
    side: int
    """Of a thumbnail; 0 for the picture itself."""
    exact: bool = False
    """Of the picture itself: every pixel as we decode it."""


def made(job: Job) -> Shown | Failure:
    """What a worker process makes."""
    from difPy import decode  # here, for who only asks needs no decoder

    if job.side:
        return decode.thumbnail(job.file, job.side)
    return decode.shown(job.file, exact=job.exact)


def _lost(job: Job, loss: Loss) -> Shown | Failure:
    return Failure(job.file.path, loss.reason)


class Maker:
    """Makes what it is asked for, in a thread that hands it to worker processes.

    Parameters
    ----------
    executor : Executor
    cache : Thumbnails
    """

    def __init__(self, executor: Executor, cache: Thumbnails) -> None:
        self._executor, self._cache = executor, cache
        self._waiting: dict[Job, list[Answer]] = {}  # in the order in which they were asked for last
        self._change = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._work, name="difPy thumbnails", daemon=True)
        self._thread.start()

    def known(self, file: File, side: int = SIDE) -> bytes | None:
        """A thumbnail that was made before."""
        return self._cache.get(file.digest, side) if file.digest else None

    def ask(self, job: Job, answer: Answer) -> None:
        """Have something made.

        Parameters
        ----------
        job : Job
        answer : callable
            Given what was made, or why it was not; in another thread.
        """
        with self._change:
            answers = self._waiting.pop(job, [])
            self._waiting[job] = [*answers, answer]
            self._change.notify()

    def close(self) -> None:
        """Make nothing more; what is being made is not waited for."""
        with self._change:
            self._ended = True
            self._waiting.clear()
            self._change.notify()

    def _work(self) -> None:
        while batch := self._next():
            jobs = [job for job, _ in batch]
            for (job, answers), result in zip(batch, self._made(jobs), strict=True):
                if job.side and job.file.digest and not isinstance(result, Failure):
                    self._cache.put(job.file.digest, job.side, result.data)
                for answer in answers:
                    answer(result)

    def _made(self, jobs: list[Job]) -> Iterator[Shown | Failure]:
        done = 0
        try:
            for result in self._executor.map(made, jobs, lost=_lost):
                yield result
                done += 1
        except WorkersFailed as error:
            for job in jobs[done:]:
                yield Failure(job.file.path, str(error))

    def _next(self) -> list[tuple[Job, list[Answer]]]:
        """What was asked for last, some of it; nothing at the end."""
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._ended)
            return [self._waiting.popitem() for _ in range(min(_AT_ONCE, len(self._waiting)))]
