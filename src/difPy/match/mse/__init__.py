"""Rows of pictures in; which of them match, by exact distances, out.

`brute` says slowly what a match is. Everything else gives the same answer and only excludes before it compares:
`stars` for groups, `pairs` for all pairs, `query` for a few pictures against many, `involved` for sketches.
"""

from difPy.match.mse.brute import FullDistance, Tie, brute, nearest
from difPy.match.mse.decide import Pairs
from difPy.match.mse.involved import involved
from difPy.match.mse.others import Others, others
from difPy.match.mse.query import possible, query
from difPy.match.mse.stars import pairs, stars
from difPy.match.mse.vectors import vectors

__all__ = [
    "FullDistance",
    "Others",
    "Pairs",
    "Tie",
    "brute",
    "involved",
    "nearest",
    "others",
    "pairs",
    "possible",
    "query",
    "stars",
    "vectors",
]
