"""The inner loops of the votes, compiled: labels of near features as votes, and sorted votes counted.

A vote is one number: the first picture, the second, whether mirrored, the feature of the first, and half-steps of turn
and of scale; votes in order are by pair.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from difPy.just_in_time import compiled
from difPy.match.deep.labels import NUMBER, OWNER, SIZE, TURN

PICTURE = 22
"""Bits of a vote that tell a picture."""
_HALF_TURNS, _HALF_SCALES = 5, 5  # bits
REST = PICTURE + 1 + NUMBER + _HALF_TURNS + _HALF_SCALES
"""Bits of a vote beside the first picture, which are its leading ones."""
_TURNS = 24
"""Half-steps of a full turn: votes agree within 30 degrees."""
_SCALE = 5.6
"""A half-step of scale in sixteenths of an octave: votes agree within 0.7 octaves."""
_MIDDLE = 1 << _HALF_SCALES - 1


@compiled("uint64[::1](int64[::1], int64[::1], boolean)")
def votes(labels: Any, others: Any, mirrored: Any) -> Any:
    """Votes of pairs of features; in a mirror, turns go the other way."""
    found = np.empty(len(labels), np.uint64)
    for row in range(len(labels)):
        first, second = min(labels[row], others[row]), max(labels[row], others[row])
        turn, other = first >> SIZE & (1 << TURN) - 1, second >> SIZE & (1 << TURN) - 1
        turn = (turn + other if mirrored else turn - other) & (1 << TURN) - 1
        scale = (first & (1 << SIZE) - 1) - (second & (1 << SIZE) - 1)
        half = min(max(np.int64(np.floor(scale / _SCALE)) + _MIDDLE, 0), 2 * _MIDDLE - 1)
        vote = first >> OWNER << PICTURE | second >> OWNER
        vote = (vote << 1 | np.int64(mirrored)) << NUMBER | (first >> OWNER - NUMBER & (1 << NUMBER) - 1)
        found[row] = np.uint64((vote << _HALF_TURNS | turn * _TURNS >> TURN) << _HALF_SCALES | half)
    return found


@compiled("int64[:, ::1](uint64[::1], int64)")
def count(votes: Any, enough: Any) -> Any:
    """Pairs that have enough votes in one step of turn and scale, shape (m, 4): first, second, votes, mirrored.

    Each feature counts once in a step. There are four sets of steps, a half-step from each other, so that none has all
    its votes split between two.
    """
    found = np.empty((1024, 4), np.int64)
    size, start = 0, 0
    tally = np.zeros((2, 2, _TURNS // 2, _MIDDLE + 1), np.int64)
    last = np.full((2, 2, _TURNS // 2, _MIDDLE + 1), -1, np.int64)
    pair = np.uint64(REST - PICTURE - 1)
    while start < len(votes):
        end = start
        most = 0
        while end < len(votes) and votes[end] >> pair == votes[start] >> pair:
            vote = np.int64(votes[end] & ((np.uint64(1) << pair) - np.uint64(1)))
            scale, turn = vote & 2 * _MIDDLE - 1, vote >> _HALF_SCALES & (1 << _HALF_TURNS) - 1
            feature = vote >> _HALF_SCALES + _HALF_TURNS
            for a in range(2):
                for b in range(2):
                    step = (turn + a) // 2 % (_TURNS // 2), (scale + b) // 2
                    if last[a, b, step[0], step[1]] != feature:
                        last[a, b, step[0], step[1]] = feature
                        tally[a, b, step[0], step[1]] += 1
                        most = max(most, tally[a, b, step[0], step[1]])
            end += 1
        for one in range(start, end):
            vote = np.int64(votes[one] & ((np.uint64(1) << pair) - np.uint64(1)))
            scale, turn = vote & 2 * _MIDDLE - 1, vote >> _HALF_SCALES & (1 << _HALF_TURNS) - 1
            for a in range(2):
                for b in range(2):
                    step = (turn + a) // 2 % (_TURNS // 2), (scale + b) // 2
                    last[a, b, step[0], step[1]] = -1
                    tally[a, b, step[0], step[1]] = 0
        if most >= enough:
            if size == len(found):
                more = np.empty((2 * size, 4), np.int64)
                more[:size] = found
                found = more
            code = votes[start] >> pair
            found[size, 3] = np.int64(code & np.uint64(1))
            found[size, 2] = most
            found[size, 1] = np.int64((code >> np.uint64(1)) & np.uint64((1 << PICTURE) - 1))
            found[size, 0] = np.int64(code >> np.uint64(PICTURE + 1))
            size += 1
        start = end
    return found[:size].copy()
