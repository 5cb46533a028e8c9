"""What a search found in; of that, what lies on both sides of a reference, out: what was leaked, say, into a test."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from difPy.group import file, is_reference
from difPy.model import Group, Member
from difPy.protection import below, reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from difPy.files import File
    from difPy.model import Gallery, Shared


def groups(found: Iterable[Group], gallery: Gallery, roots: Sequence[str], references: Sequence[str]) -> list[Group]:
    """Groups of a picture of a reference and what matches it elsewhere.

    Pictures of references come first in every search: so what matches one is in the group of one, and all other groups
    lie on one side. A file that has a name on both sides matches itself.

    Parameters
    ----------
    found : iterable of Group
    gallery : Gallery
        All pictures that were compared.
    roots, references : sequence of str
        What was given to be searched, and as references.
    """
    across = {group.keeper.path: group for group in found if is_referred(group.keeper, references)}
    for row in gallery.files.links:
        one = file(gallery, row)
        names = (one.path, *one.hard_links, *one.symlinks)
        there = [name for name in names if _innermost(name, (*references, *roots)) in references]
        elsewhere = [name for name in names if name not in there]
        if there and elsewhere:
            keeper = replace(one, path=there[0], hard_links=(), symlinks=())
            known = across.pop(one.path, Group(keeper, (), "", gallery.px_size))
            members = tuple(Member(replace(keeper, path=name, linked=one.linked), 0.0, 0) for name in elsewhere)
            across[there[0]] = replace(known, members=(*members, *known.members))
    return list(across.values())


def shared(found: Iterable[Shared], references: Sequence[str]) -> list[Shared]:
    """Pairs of which one lies in a reference, and the other does not."""
    return [pair for pair in found if is_referred(pair.first, references) is not is_referred(pair.second, references)]


def is_referred(file: File, references: Sequence[str]) -> bool:
    """Whether a file lies in a reference, under whichever of its names."""
    return reference(file.root, file.hard_links, references) is not None


def new(gallery: Gallery, found: Iterable[Group], references: Sequence[str]) -> list[File]:
    """Pictures that were searched and match none of a reference, in their order."""
    known = {member.file.path for group in found if is_referred(group.keeper, references) for member in group.members}
    files = (file(gallery, row) for row in np.flatnonzero(~is_reference(gallery, references)).tolist())
    return [one for one in files if one.path not in known]


def _innermost(path: str, roots: Iterable[str]) -> str | None:
    """The given directory that a path lies in; of several, the innermost."""
    return max((root for root in roots if below(path, root)), key=lambda root: len(os.path.abspath(root)), default=None)
