"""Samples of more than 8 bits: what Pillow reduces or cannot show, recovered from it without another decoder.

Pillow keeps 16-bit grey, integers and floating point, but reduces 16-bit colour to the high byte of each sample while
it unpacks. Told that the samples are in the other byte order, it unpacks the low bytes instead.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from difPy.decode import netpbm

if TYPE_CHECKING:
    import numpy.typing as npt

    from difPy.decode.opening import Opened

_NATIVE, _FOREIGN = ("L", "B") if sys.byteorder == "little" else ("B", "L")
_SWAPPED = {";16L": ";16B", ";16B": ";16L", ";16N": f";16{_FOREIGN}"}
_GREY_ALPHA = "LA;16B"
FEW_BITS = 14
"""Bits of 16 that a picture may use and be shown scaled: with more, it fills enough of the range as it is."""
# Codecs that do not unpack by a raw mode of ours.
_REDUCING_CODECS = ("SGI16", "sgi_rle", "ppm", "ppm_plain")
# Tops of the ranges that floating point pictures are commonly in.
_TOPS = (1.0, 255.0, 65535.0)


def unpack_16_bit_colour(image: Image.Image) -> None:
    """Read a binary PPM of 16 bits as it is stored: Pillow would scale it to 8 bits, slowly."""
    tiles: list[Any] = getattr(image, "tile", [])
    if image.format == "PPM" and tiles and tiles[0].codec_name == "ppm" and tiles[0].args == ("RGB", 65535):
        image.tile = [tiles[0]._replace(codec_name="raw", args=("RGB;16B", 0, 1))]  # type: ignore[attr-defined]


def low_tiles(image: Image.Image) -> list[Any] | None:
    """How to decode the low bytes of a picture that is about to be decoded to its high bytes; None if it has none."""
    tiles: list[Any] = getattr(image, "tile", [])
    if not tiles or any(t.codec_name in _REDUCING_CODECS or ";16" not in _raw_mode(t) for t in tiles):
        return None
    if image.mode[0] in "IF":
        return None  # Pillow keeps all of these
    return [_with_raw_mode(tile, _swapped(_raw_mode(tile))) for tile in tiles]


def is_reduced(picture: Opened) -> bool:
    """Whether the samples hold more than Pillow can give, so that only the bytes of the file tell pictures apart."""
    image, data = picture.image, picture.data
    if picture.format == "JPEG2000":
        size = data.find(b"\xff\x4f\xff\x51")
        components = int.from_bytes(data[size + 40 : size + 42], "big")
        depths = data[size + 42 : size + 42 + 3 * components : 3]
        return image.mode != "I;16" and any((depth & 0x7F) >= 8 for depth in depths)
    if picture.format == "AVIF":
        box = data.find(b"av1C")
        return box > 0 and bool(data[box + 6 : box + 7] > b"\x3f" and data[box + 6] & 0x40)
    if picture.format == "JXL":
        from difPy.decode import jpeg_xl

        return image.mode not in ("I;16", "F") and jpeg_xl.header(data).holds_more
    if picture.format == "HEIF":
        return int(image.info.get("bit_depth", 8)) > 8
    kept = image.mode[0] in "IF"
    return not kept and any(_reduces(tile) for tile in getattr(image, "tile", []))


def fewest_bits(image: Image.Image) -> Image.Image:
    """Integers as 8-bit grey if they are in its range, else as 16-bit grey if they are in that, else as they are."""
    least, greatest = image.getextrema()
    if least < 0 or greatest > 0xFFFF:  # type: ignore[operator]
        return image
    return image.convert("L" if greatest <= 0xFF else "I;16")  # type: ignore[operator]


def is_grey_alpha(tiles: list[Any]) -> bool:
    """Whether `low_tiles` gives all four bytes of grey with alpha, because Pillow cannot unpack the low ones alone."""
    return _raw_mode(tiles[0]) == "RGBA"


def grey_bytes(image: Image.Image) -> tuple[Image.Image, Image.Image]:
    """High and low bytes of 16-bit grey, as mode L."""
    samples = np.asarray(image)
    return Image.fromarray((samples >> 8).astype(np.uint8)), Image.fromarray((samples & 255).astype(np.uint8))


def from_grey_alpha(stored: Image.Image) -> tuple[Image.Image, Image.Image]:
    """High and low bytes of 16-bit grey with alpha, as mode RGBA, from its four bytes a pixel unpacked as they are."""
    high, low, alpha_high, alpha_low = stored.split()
    return Image.merge("RGBA", (high, high, high, alpha_high)), Image.merge("RGBA", (low, low, low, alpha_low))


def with_colour_key(high: Image.Image, low: Image.Image, key: Any) -> tuple[Image.Image, Image.Image]:
    """Both with alpha: the pixels of that 16-bit colour are transparent."""
    wanted = np.array(key, np.uint16)
    clear = (np.asarray(high) == wanted >> 8) & (np.asarray(low) == (wanted & 255))
    if clear.ndim == 3:
        clear = clear.all(2)
    alpha = Image.fromarray(np.where(clear, 0, 255).astype(np.uint8))
    pair = []
    for image in (high, low):
        image.putalpha(alpha)
        pair.append(image)
    return pair[0], pair[1]


def seen(high: Image.Image, low: Image.Image | None = None) -> Image.Image:
    """What a person sees of 16-bit samples, given by their bytes: the high ones.

    If no sample needs more than `FEW_BITS`, as those of sensors and depth maps, all are multiplied by the power of two
    that brings the greatest to 16 bits. What has 8 bits has no low bytes, and is what is seen.
    """
    if low is None:
        return high
    colours = min(3, len(high.getbands()))
    top, below = (max(greatest for _, greatest in _extrema(image)[:colours]) for image in (high, low))
    bits = 8 + top.bit_length() if top else below.bit_length()
    if bits > FEW_BITS:
        return high
    bands = list(high.split())
    for number, rest in enumerate(low.split()[:colours]):
        samples = np.asarray(bands[number]).astype(np.uint16) << 8 | np.asarray(rest)
        bands[number] = Image.fromarray((samples << (16 - bits) >> 8).astype(np.uint8))
    return Image.merge(high.mode, bands)


def _extrema(image: Image.Image) -> Any:
    extrema: Any = image.getextrema()
    return extrema if isinstance(extrema[0], tuple) else (extrema,)


def shades(image: Image.Image) -> Image.Image:
    """Integers or floating point as 8-bit grey.

    Integers (those that `fewest_bits` leaves) are scaled from their least to their greatest. Floating point is taken to
    be in the least of the ranges 0..1, 0..255, 0..65535 that holds it, or else scaled from its least to its greatest;
    what is no number is black, and infinity is as far as the numbers go.
    """
    samples: npt.NDArray[Any] = np.asarray(image)
    finite = np.isfinite(samples)
    if not finite.any():
        return Image.new("L", image.size)
    low, high = (float(f(samples, where=finite, initial=samples[finite][0])) for f in (np.min, np.max))
    if image.mode == "F" and low >= 0 and high <= _TOPS[-1]:
        low, high = 0.0, next(top for top in _TOPS if high <= top)
    span = high - low or 1.0
    grey = np.empty(samples.shape, np.uint8)
    for row, target in zip(samples, grey, strict=True):  # by rows: no second picture of 8 bytes a pixel
        target[:] = np.round((np.clip(np.nan_to_num(row.astype(np.float64), nan=low), low, high) - low) * (255 / span))
    return Image.fromarray(grey)


def _raw_mode(tile: Any) -> str:
    args = tile.args if isinstance(tile.args, (tuple, list)) else (tile.args,)
    return next((arg for arg in args if isinstance(arg, str)), "")


def _reduces(tile: Any) -> bool:
    match tile.codec_name:
        case "ppm" | "ppm_plain" | netpbm.BINARY | netpbm.PLAIN:
            return not isinstance(tile.args, str) and bool(tile.args[1] > 255)
        case "sgi_rle":
            return ";16" in _raw_mode(tile)
        case "bcn":
            return bool(tile.args[0] == 6)  # half floats
        case codec:
            return bool(codec == "SGI16")


def _swapped(raw_mode: str) -> str:
    return "RGBA" if raw_mode == _GREY_ALPHA else raw_mode[:-4] + _SWAPPED.get(raw_mode[-4:], raw_mode[-4:])


def _with_raw_mode(tile: Any, raw_mode: str) -> Any:
    return tile._replace(args=raw_mode if isinstance(tile.args, str) else (raw_mode, *tile.args[1:]))
