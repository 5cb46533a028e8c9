"""An opened picture in, how its numbers look out: nothing if as sRGB; and pictures of other colours in sRGB.

A profile is known by what it makes of some thousand colours, as 8-bit sRGB: two are one if that is equal, and one that
changes none of them by more than `TOLERANCE` is sRGB, whoever wrote it and whatever it is called. What is broken, or of
other colours than the picture's (inks, in a picture of red, green and blue), changes no colour: it only tells pictures
apart. CMYK and LAB are shown as Pillow converts them.

Colours are brought to sRGB by relative colorimetry with the black point compensated: white becomes white and black
black, as all viewers have it, and what lies between is left as it is measured, so far as sRGB can show it.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from blake3 import blake3
from PIL import Image

from difPy.decode import icc
from difPy.decode.boxes import inside
from difPy.decode.refused import Damaged

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    from PIL import ImageCms

    from difPy.decode.opening import Opened

    Said = tuple[
        Any, Any
    ]  # primaries and white; curve, as a number of `_CURVES`, an exponent, or None for that of sRGB

TOLERANCE = 2
"""Levels: what profiles of sRGB, of various makers, differ by at most."""
_MOST_BYTES = 1 << 22
_STEPS = 17
"""Levels of each of red, green and blue: together the colours that a profile is known by."""
_PROFILES = 16  # known at a time

_RGB, _GREY = b"RGB ", b"GRAY"
_KINDS = dict.fromkeys(("RGB", "RGBA", "RGBX", "RGBa", "P", "PA"), (_RGB,)) | dict.fromkeys(
    ("1", "L", "LA", "La", "I", "F", "I;16", "I;16B", "I;16L"), (_GREY, _RGB)
)
"""Pillow's mode -> the profiles that go with it, by what their headers say."""

# ITU-T H.273: what the numbers of primaries (table 2) and curves (table 3) stand for, where that is not sRGB.
_PRIMARIES = {
    4: (((0.67, 0.33), (0.21, 0.71), (0.14, 0.08)), (0.310, 0.316)),
    5: (((0.64, 0.33), (0.29, 0.60), (0.15, 0.06)), icc.D65),
    6: (((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)), icc.D65),
    7: (((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)), icc.D65),
    8: (((0.681, 0.319), (0.243, 0.692), (0.145, 0.049)), (0.310, 0.316)),
    9: (((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)), icc.D65),
    11: (((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), (0.314, 0.351)),
    12: (((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), icc.D65),
    22: (((0.630, 0.340), (0.295, 0.605), (0.155, 0.077)), icc.D65),
}
_CURVES: dict[int, Callable[[], npt.NDArray[np.float64]]] = {
    4: lambda: icc.power(2.2),
    5: lambda: icc.power(2.8),
    8: lambda: icc.power(1.0),
    16: icc.pq,
    18: icc.hlg,
}
_GAMMA, _ALIKE = 1 / 2.2, 0.05
"""What PNGs of sRGB say their gamma is, and how much, as a part, it may be off: the rule of libpng."""


class Profile(NamedTuple):
    """How numbers look that are not of sRGB."""

    key: bytes
    """32 bytes: equal for profiles that look the same."""
    icc: bytes | None = None
    """The ICC profile; None where it cannot be applied."""
    grey: bool = False
    """It is of grey, not of red, green and blue."""


def profile(picture: Opened) -> Profile | None:
    """How the numbers of a picture look; None if as sRGB, as where nothing is said of it."""
    found = _said(picture)
    if found is None:
        return None
    if isinstance(found, tuple):
        try:
            found = _built(found)
        except ValueError:
            return Profile(blake3(repr(found).encode()).digest())
    if found[16:20] not in _KINDS.get(picture.image.mode, ()) or len(found) > _MOST_BYTES:
        return Profile(blake3(found).digest())
    return _measured(found)


def in_srgb(image: Image.Image, look: Profile | None) -> Image.Image:
    """An image of mode RGB or L as RGB, with the colours that are seen."""
    if look is not None and look.icc is not None and look.grey:
        return _transform(look.icc, True).apply(image.getchannel(0))
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    return rgb if look is None or look.icc is None else _transform(look.icc, False).apply(rgb)


def tensor_in_srgb(tensor: npt.NDArray[np.uint8], look: Profile | None) -> npt.NDArray[np.uint8]:
    """A tensor, shape (px, px, 3), with the colours that are seen."""
    return tensor if look is None else np.asarray(in_srgb(Image.fromarray(tensor), look))


@lru_cache(_PROFILES)
def _measured(data: bytes) -> Profile | None:
    """A profile by what it makes of some colours; None for sRGB."""
    grey = data[16:20] == _GREY
    steps = np.linspace(0, 255, 256 if grey else _STEPS).round().astype(np.uint8)
    colours = np.stack([steps] * 3, -1) if grey else np.stack(np.meshgrid(steps, steps, steps), -1).reshape(-1, 3)
    look = Profile(b"", data, grey)
    try:
        seen = tensor_in_srgb(colours[None], look)[0]
    except MemoryError:
        raise
    except Exception:  # whatever Pillow makes of a broken profile
        return Profile(blake3(data).digest())
    if np.abs(seen.astype(np.int16) - colours).max() <= TOLERANCE:
        return None
    return Profile(blake3(data[16:20] + seen.tobytes()).digest(), data, grey)


@lru_cache(_PROFILES)
def _transform(data: bytes, grey: bool) -> ImageCms.ImageCmsTransform:
    from PIL import ImageCms

    return ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(data)),
        ImageCms.createProfile("sRGB"),
        "L" if grey else "RGB",
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def _said(picture: Opened) -> bytes | Said | None:
    """What a file says of its colours: an ICC profile, or numbers for `_built`; None for sRGB."""
    info = picture.image.info
    if picture.format == "PNG":  # the order is that of the third edition of the standard: cICP, iCCP, sRGB, gAMA
        chunk = picture.data.find(b"\0\0\0\4cICP", 0, max(0, picture.data.find(b"IDAT")))
        if chunk > 0:
            return _coded(*picture.data[chunk + 8 : chunk + 10])
    if data := info.get("icc_profile"):
        return data if isinstance(data, bytes) else None
    if picture.format == "PNG" and "srgb" not in info and info.get("gamma"):
        gamma, chromaticities = info["gamma"], info.get("chromaticity")
        near = abs(gamma / _GAMMA - 1) <= _ALIKE
        white, *primaries = _pairs(chromaticities) if chromaticities else (icc.D65, *icc.SRGB)
        return None if near and not chromaticities else ((tuple(primaries), white), None if near else 1 / gamma)
    if picture.format == "JPEG2000":
        found = [picture.data[start:end] for _, start, end in inside(picture.data, b"jp2h", b"colr")]
        return next((content[3:] for content in found if content[:1] in (b"\2", b"\3")), None)
    if picture.format == "HEIF" and (numbers := info.get("nclx_profile")):
        return _coded(numbers["color_primaries"], numbers["transfer_characteristics"])
    if picture.format == "AVIF":
        from difPy.decode.items import items

        try:
            said = items(picture.data)
        except Damaged:
            return None
        for content in said.described(said.primary, b"colr"):
            if content[:4] == b"nclx":
                return _coded(int.from_bytes(content[4:6], "big"), int.from_bytes(content[6:8], "big"))
    return None


def _coded(primaries: int, curve: int) -> Said | None:
    """What two numbers of ITU-T H.273 say; None for sRGB, and for what is so like it that it is shown as it."""
    space, number = _PRIMARIES.get(primaries), curve if curve in _CURVES else None
    return None if space is None and number is None else (space or (icc.SRGB, icc.D65), number)


@lru_cache(_PROFILES)
def _built(said: Said) -> bytes:
    (primaries, white), curve = said
    tone = icc.srgb() if curve is None else _CURVES[curve]() if isinstance(curve, int) else icc.power(curve)
    return icc.profile(primaries, white, tone)


def _pairs(numbers: Any) -> list[tuple[float, float]]:
    return list(zip(numbers[::2], numbers[1::2], strict=True))
