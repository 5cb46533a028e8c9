"""Groups in; a report to keep out: pages that hold their pictures and need neither a script nor a network.

pages: groups as HTML; drawn: the small pictures in it; style.css: what it looks like
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from difPy import report as formats
from difPy.errors import WrongValue
from difPy.model import silent
from difPy.reporting.drawn import drawn
from difPy.reporting.pages import page
from difPy.told import told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from difPy.model import Group, Progress

GROUPS = 2000
"""On a page."""


def report(
    groups: Sequence[Group],
    path: str | os.PathLike[str],
    *,
    write: Callable[[str, bytes], None],
    over: bool = False,
    title: str = "Duplicate pictures",
    processes: int | None = None,
    progress: Progress = silent,
) -> list[str]:
    """Write a report: HTML pages, and beside them the same groups as JSON and as CSV.

    Parameters
    ----------
    groups : sequence of Group
    path : path
        Of the first page: it ends in ``.html``. Further ones, of 2,000 groups each, have a number before that.
    write : callable
        ``write(path, data)`` makes a file.
    over : bool, optional
        Whether it may write over one that is there.
    title : str, optional
    processes : int, optional
        Worker processes that make small pictures; all cores by default.
    progress : Progress, optional

    Returns
    -------
    list of str
        What was written.

    Raises
    ------
    WrongValue
        The path does not end in ``.html``; one of the files exists already, and must not be written over; or one cannot
        be written.
    """
    stem, extension = os.path.splitext(os.fspath(path))
    if extension.lower() not in (".html", ".htm"):
        raise WrongValue(f'a report is a page: "{os.fspath(path)}" must end in .html')
    full = told(groups, processes=processes)
    count = max(1, -(-len(full) // GROUPS))
    names = [f"{stem}{extension}", *(f"{stem}-{number}{extension}" for number in range(2, count + 1))]
    others = {f"{stem}.json": formats.as_json(full), f"{stem}.csv": formats.as_csv(full)}
    if not over and (taken := [name for name in (*names, *others) if os.path.lexists(name)]):
        raise WrongValue(f'"{taken[0]}" exists already: name another file')
    for number, name in enumerate(names):
        first = number * GROUPS
        some = full[first : first + GROUPS]
        pictures = drawn(some, processes=processes, progress=progress)
        beside = [os.path.basename(one) for one in (*names, *others)]
        text = page(some, pictures, title, all_groups=full, first=first, number=number, names=beside)
        _written(write, name, text)
    for name, text in others.items():
        _written(write, name, text)
    return [*names, *others]


def _written(write: Callable[[str, bytes], None], name: str, text: str) -> None:
    try:
        write(name, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise WrongValue(f'"{name}" cannot be written: {error.strerror}') from error
