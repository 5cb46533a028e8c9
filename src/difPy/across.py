"""What a search found in; of that, what lies on both sides of a reference, out: what was leaked, say, into a test."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from difPy.group import is_reference
from difPy.model import Group, Member
from difPy.protection import below, reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from difPy.files import File, Files
    from difPy.model import Shared


def groups(
    found: Iterable[Group],
    pictures: Files,
    known: Callable[[int], File],
    roots: Sequence[str],
    references: Sequence[str],
) -> list[Group]:
    """Groups of a picture of a reference and what matches it elsewhere.

    Pictures of references come first in every search: so what matches one is in the group of one, and all other groups
    lie on one side. A file that has a name on both sides matches itself.

    Parameters
    ----------
    found : iterable of Group
    pictures : Files
        All that were compared.
    known : callable
        What is known of one of them, by its number.
    roots, references : sequence of str
        What was given to be searched, and as references.
    """
    across = {group.keeper.path: group for group in found if is_referred(group.keeper, references)}
    for row in pictures.links:
        one = known(row)
        names = (one.path, *one.hard_links, *one.symlinks)
        there = [name for name in names if _innermost(name, (*references, *roots)) in references]
        elsewhere = [name for name in names if name not in there]
        if there and elsewhere:
            keeper = one._replace(path=there[0], hard_links=(), symlinks=())
            before = across.pop(one.path, Group(keeper, ()))
            members = tuple(Member(keeper._replace(path=name, linked=one.linked), 0.0, 0) for name in elsewhere)
            across[there[0]] = replace(before, members=(*members, *before.members))
    return list(across.values())


def shared(found: Iterable[Shared], references: Sequence[str]) -> list[Shared]:
    """Pairs of which one lies in a reference, and the other does not."""
    return [pair for pair in found if is_referred(pair.first, references) is not is_referred(pair.second, references)]


def is_referred(file: File, references: Sequence[str]) -> bool:
    """Whether a file lies in a reference, under whichever of its names."""
    return reference(file.root, file.hard_links, references) is not None


def new(pictures: Files, known: Callable[[int], File], found: Iterable[Group], references: Sequence[str]) -> list[File]:
    """Pictures that were searched and match none of a reference, in their order."""
    there = {member.file.path for group in found if is_referred(group.keeper, references) for member in group.members}
    rows = np.flatnonzero(~is_reference(pictures, references)).tolist()
    return [known(row) for row in rows if pictures.paths[row] not in there]


def _innermost(path: str, roots: Iterable[str]) -> str | None:
    """The given directory that a path lies in; of several, the innermost."""
    return max((root for root in roots if below(path, root)), key=lambda root: len(os.path.abspath(root)), default=None)
