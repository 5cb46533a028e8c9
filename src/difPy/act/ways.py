"""An action -> how it is done, how one finds out after an error or a crash whether it was, and how it is undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from difPy.act import deletes, links, moves, reflinks, trash, xmp
from difPy.act.acts import Writing
from difPy.act.steps import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from difPy.act.acts import Act, Now


class Way(Protocol):
    """Three functions; a module has them."""

    def do(self, act: Act) -> Now:
        """Carry it out. OSError or Refusal: ask `settled` how far it came."""

    def settled(self, act: Act) -> bool:
        """Whether it was carried out; a half-done one is taken back. Refusal: the file is at no place we know."""

    def undo(self, act: Act, now: Now) -> None:
        """Take it back; harmless if it has been taken back already. OSError or Refusal: it could not be."""


WAYS: Mapping[Action | Writing, Way] = {
    Action.TRASH: trash,
    Action.MOVE: moves,
    Action.DELETE: deletes,
    Action.HARDLINK: links,
    Action.SYMLINK: links,
    Action.REFLINK: reflinks,
    Writing.NOTE: xmp,
}
