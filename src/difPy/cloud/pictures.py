"""The files of a part in; their tensors, and columns of all else that is known of them, out: the step that decodes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from blake3 import blake3

from difPy import decode, workers
from difPy.address import UNKNOWN
from difPy.cloud import listing, tables
from difPy.cloud.columns import packed
from difPy.cloud.joining import TENSORS
from difPy.match import mse
from difPy.match.decoding import lost
from difPy.match.mse.vectors import WIDTH
from difPy.model import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from difPy.cloud.run import Run
    from difPy.files import Files
    from difPy.model import Picture

FILES, PICTURES = "files/{}/{:06}.parquet", "pictures/{:06}.parquet"
_PLAIN = ("width", "height", "frames", "stance", "exif_fields", "gps", "other_fields", "notes", "lossless")
_REST = ("identity", "format", "beside")
_KINDS = (
    dict.fromkeys((*_PLAIN, "row", "views", "viewed"), "int64")
    | dict.fromkeys(("likeness", "identity", "digest"), "binary")
    | dict.fromkeys(("reason", "format", "beside"), "string")
)


def decoded(run: Run, processes: int, part: int) -> str | None:
    """Decode the pictures of a part, unless they are; in worker processes, so that a file that kills one is lost alone.

    Parameters
    ----------
    run : Run
    processes : int
        Worker processes: as many as this step was given cores.
    part : int

    Returns
    -------
    str or None
        Why that cannot be done here.
    """
    if (why := run.refusal()) is not None:
        return why
    files = listing.files_of(tables.read(run.objects, FILES.format(run.listing, part)))
    look = partial(decode.look, px_size=run.px_size, exact=True)
    executor = workers.executor(processes)
    looks = list(executor.map(look, files, lost=lost))
    again = [row for row, one in enumerate(looks) if isinstance(one, Failure) and not one.lasting]
    for row, one in zip(again, executor.map(look, files.take(again), lost=lost), strict=True):
        looks[row] = one  # what circumstances were to blame for stays so for ever: they are given one more chance
    pictures = [one for one in looks if not isinstance(one, Failure)]
    tensors = _tensors(pictures, run.px_size)
    run.objects.create(TENSORS.format(part), packed(tensors))  # before the columns, which say that the part is done
    run.objects.create(PICTURES.format(part), tables.parquet(_columns(files, looks, tensors), _KINDS))
    return None


def undone(run: Run) -> list[int]:
    """Parts that nobody has decoded yet."""
    done = set(run.objects.names("pictures"))
    return [number for number in range(run.parts) if PICTURES.format(number).split("/")[1] not in done]


def _tensors(pictures: Sequence[Picture], px_size: int) -> npt.NDArray[np.uint8]:
    """A tensor for each picture; behind all of them, the views of those that have more to see."""
    found = [np.empty((0, px_size, px_size, 3), np.uint8)]
    if pictures:
        found.append(np.stack([picture.tensor for picture in pictures]))
    return np.concatenate([*found, *(picture.views for picture in pictures if picture.views is not None)])


def _columns(files: Files, looks: Sequence[Picture | Failure], tensors: npt.NDArray[np.uint8]) -> dict[str, Any]:
    """A row for each file; of what is no picture, the reason, and nulls."""
    pictures = [None if isinstance(one, Failure) else one for one in looks]
    is_picture = np.array([one is not None for one in pictures], np.bool_)
    row = np.cumsum(is_picture) - 1
    vectors = np.zeros((len(looks), WIDTH), np.float32)
    vectors[is_picture] = mse.vectors(tensors[: np.count_nonzero(is_picture)])
    sizes = [
        one.size if one is not None and size == UNKNOWN else size
        for one, size in zip(pictures, files.sizes.tolist(), strict=True)
    ]
    views = np.array([0 if one is None or one.views is None else len(one.views) for one in pictures], np.int64)
    return {
        **listing.columns_of(_sized(files, sizes)),
        "reason": [one.reason if isinstance(one, Failure) else None for one in looks],
        "lasting": [isinstance(one, Failure) and one.lasting for one in looks],
        "digest": [one.digest for one in looks],
        "row": row,
        "views": views,
        "viewed": np.count_nonzero(is_picture) + np.cumsum(views) - views,
        "likeness": [None if one is None else _likeness(one) for one in pictures],
        "vector": vectors,
        **{name: [None if one is None else int(getattr(one, name)) for one in pictures] for name in _PLAIN},
        **{name: [None if one is None else getattr(one, name) for one in pictures] for name in _REST},
    }


def _sized(files: Files, sizes: list[int]) -> Files:
    found = files.take(range(len(files)))
    found.sizes = np.array(sizes, np.int64)
    return found


def _likeness(picture: Picture) -> bytes:
    """32 bytes: equal for equal tensors and views."""
    state = blake3(np.ascontiguousarray(picture.tensor).tobytes())
    if picture.views is not None:
        state.update(np.ascontiguousarray(picture.views).tobytes())
    return state.digest()
