"""An opened picture in, a `Picture` out: all of it decoded, nothing estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from blake3 import blake3

from difPy.decode.depth import is_reduced
from difPy.decode.frames import frames
from difPy.decode.identity import Fingerprint
from difPy.decode.views import Views
from difPy.model import Picture

if TYPE_CHECKING:
    from difPy.decode.opening import Opened


def in_full(picture: Opened, digest: bytes, px_size: int) -> Picture:
    """Picture decoded in full.

    Parameters
    ----------
    picture : Opened
        Its header read, and no more.
    digest : bytes
        BLAKE3 of the file.
    px_size : int
        Width and height of the tensor.
    """
    sealed = picture.sealed or is_reduced(picture)
    views, fingerprint = Views(px_size), Fingerprint()
    size, about = (0, 0), None
    for frame in frames(picture):
        if about is None:
            size, about = frame.shown.size, frame.metadata
        views.add(frame)
        fingerprint.add(frame)
    assert about is not None  # there is always a first frame, or an exception
    tensor, all_views = views.result()
    identity, stance = fingerprint.result(digest if sealed else _further_images(picture))
    return Picture(
        width=size[0],
        height=size[1],
        frames=views.count,
        tensor=tensor,
        views=all_views,
        identity=identity,
        stance=stance,
        error=0.0,
        format=picture.format,
        exif_fields=about.fields,
        gps=about.gps,
        digest=digest,
    )


def _further_images(picture: Opened) -> bytes:
    """Digest of what an MPO holds behind the image it shows: another view, a depth map, a preview; else nothing."""
    image: Any = picture.image
    if picture.format != "MPO":
        return b""
    try:
        image.seek(1)
    except (EOFError, ValueError, SyntaxError, OSError):
        return b""  # announced in the header, and lost when the file was passed on
    return blake3(picture.data[image.offset :]).digest()
