"""A sample of tensors in; the cosines in which such tensors differ most, and that vectors of them are made of, out.

The fixed vectors keep the lowest frequencies, in which photographs differ. Scanned pages differ in others: whether a
line is printed here or there. All that is proven in `vectors` holds for any set of frequencies, as long as it holds
with each pair of them the pair exchanged: so vectors turn with the picture. Products of integers are exact, so the same
sample gives the same frequencies on any machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from difPy.match.mse.engine import Engine
from difPy.match.mse.vectors import CHANNELS, Cosines

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.model import Tensors

NUMBERS = 110
"""Frequencies kept, at most."""
_HIGHEST = 64  # frequencies in each direction that are looked at: larger tensors differ hardly in higher ones
_COSINE = 4096  # one, in integer cosines
_TOGETHER = 64  # tensors looked at together


def learned(tensors: Tensors, sample: npt.NDArray[np.int64], engine: Engine) -> Cosines:
    """The cosines in which tensors, and tensors turned, differ most.

    Parameters
    ----------
    tensors : Tensors
    sample : ndarray of int64
        Rows to learn from: some hundreds.
    engine : Engine
        Says how many tensors may be read at a time.

    Examples
    --------
    >>> stripes = np.zeros((4, 16, 16, 3), np.uint8)
    >>> stripes[::2, ::2] = stripes[1::2, 1::2] = 255
    >>> learned(stripes, np.arange(4), Engine(1)).width
    111
    """
    px = tensors.shape[1]
    place, frequency = np.arange(px), np.arange(min(px, _HIGHEST))[:, None]
    cosines = np.rint(_COSINE * np.cos(np.pi * (2 * place + 1) * frequency / (2 * px)))
    lengths = np.linalg.norm(cosines, axis=1)
    squares, mean = np.zeros((2, 3, len(cosines), len(cosines)))
    step = min(_TOGETHER, max(1, engine.BUFFER // (3 * px * px)))
    for start in range(0, len(sample), step):
        read = tensors[sample[start : start + step]]
        for at, channel in enumerate(CHANNELS):
            seen = cosines @ (read @ channel).astype(np.float64) @ cosines.T
            seen /= lengths * lengths[:, None] * np.linalg.norm(channel)
            squares[at] += (seen**2).sum(axis=0) / len(sample)
            mean[at] += seen.sum(axis=0) / len(sample)
    mean[:, 1::2] = mean[:, :, 1::2] = 0  # for in half of the orientations the sign is another
    variances = (squares + squares.swapaxes(1, 2)) / 2 - ((mean + mean.swapaxes(1, 2)) / 2) ** 2
    order = np.argsort(-variances.reshape(-1), kind="stable")
    channels, k, m = (column.tolist() for column in np.unravel_index(order, variances.shape))
    best = list(zip(k, m, channels, strict=True))
    right = next(one for one in best if one[0] % 2 == 0 and one[1] % 2 == 1)  # for the frames, a gradient
    chosen: dict[tuple[int, int, int], None] = {}
    for one in [right, *best]:
        pair = {one: None, (one[1], one[0], one[2]): None}
        if len(chosen | pair) > NUMBERS:
            break
        chosen |= pair
    return Cosines(list(chosen))
