"""What was done to one picture to get another: in numbers, in words, and whether the one may go for the other."""

from difPy.change.geometry import Sides, between_units
from difPy.change.keeping import shows_all
from difPy.change.values import Change, Showing, Tone, Verdict

__all__ = ["Change", "Showing", "Sides", "Tone", "Verdict", "between_units", "shows_all"]
