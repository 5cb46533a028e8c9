"""One after the other: of all difPys that a user runs at once, one looks at the files of a step and acts on them.

Two plans that contradict each other would otherwise both find what they keep, and then each remove what the other one
keeps. A turn is as short as a step, so that nobody waits for long.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from difPy.act import disk
from difPy.act.journal import state_folder
from difPy.errors import JournalBroken

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def taking_turns() -> Iterator[Turns]:
    """Turns to take, for as long as a plan is carried out.

    Where the state folder cannot be written, or its file system has no locks, nobody is kept waiting.
    """
    descriptor = None
    with contextlib.suppress(OSError, JournalBroken):
        descriptor = disk.append_to(os.path.join(state_folder(), "turn"), new=False)
    try:
        yield Turns(descriptor)
    finally:
        if descriptor is not None:
            with contextlib.suppress(OSError):
                disk.close(descriptor)


class Turns:
    """The turns of one difPy."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until nobody else has a turn, and have it for the length of the block."""
        if self._descriptor is None:
            yield
            return
        with contextlib.suppress(OSError):
            disk.lock(self._descriptor, wait=True)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                disk.unlock(self._descriptor)
