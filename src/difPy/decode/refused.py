"""Why a file is not decoded, as words and as the exception that carries them out of the depth."""

from __future__ import annotations

import struct

from PIL import Image, UnidentifiedImageError


class Refused(Exception):
    """A file that is not decoded; its text is the reason a person reads."""


class Damaged(ValueError):
    """What a part of a file says cannot be: the picture may still be decoded."""


def reason(error: BaseException) -> str:
    """One line that says why a file could not be decoded: in plain words, then in those of the decoder.

    Examples
    --------
    >>> reason(Refused("not a picture: the file is empty"))
    'not a picture: the file is empty'
    >>> reason(OSError("image file is truncated (3 bytes not processed)"))
    'truncated: the file ends before the picture does (image file is truncated (3 bytes not processed))'
    """
    words = " ".join(str(error).split())
    match error:
        case Refused():
            return words
        case UnidentifiedImageError():
            return "not a picture: its content is of no known format"
        case Image.DecompressionBombError():
            return f"too large: {words.partition(',')[0]}"
    if "truncated" in words.lower() or isinstance(error, (EOFError, struct.error)):
        return f"truncated: the file ends before the picture does ({words})"
    if "too large" in words.lower():
        return f"too large: {words}"
    return f"damaged: {words or type(error).__name__}"
