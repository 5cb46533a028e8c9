"""Groups in; a page of this machine's browser out, on which a person looks at them, decides, and has it done.

shelf: groups as columns; views: which of them, in which order; judging: what was decided; desk: all of these together
work: plan, apply, undo; pictures: what a browser is shown
guard, launch: who may ask; answers, server: what is answered
"""

from __future__ import annotations

import os
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

from difPy import act, workers
from difPy.model import cores
from difPy.page.answers import Answers
from difPy.page.desk import Desk
from difPy.page.launch import Keys, launcher
from difPy.page.server import listening, serve
from difPy.page.work import Work
from difPy.store.thumbnails import Thumbnails
from difPy.thumbs import Maker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from difPy.library import Library
    from difPy.model import Group

IDLE = 3600.0
"""Seconds without a look after which the page ends."""
_TENSOR = 50  # pixels: larger ones come hardly sooner than thumbnails


def review(
    found: Any,
    *,
    browser: bool = True,
    aside: str | os.PathLike[str] | None = None,
    protect: Sequence[str] = (),
    references: Sequence[str] = (),
    cache: str | os.PathLike[str] | bool | None = None,
    processes: int | None = None,
    idle: float = IDLE,
    library: Library | None = None,
    tell: Callable[[str], None] = lambda message: None,
) -> None:
    """Look at groups, decide, and have it done: on a page in the browser. Returns when the page has ended.

    Every decision is remembered as it is made. Nothing is done before a plan was looked at.

    Parameters
    ----------
    found : Settled, or iterable of Group
        What `difPy.find` returned, or its groups.
    browser : bool, optional
        Open one. Otherwise `tell` is given the address to open.
    aside : path, optional
        Where pictures are moved to; by default a folder beside the first directory that was searched.
    protect, references : sequence of str, optional
        Never touched: as for `difPy.plan`.
    cache : path or bool, optional
        The index, as for `difPy.index`.
    processes : int, optional
        Worker processes that make small pictures; all cores by default.
    idle : float, optional
        Seconds without a look after which the page ends.
    library : Library, optional
        Where it was found: then a page says which threshold fits these pictures, and what the library knows of them is
        shown until there are small pictures of them.
    tell : callable, optional
        Told, in a sentence, where the page is.

    Raises
    ------
    JournalBroken
        Decisions can be neither read nor written.

    Examples
    --------
    >>> import difPy
    >>> difPy.review([], browser=False, idle=0.1)
    """
    groups: Iterable[Group] = getattr(found, "groups", found)
    desk = Desk(groups, act.Decisions(), cache)
    work = Work(desk, aside or beside(desk), protect, references)
    thumbnails = Thumbnails()
    maker = Maker(workers.executor(processes or cores()), thumbnails)
    keys, at = Keys(), listening()
    calibrated = None if library is None else partial(_calibrated, library, processes)
    tensors = library.index.tensors if library is not None and library.index.recipe.px_size == _TENSOR else None
    port = at.getsockname()[1]
    try:
        with launcher(keys, port) as path:

            def ready() -> None:
                if browser and _opened(path):
                    tell(f"the review is open in your browser; if you do not see it, open {path}")
                else:
                    tell(f"open this address, which is good for one time: {keys.address(port)}")
                tell("Ctrl-C ends it. All decisions are saved as you make them.")

            asked = serve(
                Answers(desk, work, maker, keys, calibrated, tensors),
                keys,
                at,
                work,
                idle=idle,
                ready=ready,
            )
    finally:
        if work.stop():
            tell("what was being done is stopped; what had been done by then, difpy undo takes back")
        maker.close()
        thumbnails.close()
        at.close()
    if asked:
        signal.raise_signal(asked)


def _opened(path: str) -> bool:
    """Whether a browser shows a page."""
    import webbrowser  # here, for it takes longer to import than a page to serve

    return webbrowser.open(f"file://{path}")


def _calibrated(library: Library, processes: int | None) -> tuple[str, str]:
    """The page that says which threshold fits, and what it may do."""
    from difPy.calibration import calibrate
    from difPy.calibration.pages import POLICY, page

    return page(calibrate(library, processes=processes), back="./", processes=processes), POLICY


def beside(desk: Desk) -> str:
    """Where pictures are moved to: beside the folder that was searched first."""
    roots = [desk.shelf.file(0).root] if len(desk.shelf) else []
    root = os.path.abspath(roots[0] if roots else os.curdir)
    return os.path.join(os.path.dirname(root), f"{os.path.basename(root) or 'pictures'} - set aside")
