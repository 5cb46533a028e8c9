"""A group and one of its pictures in; the group with that one kept out, all that is said of the others computed anew.

Being alike is not passed on: two pictures that are both like a third need not be like each other. So nothing that was
measured to the old kept picture says anything of the new one.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from difPy import decode, gallery, store, workers
from difPy import group as groups
from difPy.errors import WrongValue
from difPy.files import Files
from difPy.looks import Looks, kin
from difPy.match import mse
from difPy.match.decoding import full_distances
from difPy.match.fill import Filling
from difPy.model import Criterion, Group, Member, Stars, silent
from difPy.orientation import MIRRORED, SAME
from difPy.policy import Policy

if TYPE_CHECKING:
    import os
    from collections.abc import Container

    from difPy.match.arbiter import Judgement
    from difPy.model import Gallery

_CHOSEN = "Kept because you chose it."
_MOST = 255.0**2  # the greatest mean squared error there is


def rekeep(
    group: Group,
    path: str,
    *,
    cache: str | os.PathLike[str] | bool | None = None,
    processes: int | None = None,
) -> Group:
    """Keep another picture of a group.

    Parameters
    ----------
    group : Group
    path : str
        Of the picture to keep: one of the group.
    cache : path or bool, optional
        The index, as `difPy.index` takes it.
    processes : int, optional
        Worker processes that decode; all cores by default.

    Returns
    -------
    Group
        Every distance, orientation and reason is to the new kept picture. A picture that is further from it than any
        was from the old one is in the group no more, and nothing becomes of it; nor is one that cannot be read. In a
        group with altered copies such a picture is judged anew, and stays in it as an altered copy if it is one.

    Raises
    ------
    WrongValue
        There is no such picture in the group, or it cannot be read any more.
    MissingExtra
        Altered copies are to be judged, and what that needs is not installed.

    Examples
    --------
    >>> import difPy, tempfile
    >>> from difPy.files import File
    >>> from difPy.model import Group
    >>> alone = Group(File("a.png", "", 1, 0, 1, 1), ())
    >>> rekeep(alone, "a.png") == alone
    True
    """
    if path == group.keeper.path:
        return group
    others = [file for file in group.files if file.path != path]
    chosen = [file for file in group.files if file.path == path]
    if not chosen:
        raise WrongValue(f'"{path}" is not in the group of "{group.keeper.path}"')
    kept = chosen[0]
    if kept.digest is not None and all(file.digest == kept.digest for file in others):  # which says it all
        return Group(kept, tuple(Member(file, 0.0, SAME) for file in others), _CHOSEN, group.px_size)
    executor = workers.executor(processes)
    with store.open_index(cache, px_size=group.px_size, decoders=decode.decoders(), warn=lambda message: None) as index:
        filling = Filling(Files.of([*chosen, *others]), index, group.px_size, executor, exact=True)
        filling.fill(silent)
        filling.complete(silent)
        columns = filling.gallery
        if not len(columns) or columns.files.paths[0] != path:
            why = next((failure.reason for failure in filling.failures if failure.path == path), "it is no picture")
            raise WrongValue(f'"{path}" cannot be kept: {why}')
        mirror = any(member.orientation >= MIRRORED for member in group.members)
        criterion = Criterion(_MOST, mirror=mirror)
        codes = groups.shapes(columns, same_dimensions=False)
        rows = gallery.all_rows(columns, codes)
        full = partial(full_distances, executor, columns.files)
        found = [mse.nearest(rows, 0, at, criterion.orientations, full) for at in range(1, len(columns))]
        most = max((member.distance for member in group.members if member.change is None), default=0.0)
        near = {at: how for at, how in enumerate(found, 1) if how[0] <= most}
        copies = _copies(columns, near) if any(member.change for member in group.members) else {}
        near |= {at: (copy.distance, copy.orientation) for at, copy in copies.items()}
        rows_of_it = [0, *sorted(near)]
        stars = Stars(
            keeper=np.zeros(len(near) + 1, np.int64),
            distance=np.array([0.0, *(near[at][0] for at in rows_of_it[1:])]),
            orientation=np.array([0, *(near[at][1] for at in rows_of_it[1:])], np.uint8),
            compared=len(found),
        )
        looks = Looks(columns, kin(columns, codes, criterion))
        changes = {at: copy.change for at, copy in copies.items()}
        made = groups.groups(looks, np.array(rows_of_it, np.int64), stars, [_chosen(path)], changes=changes)
    return made[0] if made else Group(kept, (), _CHOSEN, group.px_size)


def _copies(columns: Gallery, near: Container[int]) -> dict[int, Judgement]:
    """Row -> how it is an altered copy of the first: of those that are not near it, and are one."""
    from difPy.match.altered import how_altered

    keeper = groups.file(columns, 0)
    judged = {at: how_altered(keeper, groups.file(columns, at)) for at in range(1, len(columns)) if at not in near}
    return {at: copy for at, copy in judged.items() if copy is not None}


def _chosen(path: str) -> Policy:
    return Policy("chosen", lambda facts: facts.file.path != path, lambda best, other: "you chose it")
