"""Paths and what a person wants left alone -> whether they are to be left alone, and because of what."""

from __future__ import annotations

import os
import sys
import unicodedata
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from difPy.errors import WrongValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from difPy.files import Links

IGNORES_CASE = sys.platform in ("cygwin", "darwin", "win32")
"""Whether file systems here take upper and lower case for the same, as a rule."""
_WILD = frozenset("*?[")


def below(path: str, folder: str) -> bool:
    """Whether the path is the folder, or lies below it."""
    path, folder = os.path.abspath(path), os.path.abspath(folder)
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def lies_in(path: str, folder: str, *, ignoring_case: bool = IGNORES_CASE) -> bool:
    """The same, as file systems take names.

    Examples
    --------
    >>> [lies_in("Archive/a.jpg", "archive", ignoring_case=ignoring) for ignoring in (True, False)]
    [True, False]
    """
    return below(_folded(path), _folded(folder)) if ignoring_case else below(path, folder)


def matches(path: str, pattern: str, *, ignoring_case: bool = IGNORES_CASE) -> bool:
    """Whether a path, or the name of its file, matches a pattern with ``*``, ``?`` and ``[...]``.

    Upper and lower case are the same in extensions, and where file systems take them for the same.

    Examples
    --------
    >>> matches("scans/SCAN.TIF", "*.tif"), matches("SCAN.TIF", "scan*", ignoring_case=False)
    (True, False)
    """
    fold = _folded if ignoring_case else _with_lower_extension
    pattern, name = fold(pattern), fold(path)
    return fnmatchcase(name, pattern) or fnmatchcase(os.path.basename(name), pattern)


def protected(paths: Iterable[str], patterns: Sequence[str]) -> str | None:
    """The first pattern that protects one of the paths: a folder above it, the file itself, or a pattern.

    Examples
    --------
    >>> protected(["archive/2020/a.jpg"], ["archive"])
    'archive'
    >>> protected(["new/a.jpg"], ["*.png", "archive"]) is None
    True
    """
    for pattern in patterns:
        if any(lies_in(path, pattern) or matches(path, pattern) for path in paths):
            return pattern
    return None


def idle(paths: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """Patterns that protect none of the paths.

    Raises
    ------
    WrongValue
        One of them is the path of something that does not exist.

    Examples
    --------
    >>> idle(["new/a.jpg"], ["*.jpg", "*.png"])
    ['*.png']
    """
    paths = list(paths)
    useless = [pattern for pattern in patterns if protected(paths, [pattern]) is None]
    for pattern in useless:
        if _WILD.isdisjoint(pattern) and not os.path.lexists(pattern):
            raise WrongValue(
                f"protect {pattern!r} protects nothing: no file has that name, there is nothing at "
                f"{os.path.abspath(pattern)!r}, and it is no pattern such as '*.tif'"
            )
    return useless


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


def empty(references: Iterable[str], roots: Iterable[str], links: Iterable[Links]) -> list[str]:
    """Reference directories in which no file lies.

    Parameters
    ----------
    references : iterable of str
    roots : iterable of str
        The given directory of each file.
    links : iterable of Links
        The further names of those files that have any: as in `Files.links`.

    Examples
    --------
    >>> empty(["archive", "old"], ["new", "archive"], [])
    ['old']
    """
    places = set(map(os.path.realpath, set(roots)))
    names = [name for hard_links, *_ in links for name in hard_links]
    return [
        one for one in references if os.path.realpath(one) not in places and not any(below(name, one) for name in names)
    ]


def _folded(path: str) -> str:
    """A path, or pattern, such that names are equal that file systems ignoring case take for the same."""
    return unicodedata.normalize("NFC", path).casefold()


def _with_lower_extension(path: str) -> str:
    stem, extension = os.path.splitext(path)
    return stem + extension.lower()
