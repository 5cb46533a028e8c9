"""The pipe from a worker in; its replies, as many at once as have come, out.

To be woken for each of many small replies costs more than to read it: the thread that waits, the lock, the thread that
wants the result. So where replies come quickly, they are left in the pipe for a while, if it has room for them.
"""

from __future__ import annotations

import contextlib
import sys
import time
from typing import IO

from difPy.workers import worker

_ROOM = 1 << 18  # bytes that a pipe is to hold; as made, it holds a quarter of that
_LONGEST = 0.06  # seconds that replies are left in it
_SHORTEST = 0.002  # the same at first, when it is not known well how long one takes; then twice as long, and so on
_LEAST = 3  # of fewer each is taken by itself
_QUICKEST = 1e-6  # seconds that one takes: less is not told from none


class Replies:
    """What a worker replies, in order.

    Parameters
    ----------
    pipe : file
        From the worker.
    """

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._room = _widened(pipe)
        self._size = _ROOM  # of a reply, of late
        self._longest = _SHORTEST

    def take(self, awaited: int, pace: float, *, are_last: bool = False) -> list[bytes]:
        """Those that have come, at least one; none where the worker is gone.

        Parameters
        ----------
        awaited : int
            So many are still to come, of what the worker has to do.
        pace : float
            Seconds that one takes.
        are_last : bool, optional
            Whether the worker gets no more to do.
        """
        # The worker shall not have to wait for room in the pipe, nor for work; and it reads ahead what it has to do.
        count = min(2 * awaited // 3 if are_last else awaited // 3, self._room // self._size // 2, int(_LONGEST / pace))
        if count >= _LEAST:
            time.sleep(min(count * pace, self._longest))
            self._longest = min(2 * self._longest, _LONGEST)
        found = worker.receive_all(self._pipe, _ROOM)
        if found:
            self._size = sum(map(len, found)) // len(found) + 1
        return found


def paced(before: float, seconds: float, came: int, awaited: int) -> float:
    """Seconds that a reply takes of late, once more have come.

    Parameters
    ----------
    before : float
        Seconds that one took; infinite at first.
    seconds : float
        In which so many came.
    came, awaited : int
        Replies that came, and that are still to come of what the worker has to do.

    Examples
    --------
    >>> paced(0.02, 0.12, came=3, awaited=7), paced(0.02, 0.06, came=10, awaited=0)
    (0.025, 0.003)
    """
    pace = seconds / came
    if came > 1 and not awaited:  # the worker has had nothing to do, nobody knows for how long
        pace = min(before, pace) / 2
    elif pace > before:
        pace = before + (pace - before) / 4
    return max(pace, _QUICKEST)


def _widened(pipe: IO[bytes]) -> int:
    """Make a pipe hold more, where that can be; returns how much it holds, 0 where that is not known."""
    if sys.platform != "linux":
        return 0
    import fcntl

    with contextlib.suppress(OSError):  # a user may have so many bytes in pipes, and no more
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _ROOM)
    return fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ)
