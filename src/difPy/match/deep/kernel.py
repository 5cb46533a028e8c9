"""Labels of near features in, votes out; sorted votes in, pairs that have enough of them out: in C, or by numpy.

A vote is one number: the first picture, the second, whether mirrored, the feature of the first, and half-steps of turn
and of scale; votes in order are by pair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.compiled import COUNT, Array, is_there, loop
from difPy.match.deep.labels import NUMBER, OWNER, SIZE, TURN

if TYPE_CHECKING:
    import numpy.typing as npt

COMPILED = is_there()
"""Whether there are loops."""
PICTURE = 22
"""Bits of a vote that tell a picture."""
_HALF_TURNS, _HALF_SCALES = 5, 5  # bits
_PAIR = NUMBER + _HALF_TURNS + _HALF_SCALES
"""Bits of a vote behind those of the pair."""
_TURNS = 24
"""Half-steps of a full turn: votes agree within 30 degrees."""
_SCALE = 5.6
"""A half-step of scale in sixteenths of an octave: votes agree within 0.7 octaves."""
_MIDDLE = 1 << _HALF_SCALES - 1

_LABELS = Array("int64", 1)
_votes = loop("deep_votes", _LABELS, _LABELS, COUNT, COUNT, Array("uint64", 1, written=True))
_count = loop("deep_count", Array("uint64", 1), COUNT, COUNT, Array("int64", 2, written=True), result=COUNT)


def votes(labels: npt.NDArray[np.int64], others: npt.NDArray[np.int64], mirrored: bool) -> npt.NDArray[np.uint64]:
    """Votes of pairs of features; in a mirror, turns go the other way."""
    if not COMPILED:
        return _cast(labels, others, mirrored)
    found = np.empty(len(labels), np.uint64)
    _votes(labels, others, len(labels), mirrored, found)
    return found


def _cast(labels: npt.NDArray[np.int64], others: npt.NDArray[np.int64], mirrored: bool) -> npt.NDArray[np.uint64]:
    """The same by numpy."""
    first, second = np.minimum(labels, others), np.maximum(labels, others)
    turn, other = first >> SIZE, second >> SIZE
    turn = (turn + other if mirrored else turn - other) & (1 << TURN) - 1
    scale = (first & (1 << SIZE) - 1) - (second & (1 << SIZE) - 1)
    half = np.clip(np.floor(scale / _SCALE).astype(np.int64) + _MIDDLE, 0, 2 * _MIDDLE - 1)
    found = (first >> OWNER << PICTURE | second >> OWNER) << 1 | int(mirrored)
    found = found << NUMBER | first >> OWNER - NUMBER & (1 << NUMBER) - 1
    found = (found << _HALF_TURNS | turn * _TURNS >> TURN) << _HALF_SCALES | half
    return found.view(np.uint64)


def count(votes: npt.NDArray[np.uint64], enough: int) -> npt.NDArray[np.int64]:
    """Pairs that have enough votes in one step of turn and scale, shape (m, 4): first, second, votes, mirrored.

    Each feature counts once in a step. There are four sets of steps, a half-step from each other, so that none has all
    its votes split between two.
    """
    if not COMPILED:
        return _counted(votes, enough)
    found = np.empty((len(votes) // enough, 4), np.int64)
    return found[: _count(votes, len(votes), enough, found)].copy()


def _counted(votes: npt.NDArray[np.uint64], enough: int) -> npt.NDArray[np.int64]:
    """The same by numpy."""
    rest = votes.astype(np.int64)  # of the bits of the pair the first may be lost: they are looked at apart
    scale, turn = rest & 2 * _MIDDLE - 1, rest >> _HALF_SCALES & (1 << _HALF_TURNS) - 1
    feature = rest >> _HALF_SCALES + _HALF_TURNS & (1 << NUMBER) - 1
    pairs, pair = np.unique(votes >> np.uint64(_PAIR), return_inverse=True)
    most = np.zeros(len(pairs), np.int64)
    steps = _TURNS // 2 * (_MIDDLE + 1)
    for a in range(2):
        for b in range(2):
            step = (turn + a) // 2 % (_TURNS // 2) * (_MIDDLE + 1) + (scale + b) // 2
            each = np.sort((pair * steps + step) << NUMBER | feature)
            agreeing = each[_firsts(each)] >> NUMBER
            first = _firsts(agreeing)
            np.maximum.at(most, agreeing[first] // steps, np.diff(first, append=len(agreeing)))
    pairs, most = pairs[most >= enough].astype(np.int64), most[most >= enough]
    return np.stack((pairs >> PICTURE + 1, pairs >> 1 & (1 << PICTURE) - 1, most, pairs & 1), axis=1)


def _firsts(ordered: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Where in ordered numbers another begins."""
    is_new = np.ones(len(ordered), bool)
    is_new[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(is_new)
