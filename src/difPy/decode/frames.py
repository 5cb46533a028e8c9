"""An opened picture in, its frames out one by one: upright, as a person sees them, and as what they hold.

A person sees 8-bit RGB, through transparency where there is any. What a picture holds may be more: 16 bits, inks,
floating point. A 16-bit sample is shown by its high byte, as Pillow shows it, unless the picture uses few of its bits.
It holds no more than 8 bits if its bytes are equal, since 257 * v is to 16 bits what v is to 8.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from difPy.decode import depth
from difPy.decode.exif import Metadata, metadata
from difPy.decode.opening import again, require_room
from difPy.decode.pixels import in_one_piece
from difPy.decode.plain_jpeg import PlainJpeg
from difPy.decode.refused import BadFrame, Refused
from difPy.decode.turning import strips, turned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

    from difPy.decode.opening import Opened

# Formats whose further images are not further frames: previews, depth maps, layers, sizes of an icon.
_ONE_FRAME = frozenset({"JPEG", "MPO", "PSD", "ICO", "CUR", "ICNS", "RAW"})
# Colour spaces that RGB cannot hold exactly.
_INKS = frozenset({"CMYK", "LAB", "YCbCr", "HSV"})

MOST_WORK = 1 << 31
"""Pixels decoded for one animation or document, at most; every frame counts for `FRAME_WORK` more."""
FRAME_WORK = 1 << 17

_NEW_SUBFILE_TYPE = 254
_REDUCED_RESOLUTION = 1


class Frame(NamedTuple):
    """One frame of an animation, page of a document, or simply the picture."""

    shown: Image.Image
    """Mode RGB; or L, if it is stored as grey; or RGBA, if a pixel is not opaque."""
    layers: tuple[Image.Image, ...]
    """All that it holds: high and low bytes, inks, or just `shown`."""
    kind: str
    """What the layers are, so that equal layers of different kinds are not mistaken for each other."""
    metadata: Metadata
    """Of the whole picture."""


def frames(picture: Opened) -> Iterator[Frame]:
    """Frames of a picture, in order, the one that viewers show first.

    Each is valid until the next is asked for, and after that only its images are, which are never written to.

    Raises
    ------
    Refused
        If there is more to decode than a picture should hold.
    Exception
        Whatever a decoder makes of a damaged file.
    """
    if isinstance(picture.image, PlainJpeg):
        yield _plain(picture.image)
        return
    about: Metadata | None = None
    for image, low in _all_decoded(picture):
        if about is None:
            about = metadata(image)
            upright = about.orientation or picture.orientation
        yield _frame(turned(image, upright), low and turned(low, upright), about)


def _plain(image: PlainJpeg) -> Frame:
    """The frame of an ordinary JPEG, which has one, of 8 bits: nothing is to be looked for."""
    in_one_piece(image)
    image.load()
    about = metadata(image)
    upright = turned(image, about.orientation)
    return Frame(upright, (upright,), "8 bits", about)


def is_animated(image: Image.Image) -> bool:
    """Whether there are further images in the file, of whatever kind."""
    return bool(getattr(image, "is_animated", False))


def _pages(picture: Opened) -> Iterator[int]:
    """Move the image to one frame after the other, and say which it is."""
    image = picture.image
    first = image.tell()
    yield first
    if picture.format in _ONE_FRAME:
        return
    for page in count():
        if page == first:  # a HEIF may show another image first than the first
            continue
        try:
            image.seek(page)
        except EOFError:
            return
        if not getattr(image, "tag_v2", {}).get(_NEW_SUBFILE_TYPE, 0) & _REDUCED_RESOLUTION:
            yield page


def _all_decoded(picture: Opened) -> Iterator[tuple[Image.Image, Image.Image | None]]:
    """All frames, as `_decoded`; of a bad one behind others it is said where it is."""
    pages = _pages(picture)
    work = 0
    for number in count(1):
        try:
            page = next(pages, None)
            if page is None:
                return
            if number > 1:  # of the first that was seen to when it was opened
                require_room(picture.image, len(picture.data))
            work += picture.image.width * picture.image.height + FRAME_WORK
            if page and work > MOST_WORK:
                raise Refused(f"too large: {page + 1:,} frames and more, together more than {MOST_WORK:,} pixels")
            found = _decoded(picture, page)
        except (Refused, MemoryError):
            raise
        except Exception as error:
            if number == 1:
                raise
            raise BadFrame(number, _count(picture.image)) from error
        yield found


def _count(image: Any) -> int | None:
    """Frames that there should be, if the file says so."""
    try:
        return int(image.n_frames)
    except MemoryError:
        raise
    except Exception:
        return None


def _decoded(picture: Opened, page: int) -> tuple[Image.Image, Image.Image | None]:
    """The frame that the image stands at and, if its samples have 16 bits that Pillow reduces to 8, their low bytes."""
    image = picture.image
    tiles = depth.low_tiles(image)
    in_one_piece(image)
    image.load()
    if picture.crop:
        return image.crop(picture.crop), None
    if picture.format == "PPM" and image.mode == "I":
        return image.convert("I;16"), None  # Pillow's mode for grey of more than 8 bits, which it scales to 16
    low = None
    if tiles is not None:
        low = again(picture, page)
        low.tile = tiles  # type: ignore[attr-defined]
        low.load()
        if depth.is_grey_alpha(tiles):
            return depth.from_grey_alpha(low)
    # A frame must outlive the next seek.
    return (image.copy() if is_animated(image) else image), low


def _frame(image: Image.Image, low: Image.Image | None, about: Metadata) -> Frame:
    if image.mode in _INKS:
        return Frame(image.convert("RGB"), _without_equal(image, low), image.mode, about)
    if image.mode == "I":
        image = depth.fewest_bits(image)
    if image.mode in ("I", "F"):
        return Frame(depth.shades(image).convert("RGB"), (image,), image.mode, about)
    key = image.info.pop("transparency", None) if low or image.mode[0] == "I" else None
    if low is not None:
        low.info.pop("transparency", None)
    if image.mode[0] == "I":
        image, low = depth.grey_bytes(image)
    if low is not None:
        image, low = _colour(image), _colour(low)
        if key is not None:
            image, low = depth.with_colour_key(image, low, key)
    layers = tuple(map(_opaque, _without_equal(_colour(image), low)))
    if len({layer.mode for layer in layers}) > 1:  # opaque in one byte of the alpha and not in the other
        layers = tuple(layer.convert("RGBA") for layer in layers)
    return Frame(depth.seen(*layers), layers, f"{8 * len(layers)} bits", about)


def _colour(image: Image.Image) -> Image.Image:
    """RGB, grey if it is that as it is, or RGBA if there may be transparency."""
    if image.mode == "La":
        image = image.convert("LA")  # grey whose transparency has darkened it: Pillow undoes that first
    mode = "RGBA" if image.has_transparency_data else "L" if image.mode in ("L", "1") else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _opaque(image: Image.Image) -> Image.Image:
    """Image without its alpha channel, if that says nothing."""
    return image.convert("RGB") if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255) else image


def _without_equal(high: Image.Image, low: Image.Image | None) -> tuple[Image.Image, ...]:
    """Both, or only one if every low byte is equal to its high byte: 257 * v is v."""
    pairs = zip(strips(high), strips(low), strict=True) if low else ()
    same = all(a.mode == b.mode and a.tobytes() == b.tobytes() for a, b in pairs)
    return (high,) if low is None or same else (high, low)
