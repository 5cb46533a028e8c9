"""An opened picture in, a `Picture` out: all of it decoded, nothing estimated; at most its identity is only begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blake3 import blake3

from difPy.decode.beside import PROFILES, beside, times
from difPy.decode.fidelity import lossless
from difPy.decode.frames import frames
from difPy.decode.identity import Fingerprint
from difPy.decode.metadata import metadata
from difPy.decode.payload import hidden
from difPy.decode.views import Views
from difPy.model import Picture
from difPy.parts import written

if TYPE_CHECKING:
    from difPy.decode.colour import Profile
    from difPy.decode.opening import Opened


_SOON_DECODED = ("JPEG", "MPO")
"""Formats that are decoded in some times what it takes to hash all pixels: where it is worth while to spare that."""


def in_full(
    picture: Opened, digest: bytes, px_size: int, look: Profile | None, *, first: int, size: int, whole: bool
) -> Picture:
    """Picture decoded in full.

    Parameters
    ----------
    picture : Opened
        Its header read, and no more.
    digest : bytes
        BLAKE3 of the file.
    px_size : int
        Width and height of the tensor.
    look : Profile or None
        How its numbers look, if not as sRGB.
    first : int
        The number of its first frame, at which it stands.
    size : int
        Bytes of the file.
    whole : bool
        Whether its identity is wanted whole.
    """
    code, parts = hidden(picture, digest), beside(picture)
    views, fingerprint = Views(px_size, look), Fingerprint(whole=whole or picture.format not in _SOON_DECODED)
    shown, about, durations, profiles = (0, 0), None, [], []
    for frame in frames(picture):
        if about is None:
            shown, about = frame.shown.size, frame.metadata
        views.add(frame)
        fingerprint.add(frame)
        durations.append(picture.image.info.get("duration"))
        profiles.append(picture.image.info.get("icc_profile"))
    assert about is not None  # there is always a first frame, or an exception
    tensor, all_views = views.result()
    parts |= times(picture, durations)
    if any(one != profiles[0] for one in profiles):  # pages of a document, each scanned in colours of its own
        parts[PROFILES] = blake3(repr(profiles).encode()).digest()
    extra = [code, look.key if look else b"", *(name.encode() + parts[name] for name in sorted(parts))]
    identity, stance = fingerprint.result(b"".join(extra))
    told = metadata(picture.image, first)
    return Picture(
        width=shown[0],
        height=shown[1],
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
        other_fields=told.fields,
        notes=told.notes,
        lossless=lossless(picture),
        beside=written(parts),
        size=size,
    )
