"""Facts of pictures and a keep policy -> the order in which they are kept, best first, and why, in words.

A policy is a key function with words. Policies combine in order: the first that tells two pictures apart decides.
Behind all of them stands the documented order: the larger file, then more pixels, then the older file, then the path.
"""

from __future__ import annotations

import datetime
import os
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from difPy.errors import WrongValue
from difPy.protection import below, reference

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from difPy.files import File

LOSSLESS = frozenset({"BMP", "DDS", "DIB", "ICNS", "PCX", "PNG", "PPM", "QOI", "SGI", "TGA", "TIFF"})
"""Formats, by Pillow's names, that as a rule keep every pixel; camera raws beside them (`RAW`)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What policies look at."""

    file: File
    width: int
    height: int
    format: str
    """Pillow's name: JPEG, PNG, ..."""
    exif_fields: int = 0
    gps: bool = False

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height

    @property
    def time(self) -> float:
        """When the file was changed last, seconds since 1970."""
        return self.file.mtime_ns / 1e9


@dataclass(frozen=True, slots=True)
class Policy:
    """One reason to keep a picture rather than another."""

    name: str
    key: Callable[[Facts], Any]
    """The least is kept."""
    words: Callable[[Facts, Facts], str]
    """Why the first is kept rather than the second: follows "because"."""


SIZE = Policy(
    "size",
    lambda facts: -facts.file.size,
    lambda best, other: f"it is the larger file ({_bytes(best.file.size)} against {_bytes(other.file.size)})",
)
RESOLUTION = Policy(
    "resolution",
    lambda facts: -facts.pixels,
    lambda best, other: f"it has more pixels ({best.width} x {best.height} against {other.width} x {other.height})",
)
IS_LOSSLESS = Policy(
    "lossless",
    lambda facts: not (facts.format.upper() in LOSSLESS or "RAW" in facts.format.upper()),
    lambda best, other: f"{best.format} keeps every pixel and {other.format} does not",
)
METADATA = Policy(
    "metadata",
    lambda facts: (not facts.gps, -facts.exif_fields),
    lambda best, other: (
        "it says where it was taken"
        if best.gps and not other.gps
        else f"it has more EXIF fields ({best.exif_fields} against {other.exif_fields})"
    ),
)
OLDEST = Policy(
    "oldest",
    lambda facts: facts.file.mtime_ns,
    lambda best, other: f"it is older ({_dates(best.time, other.time)})",
)
NEWEST = Policy(
    "newest",
    lambda facts: -facts.file.mtime_ns,
    lambda best, other: f"it is newer ({_dates(best.time, other.time)})",
)
SHORTEST = Policy("shortest", lambda facts: len(facts.file.path), lambda best, other: "its path is shorter")
PATH = Policy("path", lambda facts: facts.file.path, lambda best, other: "its path comes first in the alphabet")

DOCUMENTED = (SIZE, RESOLUTION, OLDEST, PATH)
BY_NAME = {policy.name: policy for policy in (SIZE, RESOLUTION, IS_LOSSLESS, METADATA, OLDEST, NEWEST, SHORTEST)}


def in_folders(folders: Sequence[str]) -> Policy:
    """Pictures below the first folder before those below the second, and these before all others."""

    def rank(facts: Facts) -> int:
        return next((number for number, folder in enumerate(folders) if below(facts.file.path, folder)), len(folders))

    return Policy("folder", rank, lambda best, other: f'it is in "{folders[rank(best)]}"')


def matching(pattern: str) -> Policy:
    """Pictures whose path or name matches a pattern with ``*``, ``?`` and ``[...]`` before all others."""

    def other(facts: Facts) -> bool:
        path = facts.file.path
        return not (fnmatchcase(path, pattern) or fnmatchcase(os.path.basename(path), pattern))

    return Policy("path", other, lambda best, worse: f'its path matches "{pattern}"')


def referred(references: Sequence[str]) -> Policy:
    """Pictures in reference folders before all others: they stay anyway."""

    def folder(facts: Facts) -> str | None:
        return reference(facts.file.root, facts.file.hard_links, references)

    return Policy(
        "reference",
        lambda facts: folder(facts) is None,
        lambda best, other: f'it is in the reference folder "{folder(best)}"',
    )


def policy(text: str) -> Policy:
    """The policy of that name.

    Parameters
    ----------
    text : str
        'size', 'resolution', 'lossless', 'metadata', 'oldest', 'newest', 'shortest', 'folder=PATH' or 'path=PATTERN'.

    Raises
    ------
    WrongValue
        For any other text.

    Examples
    --------
    >>> policy("lossless").name, policy("folder=/archive").name
    ('lossless', 'folder')
    """
    name, _, value = text.partition("=")
    if name == "folder" and value:
        return in_folders([value])
    if name == "path" and value:
        return matching(value)
    if text in BY_NAME:
        return BY_NAME[text]
    raise WrongValue(f"keep must be one of {', '.join(BY_NAME)}, folder=PATH or path=PATTERN, not {text!r}")


def order(facts: Facts, policies: Sequence[Policy] = ()) -> tuple[Any, ...]:
    """Sort key of a picture: the least is kept.

    Parameters
    ----------
    facts : Facts
    policies : sequence of Policy, optional
        Asked in order, before the documented ones.

    Examples
    --------
    >>> from difPy.files import File
    >>> small, large = (Facts(File(name, "", size, 0, 1, size), 9, 9, "PNG") for name, size in (("a", 1), ("b", 2)))
    >>> [facts.file.path for facts in sorted([small, large], key=order)]
    ['b', 'a']
    """
    return tuple(policy.key(facts) for policy in (*policies, *DOCUMENTED))


def why(kept: Facts, others: Sequence[Facts], policies: Sequence[Policy] = ()) -> str:
    """Why a picture is kept rather than the others of its group, a sentence.

    Examples
    --------
    >>> from difPy.files import File
    >>> kept = Facts(File("a.png", "", 2048, 0, 1, 1), 8, 8, "PNG")
    >>> why(kept, [Facts(File("b.jpg", "", 1024, 0, 1, 2), 8, 8, "JPEG")], [IS_LOSSLESS])
    'Kept because PNG keeps every pixel and JPEG does not.'
    """
    reasons: dict[str, str] = {}
    for other in sorted(others, key=lambda facts: order(facts, policies)):
        for policy in (*policies, *DOCUMENTED):
            mine, theirs = policy.key(kept), policy.key(other)
            if mine < theirs:
                reasons.setdefault(policy.name, policy.words(kept, other))
            if mine != theirs:
                break
    if not reasons:
        return "Kept because it was chosen." if others else "Kept because nothing is like it."
    return f"Kept because {', and '.join(reasons.values())}."


def _bytes(size: int) -> str:
    """A size as people read it; the exact one where it is small.

    Examples
    --------
    >>> _bytes(999), _bytes(1_536_000)
    ('999 bytes', '1.5 MB')
    """
    if size < 10_000:
        return f"{size:,} bytes"
    return f"{size / 1e3:.1f} kB" if size < 1_000_000 else f"{size / 1e6:,.1f} MB"


def _dates(one: float, two: float) -> str:
    """Two times, only as exactly as it takes to tell them apart."""
    times = [datetime.datetime.fromtimestamp(seconds) for seconds in (one, two)]
    forms = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f")
    texts = [[time.strftime(form) for time in times] for form in forms]
    return " against ".join(next((pair for pair in texts if pair[0] != pair[1]), texts[-1]))
