"""The reasons to keep one picture rather than another: each a `Policy`, by facts of the picture alone."""

from __future__ import annotations

import datetime
import os
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from difPy.policy.facts import Facts, Policy
from difPy.protection import below, reference

if TYPE_CHECKING:
    from collections.abc import Sequence

LOSSLESS = frozenset({"BMP", "DDS", "DIB", "ICNS", "PCX", "PNG", "PPM", "QOI", "SGI", "TGA", "TIFF"})
"""Formats, by Pillow's names, that as a rule keep every pixel; camera raws beside them (`RAW`)."""

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
