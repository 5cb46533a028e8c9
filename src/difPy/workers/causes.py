"""How the tries of an item ended in; whether it is tried again, and with what, or lost, and for how long, out.

A file is to blame for what happens to it alone, undisturbed, with all the memory that one may have: it needs more than
that, it takes too much of a processor's time, or two fresh workers in a row crash on it. All else are circumstances,
which may be others in the next run: somebody, or a system short of memory, kills the worker; it is stopped; the machine
is busy.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, NamedTuple

from difPy import memory
from difPy.workers.worker import reason

if TYPE_CHECKING:
    from collections.abc import Sequence

_OF_ITS_OWN = {getattr(signal, name, None) for name in ("SIGSEGV", "SIGABRT", "SIGILL", "SIGFPE", "SIGBUS", "SIGSYS")}
_CPU_TIME = getattr(signal, "SIGXCPU", None)
_TRIES = 2  # of what crashes or is killed
_PATIENCE = 3  # times the seconds an item may take, by the clock, where the processor's time is measured too


class Loss(NamedTuple):
    """Why there is no result of an item."""

    reason: str
    """A clause about the item: "it took longer than 120 s"."""
    lasting: bool
    """The item is to blame, so that it will be lost again; otherwise circumstances are."""

    @classmethod
    def of(cls, error: Exception) -> Loss:
        """That of an item whose task raised in this process.

        Examples
        --------
        >>> Loss.of(ValueError("no such palette"))
        Loss(reason='its decoder failed (ValueError: no such palette)', lasting=True)
        """
        return cls(reason(error), lasting=not isinstance(error, MemoryError))


class Limits(NamedTuple):
    """What one item may take."""

    seconds: float
    memory: int


class Try(NamedTuple):
    """With what an item is tried."""

    memory: int
    """Bytes its worker may allocate ..."""
    room: int
    """... and those of them that it may ask for beforehand."""
    alone: bool = False
    """No other worker is at work, and this one is new."""

    def seconds(self, limits: Limits) -> float:
        """By the clock."""
        return limits.seconds * (_PATIENCE if self.alone else 1)


class Short(NamedTuple):
    """A try that ended because it needed more memory than it had: so many bytes, if it knew."""

    tried: Try
    needed: int | None


class Death(NamedTuple):
    """A try that ended with its worker."""

    tried: Try
    status: int
    """Of its exit: minus the signal that ended it."""
    late: bool = False
    """We killed it: it took too long by the clock."""

    @property
    def crashed(self) -> bool:
        """Whether what it did itself was the end of it."""
        if self.late or self.status == 0 or (sys.platform == "win32" and self.status == 1):  # taskkill's
            return False
        return self.status > 0 or -self.status in _OF_ITS_OWN

    @property
    def out_of_time(self) -> bool:
        """Whether it took too long by the processor's time."""
        return _CPU_TIME is not None and self.status == -_CPU_TIME


def first(together: int, workers: int, limits: Limits) -> Try:
    """The try of every item: with the share of its worker, a third of which is for what earlier items have left."""
    share = min(limits.memory, together // workers)
    return Try(share, share if share == limits.memory else share * 2 // 3)


def judge(ends: Sequence[Short | Death], limits: Limits) -> Try | Loss:
    """Whether to try an item once more.

    Parameters
    ----------
    ends : sequence of Short or Death
        Of its tries so far, at least one.
    limits : Limits

    Examples
    --------
    >>> limits = Limits(seconds=120, memory=4 << 30)
    >>> judge([Death(Try(1 << 30, 1 << 29), -11)], limits)
    Try(memory=4294967296, room=4294967296, alone=True)
    >>> judge([Death(Try(4 << 30, 4 << 30, alone=True), -11)] * 2, limits)
    Loss(reason='its decoder crashed (signal 11)', lasting=True)
    >>> judge([Death(Try(4 << 30, 4 << 30, alone=True), -9)] * 2, limits)
    Loss(reason='it was killed (signal 9), as systems do when memory runs out; the next run tries again', lasting=False)
    """
    last = ends[-1]
    again = Try(limits.memory, limits.memory, alone=True)
    if isinstance(last, Short):
        if (last.needed or 0) > limits.memory or last.tried == again:
            return _too_much_memory(last, limits)
        grant = (last.needed or limits.memory) * 3 // 2
        more = last.tried.memory < grant < limits.memory
        return Try(grant, last.needed or 0) if more and len(ends) == 1 else again
    if last.out_of_time:
        return Loss(f"it took longer than {limits.seconds:g} s", lasting=True)
    if last.late:
        if not last.tried.alone:
            return again
        taken = last.tried.seconds(limits)
        return Loss(f"it took longer than {taken:g} s, of which it hardly worked; {_NEXT}", lasting=False)
    deaths = [end for end in ends if isinstance(end, Death)]
    if last.crashed:
        alone = sum(end.crashed and end.tried == again for end in deaths)
        return again if alone < _TRIES else Loss(_cause(last.status), lasting=True)
    killed = sum(not end.crashed and not end.late for end in deaths)
    return again if killed < _TRIES else Loss(f"{_cause(last.status)}; {_NEXT}", lasting=False)


_NEXT = "the next run tries again"


def _too_much_memory(last: Short, limits: Limits) -> Loss:
    has = f"{limits.memory / 2**30:.3g} GiB of memory"
    if last.needed and last.needed > limits.memory:
        return Loss(f"too large: it needs {last.needed / 2**30:.3g} GiB of memory, and may take {has} here", False)
    # Less than it may take anywhere is all that this machine has for it; and not every system holds us to a limit.
    ours = limits.memory >= memory.MOST and sys.platform == "linux"
    return Loss(f"it needed more than {has}", lasting=ours)


def _cause(status: int) -> str:
    """What a worker died of, by its exit status.

    Examples
    --------
    >>> _cause(-11), _cause(0xC0000005)
    ('its decoder crashed (signal 11)', 'its decoder crashed (exit status 0xC0000005)')
    """
    if status == 0:
        return "its worker process ended, and nothing says why"
    if status == -9:
        return "it was killed (signal 9), as systems do when memory runs out"
    if -status in _OF_ITS_OWN:
        return f"its decoder crashed (signal {-status})"
    if status < 0:
        return f"it was killed (signal {-status})"
    if status >> 31:
        return f"its decoder crashed (exit status 0x{status:X})"
    return f"its decoder ended the process (exit status {status})"
