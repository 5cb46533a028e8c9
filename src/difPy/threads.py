"""Work on a range in; the same done by pieces, in several threads, out: for loops that run without the interpreter."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def spread(work: Callable[[int, int], None], count: int, piece: int, threads: int) -> None:
    """Call `work(start, end)` for pieces of `range(count)`; what one of them raises ends it all.

    Examples
    --------
    >>> found = []
    >>> spread(lambda start, end: found.append((start, end)), 5, 2, 3)
    >>> sorted(found)
    [(0, 2), (2, 4), (4, 5)]
    """
    pieces = iter([(start, min(start + piece, count)) for start in range(0, count, piece)])
    lock = threading.Lock()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            while not failed:
                with lock:
                    start, end = next(pieces, (0, 0))
                if start == end:
                    break
                work(start, end)
        except BaseException as error:
            failed.append(error)

    others: list[threading.Thread] = []
    with contextlib.suppress(RuntimeError):  # the system gives us no more: those that there are do it all
        for _ in range(min(threads, -(-count // piece)) - 1):
            thread = threading.Thread(target=run)
            thread.start()
            others.append(thread)
    run()
    for thread in others:
        thread.join()
    if failed:
        raise failed[0]
