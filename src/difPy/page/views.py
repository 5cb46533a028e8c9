"""A shelf and what a person wants to see of it in; numbers of groups in that order out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from difPy.errors import WrongValue

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.page.judging import Judging
    from difPy.page.shelf import Shelf

    Numbers = npt.NDArray[np.int64]

ORDERS = ("doubt", "size", "path")
"""Least alike first, most to be freed first, by folder."""
STATES = ("open", "agreed", "apart")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class View:
    """What a person wants to see."""

    order: str = "doubt"
    kind: int = 0
    """Only groups in which this differs; 0 for all."""
    state: str = ""
    """Only groups in this state: see `STATES`."""
    text: str = ""
    """Only groups with this in a name or a folder."""

    def __post_init__(self) -> None:
        if self.order not in ORDERS or self.state not in ("", *STATES) or not 0 <= self.kind < 256:
            raise WrongValue("there is no such order, kind or state")
        if len(self.text) > _LONGEST:
            raise WrongValue("that is too long to look for")


class Views:
    """Groups as a person wants to see them.

    Parameters
    ----------
    shelf : Shelf
    judging : Judging
    """

    def __init__(self, shelf: Shelf, judging: Judging) -> None:
        self._shelf, self._judging = shelf, judging
        self._orders: dict[str, Numbers] = {}
        self._texts: list[str] | None = None

    def numbers(self, view: View) -> Numbers:
        """Numbers of the groups."""
        shelf = self._shelf
        wanted = np.ones(len(shelf), np.bool_)
        if view.kind:
            wanted &= (shelf.columns().kinds & view.kind) > 0
        if view.state:
            wanted &= self._judging.states == STATES.index(view.state)
        if view.text:
            wanted &= self._with(view.text.casefold(), wanted)
        order = self._order(view.order)
        return order[wanted[order]]

    def _order(self, name: str) -> Numbers:
        if name not in self._orders:
            self._orders[name] = self._sorted(name)
        return self._orders[name]

    def _sorted(self, name: str) -> Numbers:
        shelf = self._shelf
        if name == "doubt":
            return np.argsort(-shelf.greatest, kind="stable")
        if name == "size":
            return np.argsort(-freed(shelf), kind="stable")
        keepers = [shelf.columns().paths[first] for first in shelf.first[:-1].tolist()]
        return np.array(sorted(range(len(shelf)), key=keepers.__getitem__), np.int64)

    def _with(self, text: str, wanted: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        if self._texts is None:
            bounds, paths = self._shelf.first.tolist(), self._shelf.columns().paths
            self._texts = ["\n".join(paths[a:b]).casefold() for a, b in pairwise(bounds)]
        found = np.zeros(len(wanted), np.bool_)
        found[[number for number in np.flatnonzero(wanted).tolist() if text in self._texts[number]]] = True
        return found


def freed(shelf: Shelf) -> Numbers:
    """Bytes that each group would free, if all of it but the kept picture went.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    sizes, first = shelf.columns().sizes, shelf.first
    sums = np.concatenate([[0], np.cumsum(sizes)])
    return sums[first[1:]] - sums[first[:-1]] - sizes[first[:-1]] if len(shelf) else np.zeros(0, np.int64)
