"""The reasons to keep one picture rather than another: each a `Policy`, by facts of the picture alone."""

from __future__ import annotations

import datetime
import os
from typing import TYPE_CHECKING

from difPy import discarded
from difPy.policy.copies import is_copy
from difPy.policy.facts import Facts, Policy
from difPy.protection import lies_in, matches, reference
from difPy.traits import Lossless, Notes

if TYPE_CHECKING:
    from collections.abc import Sequence

_OF_CAMERAS = {"RAW": 0, "JPEG": 1, "MPO": 1, "HEIF": 1}
"""Formats that cameras write, the first of them what the sensor saw; all others come behind."""
_KEEPS = {Lossless.YES: "keeps every pixel", Lossless.MAYBE: "may keep every pixel"}
_DOES_NOT = {Lossless.NO: "does not", Lossless.MAYBE: "may not"}

UNDATED = (1 << 63) - 1
"""In the place of a time that nobody knows: such a picture is neither the oldest nor the newest."""

SIZE = Policy(
    "size",
    lambda facts: -facts.file.size,
    lambda best, other: f"it is the larger file ({_bytes(best.file.size)} against {_bytes(other.file.size)})",
)
SMALLEST = Policy(
    "smallest",
    lambda facts: facts.file.size,
    lambda best, other: f"it is the smaller file ({_bytes(best.file.size)} against {_bytes(other.file.size)})",
)
LEAST = Policy("pixels take", lambda facts: -facts.pixels_take, lambda best, other: _takes(best, other))
RESOLUTION = Policy(
    "resolution",
    lambda facts: -facts.pixels,
    lambda best, other: f"it has more pixels ({best.width} x {best.height} against {other.width} x {other.height})",
)
WHOLE = Policy("whole", lambda facts: facts.hides, lambda best, other: "it shows more of the picture")
CLEAN = Policy("clean", lambda facts: facts.covered, lambda best, other: "something is written or drawn over the other")
DETAIL = Policy("detail", lambda facts: -facts.pixels_that_tell, lambda best, other: _shows_finer(best, other))
ORIGINAL = Policy(
    "original",
    lambda facts: facts.is_enlarged,
    lambda best, other: f"the other shows no more with its {other.width} x {other.height} pixels",
)
IS_LOSSLESS = Policy("lossless", lambda facts: -facts.lossless, lambda best, other: _keeps(best, other))
ORIGIN = Policy("origin", lambda facts: -facts.pixels_kept, lambda best, other: _comes_from(best, other))
FAITHFUL = Policy(
    "faithful", lambda facts: facts.pixels_kept is not Lossless.YES, lambda best, other: _comes_from(best, other)
)
METADATA = Policy(
    "metadata",
    lambda facts: (Notes.PLACE not in facts.notes, -facts.notes.bit_count(), -facts.fields),
    lambda best, other: _tells(best, other),
)
CAMERA = Policy(
    "camera",
    lambda facts: _OF_CAMERAS.get(facts.format, len(_OF_CAMERAS)),
    lambda best, other: f"{best.format} is what cameras write, before {other.format}",
)
OLDEST = Policy(
    "oldest",
    lambda facts: facts.file.mtime_ns if facts.is_dated else UNDATED,
    lambda best, other: f"it is older ({_dates(best, other)})",
)
NEWEST = Policy(
    "newest",
    lambda facts: -facts.file.mtime_ns if facts.is_dated else UNDATED,
    lambda best, other: f"it is newer ({_dates(best, other)})",
)
SHORTEST = Policy("shortest", lambda facts: len(facts.file.path), lambda best, other: "its path is shorter")
LIVE = Policy(
    "live",
    lambda facts: _discarded(facts) is not None,
    lambda best, other: f"it is live, and the other lies in {_discarded(other)}",
)
NO_COPY = Policy(
    "copy",
    lambda facts: is_copy(facts.file.path),
    lambda best, other: f'"{os.path.basename(other.file.path)}" is named as a copy',
)
SHORT_NAME = Policy(
    "name", lambda facts: len(os.path.basename(facts.file.path)), lambda best, other: "its name is shorter"
)
PATH = Policy("path", lambda facts: facts.file.path, lambda best, other: "its path comes first in the alphabet")


def in_folders(folders: Sequence[str]) -> Policy:
    """Pictures below the first folder before those below the second, and these before all others."""

    def rank(path: str) -> int:
        return next((number for number, folder in enumerate(folders) if lies_in(path, folder)), len(folders))

    return Policy(
        "folder",
        lambda facts: rank(facts.file.path),
        lambda best, other: f'it is in "{folders[rank(best.file.path)]}"',
        lambda path: rank(path) < len(folders),
        f"folder={', '.join(folders)}",
    )


def matching(pattern: str) -> Policy:
    """Pictures whose path or name matches a pattern with ``*``, ``?`` and ``[...]`` before all others."""
    return Policy(
        "path",
        lambda facts: not matches(facts.file.path, pattern),
        lambda best, other: f'its path matches "{pattern}"',
        lambda path: matches(path, pattern),
        f"path={pattern}",
    )


def referred(references: Sequence[str]) -> Policy:
    """Pictures in reference folders before all others: they stay anyway."""

    def folder(facts: Facts) -> str | None:
        return reference(facts.file.root, facts.file.hard_links, references)

    return Policy(
        "reference",
        lambda facts: folder(facts) is None,
        lambda best, other: f'it is in the reference folder "{folder(best)}"',
    )


def _discarded(facts: Facts) -> str | None:
    """What the picture is, if none that stays: what is in a trash or a snapshot is found below such a root only."""
    if facts.file.address is not None:
        return None
    return discarded.of(os.path.abspath(facts.file.root)) or discarded.of(os.path.realpath(facts.file.root))


def _keeps(best: Facts, other: Facts) -> str:
    one, two = (best.format, other.format) if best.format != other.format else (f"this {best.format}", "the other")
    return f"{one} {_KEEPS[best.lossless]} and {two} {_DOES_NOT[other.lossless]}"


def _shows_finer(best: Facts, other: Facts) -> str:
    sizes = f"{best.width} x {best.height} against {other.width} x {other.height}"
    return f"it has more {'pixels' if best.pixels > other.pixels else 'detail in its pixels'} ({sizes})"


def _comes_from(best: Facts, other: Facts) -> str:
    if other.lossless > other.pixels_kept:
        return "the other's pixels are those of a file that does not keep every one"
    return _keeps(best, other)


def _takes(best: Facts, other: Facts) -> str:
    if (best.pixels_take, other.pixels_take) == (best.file.size, other.file.size):
        return SIZE.words(best, other)
    sizes = f"{_bytes(best.pixels_take)} against {_bytes(other.pixels_take)}"
    return f"its pixels take more room ({sizes} in the smallest file that has them)"


def _tells(best: Facts, other: Facts) -> str:
    """What the metadata of the first picture tell and those of the second do not."""
    more = best.notes & ~other.notes
    if more == Notes.PLACE:
        return "it says where it was taken"
    if more:
        return f"its metadata hold what the other's lack: {', '.join(more.words)}"
    return f"it has more fields of metadata ({best.fields} against {other.fields})"


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


_ENDS = (len("2024-07-01"), len("2024-07-01 18:30"), len("2024-07-01 18:30:15"))


def _dates(best: Facts, other: Facts) -> str:
    """Two times, only as exactly as it takes to tell them apart, and as people read them: to the second."""
    if not other.is_dated:
        return "nobody knows when the other was changed"
    mine, theirs = (datetime.datetime.fromtimestamp(one.time).isoformat(" ", "seconds") for one in (best, other))
    told = (f"{mine[:end]} against {theirs[:end]}" for end in _ENDS if mine[:end] != theirs[:end])
    return next(told, f"{mine}, by less than a second")
