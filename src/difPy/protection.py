"""A path and what a person wants left alone -> whether it is to be left alone, and because of what."""

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
