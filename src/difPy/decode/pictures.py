"""A file in, a `Picture` out, or a `Failure` that says why not: never an exception, but where memory runs out.

That says nothing of the file: `MemoryError` is for the executor, which tries again where there is more. What a search
does not need of each picture is loaded where it is used: each worker would wait for it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from blake3 import blake3
from PIL import UnidentifiedImageError

from difPy import memory
from difPy.decode import named
from difPy.decode.colour import profile
from difPy.decode.fidelity import lossless
from difPy.decode.files import beginning, read
from difPy.decode.full import in_full
from difPy.decode.metadata import metadata
from difPy.decode.opening import Opened, opened
from difPy.decode.refused import Refused, Unended, is_truncation, reason
from difPy.decode.rules import our_rules
from difPy.decode.sketch import sketched
from difPy.decode.tasks import Look, Told
from difPy.extensions import SCALABLE, extension
from difPy.model import Failure, Picture

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from difPy.decode.browsers import Shown
    from difPy.files import File

_BEGINNING = 1 << 18
"""Bytes of a JPEG that hold what it says of itself."""
_NOT_OF_THE_FILE = (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError)


def look(file: File, px_size: int, *, exact: bool) -> Picture | Failure:
    """Read a file, once, and decode it: see `Look`."""
    return Look(px_size, exact)(file)


def content(file: File) -> bytes | Failure:
    """Bytes of a file, if it is still what was scanned."""
    try:
        return read(file)
    except Refused as error:
        return Failure(file.path, reason(error))


def glance(file: File, side: int) -> npt.NDArray[np.uint8] | Failure:
    """Read a file: what a person sees of it, or of its first frame, small.

    Parameters
    ----------
    file : File
        As the scan saw it; one that has changed since is a failure.
    side : int
        Longest side of the result, in pixels.

    Returns
    -------
    ndarray of uint8, shape (h, w, 3), or Failure
        Red, green and blue, sRGB; what is transparent is on white. A tiny picture is enlarged, but not more than twice.
    """
    data = content(file)
    return data if isinstance(data, Failure) else _glance(data, file.path, side)


def _glance(data: bytes, name: str, side: int) -> npt.NDArray[np.uint8] | Failure:
    from difPy.decode.small import small

    kind, needed = named.picture(data[: named.START], name), None
    try:
        with our_rules(data):
            picture = opened(data, name)
            kind, needed = named.of_pillow(picture.format), picture.needed
            return small(picture, side)
    except BaseException as error:
        if isinstance(error, _NOT_OF_THE_FILE):
            raise
        if (whole := _whole(error, data)) is not None:
            return _glance(whole, name, side)
        _require_enough(error, needed)
        return Failure(name, reason(error, kind, data[: named.START]), lasting=True)


def thumbnail(file: File, side: int, kind: str = "JPEG") -> Shown | Failure:
    """Read a file: what a person sees of it, small, for a browser.

    Parameters
    ----------
    file : File
        As the scan saw it; one that has changed since is a failure.
    side : int
        Longest side, in pixels.
    kind : {'JPEG', 'WEBP'}, optional
    """
    from difPy.decode.browsers import encoded

    return encoded(glance(file, side), kind)


def shown(file: File, *, exact: bool = False) -> Shown | Failure:
    """Read a file: itself, where a browser shows it as we do, or what a person sees of it, decoded.

    Parameters
    ----------
    file : File
        As the scan saw it; one that has changed since is a failure.
    exact : bool, optional
        Decode it anyway, and keep every pixel: browsers need not decode a JPEG as we do.
    """
    from difPy.decode.browsers import LARGEST, as_it_is, encoded

    try:
        data = read(file)
        with our_rules(data):
            picture = opened(data, file.path)
            if not exact and (itself := as_it_is(picture, data)) is not None:
                return itself
            side = min(LARGEST, max(picture.image.size))
    except BaseException as error:
        if isinstance(error, _NOT_OF_THE_FILE):
            raise
        return Failure(file.path, reason(error))
    return encoded(_glance(data, file.path, side), "PNG")


def told_of(file: File) -> Told:
    """What a picture says of itself: see `Tell`."""
    from difPy.decode.taken import told

    try:
        data = beginning(file, _BEGINNING) if extension(file.path) in SCALABLE else read(file)
        with our_rules(data):
            return told(opened(data, file.path).image)
    except BaseException as error:
        if isinstance(error, _NOT_OF_THE_FILE):
            raise
        return Told()


def is_readable(file: File) -> bool:
    """Whether a file is still what was scanned, and, if it is large, begins as a picture does: whether it is read."""
    try:
        beginning(file, 1)
    except (Refused, MemoryError):
        return False
    return True


def decode(data: bytes, name: str, px_size: int, *, exact: bool) -> Picture | Failure:
    r"""Decode the bytes of a file.

    Parameters
    ----------
    data : bytes
        All of them.
    name : str
        The file's name: for a failure, and for formats that content does not tell.
    px_size, exact
        As in `look`.

    Examples
    --------
    >>> decode(b"P6 1 1 255 \x10\x20\x30", "one.ppm", 1, exact=True).tensor.tolist()
    [[[16, 32, 48]]]
    >>> decode(b"Dear diary", "diary.png", 50, exact=True).reason
    'not a picture: its content is of no known format'
    """
    digest = blake3(data).digest()
    kind: str | None = None
    needed: int | None = None
    try:
        with our_rules(data):
            picture = opened(data, name)
            kind, needed = named.of_pillow(picture.format), picture.needed
            first, look = picture.image.tell(), profile(picture)  # now: a sketch is decoded to other colours
            is_sketchable = look is None or look.icc is None  # no bound is proven for what a profile makes of colours
            found = _sketch(picture, data, name, px_size, digest) if is_sketchable and not exact else picture
            if isinstance(found, Opened):
                return in_full(found, digest, px_size, look, first=first, size=len(data), whole=exact)
            about, kept = metadata(picture.image, first), lossless(picture)
            return found._replace(other_fields=about.fields, notes=about.notes, lossless=kept, size=len(data))
    except BaseException as error:  # a decoder in Rust that panics raises no Exception
        if isinstance(error, _NOT_OF_THE_FILE):
            raise
        if (whole := _whole(error, data)) is not None:
            mended = decode(whole, name, px_size, exact=True)._replace(digest=digest)
            return mended if isinstance(mended, Failure) else mended._replace(size=len(data))
        _require_enough(error, needed)
        start = data[: named.START]
        why = reason(error, named.picture(start, name) if kind is None else kind, start)
        return Failure(name, why, lasting=True, digest=digest)


def _sketch(picture: Opened, data: bytes, name: str, px_size: int, digest: bytes) -> Picture | Opened:
    """Sketch of a picture, or the picture to be decoded in full: that has the last word on what is damaged, too."""
    try:
        return sketched(picture, digest, px_size)
    except BaseException as error:
        if isinstance(error, _NOT_OF_THE_FILE):
            raise
        return opened(data, name)


def _whole(error: BaseException, data: bytes) -> bytes | None:
    """A JPEG that lacks nothing but its end mark, with it."""
    if not is_truncation(error):
        return None
    from difPy.decode.unended import ended

    with our_rules(data):
        return ended(data)


def full_resolution_distance(a: File, b: File, orientations: tuple[int, ...]) -> float:
    """Least mean squared error of all pixels of `a` and of `b` in one of the orientations.

    For two pictures known not to be identical: above 0 always, and infinite if their sizes or numbers of frames differ,
    or if one of them cannot be read.
    """
    try:
        return _distance((read(a), read(b)), (a.path, b.path), orientations)
    except Refused:
        return math.inf


def _distance(files: tuple[bytes, bytes], names: tuple[str, str], orientations: tuple[int, ...]) -> float:
    from difPy.decode.distance import least_distance

    needed = None
    try:
        with our_rules(*files):
            pictures = opened(files[0], names[0]), opened(files[1], names[1])
            needed = sum(picture.needed for picture in pictures)
            if not memory.is_all():
                memory.require(needed)
            return least_distance(*pictures, orientations)
    except BaseException as error:
        if isinstance(error, _NOT_OF_THE_FILE):
            raise
        whole = [_whole(error, data) for data in files]
        if any(whole):
            return _distance((whole[0] or files[0], whole[1] or files[1]), names, orientations)
        _require_enough(error, needed)
        return math.inf


def _require_enough(error: BaseException, needed: int | None) -> None:
    """Have a picture tried again where it may take all memory that any may, unless it plainly had enough of it.

    Many a decoder that gets no memory says that the file is damaged.
    """
    says_so = isinstance(error, (Refused, Unended, UnidentifiedImageError))
    if not says_so and not memory.is_all() and (needed is None or needed > memory.allowed() // 3):
        raise MemoryError from error
