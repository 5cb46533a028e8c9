"""Pure steps and what each is told in; what they give, in that order, out: here, in worker processes, or elsewhere.

The results are the same whoever makes them. A step may keep a memo of what objects say, so the step for the nth thing
goes to the nth place each time, where there are places; but any may do it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar

from difPy import memory, model, workers
from difPy.errors import WorkersFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from difPy.workers import Loss

T = TypeVar("T")
R = TypeVar("R")
P = TypeVar("P")

_SECONDS = 24 * 3600.0


class Executor(Protocol):
    """What runs steps."""

    places: int
    """How many of them side by side."""
    cores: int
    """Processor cores that each may use; all of a machine may be seen, which says nothing."""

    def map(self, step: Callable[[T], R], things: Sequence[T]) -> Iterator[R]:
        """What a step gives for each thing."""
        ...

    def exchange(
        self, give: Callable[[T], list[P]], take: Callable[[T, Sequence[P]], R], things: Sequence[T]
    ) -> list[R]:
        """Each thing gives a parcel to each, and makes a result of those that it is given."""
        ...


class Here:
    """Runs steps in this process, one after the other; they may use several threads.

    Parameters
    ----------
    cores : int, optional
        By default, all.

    Examples
    --------
    >>> Here().exchange(lambda n: [n, 10 * n], lambda n, parcels: sum(parcels), [1, 2])
    [3, 30]
    """

    places = 1

    def __init__(self, cores: int | None = None) -> None:
        self.cores = model.cores() if cores is None else cores

    def map(self, step: Callable[[T], R], things: Sequence[T]) -> Iterator[R]:
        """See `Executor.map`."""
        return map(step, things)

    def exchange(
        self, give: Callable[[T], list[P]], take: Callable[[T, Sequence[P]], R], things: Sequence[T]
    ) -> list[R]:
        """See `Executor.exchange`."""
        given = [give(thing) for thing in things]
        return [take(thing, [parcels[at] for parcels in given]) for at, thing in enumerate(things)]


@dataclass(frozen=True, slots=True)
class Processes:
    """Runs steps in worker processes of this machine, any step in any of them.

    Parameters
    ----------
    places : int
        Processes.

    Examples
    --------
    >>> list(Processes(1).map(len, ["one", "three"]))
    [3, 5]
    """

    places: int
    cores: int = 1

    def map(self, step: Callable[[T], R], things: Sequence[T]) -> Iterator[R]:
        """See `Executor.map`."""
        each = memory.of_machine() // self.places
        pool = workers.Processes(self.places, seconds=_SECONDS, memory=each, together=memory.of_machine())
        return pool.map(step, things, lost=_lost)

    def exchange(
        self, give: Callable[[T], list[P]], take: Callable[[T, Sequence[P]], R], things: Sequence[T]
    ) -> list[R]:
        """See `Executor.exchange`."""
        given = list(self.map(give, things))
        parcels = [[one[at] for one in given] for at in range(len(things))]
        return list(self.map(_Taking(take), list(zip(things, parcels, strict=True))))


@dataclass(frozen=True, slots=True)
class _Taking:
    """A step of two things, of a pair."""

    take: Callable[[Any, Sequence[Any]], Any]

    def __call__(self, pair: tuple[Any, Sequence[Any]]) -> Any:
        return self.take(*pair)


def _lost(thing: object, loss: Loss) -> NoReturn:
    raise WorkersFailed(f"a step of the run failed, as {loss.reason}: what is done stays, and is not done again")
