"""A path, a size, a time in; why a person does not want it looked at out, or None: it is wanted."""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from difPy.errors import WrongType, WrongValue
from difPy.protection import IGNORES_CASE
from difPy.terminal import size as in_words

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


DEFAULTS = {
    "@eaDir/": "thumbnails of a network drive",
    ".@__thumb/": "thumbnails of a network drive",
    ".thumbnails/": "thumbnails",
    "**/appdata_*/preview/": "previews of Nextcloud",
    "*.lrdata/": "previews of Lightroom",
    "*.photoslibrary/": "a library of Apple Photos",
    "*.photolibrary/": "a library of iPhoto",
    "*.migratedphotolibrary/": "a library of iPhoto",
    "*.aplibrary/": "a library of Aperture",
    "node_modules/": "packages of programs",
    "site-packages/": "packages of programs",
}
"""What other programs keep for themselves, by the rules of .gitignore -> what it is."""
_PIECES = [max(re.split(r"[*/]+", line), key=len) for line in DEFAULTS]
"""What is in every path that one of these leaves out: nearly no path has any, and need not be asked about further."""
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000, "ki": 1 << 10, "mi": 1 << 20, "gi": 1 << 30}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg]i?|)b?", re.IGNORECASE)
_PIXELS = re.compile(r"(\d+)\s*[x*]\s*(\d+)", re.IGNORECASE)
_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*([hdwmy])")
_HOURS = {"h": 1, "d": 24, "w": 24 * 7, "m": 24 * 30, "y": 24 * 365}


@dataclass(frozen=True)
class Selection:
    """Which of the files below some folders are looked at.

    Parameters
    ----------
    exclude : str, or sequence of str, optional
        Patterns, by the rules of .gitignore, of what is left out. They are about paths below a given folder; one with a
        slash in it may also be a path as a person would name it here.
    default_excludes : bool, optional
        Whether what other programs keep for themselves is left out: `DEFAULTS`.
    min_size : int or str, optional
        Bytes that a file must have: also ``"10k"``, ``"1.5 MB"``.
    min_pixels : int or str, optional
        Pixels that a picture must have: also ``"640x480"``.
    max_depth : int, optional
        How deep files may lie: 1 is what lies directly in a given folder.
    newer_than : str, date or datetime, optional
        When files must have been changed: not before ``"2026-01-31"``, or within the last ``"30d"`` (also h, w, m, y).

    Raises
    ------
    WrongValue, WrongType
        One of these cannot be.

    Examples
    --------
    >>> chosen = Selection(exclude=["*.tif", "/old/", "!keep.tif"], min_size="1k")
    >>> chosen.off("scans/a.tif"), chosen.off("scans/keep.tif"), chosen.off("b/@eaDir/")
    ('excluded by "*.tif"', None, 'thumbnails of a network drive')
    >>> chosen.too_small(999), Selection(default_excludes=False).off("b/@eaDir/")
    ('smaller than 1.0 kB', None)
    """

    exclude: Any = ()
    default_excludes: bool = True
    min_size: Any = 0
    min_pixels: Any = 0
    max_depth: int | None = None
    newer_than: Any = None
    since: int = field(init=False, default=0)
    """`newer_than` in nanoseconds since 1970; 0 for all times."""

    def __post_init__(self) -> None:
        if not isinstance(self.default_excludes, bool):
            raise WrongType(f"default_excludes must be True or False, not {self.default_excludes!r}")
        for name, value in (
            ("exclude", _patterns(self.exclude)),
            ("min_size", _size(self.min_size)),
            ("min_pixels", _pixels(self.min_pixels)),
            ("max_depth", _depth(self.max_depth)),
            ("since", _since(self.newer_than)),
        ):
            object.__setattr__(self, name, value)
        if self.exclude:
            assert self._below is not None  # a pattern that cannot be is found now

    def off(self, below: str, path: str = "") -> str | None:
        """Why what lies there is left out.

        Parameters
        ----------
        below : str
            Path below the given folder, with ``/`` between names, and behind the name of a folder.
        path : str, optional
            As a person would name it here.
        """
        if not self.exclude and not any(_folded(piece) in _folded(below) for piece in _PIECES):
            return None
        if (at := _decided(self._below, below)) is not None:
            return self._word(self._lines[at]) if at >= 0 else None
        if path and self._spelt is not None:
            whole = os.path.abspath(path) + ("/" if below.endswith("/") else "")
            for name in (whole.removeprefix(os.path.join(os.getcwd(), "")), whole):
                tidy = name.replace(os.sep, "/").lstrip("/")
                if (at := _decided(self._spelt, tidy)) is not None:
                    return self._word(self._with_slash[at]) if at >= 0 else None
        return None

    @property
    def by_name(self) -> bool:
        """Whether files have to be asked for by their names: what is left out by default are folders."""
        return bool(self.exclude)

    def too_small(self, size: int) -> str | None:
        """Why a file of so many bytes is left out."""
        return f"smaller than {in_words(self.min_size)}" if size < self.min_size else None

    def idle(self, left_out: Iterable[str]) -> list[str]:
        """Patterns that have left nothing out, of the words that `off` said of what was."""
        said = set(left_out)
        return [one for one in self.exclude if not one.startswith(("!", "#")) and self._word(one) not in said]

    @cached_property
    def _lines(self) -> list[str]:
        return [*(DEFAULTS if self.default_excludes else ()), *self.exclude]

    @cached_property
    def _with_slash(self) -> list[str]:
        return [one for one in self.exclude if "/" in one.rstrip("/") and not one.startswith("!")]

    @cached_property
    def _below(self) -> GitIgnoreSpec:
        return _spec(self._lines)

    @cached_property
    def _spelt(self) -> GitIgnoreSpec | None:
        return (
            _spec(["/" + one.removeprefix("./").lstrip("/") for one in self._with_slash]) if self._with_slash else None
        )

    def _word(self, line: str) -> str:
        return DEFAULTS[line] if line in DEFAULTS and self.default_excludes else f'excluded by "{line}"'


def _spec(lines: Iterable[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec
    from pathspec.patterns.gitignore import GitIgnorePatternError

    lines = list(lines)
    try:
        return GitIgnoreSpec.from_lines(map(_folded, lines))
    except GitIgnorePatternError as error:
        raise WrongValue(f"exclude: {error}") from None


def _decided(spec: GitIgnoreSpec, path: str) -> int | None:
    """Number of the pattern that excludes a path; -1 if one has it back, None if none speaks of it."""
    result = spec.check_file(_folded(path))
    if result.include is None or result.index is None:
        return None
    return result.index if result.include else -1


def _folded(text: str) -> str:
    return text.casefold() if IGNORES_CASE else text


def _patterns(given: Any) -> tuple[str, ...]:
    if isinstance(given, (str, os.PathLike)):
        given = [given]
    if not isinstance(given, Iterable):
        raise WrongType(f"exclude must be a pattern, or a list of them, not {given!r}")
    patterns = tuple(os.fspath(one) if isinstance(one, os.PathLike) else one for one in given)
    for one in patterns:
        if not isinstance(one, str):
            raise WrongType(f"exclude must be a pattern, or a list of them, not {one!r}")
        if not one.strip() or not one.strip("!/"):
            raise WrongValue(f"exclude {one!r} is no pattern: name files or folders, as '*.tif' or 'old/'")
    return patterns


def _size(given: Any) -> int:
    return _quantity(
        "min_size", given, _SIZE, lambda found: float(found[1]) * _UNITS[found[2].lower()], "'10k', '1.5 MB'"
    )


def _pixels(given: Any) -> int:
    return _quantity("min_pixels", given, _PIXELS, lambda found: int(found[1]) * int(found[2]), "300000, '640x480'")


def _quantity(name: str, given: Any, pattern: re.Pattern[str], value: Any, like: str) -> int:
    if isinstance(given, str):
        text = given.strip()
        found = pattern.fullmatch(text)
        if found is None and not text.isdecimal():
            raise WrongValue(f"{name} must be a number, such as {like}, not {given!r}")
        return math.ceil(value(found)) if found else int(text)
    if isinstance(given, bool) or not isinstance(given, int):
        raise WrongType(f"{name} must be a whole number, or a text such as {like}, not {given!r}")
    if given < 0:
        raise WrongValue(f"{name} must be 0 or more, not {given!r}")
    return given


def _depth(given: Any) -> int | None:
    if given is not None and (isinstance(given, bool) or not isinstance(given, int)):
        raise WrongType(f"max_depth must be a whole number or None, not {given!r}")
    if given is not None and given < 1:
        raise WrongValue(f"max_depth must be at least 1, what lies directly in a given folder, not {given!r}")
    return given


def _since(given: Any) -> int:
    if given is None:
        return 0
    if isinstance(given, str):
        text = given.strip()
        if age := _AGE.fullmatch(text):
            return time.time_ns() - int(float(age[1]) * _HOURS[age[2]] * 3600 * 10**9)
        try:
            given = datetime.fromisoformat(text)
        except ValueError:
            raise WrongValue(
                f"newer_than must be a date such as '2026-01-31', or an age such as '30d', not {given!r}"
            ) from None
    if isinstance(given, date) and not isinstance(given, datetime):
        given = datetime(given.year, given.month, given.day)
    if not isinstance(given, datetime):
        raise WrongType(f"newer_than must be a date, or a text such as '2026-01-31' or '30d', not {given!r}")
    try:
        return int(given.timestamp()) * 10**9
    except (OverflowError, ValueError, OSError):
        raise WrongValue(f"newer_than {given!r} is no time that files have") from None
