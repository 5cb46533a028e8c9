"""Files in, what each decodes to out: half of it at first, where that tells pictures apart; else all at once.

A sketch saves a quarter of a full decode, or two fifths. One that may be that of another picture, for all that it says,
is followed by the full decode whatever is searched for, and has saved nothing: as of scanned pages, which are all alike
when they are small. So a few files are tried, then twice as many, and so on; or a thousand, where hardly any is worth a
sketch. Where more than a quarter of the sketches were in vain, the next thousand files are decoded in full, and then a
few are tried again.

So it is with the clues of identities (see `difPy.clues`), where a tenth were met before: a clue saves less, and spares
nothing of the first picture that had it. Which files are sketched, and of which the identity is only begun, hangs on
the files, their order and what is known alone, and no answer hangs on it.
"""

from __future__ import annotations

from collections import deque
from mmap import mmap
from typing import TYPE_CHECKING

import numpy as np

from difPy import clues, decode
from difPy.match import mse
from difPy.match.decoding import lost
from difPy.model import Criterion, Picture, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from difPy.files import Files
    from difPy.model import Failure
    from difPy.workers import Executor

_TRIAL, _MOST = 64, 1024  # files
_JUDGED = 256  # sketches: the latest
_LEAST = 16  # of fewer nothing is concluded
_IN_VAIN = 0.25
_MET = 0.1
_SEEN = 1 << 27  # bits


def looks(
    files: Files, px_size: int, executor: Executor, *, exact: bool, known: Sequence[bytes] = ()
) -> Iterator[Picture | Failure]:
    """What files decode to, in their order.

    Parameters
    ----------
    files : Files
    px_size : int
        Width and height of the tensors.
    executor : Executor
        Decodes.
    exact : bool
        Whether all are to be decoded in full.
    known : sequence of bytes, optional
        Identities of other pictures, which these may meet.
    """
    if exact:
        yield from executor.map(decode.Look(px_size, exact=True), files, lost=lost)
        return
    in_full, start, count, seen = False, 0, _TRIAL, Seen()
    for one in known:
        seen.add(one)
    while start < len(files):
        some = files[start : start + count]
        sketches: deque[Picture] = deque(maxlen=_JUDGED)
        met: deque[bool] = deque(maxlen=_JUDGED)
        for found in executor.map(decode.Look(px_size, in_full), some, lost=lost):
            identity = found.identity if isinstance(found, Picture) else None
            if identity is not None:
                was_seen = seen.add(identity)
                if clues.is_clue(identity):
                    met.append(was_seen)
            elif isinstance(found, Picture):
                sketches.append(found)
            yield found
        start += count
        if in_full:
            in_full, count = False, _TRIAL
        elif are_in_vain(sketches) or (len(met) >= _LEAST and sum(met) > _MET * len(met)):
            in_full, count = True, _MOST
        else:
            count = _MOST if len(sketches) < _LEAST else min(2 * count, _MOST)


class Seen:
    """Beginnings of identities that were seen, in 16 MiB however many they are.

    Of a million, one in a hundred is taken for another.

    Examples
    --------
    >>> seen = Seen()
    >>> seen.add(b"8 bytes."), seen.add(b"8 others"), seen.add(b"8 bytes. and 32 more: all that it takes.")
    (False, False, True)
    """

    def __init__(self) -> None:
        self._bits = mmap(-1, _SEEN // 8)  # of these the system provides what is written to

    def add(self, identity: bytes) -> bool:
        """Note one; whether its like was seen before."""
        byte, bit = divmod(int.from_bytes(identity[: clues.CLUE], "big") % _SEEN, 8)
        had = self._bits[byte]
        self._bits[byte] = had | 1 << bit
        return bool(had >> bit & 1)


def are_in_vain(sketches: Sequence[Picture]) -> bool:
    """Whether so many of some sketches may be of the same picture as another that it was better to make none.

    Examples
    --------
    >>> are_in_vain([])
    False
    """
    if len(sketches) < _LEAST:
        return False
    widths, heights = np.array([(one.width, one.height) for one in sketches], np.int32).T
    rows = Rows(
        tensors=np.stack([one.tensor for one in sketches]),
        widths=widths,
        heights=heights,
        partition=np.zeros(len(sketches), np.int64),
        identities=[None] * len(sketches),
        stances=np.zeros(len(sketches), np.uint8),
        errors=np.array([one.error for one in sketches], np.float32),
    )
    return bool(mse.involved(rows, Criterion(0.0)).mean() > _IN_VAIN)
