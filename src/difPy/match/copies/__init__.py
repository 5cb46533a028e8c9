"""Copies that show nearly all of the original: re-toned, re-framed, squeezed, turned by quarters, mirrored.

A method of `match`, as `method.Method` says: views (boxes) -> PDQ hashes -> near hashes -> boxes laid on each other.
"""

from difPy.match.copies.alone import hints
from difPy.match.copies.join import candidates
from difPy.match.copies.mapping import start
from difPy.match.copies.views import describe

__all__ = ["NAME", "RECIPE", "REFINES", "SIDE", "candidates", "describe", "hints", "start"]

NAME = "copies"
RECIPE = 2
"""To be raised whenever the same picture would get other descriptors than before."""
SIDE = 256
"""Pixels, longest side: PDQ looks at 64."""
REFINES = True
"""Two boxes laid on each other are a few pixels off."""
