"""Pictures of different contents in; which of them may be altered copies of each other, and the verdicts, out.

All methods take the same way: describe what is new, find candidates, have each pair judged. What was described or
judged is remembered in the index as it comes, so that nothing is computed twice, whatever ends the run.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from importlib import import_module
from importlib.metadata import version
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from difPy import decode, store
from difPy.change import between_pixels
from difPy.errors import IndexUnusable
from difPy.match import records
from difPy.match.arbiter import RECIPE as JUDGES
from difPy.match.arbiter import Judgement, Verdict, detail, judge
from difPy.match.decoding import BATCH_PICTURES, BATCH_SECONDS
from difPy.model import Failure
from difPy.options import METHODS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    import numpy.typing as npt

    from difPy.change import Map
    from difPy.files import File
    from difPy.match.method import Candidates, Method
    from difPy.model import Progress
    from difPy.workers import Executor, Loss

_TOGETHER = 16
"""Pairs with one picture in common that one task judges, at most."""
_LARGE = 4096
"""Longest side, in pixels, of the pictures whose detail is measured: one that is larger is reduced to that."""
_AT_HAND = 64
"""Small pictures that a worker keeps: up to half a megabyte each."""
_READ = 500
"""Descriptors read at a time."""


@dataclass(frozen=True, slots=True)
class Question:
    """Two contents, and the ways in which the second may lie over the first."""

    first: bytes
    second: bytes
    hints: tuple[int, ...] = ()
    """Of the method's candidates."""
    map: Map | tuple[()] = ()
    """Nine numbers: what takes the first's unit square to the second's, where that is known, rather than a hint."""

    @property
    def key(self) -> bytes:
        """What the verdict is remembered by."""
        return self.first + self.second + np.array(self.hints, "<i8").tobytes() + np.array(self.map, "<f8").tobytes()


def the_method(name: str) -> Method:
    """The method of that name.

    Raises
    ------
    MissingExtra
        What it needs is not installed.
    """
    return cast("Method", import_module(f"difPy.match.{name}"))


class Altered:
    """What one method knows of some contents.

    Parameters
    ----------
    method : Method
    index : store.Index
        Remembers.
    executor : Executor
    progress : Progress

    Attributes
    ----------
    failures : list of Failure
        Files that could not be read any more; their contents match nothing.
    described, judged : int
        Pictures and pairs that had to be looked at; the others were known.
    """

    def __init__(self, method: Method, index: store.Index, executor: Executor, progress: Progress) -> None:
        self.failures: list[Failure] = []
        self.described = self.judged = 0
        self._method, self._index, self._executor, self._progress = method, index, executor, progress
        self._files: dict[bytes, File] = {}
        made_by = f"opencv-python-headless {version('opencv-python-headless')}"
        self._way = store.Way(method.NAME, f"{method.NAME} {method.RECIPE}, {made_by}, {decode.decoders()}")
        self._detail = store.Way("detail", f"arbiter {JUDGES}, {decode.decoders()}")
        self._verdicts = store.Way(f"{method.NAME} verdicts", f"arbiter {JUDGES}, {self._way.recipe}")

    @property
    def recipe(self) -> str:
        """All that decides what it finds of given contents."""
        return f"{self._verdicts.recipe}; {self._detail.recipe}"

    def add(self, files: Mapping[bytes, File]) -> None:
        """Let it know of contents, each by a file that has it."""
        self._files |= files

    def describe(self, digests: Collection[bytes]) -> list[bytes]:
        """Have contents described.

        Returns
        -------
        list of bytes
            Digests of those that are, ascending.
        """
        held, looked_at = self._look_at(digests, self._way, partial(_described, method=self._method.NAME), "describing")
        self.described += looked_at
        return held

    def _look_at(
        self, digests: Collection[bytes], way: store.Way, task: Callable[[File], bytes | Failure], phase: str
    ) -> tuple[list[bytes], int]:
        """Have the index hold what a task makes of contents, those that are new remembered as they come.

        Returns
        -------
        held : list of bytes
            Digests of those that it holds, ascending.
        looked_at : int
            Contents that had to be looked at.
        """
        held = self._index.holds(way, digests)
        new = sorted((digest for digest in digests if digest not in held), key=lambda one: self._files[one].path)
        looks = self._executor.map(task, [self._files[digest] for digest in new], lost=_unread)
        batch: dict[bytes, bytes] = {}
        since = time.monotonic()
        for done, (digest, look) in enumerate(zip(new, looks, strict=True), 1):
            if isinstance(look, Failure):
                self.failures.append(look)
            else:
                batch[digest] = look
                held.add(digest)
            if len(batch) == BATCH_PICTURES or time.monotonic() - since > BATCH_SECONDS or done == len(new):
                self._index.remember(way, batch)
                batch, since = {}, time.monotonic()
            self._progress(phase, done, len(new))
        return sorted(held), len(new)

    def candidates(self, digests: Sequence[bytes]) -> list[Question]:
        """Pairs of these contents that are worth a look, in the order of their digests.

        Parameters
        ----------
        digests : sequence of bytes
            Ascending: what is found depends on what the pictures hold, not on where they lie.
        """
        found = self._method.candidates(self._descriptors(digests), self._progress)
        return [
            Question(digests[first], digests[second], tuple(hint for _, _, hint in same))
            for (first, second), same in groupby(_rows(found), key=lambda row: row[:2])
        ]

    def verdicts(self, questions: Sequence[Question]) -> dict[tuple[bytes, bytes], Judgement]:
        """What became of pairs: those that have something in common, by their digests."""
        known = self._index.recall(self._verdicts, [question.key for question in questions])
        found = {
            (question.first, question.second): records.judgement(known[question.key])
            for question in questions
            if known.get(question.key)
        }
        new = [question for question in questions if question.key not in known]
        found |= {(question.first, question.second): answer for question, answer in self._fresh(new) if answer}
        return found

    def details(self, digests: Sequence[bytes]) -> dict[bytes, float]:
        """How much of each picture's resolution is real: see `arbiter.detail`."""
        held, _ = self._look_at(digests, self._detail, _detail, "measuring detail")
        found = self._index.recall(self._detail, held)
        return {digest: records.detail(data) for digest, data in found.items()}

    def copies(self, questions: Sequence[Question]) -> dict[tuple[bytes, bytes], Judgement]:
        """Those of the pairs that are copies."""
        found = self.verdicts(questions)
        return {pair: judgement for pair, judgement in found.items() if judgement.verdict is Verdict.COPY}

    def _fresh(self, questions: Sequence[Question]) -> Iterator[tuple[Question, Judgement | None]]:
        """Questions and answers that are not known yet, remembered as they come."""
        tasks = _Tasks(self._method.NAME, together(questions), self._files, self._descriptors)
        batch: dict[bytes, bytes] = {}
        since = time.monotonic()
        done = 0
        self._progress("comparing copies", 0, len(questions))
        for asked, answers in zip(tasks.asked, self._executor.map(_judged, tasks, lost=_unjudged), strict=True):
            if isinstance(answers, Failure):
                self.failures.append(answers)
            else:
                for question, answer in zip(asked, answers, strict=True):
                    if isinstance(answer, Failure):
                        self.failures.append(answer)
                    else:
                        batch[question.key] = b"" if answer is None else records.record(answer)
                        yield question, answer
            done += len(asked)
            if time.monotonic() - since > BATCH_SECONDS or done == len(questions):
                self._index.remember(self._verdicts, batch)
                batch, since = {}, time.monotonic()
            self._progress("comparing copies", done, len(questions))
        self.judged += len(questions)

    def _descriptors(self, digests: Sequence[bytes]) -> Descriptors:
        return Descriptors(self._index, self._way, digests, self._method.is_sound)


def together(questions: Sequence[Question]) -> list[list[Question]]:
    """Questions in lists of those that may share pictures, so that each is decoded few times."""
    leader: dict[bytes, bytes] = {}

    def root(one: bytes) -> bytes:
        while (above := leader.setdefault(one, one)) != one:
            leader[one] = one = leader[above]
        return one

    for question in questions:
        leader[root(question.second)] = root(question.first)
    ordered = sorted(questions, key=lambda question: (root(question.first), question.key))
    found: list[list[Question]] = []
    for _, some in groupby(ordered, key=lambda question: root(question.first)):
        alike = list(some)
        found += [alike[start : start + _TOGETHER] for start in range(0, len(alike), _TOGETHER)]
    return found


@dataclass(frozen=True, slots=True)
class _Task:
    """Questions that one worker answers, and all that it needs to know for that."""

    method: str
    questions: list[Question]
    files: dict[bytes, File]
    descriptors: dict[bytes, bytes]


class _Tasks(Sequence[_Task]):
    """Tasks, made when they are asked for: descriptors of all of them would not fit into memory."""

    def __init__(
        self,
        method: str,
        asked: list[list[Question]],
        files: Mapping[bytes, File],
        descriptors: Callable[[Sequence[bytes]], Descriptors],
    ) -> None:
        self.asked = asked
        self._method, self._files, self._descriptors = method, files, descriptors

    def __len__(self) -> int:
        return len(self.asked)

    def __getitem__(self, row: Any) -> Any:
        asked = self.asked[row]
        files = {digest: self._files[digest] for question in asked for digest in (question.first, question.second)}
        hinted = sorted({digest for one in asked if one.hints for digest in (one.first, one.second)})
        return _Task(self._method, asked, files, dict(zip(hinted, self._descriptors(hinted), strict=True)))


class Descriptors(Sequence[bytes]):
    """Descriptors of some contents, read from the index when they are asked for: many together, where one asks in turn.

    Parameters
    ----------
    index : store.Index
    way : store.Way
    digests : sequence of bytes
    is_sound : callable
        Whether a descriptor is one that the method may have written.
    """

    def __init__(
        self, index: store.Index, way: store.Way, digests: Sequence[bytes], is_sound: Callable[[bytes], bool]
    ) -> None:
        self._index, self._way, self._digests, self._is_sound = index, way, digests, is_sound
        self._block = -1
        self._held: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self._digests)

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return Descriptors(self._index, self._way, self._digests[row], self._is_sound)
        block = range(len(self))[row] // _READ
        if block != self._block:
            wanted = self._digests[block * _READ : (block + 1) * _READ]
            self._block, self._held = block, self._index.recall(self._way, wanted)
            if not all(map(self._is_sound, self._held.values())):
                raise records.senseless("descriptor of a picture")
        try:
            return self._held[self._digests[row]]
        except KeyError:
            raise IndexUnusable("descriptors have been removed from the index meanwhile: run again") from None


def copies_of_each_other(first: File, second: File) -> Judgement | None:
    """How the second is an altered copy of the first, by any of the methods, asked of these two alone; None if not.

    Parameters
    ----------
    first, second : File
        Decoded and described anew.
    """
    for name in reversed(METHODS):
        how = the_method(name)
        looks = [decode.glance(file, how.SIDE) for file in (first, second)]
        if any(isinstance(look, Failure) for look in looks):
            return None
        one, other = cast("list[npt.NDArray[np.uint8]]", looks)
        described = how.describe(one), how.describe(other)
        for hint in how.hints(*described):
            start = how.start(*described, hint)
            found = None if start is None else judge(one, other, start, refine=how.REFINES)
            if found is not None and found.verdict is Verdict.COPY:
                return found
    return None


def how_altered(keeper: File, file: File) -> Judgement | None:
    """How one picture is an altered copy of another at full size, both decoded and judged anew; None if it is none.

    Parameters
    ----------
    keeper, file : File
        Their digests and sizes are known.
    """
    assert keeper.digest is not None and file.digest is not None
    swapped = file.digest < keeper.digest  # the same two are always judged the same way round
    first, second = (file, keeper) if swapped else (keeper, file)
    found = copies_of_each_other(first, second)
    if found is None:
        return None
    full = replace(found, change=found.change.in_full((first.width, first.height), (second.width, second.height)))
    return full.reversed() if swapped else full


def _rows(found: Candidates) -> Iterator[tuple[int, int, int]]:
    return zip(found.first.tolist(), found.second.tolist(), found.hint.tolist(), strict=True)


def _described(file: File, method: str) -> bytes | Failure:
    how = the_method(method)
    look = decode.glance(file, how.SIDE)
    return look if isinstance(look, Failure) else how.describe(look)


def _unread(file: File, loss: Loss) -> bytes | Failure:
    return Failure(file.path, loss.reason)


def _detail(file: File) -> bytes | Failure:
    look = decode.glance(file, _LARGE)
    return look if isinstance(look, Failure) else records.record_detail(detail(look))


def _judged(task: _Task) -> list[Judgement | Failure | None] | Failure:
    return [_answer(task, question) for question in task.questions]


def _unjudged(task: _Task, loss: Loss) -> list[Judgement | Failure | None] | Failure:
    return Failure(task.files[task.questions[0].first].path, f"it could not be compared with others: {loss.reason}")


def _answer(task: _Task, question: Question) -> Judgement | Failure | None:
    """The first map by which one picture is a copy of the other; else the first by which they share a part."""
    how = the_method(task.method)
    looks = [_small(task.files[digest], how.SIDE) for digest in (question.first, question.second)]
    for look in looks:
        if isinstance(look, Failure):
            return look
    first, second = cast("list[npt.NDArray[np.uint8]]", looks)
    best: Judgement | None = None
    for start, refine in _starts(task, question, (first.shape, second.shape), how):
        found = judge(first, second, start, refine=refine)
        if found is not None and (best is None or found.verdict is Verdict.COPY):
            best = found
            if found.verdict is Verdict.COPY:
                break
    return best


def _starts(
    task: _Task, question: Question, shapes: tuple[tuple[int, ...], tuple[int, ...]], how: Method
) -> Iterator[tuple[npt.NDArray[np.float64], bool]]:
    if question.map:
        first, second = shapes
        yield between_pixels(question.map, (first[1], first[0]), (second[1], second[0])), True
    for hint in question.hints:
        start = how.start(task.descriptors[question.first], task.descriptors[question.second], hint)
        if start is not None:
            yield start, how.REFINES


@lru_cache(_AT_HAND)
def _small(file: File, side: int) -> npt.NDArray[np.uint8] | Failure:
    return decode.glance(file, side)
