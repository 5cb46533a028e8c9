"""Who is kept for whom by similarity, and what a method says of those that are kept, in; the union of both out.

By similarity every picture that is not kept has a kept one within the threshold: its head. Heads are compared by the
method. Where one is an altered copy of another it goes to that one's group, if all pictures that it was kept for are
copies of the new keeper themselves, and follow: no picture goes on the word of a third, and none loses its keeper.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, cast

import numpy as np

from difPy import gallery as galleries
from difPy import group, model, orientation
from difPy.change import RESIZED
from difPy.match import extent, mse
from difPy.match.altered import Question
from difPy.match.arbiter import Verdict
from difPy.match.mse.brute import nearest
from difPy.match.taking import taking, together
from difPy.model import Shared, Stars

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    import numpy.typing as npt

    from difPy import change
    from difPy.change import Change
    from difPy.files import File
    from difPy.looks import Looks
    from difPy.match.altered import Altered
    from difPy.match.arbiter import Judgement
    from difPy.match.mse import FullDistance
    from difPy.model import Gallery
    from difPy.options import SearchOptions
    from difPy.policy import Policy

    Map = npt.NDArray[np.float64]

_ROUNDS = 3
"""How often copies of copies are compared with the picture that is to be kept for them."""


@dataclass(frozen=True, slots=True, eq=False)
class United:
    """The union."""

    order: npt.NDArray[np.int64]
    """Rows, the picture to keep first."""
    stars: Stars
    """Of these rows, in this order."""
    changes: dict[int, Change]
    """Row of an altered copy -> what was done to its keeper to get it."""
    shared: list[Shared]
    """Pairs beside the groups."""


@dataclass(eq=False)
class Union:
    """The union, step by step: `united` makes all of them.

    Parameters
    ----------
    looks : Looks
        Its columns about altered copies are filled.
    codes : ndarray of int64, shape (n,)
        Only rows of equal codes may match.
    fixed : ndarray of bool, shape (n,)
        Rows that are never taken, and do not match each other.
    altered : Altered
        What the method knows of the rows' contents.
    options, policies, references
        As for `settle`.
    full_distance : callable
        As for `mse.brute`, of rows of the gallery.
    """

    looks: Looks
    codes: npt.NDArray[np.int64]
    fixed: npt.NDArray[np.bool_]
    altered: Altered
    options: SearchOptions
    policies: Sequence[Policy]
    references: Sequence[str]
    full_distance: FullDistance
    heads: dict[int, int] = field(default_factory=dict)
    """Row -> its head."""
    turned: dict[int, tuple[int, float]] = field(default_factory=dict)
    """Row -> the orientation that turns it into its head, and their distance."""
    by_digest: dict[bytes, list[int]] = field(default_factory=dict)
    """Content -> the heads that have it."""
    judged: dict[tuple[int, int], Judgement] = field(default_factory=dict)
    """Two heads, in the order of their digests -> the verdict."""
    copies: extent.Copies = field(default_factory=dict)
    asked: set[tuple[int, int]] = field(default_factory=set)
    followed: dict[tuple[int, int], Judgement | tuple[int, float] | None] = field(default_factory=dict)
    """Row and a head that would be kept for it, too -> the verdict, or what `turned` has; None: it is nothing to it."""
    detail: dict[bytes, float] = field(default_factory=dict)
    """Content -> how much of its resolution is real, where that was measured."""

    @property
    def gallery(self) -> Gallery:
        """The pictures."""
        return self.looks.gallery

    def united(self, order: npt.NDArray[np.int64], stars: Stars) -> United:
        """All of it.

        Parameters
        ----------
        order : ndarray of int64, shape (m,)
            Rows, best first, all of them decoded in full.
        stars : Stars
            Of these rows, by similarity.
        """
        if self._enlarged(order, stars):  # then others are to be kept
            order = self._ordered(order)
            stars = self._similar(order)
        for at, row in enumerate(order.tolist()):
            self.heads[row] = int(order[stars.keeper[at]])
            self.turned[row] = int(stars.orientation[at]), float(stars.distance[at])
        heads = [row for row, head in self.heads.items() if row == head]
        for row in heads:
            self.by_digest.setdefault(self.gallery.digests[row], []).append(row)
        self.altered.add(self._files(heads))
        self._judge(self.altered.candidates(self.altered.describe(self.by_digest)))
        order = self._ordered(order)
        for _ in range(_ROUNDS):
            if not self._judge(self._copies_of_copies(self._taking(order)(()), order)):
                break
            order = self._ordered(order)
        followers = {row: head for row, head in self.heads.items() if row != head}
        return self._stars(order, together(self._taking(order), followers, self._stranded))

    def _enlarged(self, order: npt.NDArray[np.int64], stars: Stars) -> bool:
        """Measure how much detail similar pictures have whose sizes differ; whether any do."""
        pixels = self.looks.detail.copy()
        largest, smallest = pixels[order], pixels[order]
        np.maximum.at(largest, stars.keeper, pixels[order])
        np.minimum.at(smallest, stars.keeper, pixels[order])
        differs = np.flatnonzero((largest > RESIZED**2 * smallest)[stars.keeper])
        differs = differs[np.argsort(stars.keeper[differs], kind="stable")]
        rows, keepers = order[differs], stars.keeper[differs]
        self.altered.add(self._files(rows.tolist()))
        self.detail |= self.altered.details(sorted({self.gallery.digests[row] for row in rows.tolist()}))
        for alike in np.split(rows, np.flatnonzero(np.diff(keepers)) + 1):
            shares = [self.detail.get(self.gallery.digests[row], 1.0) for row in alike.tolist()]
            self.looks.detail[alike] = extent.with_detail(pixels[alike], np.array(shares))
        return len(rows) > 0

    def _similar(self, rows: npt.NDArray[np.int64]) -> Stars:
        """Who is kept for whom among some rows, by similarity alone."""
        return mse.stars(
            galleries.rows(self.gallery, rows, self.codes, self.fixed),
            self.options.criterion,
            lambda ties: self.full_distance([(int(rows[i]), int(rows[j]), how) for i, j, how in ties]),
            threads=self.options.processes,
        )

    def _files(self, rows: Iterable[int]) -> dict[bytes, File]:
        """Content -> a file that has it."""
        return {self.gallery.digests[row]: self.gallery.files[row] for row in rows}

    def _pairs(self, question: Question) -> list[tuple[int, int]]:
        """The heads of two contents that may match."""
        return [
            (first, second)
            for first in self.by_digest[question.first]
            for second in self.by_digest[question.second]
            if self.codes[first] == self.codes[second] and not (self.fixed[first] and self.fixed[second])
        ]

    def _judge(self, questions: Sequence[Question]) -> bool:
        """Have pairs judged; whether one of them is a copy."""
        found = False
        pairs = {(question.first, question.second): self._pairs(question) for question in questions}
        questions = [question for question in questions if pairs[question.first, question.second]]
        self.asked.update(pair for some in pairs.values() for pair in some)
        verdicts = [
            (pair, judgement)
            for digests, judgement in self.altered.verdicts(questions).items()
            if self.options.admits(judgement.change)
            for pair in pairs[digests]
        ]
        self._measure(verdicts)
        for (first, second), judgement in verdicts:
            self.judged[first, second] = full = self._in_full(judgement, first, second)
            if judgement.verdict is Verdict.COPY:
                found = True
                self.copies.setdefault(first, {})[second] = full
                self.copies.setdefault(second, {})[first] = full.reversed()
        return found

    def _measure(self, verdicts: Iterable[tuple[tuple[int, int], Judgement]]) -> None:
        """Have it measured how much detail copies have whose resolutions differ: the finer may be enlarged."""
        wanted: set[bytes] = set()
        for pair, judgement in verdicts:
            scale = self._in_full(judgement, *pair).change.scale
            if judgement.verdict is Verdict.COPY and max(scale, 1 / scale) > RESIZED:
                wanted.update(self.gallery.digests[row] for row in pair)
        self.detail |= self.altered.details(sorted(wanted - self.detail.keys()))

    def _in_full(self, judgement: Judgement, first: int, second: int) -> Judgement:
        """What was judged of two small pictures, said of these two."""
        sizes = [(int(self.gallery.widths[row]), int(self.gallery.heights[row])) for row in (first, second)]
        one, other = (self.detail.get(self.gallery.digests[row]) for row in (first, second))
        details = None if one is None or other is None else (one, other)
        return replace(judgement, change=judgement.change.in_full(sizes[0], sizes[1], details))

    def _ordered(self, order: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Rows, best first, now that it is known which of them show most."""
        looks = self.looks
        extent.compare(looks, self.copies)
        for row, head in self.heads.items():
            if row != head:
                looks.hides[row], looks.covered[row] = looks.hides[head], looks.covered[head]
                looks.detail[row] = min(looks.detail[row], looks.detail[head])
        again = group.order(looks, self.policies, self.references)
        chosen = np.zeros(len(self.gallery), np.bool_)
        chosen[order] = True
        return again[chosen[again]]

    def _taking(self, order: npt.NDArray[np.int64]) -> Callable[[Collection[tuple[int, int]]], dict[int, int]]:
        """`taking`, of all heads that have copies."""
        heads = [row for row in order.tolist() if row in self.copies]
        return partial(taking, heads, self.copies, {row for row in heads if self.fixed[row]})

    def _copies_of_copies(self, taken: dict[int, int], order: npt.NDArray[np.int64]) -> list[Question]:
        """Copies of what is to go that are not known to be copies of what is kept for it."""
        place = {row: at for at, row in enumerate(order.tolist())}
        found: dict[tuple[bytes, bytes], Question] = {}
        for row in sorted(taken, key=place.__getitem__):
            kept = taken[row]
            for other in sorted(self.copies[row], key=place.__getitem__):
                pair = self._in_order(kept, other)
                if other == kept or pair in self.asked or place[other] < place[kept]:
                    continue
                self.asked.add(pair)
                question = self._question(kept, other, self._map(row, other) @ self._map(kept, row))
                found.setdefault((question.first, question.second), question)
        return list(found.values())

    def _in_order(self, first: int, second: int) -> tuple[int, int]:
        digests = self.gallery.digests
        return (first, second) if digests[first] < digests[second] else (second, first)

    def _map(self, first: int, second: int) -> Map:
        """What takes a head's unit square to that of one of its copies."""
        return np.reshape(self.copies[first][second].change.between, (3, 3))

    def _question(self, first: int, second: int, matrix: Map) -> Question:
        digests = self.gallery.digests
        if digests[first] > digests[second]:
            first, second, matrix = second, first, np.asarray(np.linalg.inv(matrix), np.float64)
        numbers = (matrix / np.abs(matrix).max()).ravel().tolist()
        return Question(digests[first], digests[second], map=cast("change.Map", tuple(numbers)))

    def _stars(self, order: npt.NDArray[np.int64], taken: dict[int, int]) -> United:
        """The union as stars; the pictures that a head was kept for go where it goes."""
        place = {row: at for at, row in enumerate(order.tolist())}
        keeper, distance, turned = np.arange(len(order)), np.zeros(len(order)), np.zeros(len(order), np.uint8)
        kept, changes = {}, {}
        for row, at in place.items():
            head = self.heads[row]
            kept[row] = taken.get(head, head)
            keeper[at] = place[kept[row]]
            found = self._way(row, kept[row])
            if isinstance(found, tuple):
                turned[at], distance[at] = found
            else:
                turned[at], distance[at], changes[row] = found.orientation, found.distance, found.change
        return United(order, Stars(keeper, distance, turned, 0), changes, self._shared(kept))

    def _way(self, row: int, keeper: int) -> Judgement | tuple[int, float]:
        """How a picture is the same as the one that is kept for it, or an altered copy of it."""
        if keeper == self.heads[row]:
            return self.turned[row]
        found = self.copies[keeper][row] if row == self.heads[row] else self.followed[row, keeper]
        assert found is not None  # else it is stranded, and its head stays
        return found

    def _stranded(self, wanted: Mapping[int, int]) -> list[int]:
        """Pictures that cannot go with their head to what would be kept for both."""
        self._follow({row: keeper for row, keeper in wanted.items() if (row, keeper) not in self.followed})
        return [row for row, keeper in wanted.items() if self.followed[row, keeper] is None]

    def _follow(self, wanted: Mapping[int, int]) -> None:
        """Find out how pictures are copies of what would be kept for their heads."""
        digests, asked = self.gallery.digests, {}
        for row, keeper in wanted.items():
            head = self.heads[row]
            distance, turned = self._nearest(keeper, row)
            if distance <= self.options.threshold:
                self.followed[row, keeper] = turned, distance
            elif digests[row] == digests[head]:
                self.followed[row, keeper] = self._in_full(self.copies[keeper][head], keeper, row)
            else:
                asked[row] = self._question(keeper, row, _turn(self.turned[row][0]) @ self._map(keeper, head))
        self.altered.add(self._files(asked))
        copies = self.altered.copies(list({(one.first, one.second): one for one in asked.values()}.values()))
        found = {row: copies.get((question.first, question.second)) for row, question in asked.items()}
        pairs = {row: self._in_order(wanted[row], row) for row in asked}
        self._measure((pairs[row], judgement) for row, judgement in found.items() if judgement is not None)
        for row, judgement in found.items():
            keeper = wanted[row]
            full = judgement and self._in_full(judgement, *pairs[row])
            self.followed[row, keeper] = full if full is None or pairs[row][0] == keeper else full.reversed()

    def _nearest(self, first: int, second: int) -> tuple[float, int]:
        """Distance by similarity, and the orientation that turns the second into the first."""
        rows = galleries.rows(self.gallery, np.array([first, second]), self.codes)
        criterion = self.options.criterion
        full = lambda ties: self.full_distance([(first, second, how) for _, _, how in ties])  # noqa: E731
        return nearest(rows, 0, 1, criterion.orientations, full)

    def _shared(self, kept: dict[int, int]) -> list[Shared]:
        """Pairs beside the groups: of which neither is kept for the other, nor both for a third; by path."""
        files, verdicts = self.gallery.files, {Verdict.COPY: model.Verdict.ALTERED, Verdict.PART: model.Verdict.PART}
        found = []
        for (first, second), judgement in self.judged.items():
            if kept[first] != kept[second]:
                change, verdict = judgement.change, verdicts[judgement.verdict]
                found.append(Shared(files[first], files[second], change, verdict))
        return sorted(found, key=lambda one: (one.first.path, one.second.path))


def _turn(turned: int) -> Map:
    """What takes a head's unit square to that of a picture which an orientation turns into it."""
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float64)
    places = orientation.apply(turned, np.arange(4).reshape(2, 2))
    start, across, down = corners[places[0, 0]], corners[places[0, 1]], corners[places[1, 0]]
    return np.array([[*(across - start), 0], [*(down - start), 0], [*start, 1]]).T
