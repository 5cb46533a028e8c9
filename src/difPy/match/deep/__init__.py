"""Copies of which a part is left, or that are a part of another picture: cut, tilted, seen at an angle, pasted.

A method of `match`, as `method.Method` says: SIFT features -> signatures -> near ones vote for pairs of pictures ->
the map that most features of a pair agree on.
"""

from difPy.match.deep.features import describe, is_sound
from difPy.match.deep.join import candidates
from difPy.match.deep.mapping import hints, start

__all__ = ["NAME", "RECIPE", "REFINES", "SIDE", "candidates", "describe", "hints", "is_sound", "start"]

NAME = "deep"
RECIPE = 1
"""To be raised whenever the same picture would get other descriptors than before."""
SIDE = 400
"""Pixels, longest side: what 400 features are found in."""
REFINES = False
"""Features are placed to parts of a pixel."""
