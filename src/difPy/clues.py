"""Identities in; which of them are only begun, and which of these may go on alike, out.

An identity has 40 bytes: a clue of 8, which hangs on 64 pixels, and a digest of all. A photo's clue is hardly ever that
of another picture, so a decode may leave it at that, and save a tenth. Pictures whose clues differ are different; those
that have one clue are decoded once more, when they meet, and all their pixels are hashed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt

CLUE = 8
"""Bytes of a clue."""
WHOLE = 40
"""Bytes of an identity that is more than begun."""


def is_clue(identity: bytes | None) -> bool:
    """Whether an identity is only begun."""
    return identity is not None and len(identity) == CLUE


def met(identities: Sequence[bytes | None], digests: Sequence[bytes]) -> npt.NDArray[np.int64]:
    """Rows whose identity is a clue with which that of another row begins, too: one that is whole, or of other bytes.

    Parameters
    ----------
    identities : sequence of bytes or None
    digests : sequence of bytes
        Of the files' bytes: where they are equal, so are the pictures, and two clues say so.

    Returns
    -------
    ndarray of int64
        Ascending.

    Examples
    --------
    >>> met([b"8 bytes.", b"8 others", b"8 bytes. and 32 more: all that it takes."], [b"a", b"b", b"c"]).tolist()
    [0]
    """
    is_begun = np.fromiter(map(is_clue, identities), np.bool_, len(identities))
    if not is_begun.any():
        return np.empty(0, np.int64)
    starts = b"".join((identity or b"")[:CLUE].ljust(CLUE) for identity in identities)
    _, code, count = np.unique(np.frombuffer(starts, "<u8"), return_inverse=True, return_counts=True)
    asked = np.zeros(len(count), np.bool_)
    asked[code[is_begun]] = True
    together: dict[int, list[int]] = {}
    for row in np.flatnonzero((asked & (count > 1))[code]).tolist():
        if identities[row] is not None:
            together.setdefault(int(code[row]), []).append(row)
    some = (rows for rows in together.values() if len({(digests[row], identities[row]) for row in rows}) > 1)
    return np.array(sorted(row for rows in some for row in rows if is_begun[row]), np.int64)


def alike(identities: Sequence[bytes | None], others: Collection[bytes | None]) -> npt.NDArray[np.int64]:
    """Rows whose identity begins as one of the others does.

    Examples
    --------
    >>> alike([b"8 bytes.", b"8 others", None], [b"8 others and 32 more: all that it takes."]).tolist()
    [1]
    """
    starts = {other[:CLUE] for other in others if other is not None}
    rows = (row for row, one in enumerate(identities) if one is not None and one[:CLUE] in starts)
    return np.fromiter(rows, np.int64)
