"""Distances between pictures and those most like them: what they say, in figures, words and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from difPy.calibration.advice import Advice, advice

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.files import File, Files

THRESHOLDS = (0.0, 1.0, 5.0, 20.0, 50.0, 100.0, 200.0, 500.0)
"""Of which it is told how many pictures each adds."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """How far pictures are from those most like them."""

    files: Files
    row: npt.NDArray[np.int64]
    """Shape (m,): numbers of files."""
    other: npt.NDArray[np.int64]
    """Shape (m,): the file most like each."""
    distance: npt.NDArray[np.float64]
    """Shape (m,): mean squared error between the two, at 50 x 50 pixels; 0 for identical ones."""
    pictures: int
    """All that there are: of many, some were asked for."""

    @cached_property
    def advice(self) -> Advice:
        """What the distances say of a threshold."""
        return advice(self.distance)

    @property
    def recommended(self) -> float | None:
        """A threshold that copies are below and other pictures above; None where the distances show no such."""
        return self.advice.threshold

    def within(self, threshold: float) -> int:
        """How many pictures have one within a threshold."""
        return int((self.distance <= threshold).sum())

    def added(self) -> list[tuple[float, int]]:
        """Thresholds, and how many pictures have one within it: the recommended one among them."""
        chosen = sorted({*THRESHOLDS, *([self.recommended] if self.recommended is not None else [])})
        return [(threshold, self.within(threshold)) for threshold in chosen]

    def pairs(self, threshold: float, count: int, *, above: bool) -> list[tuple[File, File, float]]:
        """The pairs nearest to a threshold, on one side of it."""
        order = np.argsort(self.distance, kind="stable")
        beyond = int(np.searchsorted(self.distance[order], threshold, "right"))
        found, known = [], set()
        for at in order[beyond:].tolist() if above else order[:beyond][::-1].tolist():
            pair = frozenset((int(self.row[at]), int(self.other[at])))
            if pair not in known:
                known.add(pair)
                one, two = sorted(pair)
                found.append((self.files[one], self.files[two], float(self.distance[at])))
            if len(found) == count:
                break
        return found

    def plot(self) -> str:
        """The distances as a histogram: SVG, with colours for light and for dark."""
        from difPy.calibration.plot import plot

        return plot(self)

    def _repr_html_(self) -> str:
        from difPy.calibration.words import sentences

        return f"{self.plot()}<p>{' '.join(sentences(self))}</p>"
