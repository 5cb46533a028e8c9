"""What was done to one picture to get another, in plain numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from difPy.change import geometry
from difPy.change.geometry import Map, Sides
from difPy.change.words import FINER, RESIZED, more_words, words

_WHOLE = 0.01
"""A cut by less, on each side, is none."""


_NONE = Sides(0, 0, 0, 0)


class Verdict(StrEnum):
    """What the arbiter says of two pictures whose pixels differ."""

    COPY = "copy"
    """The one is an altered copy of the other."""
    PART = "part"
    """They share a part: a template, a screen with other content, a place that a fixed camera looks at."""


@dataclass(frozen=True, slots=True)
class Tone:
    """How the levels of the one picture follow from those of the other, in the common area."""

    gain: float = 1.0
    """Contrast."""
    offset: float = 0.0
    """Levels added after that."""
    saturation: float | None = 1.0
    """Colours: 0 where they went, negative where each became its opposite; None where there were none before."""
    tint: float = 0.0
    """Levels by which what was grey is coloured now."""


@dataclass(frozen=True, slots=True)
class Showing:
    """What one of two pictures shows, beside the other."""

    size: tuple[int, int]
    """Width and height, in pixels."""
    detail: float = 1.0
    """Pixels that carry detail for each that it has, along a side, as far as is known: less in what was enlarged."""
    over: float = 0.0
    """Share of the common area in which it carries something over the picture that the other lacks."""
    shades: float = 0.0
    """Share of the common area in which it has shades or colours that the other has as one: burnt, merged, painted."""
    more: Sides = _NONE
    """What it shows beyond the other, on each side, as a share of its width or height; plain borders are nothing."""
    beyond: float = 0.0
    """The same as a share of its area; corners that a tilted cut has lost are in it too."""
    tone: Tone = Tone()
    """What made its levels of the other's."""


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to the first picture to get the second.

    Attributes
    ----------
    between : tuple of 9 floats
        Homography, row by row, from the first's unit square to the second's.
    first, second : Showing
        What each of them shows beside the other.
    undecided : float
        Share of the common area in which they differ, and it is not known which of them carries something.

    Examples
    --------
    >>> half = Change((2, 0, 0, 0, 1, 0, 0, 0, 1), Showing((800, 600)), Showing((400, 600)))
    >>> half.crop, half.shown
    (Sides(left=0.0, top=0.0, right=0.5, bottom=1.0), (0.5, 1.0))
    >>> half.words()
    'cut to 0-50 % across, 0-100 % down'
    """

    between: Map
    first: Showing
    second: Showing
    undecided: float = 0.0

    @property
    def mirrored(self) -> bool:
        """Whether left is right."""
        return self._local.mirrored

    @property
    def angle(self) -> float:
        """Degrees, counter-clockwise, -180..180: turned by that, after it was mirrored."""
        return self._local.angle

    @property
    def scale(self) -> float:
        """Pixels of the second for one of the first, along a side."""
        return self._local.scale

    @property
    def squeeze(self) -> float:
        """0..1: how much it was reduced in one direction more than in the other; 1 is not at all."""
        return self._local.squeeze

    @property
    def perspective(self) -> float:
        """How much nearer or farther its sides are than its middle; 0 where it is seen straight on."""
        return geometry.perspective(self.between)

    @property
    def crop(self) -> Sides | None:
        """Where the second begins and ends in the first, as shares of its width and height; None for all of it."""
        box = geometry.box(geometry.common(self.between))
        whole = max(box.left, box.top, 1 - box.right, 1 - box.bottom) < _WHOLE
        return None if whole else box

    @property
    def shown(self) -> tuple[float, float]:
        """Share of the first that the second shows, and of the second that the first shows."""
        there, back = (geometry.common(way) for way in (self.between, geometry.inverse(self.between)))
        return min(1.0, geometry.area(there)), min(1.0, geometry.area(back))

    @property
    def tone(self) -> Tone:
        """What was done to the first's levels."""
        return self.second.tone

    @property
    def covered(self) -> float:
        """Share of the common area that differs."""
        return self.first.over + self.second.over + self.undecided

    @property
    def more(self) -> Sides:
        """What the second shows beyond the first, on each side."""
        return self.second.more

    @property
    def less(self) -> Sides:
        """What the first shows beyond the second, on each side."""
        return self.first.more

    @property
    def finer(self) -> float:
        """Pixels with real detail of the second for one of the first, along a side of the common area."""
        return self.scale * self.second.detail / self.first.detail

    @property
    def is_finer(self) -> bool:
        """Whether the second carries more real detail than the first, not only more pixels."""
        return self.finer > (RESIZED if self.first.detail == self.second.detail == 1 else FINER)

    def reversed(self) -> Change:
        """What was done to the second picture to get the first.

        Examples
        --------
        >>> Change((2, 0, 0, 0, 1, 0, 0, 0, 1), Showing((8, 6)), Showing((4, 6))).reversed().shown
        (1.0, 0.5)
        """
        return Change(geometry.inverse(self.between), self.second, self.first, self.undecided)

    def in_full(
        self, first: tuple[int, int], second: tuple[int, int], details: tuple[float, float] | None = None
    ) -> Change:
        """The same of the pictures at full size.

        Parameters
        ----------
        first, second : tuple of int
            Width and height of each, in pixels, upright.
        details : tuple of float, optional
            What `arbiter.detail` says of each at full size.
        """
        one, other = details or (_detail(self.first, first), _detail(self.second, second))
        return replace(
            self,
            first=replace(self.first, size=first, detail=one),
            second=replace(self.second, size=second, detail=other),
        )

    def numbers(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        crop = self.crop
        return {
            "mirrored": self.mirrored,
            "angle": self.angle,
            "scale": self.scale,
            "squeeze": self.squeeze,
            "perspective": self.perspective,
            "crop": list(crop) if crop else None,
            "shown": list(self.shown),
            "map": list(self.between),
            "sizes": [list(self.first.size), list(self.second.size)],
            "details": [self.first.detail, self.second.detail],
            **asdict(self.tone),
            "tone_back": asdict(self.first.tone),
            "covered": self.covered,
            "overlay": {"second": self.second.over, "first": self.first.over, "undecided": self.undecided},
            "shades": {"second": self.second.shades, "first": self.first.shades},
            "more": self.more._asdict() | {"area": self.second.beyond},
            "less": self.less._asdict() | {"area": self.first.beyond},
            "finer": self.finer,
        }

    def words(self, *, beyond: bool = True) -> str:
        """What was done, in words.

        Parameters
        ----------
        beyond : bool, optional
            Whether what the one picture shows and the other does not is said: `shows_all` says it, too.
        """
        return words(self, beyond=beyond)

    def more_words(self) -> str:
        """What the second shows beyond the first, in words; empty for nothing."""
        return more_words(self)

    @property
    def _local(self) -> geometry.Local:
        return geometry.local(self.between, self.first.size, self.second.size)


def _detail(small: Showing, size: tuple[int, int]) -> float:
    """Of the full picture, as far as the small one says: where that is sharp, no more is known than that."""
    return 1.0 if small.detail >= 1 else min(1.0, small.detail * max(small.size) / max(size))
