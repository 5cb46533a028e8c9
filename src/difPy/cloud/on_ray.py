"""Steps in; what they give out, run by Ray: on the machines of a cluster, or on the cores of this one. The home of Ray.

A step for the nth thing goes to the nth actor, whose memo of its cells lasts from one block to the next. An actor that
dies is started anew, reads the log, and does its step again; parcels go from actor to actor, not through the driver.
"""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING, Any, TypeVar

from difPy.errors import MissingExtra, WorkersFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    T = TypeVar("T")
    R = TypeVar("R")
    P = TypeVar("P")

WAIT = 180.0
"""Seconds that a local cluster may take to start."""
_TRIES = 4  # of a step of which a worker process died: a machine that is taken away is no reason to stop


class Ray:
    """Runs steps on Ray.

    Parameters
    ----------
    address : str
        Of the cluster, as Ray takes it; "local" starts one on this machine, which ends with this process.
    places : int, optional
        How many steps side by side; as many as there are cores, each for one `cores`, by default.
    cores : int, optional
        Processor cores that each step takes, and must use itself: a task that has one core sees all of its machine.
    store : int, optional
        Bytes of memory that Ray may keep parcels in, of a local cluster.
    wait : float, optional
        Seconds that a local cluster may take to start. Ray itself gives up after 30, which a busy machine may need more
        than once: until then it is started anew.

    Raises
    ------
    MissingExtra
        Ray is not installed.
    WorkersFailed
        There is no such cluster.
    """

    def __init__(
        self, address: str, places: int | None = None, cores: int = 1, store: int = 1 << 29, wait: float = WAIT
    ) -> None:
        self._ray = _started(address, places, cores, store, wait)
        there = int(self._ray.cluster_resources().get("CPU", 1))
        self.places = max(1, there // cores) if places is None else places
        self.cores = cores
        self._actors: list[Any] = []

    def map(self, step: Callable[[T], R], things: Sequence[T]) -> Iterator[R]:
        """See `Executor.map`."""
        ray, task = self._ray, self._ray.remote(_run)
        cores = 0 if self._actors else self.cores  # which wait meanwhile, and have been given all there are
        task = task.options(num_cpus=cores, max_retries=_TRIES, retry_exceptions=False)
        whole = ray.put(step)
        waiting: list[Any] = []
        ahead = iter(things)
        for thing in ahead:
            waiting.append(task.remote(whole, thing))
            if len(waiting) >= 4 * self.places:
                yield self._result(waiting.pop(0))
        for one in waiting:
            yield self._result(one)

    def exchange(
        self, give: Callable[[T], list[P]], take: Callable[[T, Sequence[P]], R], things: Sequence[T]
    ) -> list[R]:
        """See `Executor.exchange`."""
        actors, count = self._places(), len(things)
        given = [
            self._at(actors, at).give.options(num_returns=count).remote(give, thing) for at, thing in enumerate(things)
        ]
        parcels = [[one] for one in given] if count == 1 else given
        taken = [
            self._at(actors, at).take.remote(take, thing, *(one[at] for one in parcels))
            for at, thing in enumerate(things)
        ]
        return [self._result(one) for one in taken]

    def close(self) -> None:
        """Let the actors go."""
        for actor in self._actors:
            self._ray.kill(actor)
        self._actors = []

    def stop(self) -> None:
        """Leave the cluster; one that was started here ends."""
        self.close()
        self._ray.shutdown()

    def _places(self) -> list[Any]:
        if not self._actors:
            kind = self._ray.remote(_Place).options(num_cpus=self.cores, max_restarts=-1, max_task_retries=_TRIES)
            self._actors = [kind.remote() for _ in range(self.places)]
        return self._actors

    @staticmethod
    def _at(actors: list[Any], at: int) -> Any:
        return actors[at % len(actors)]

    def _result(self, reference: Any) -> Any:
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            cause = getattr(error, "cause", None) or error
            why = f"{type(cause).__name__}: {str(cause).splitlines()[0] if str(cause) else ''}"
            raise WorkersFailed(
                f"a step of the run failed on Ray ({why}): what is done stays, and is not done again"
            ) from None


class _Place:
    """An actor: runs steps of which others are pure functions, too, but for the memo that this process keeps."""

    def give(self, step: Callable[[Any], list[Any]], thing: Any) -> Any:
        found = step(thing)
        return found[0] if len(found) == 1 else tuple(found)

    def take(self, step: Callable[[Any, Sequence[Any]], Any], thing: Any, *parcels: Any) -> Any:
        return step(thing, parcels)


def _run(step: Callable[[Any], Any], thing: Any) -> Any:
    return step(thing)


def _started(address: str, places: int | None, cores: int, store: int, wait: float) -> Any:
    """Ray, connected."""
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise MissingExtra("a run on a cluster needs Ray: pip install 'difPy[ray]'") from None
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address == "local":
        options |= {
            "include_dashboard": False,
            "num_cpus": None if places is None else places * cores,
            "object_store_memory": store,
        }
    end = time.monotonic() + (wait if address == "local" else 0)
    while True:
        try:
            ray.init(address, ignore_reinit_error=True, **options)
            return ray
        except Exception as error:  # it raises that and nothing more special where a start takes too long
            ray.shutdown()
            if time.monotonic() >= end:
                raise WorkersFailed(f"there is no Ray cluster at {address!r} ({str(error).splitlines()[0]})") from None
