"""What a row of the sharded join is; arrays in, the bytes of objects that hold them out: the same for the same."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Facts = npt.NDArray[np.void]
    """Of `FACT`."""

FACT = np.dtype(
    [
        ("rank", "<i8"),  # place in the order of quality, best first
        ("part", "<i4"),  # where its tensor is: which part ...
        ("row", "<i4"),  # ... and which row of it
        ("width", "<i4"),
        ("height", "<i4"),
        ("partition", "<i4"),  # only rows of one partition may match; numbered from 0
        ("views", "<i4"),  # how many views it has beside its tensor's, 0 for nearly all ...
        ("viewed", "<i4"),  # ... and the row of the part at which they begin
        ("known", "?"),  # whether it has an identity
        ("orientation", "u1"),  # that brought its vector to where it is now
    ]
)
"""What a row is, but for its vector."""


def packed(array: npt.NDArray[Any]) -> bytes:
    """The bytes of an .npy file: the same for the same array."""
    plain, head = np.ascontiguousarray(array), io.BytesIO()
    np.lib.format.write_array_header_1_0(head, np.lib.format.header_data_from_array_1_0(plain))
    return b"".join([head.getvalue(), plain.reshape(-1).view(np.uint8).data])


def packed_together(**arrays: npt.NDArray[Any]) -> bytes:
    """The bytes of an .npz file: the same for the same arrays, as numpy gives every member one date."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()
