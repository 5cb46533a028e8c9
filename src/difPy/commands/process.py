"""The process of a command: its streams, its workers and what asks for its end in; its exit code out."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
from types import ModuleType
from typing import NoReturn

_KEPT_BYTES = 1 << 24  # four times what the tensors of a batch take, and little beside all else that a search takes


class Asked(KeyboardInterrupt):
    """To end, by a signal other than that of Ctrl-C."""


def open_streams() -> None:
    """Have nowhere in the place of a standard stream that is closed: or the next file that is opened would be there."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def end_when_asked() -> None:
    """Have it cleaned up as for Ctrl-C when a system, or a terminal that is closed, asks for an end."""

    def end(number: int, _: object) -> None:
        raise Asked(number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # not all systems have both
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup wants it to go on
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


def spare_docstrings() -> None:
    """Have numpy loaded without the docstrings of what is compiled in it: to write them takes it 0.008 s.

    Then it is as with ``python -OO``. A numpy that keeps them elsewhere writes them.
    """
    for name in ("_add_newdocs", "_add_newdocs_scalars"):
        sys.modules.setdefault(f"numpy._core.{name}", ModuleType(name))


def end(code: int) -> NoReturn:
    """End with a code, at once: what is to be done at an end is done, and what is loaded is left to the system.

    To take it apart, module by module, takes Python 0.015 s. And of a Ctrl-C that came amid what `exec` runs, as where
    a dataclass is made, it believes that nobody has handled it. What cannot be written by now, to a pipe that nobody
    reads or to a full disk, goes nowhere: that was said, or is nobody's fault, and Python would have its own code.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # waits for those that are no daemons, as Python does
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
