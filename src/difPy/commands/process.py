"""The process of a command: its streams, its workers and what asks for its end in; its exit code out."""

from __future__ import annotations

import atexit
import contextlib
import math
import os
import signal
import sys
import threading
import time
from typing import NoReturn

_KEPT_BYTES = 1 << 24  # four times what the tensors of a batch take, and little beside all else that a search takes
_PATIENCE = 1.0  # seconds that an end may take: who asks for it again within them asks for the same
_INTERRUPTED = 130


class Asked(KeyboardInterrupt):
    """To end, by a signal: that of Ctrl-C, or another."""


def open_streams() -> None:
    """Have nowhere in the place of a standard stream that is closed: or the next file that is opened would be there."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def end_when_asked() -> None:
    """Have it cleaned up as for Ctrl-C when a system, or a terminal that is closed, asks for an end.

    And have that done undisturbed: `timeout` and terminals ask twice, people press Ctrl-C more than once, for one end.
    """
    last = -math.inf

    def end(number: int, _: object) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > _PATIENCE:
            last = now
            raise Asked(number)

    for number in _asking():
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):  # nohup wants it to go on
            signal.signal(number, end)


def keep_memory() -> None:
    """Keep what one batch of pictures leaves for the next: of a search of a thousand, that saves a hundredth."""
    from difPy import memory

    memory.keep(_KEPT_BYTES)


def have_workers(processes: int | None, cache: str | os.PathLike[str] | bool | None) -> None:
    """Have workers before anything is opened, and, where no index can know a picture yet, decoders that they share.

    Parameters
    ----------
    processes : int or None
        As for `workers.executor`.
    cache : path or bool, optional
        As for `store.open_index`.
    """
    from difPy import decode, store, workers

    path = store.place(cache)
    is_known = path is not None and os.path.exists(path)
    workers.prepare(processes, None if is_known else decode.load)


def code_of(asked: KeyboardInterrupt) -> int:
    """Exit code of a command that was asked to end: as a shell says of a program that a signal ended."""
    return 128 + int(asked.args[0]) if isinstance(asked, Asked) else _INTERRUPTED


def _asking() -> list[signal.Signals]:
    """Signals that ask for an end: not all systems have all."""
    return [number for number in signal.Signals if number.name in ("SIGINT", "SIGTERM", "SIGHUP")]


def end(code: int) -> NoReturn:
    """End with a code, at once: what is to be done at an end is done, and what is loaded is left to the system.

    To take it apart, module by module, takes Python 0.015 s. And of a Ctrl-C that came amid what `exec` runs, as where
    a dataclass is made, it believes that nobody has handled it. What cannot be written by now, to a pipe that nobody
    reads or to a full disk, goes nowhere: that was said, or is nobody's fault, and Python would have its own code.

    Who asks for an end by now is to wait for what is done at it; who has waited for a second waits no longer.
    """
    began = time.monotonic()

    def again(*_: object) -> None:
        if time.monotonic() - began > _PATIENCE:
            os._exit(code)

    for number in _asking():
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, again)
    threading._shutdown()  # type: ignore[attr-defined]  # waits for those that are no daemons, as Python does
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
