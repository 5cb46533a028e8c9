"""A calibration in, lines for people out: sentences, and a histogram that any terminal shows."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from difPy.terminal import number

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.calibration.measured import Calibration

_EDGES = (0.0, 0.01, 0.1, 0.3, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 65026)
_BLOCKS = " ▏▎▍▌▋▊▉"


def sentences(calibration: Calibration) -> list[str]:
    """What the distances say."""
    advice, asked = calibration.advice, len(calibration.distance)
    said = [] if asked >= calibration.pictures else [f"{asked:,} of {calibration.pictures:,} pictures, drawn by lot."]
    if advice.threshold is None:
        said.append(f"No threshold is recommended: {advice.why}.")
        said.append("Look at the pairs, and at small thresholds first; 0 is always safe.")
        return said
    within = calibration.within(advice.threshold)
    said.append(f"Recommended: {advice.threshold:g}.")
    said.append(
        f"{number(within, 'picture has', 'pictures have')} another within it; nothing lies between "
        f"{_plain(advice.below)} and {_plain(advice.above)}."
    )
    said.append("Whether all below it are copies, only a look tells: at the pairs just below it first.")
    return said


def text(calibration: Calibration, width: int = 80) -> str:
    """A histogram and what it says, for a terminal.

    Parameters
    ----------
    calibration : Calibration
    width : int, optional
        Columns.
    """
    counts, _ = np.histogram(calibration.distance, _EDGES)
    last = int(np.flatnonzero(counts).max(initial=0))
    lines = ["Distance of each picture to the one most like it (mean squared error)", ""]
    labels = ["identical", *(f"to {edge:,g}" for edge in _EDGES[2:-1]), "more"]
    room = max(10, width - 24)
    for label, count in zip(labels[: last + 1], counts[: last + 1].tolist(), strict=True):
        lines.append(f"{label:>10}  {count:>7,}  {_bar(count, counts, room)}".rstrip())
    lines += ["", f"{'threshold':>10}  {'pictures that have one within it'}"]
    for threshold, count in calibration.added():
        mark = "  recommended" if threshold == calibration.recommended else ""
        lines.append(f"{threshold:>10g}  {count:>7,}{mark}")
    said = wrap(" ".join(sentences(calibration)), width, break_long_words=False)
    return "\n".join([*lines, "", *said]) + "\n"


def _plain(distance: float) -> str:
    return f"{distance:,.0f}" if distance >= 100 else f"{distance:.3g}"


def _bar(count: int, counts: npt.NDArray[np.int64], room: int) -> str:
    eighths = round(8 * room * count / max(1, int(counts.max())))
    if count and not eighths:
        eighths = 1
    return "█" * (eighths // 8) + _BLOCKS[eighths % 8].strip()
