"""What was done to one picture to get another: in numbers, in words, and whether the one may go for the other."""

from difPy.change.geometry import Map, Sides, between_pixels, between_units
from difPy.change.keeping import is_written_over, shows_all
from difPy.change.reading import read
from difPy.change.values import Change, Showing, Tone, Verdict
from difPy.change.words import FINER, RESIZED

__all__ = [
    "FINER",
    "RESIZED",
    "Change",
    "Map",
    "Showing",
    "Sides",
    "Tone",
    "Verdict",
    "between_pixels",
    "between_units",
    "is_written_over",
    "read",
    "shows_all",
]
