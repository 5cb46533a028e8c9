"""Questions and answers in; the bytes of objects that hold them out, and back: for those who meet only at a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.cloud.columns import FACT, packed_together
from difPy.cloud.records import Records, joined
from difPy.cloud.steps import Answer, Questions
from difPy.cloud.stored import arrays, judged
from difPy.match.mse.decide import Pairs, Verdict
from difPy.match.mse.vectors import WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from difPy.cloud.objects import Objects

_NUMBER = np.dtype("<i8")


def questions_packed(parcels: Sequence[Sequence[Questions]]) -> bytes:
    """What rows ask of each group: where the part of each ends, then their parts."""
    parts = [_part(parcel) for parcel in parcels]
    ends = (len(parts) + 1) * _NUMBER.itemsize + np.cumsum([0, *map(len, parts)])
    return b"".join([ends.astype(_NUMBER).tobytes(), *parts])


def questions_read(objects: Objects, name: str, group: int) -> list[Questions]:
    """What is asked of a group; only that is read."""
    size = _NUMBER.itemsize
    (ends,) = objects.ranges(name, [(group * size, (group + 2) * size)])
    with judged(name):
        first, last = np.frombuffer(ends, _NUMBER).tolist()
    (part,) = objects.ranges(name, [(first, last)])
    with judged(name):
        rows, asks = np.frombuffer(part, _NUMBER, 2).tolist()
        if not asks:
            return []
        facts = np.frombuffer(part, FACT, rows, at := 2 * size)
        vectors = np.frombuffer(part, np.float32, rows * WIDTH, at := at + facts.nbytes).reshape(rows, WIDTH)
        question = np.frombuffer(part, _NUMBER, asks, at := at + vectors.nbytes)
        return [Questions(Records(facts, vectors), question, np.frombuffer(part, _NUMBER, asks, at + question.nbytes))]


def _part(parcel: Sequence[Questions]) -> bytes:
    rows = joined([one.rows for one in parcel])
    before = np.cumsum([0, *(len(one.rows) for one in parcel)])
    question = [np.empty(0, _NUMBER), *(one.question + start for one, start in zip(parcel, before, strict=False))]
    cell = np.concatenate([np.empty(0, _NUMBER), *(one.cell for one in parcel)])
    order = np.argsort(cell, kind="stable")
    columns = (np.array([len(rows), len(cell)]), rows.facts, rows.vectors, np.concatenate(question)[order], cell[order])
    return b"".join(column.tobytes() for column in columns)


def answer_packed(answer: Answer) -> bytes:
    """What a group answers. That there are too many candidates is said by no pairs, and fewer than none compared."""
    verdict = answer.verdict
    if verdict is None:
        return packed_together(about=np.array([-1, answer.asked]))
    pairs, ties = verdict.pairs, list(verdict.open.values())
    return packed_together(
        about=np.array([answer.compared, answer.asked]),
        first=pairs.first,
        second=pairs.second,
        orientation=pairs.orientation,
        distance=pairs.distance,
        tie=np.array([(first, second) for first, second, _ in ties], np.int64).reshape(-1, 2),
        turns=np.array([turn for *_, turns in ties for turn in turns], np.uint8),
        each=np.array([len(turns) for *_, turns in ties], np.int64),
        tied=answer.tied,
    )


def answer_read(objects: Objects, name: str) -> Answer:
    """What a group answered; FileNotFoundError where it has not."""
    found = arrays(objects, name)
    with judged(name):
        compared, asked = found["about"].tolist()
        if compared < 0:
            return Answer(None, 0, asked, np.empty(0, FACT))
        pairs = Pairs(*(found[column] for column in ("first", "second", "orientation", "distance")))
        turns = np.split(found["turns"], np.cumsum(found["each"])[:-1])
        ties = zip(found["tie"].tolist(), turns, strict=False)  # where there is no tie, there is a part without turns
        open_ = {(first, second): (first, second, tuple(some.tolist())) for (first, second), some in ties}
        return Answer(Verdict(pairs, open_), compared, asked, found["tied"])
