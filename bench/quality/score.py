"""Pairs that a tool found, and labels, in; how much of what is there was found, and what was found wrongly, out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from quality import heavy, lookalikes
from quality.corpus import FAMILIES, FAMILY, ORIGINAL, Label

Pair = tuple[str, str, str]
"""Two files, and the verdict on them: see seek.py."""
WITH_PARTS = " and parts"
"""How the name of a score ends that takes shared parts for copies."""
PHOTOS = "photos and their copies"
"""The kind of a file that is a photo or made of one, beside those of look-alikes."""


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    found: int
    all: int

    def __str__(self) -> str:
        return f"{self.found}/{self.all}"

    @property
    def part(self) -> float:
        """From 0 to 1."""
        return self.found / self.all


@dataclass(frozen=True)
class Score:
    """What the pairs of one tool are worth."""

    recall: Share
    """Of the altered copies: those that are in a pair with their photo, or with another copy of it."""
    by_alteration: dict[str, Share]
    by_family: dict[str, Share]
    false: dict[str, Share]
    """By kind: of the files of that kind, those that are taken for a copy of something else."""
    false_pairs: int
    pairs: int
    """Pairs that are claimed."""
    groups: int
    """What hangs together by the pairs that are claimed."""
    false_groups: int
    """Groups that mix pictures."""
    group_precision: float
    """Of all pairs within groups, the share that shows the same picture: 1 if there is none."""
    seconds: float = field(default=0.0)
    cpu: float = field(default=0.0)


def score(pairs: Iterable[Pair], labels: dict[str, Label], parts: bool = False, **cost: float) -> Score:
    """Score what was found.

    Parameters
    ----------
    pairs : iterable of (str, str, str)
    labels : dict of str to Label
    parts : bool
        Whether pairs that only share a part count as found.
    cost : float
        Seconds, as they go into the score.
    """
    wanted = {"copy", "together", "part"} if parts else {"copy", "together"}
    taken = [(first, second, verdict) for first, second, verdict in pairs if verdict in wanted]
    same = {(first, second) for first, second, _ in taken if labels[first].picture == labels[second].picture}
    claimed = {tuple(sorted(pair[:2])) for pair in taken if pair[2] != "together"}
    wrong = {pair for pair in claimed if labels[pair[0]].picture != labels[pair[1]].picture}
    found, mistaken = ({name for pair in some for name in pair} for some in (same, wrong))

    altered = {name: label.alteration for name, label in labels.items() if label.alteration not in ("", ORIGINAL)}
    looked_for = {name for name, alteration in altered.items() if FAMILY[alteration] not in heavy.NOT_LOOKED_FOR}
    groups = [Counter(labels[name].picture for name in group) for group in _connected(claimed)]
    right, all_pairs = sum(map(_right, groups)), sum(_couples(group.total()) for group in groups)
    return Score(
        recall=Share(len(looked_for & found), len(looked_for)),
        by_alteration=_in_order(_shares(altered, found), *FAMILY),
        by_family=_in_order(_shares({name: FAMILY[how] for name, how in altered.items()}, found), *FAMILIES),
        false=_in_order(
            _shares({name: label.kind or PHOTOS for name, label in labels.items()}, mistaken), *lookalikes.KINDS, PHOTOS
        ),
        false_pairs=len(wrong),
        pairs=len(claimed),
        groups=len(groups),
        false_groups=sum(len(group) > 1 for group in groups),
        group_precision=right / all_pairs if groups else 1.0,
        **cost,
    )


def _shares(sorts: dict[str, str], chosen: set[str]) -> dict[str, Share]:
    """Of the files of each sort, how many are chosen."""
    there = Counter(sorts.values())
    hit = Counter(sort for name, sort in sorts.items() if name in chosen)
    return {sort: Share(hit[sort], count) for sort, count in there.items()}


def _in_order(shares: dict[str, Share], *names: str) -> dict[str, Share]:
    return {name: shares[name] for name in names if name in shares}


def _couples(count: int) -> int:
    return count * (count - 1) // 2


def _right(group: Counter[str]) -> int:
    return sum(map(_couples, group.values()))


def _connected(pairs: Iterable[tuple[str, ...]]) -> list[set[str]]:
    """What hangs together."""
    group_of: dict[str, set[str]] = {}
    for first, second in pairs:
        one, other = (group_of.get(name, {name}) for name in (first, second))
        if one is not other:
            one |= other
            group_of |= dict.fromkeys(one, one)
    return list({id(group): group for group in group_of.values()}.values())
