"""The bytes that all workers of a run may take together: who may take how many now, and who must wait for others."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable


class Budget:
    """Bytes given out in turn: whoever waits for many is not passed by those who want few.

    Parameters
    ----------
    changed : Condition
        Its lock guards this. All who wait on it are woken when there is more to give.
    total : int
        Bytes.
    """

    def __init__(self, changed: threading.Condition, total: int) -> None:
        self.total = total
        self._changed = changed
        self._free = total
        self._turns: deque[object] = deque()

    @property
    def wanted(self) -> bool:
        """Whether somebody waits, so that others should not begin anything new."""
        return bool(self._turns)

    def take(self, size: int) -> bool:
        """Take that many bytes, if nobody waits and they are there."""
        if self._turns or size > self._free:
            return False
        self._free -= size
        return True

    def wait(self, size: int, given_up: Callable[[], bool]) -> bool:
        """Wait for that many bytes and take them; False if it is given up."""
        with self._changed:
            turn = object()
            self._turns.append(turn)
            try:
                while not given_up():
                    if self._turns[0] is turn and size <= self._free:
                        self._free -= size
                        return True
                    self._changed.wait()
                return False
            finally:
                self._turns.remove(turn)
                self._changed.notify_all()

    def give(self, size: int) -> None:
        """Give them back."""
        with self._changed:
            self._free += size
            self._changed.notify_all()
