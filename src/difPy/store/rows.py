"""Pictures in, rows of the table `picture` out; and rows in, columns out, checked by their CRC to be what was written.

SQLite notices a page that makes no sense, but not a byte of a blob that has changed on a failing disk. A wrong byte
here could make two pictures duplicates, so every row has a CRC-32 of its own.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

import numpy as np

from difPy.clues import CLUE, WHOLE
from difPy.store.troubles import Damaged
from difPy.traits import Lossless, Notes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from difPy.model import Picture

_NUMBERS = ("id", "stance", "width", "height", "frames", "views", "error", "exif_fields", "gps", "other_fields",
            "notes", "lossless")  # fmt: skip
FACTS = np.dtype([(name, "<f8" if name == "error" else "<i8") for name in _NUMBERS])
COLUMNS = ", ".join((*_NUMBERS, "digest", "identity", "format", "vector", "beside", "crc"))
"""Columns in the order in which `as_rows` makes and `checked` takes them."""

DIGEST = 32
"""Bytes of a digest."""

_LARGE = (1 << 31) - 1
_PLAUSIBLE = {
    "id": (1, 1 << 62),
    "stance": (0, 255),
    "width": (1, _LARGE),
    "height": (1, _LARGE),
    "frames": (1, _LARGE),
    "views": (0, _LARGE),
    "error": (0.0, 1e6),
    "exif_fields": (0, _LARGE),
    "gps": (0, 1),
    "other_fields": (0, _LARGE),
    "notes": (0, sum(Notes)),
    "lossless": (min(Lossless), max(Lossless)),
}


class Checked(NamedTuple):
    """Some rows of the table `picture`, by column."""

    facts: npt.NDArray[np.void]
    """All numbers, as fields."""
    digests: tuple[bytes, ...]
    identities: tuple[bytes | None, ...]
    formats: tuple[str, ...]
    beside: tuple[str, ...]
    vectors: npt.NDArray[np.float32]


def seed(px_size: int, decoders: str) -> int:
    """What the CRC of a recipe's rows begins with: should a row end up under another recipe, it shows."""
    return crc32(f"{px_size} {decoders}".encode())


def as_rows(
    numbers: Sequence[int], pictures: Sequence[Picture], vectors: Sequence[npt.NDArray[np.float32]], start: int
) -> list[tuple[Any, ...]]:
    """Pictures as rows: `COLUMNS`.

    Parameters
    ----------
    numbers : sequence of int
        Their ids.
    pictures : sequence of Picture
    vectors : sequence of ndarray of float32, shape (d,)
    start : int
        From `seed`.
    """
    facts = np.array(
        [
            (number, one.stance, one.width, one.height, one.frames, 0 if one.views is None else len(one.views),
             one.error, one.exif_fields, one.gps, one.other_fields, one.notes, one.lossless)
            for number, one in zip(numbers, pictures, strict=True)
        ],
        FACTS,
    )  # fmt: skip
    blobs = [np.asarray(vector, "<f4").tobytes() for vector in vectors]
    digests, identities = [one.digest for one in pictures], [one.identity for one in pictures]
    crcs = _crcs(facts, digests, identities, [one.format + one.beside for one in pictures], blobs, start)
    return [
        (*numbers_of, one.digest, one.identity, one.format, blob, one.beside or None, crc)
        for numbers_of, one, blob, crc in zip(facts.tolist(), pictures, blobs, crcs, strict=True)
    ]


def checked(rows: Sequence[tuple[Any, ...]], start: int) -> Checked:
    """Columns of rows.

    Raises
    ------
    Damaged
        A row is not what was written.
    """
    *numbers, digests, identities, formats, vectors, parts, crcs = zip(*rows, strict=True)
    facts = np.empty(len(rows), FACTS)
    try:
        for name, column in zip(_NUMBERS, numbers, strict=True):
            facts[name] = column
        beside = tuple(text or "" for text in parts)
        texts = [name + text for name, text in zip(formats, beside, strict=True)]
        sound = _crcs(facts, digests, identities, texts, vectors, start) == list(crcs)
        floats = np.frombuffer(b"".join(vectors), "<f4").reshape(len(rows), -1)
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        raise Damaged(f"a picture's row makes no sense: {error}") from None
    if not sound or len(set(map(len, vectors))) != 1:
        raise Damaged("a picture's row is not what was written")
    return Checked(
        facts, digests, identities, tuple(map(sys.intern, formats)), beside, floats.astype(np.float32, copy=False)
    )


def require_plausible(rows: Checked) -> None:
    """Ask that the numbers are those of pictures: a CRC says who wrote them only if he did not mean to deceive.

    Raises
    ------
    Damaged
    """
    facts = rows.facts
    plausible = all(
        ((facts[name] >= least) & (facts[name] <= most)).all() for name, (least, most) in _PLAUSIBLE.items()
    )
    identities = [identity for identity in rows.identities if identity is not None]
    is_sound = _lengths(rows.digests) <= {DIGEST} and _lengths(identities) <= {CLUE, WHOLE}
    if not plausible or not np.isfinite(rows.vectors).all() or not is_sound:
        raise Damaged("a picture's row is of no picture")


def _lengths(keys: Iterable[object]) -> set[int | None]:
    return {len(key) if isinstance(key, bytes) else None for key in keys}


def _crcs(
    facts: npt.NDArray[np.void],
    digests: Sequence[bytes],
    identities: Sequence[bytes | None],
    texts: Sequence[str],
    vectors: Sequence[bytes],
    start: int,
) -> list[int]:
    raw, step = facts.tobytes(), facts.itemsize
    return [
        crc32(vector, crc32(identity or b"", crc32(digest + text.encode(), crc32(raw[at : at + step], start))))
        for at, digest, identity, text, vector in zip(
            range(0, len(raw), step), digests, identities, texts, vectors, strict=True
        )
    ]


def pixels_crc(number: int, pixels: bytes) -> int:
    """CRC of a row of `tensor` or `views`."""
    return crc32(pixels, number & 0xFFFFFFFF)


def reason_crc(reason: bytes, *key: object) -> int:
    """CRC of a row of `failure` or `poison`."""
    return crc32(reason, crc32(repr(key).encode()))
