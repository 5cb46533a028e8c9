"""Paths and what a person wants left alone -> whether they are to be left alone, and because of what."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def below(path: str, folder: str) -> bool:
    """Whether the path is the folder, or lies below it."""
    path, folder = os.path.abspath(path), os.path.abspath(folder)
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def protected(paths: Sequence[str], patterns: Sequence[str]) -> str | None:
    """The first pattern that protects one of the paths: a folder above it, the file itself, or a pattern.

    Examples
    --------
    >>> protected(["archive/2020/a.jpg"], ["archive"])
    'archive'
    >>> protected(["new/a.jpg"], ["*.png", "archive"]) is None
    True
    """
    for pattern in patterns:
        for path in paths:
            if below(path, pattern) or fnmatchcase(path, pattern) or fnmatchcase(os.path.basename(path), pattern):
                return pattern
    return None


def reference(root: str, hard_links: Sequence[str], references: Sequence[str]) -> str | None:
    """The reference directory in which a file lies under one of its names.

    A reference may lie in a searched directory or hold one: of the given directories, the innermost counts.

    Parameters
    ----------
    root : str
        The given directory of the file's own name.
    hard_links : sequence of str
        Its other names.

    Examples
    --------
    >>> reference("new", ["archive/b.jpg"], ["archive"])
    'archive'
    >>> reference("archive/new", ["archive/new/b.jpg"], ["archive"]) is None
    True
    """
    if root in references:
        return root
    for name in hard_links:
        for one in references:
            if below(name, one) and (below(one, root) or not below(name, root)):
                return one
    return None
