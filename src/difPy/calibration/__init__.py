"""Pictures in; how far each is from the one most like it, and which threshold fits them, if one does, out.

measure: the distances; advice: what they say of a threshold; plot, words, pages: the same as SVG, as text, as a page
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy import gallery as galleries
from difPy import group, workers
from difPy.calibration.measured import Calibration
from difPy.match import mse
from difPy.match.decoding import comparable, told_apart
from difPy.model import Criterion, silent

if TYPE_CHECKING:
    from difPy.library import Library
    from difPy.model import Progress

MOST = 5000
"""Pictures whose nearest one is looked for, among all; of more, so many are drawn by lot."""


def calibrate(
    library: Library,
    *,
    rotate: bool = True,
    mirror: bool = False,
    processes: int | None = None,
    progress: Progress = silent,
) -> Calibration:
    """Find out how far the pictures are from those most like them.

    Parameters
    ----------
    library : Library
    rotate, mirror : bool, optional
        Whether turned and mirrored copies count, as for `difPy.search`.
    processes : int, optional
        Worker processes that decode; all cores by default.
    progress : Progress, optional

    Returns
    -------
    Calibration
        `recommended` is a threshold, or None where the distances give no reason for one.

    Examples
    --------
    >>> import difPy, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> difPy.calibrate(difPy.index(folder.name, cache=False)).recommended is None
    True
    """
    columns = library.gallery
    sketches = np.flatnonzero(columns.errors > 0)
    failures, _ = told_apart(columns, sketches, workers.executor(processes), library.index.put, progress)
    whole = np.flatnonzero(comparable(columns, failures))
    codes = group.shapes(columns, same_dimensions=False)
    rows = galleries.rows(columns, whole, codes)
    asked = np.arange(len(whole))
    if len(asked) > MOST:
        asked = np.sort(np.random.default_rng(0).choice(asked, MOST, replace=False))
    found = mse.others(rows, asked, Criterion(0.0, rotate, mirror), progress)
    alike = found.other >= 0
    return Calibration(
        files=columns.files.take(whole.tolist()),
        row=found.row[alike],
        other=found.other[alike],
        distance=found.distance[alike],
        pictures=len(whole),
    )
