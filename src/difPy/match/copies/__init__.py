"""Copies that show nearly all of the original: re-toned, re-framed, on a screen, squeezed, turned, tilted, mirrored.

A method of `match`, as `method.Method` says: views (boxes, tilted) -> PDQ hashes (pdq) -> near hashes (join) -> views
laid on each other (mapping).
"""

from difPy.match.copies.alone import hints
from difPy.match.copies.join import candidates
from difPy.match.copies.mapping import start
from difPy.match.copies.views import describe, is_sound

__all__ = ["NAME", "RECIPE", "REFINES", "SIDE", "candidates", "describe", "hints", "is_sound", "start"]

NAME = "copies"
RECIPE = 2
"""To be raised whenever the same picture would get other descriptors than before."""
SIDE = 256
"""Pixels, longest side: PDQ looks at 64."""
REFINES = True
"""Two views laid on each other are a few pixels off."""
