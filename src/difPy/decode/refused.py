"""Why a file is not decoded, as words and as the exceptions that carry them out of the depth."""

from __future__ import annotations

import re
import struct

from PIL import Image, UnidentifiedImageError

from difPy.decode import named

_TRUNCATED = ("truncated", "not enough image data", "unexpected end", "end of file", "reached eof", "too short")
_NO_LOADER = "cannot find loader"
_FOR_PROGRAMMERS = (
    r"b['\"]|['\"\\<>{}\[\]]|\b(?:please|build|built|install|compile|object|bytes-like|argument|parameter|codec|decoder|"
    r"plugin|invalid literal|index|range|nonetype|attribute|unpack|buffer|keyword|expected|assert|none|null|true|false|"
    r"integer|struct|image file|cannot identify|mode|tile|raw)\b|\w+error\b|_|\(\)|0x|^[-\W\d]*$"
)


class Refused(Exception):
    """A file that is not decoded; its text is the reason a person reads."""


class Damaged(ValueError):
    """What a part of a file says cannot be: the picture may still be decoded."""


class Unended(EOFError):
    """A JPEG without an end mark: something is missing, whatever its decoder makes of it."""


class BadFrame(Exception):
    """A later frame or page that cannot be decoded: raised from what its decoder said."""

    def __init__(self, number: int, frames: int | None) -> None:
        super().__init__(number, frames)
        self.number, self.frames = number, frames


def reason(error: BaseException, kind: str | None = None, start: bytes = b"") -> str:
    r"""One line that says why a file could not be decoded, in plain words.

    Parameters
    ----------
    error : BaseException
        What the decoder raised.
    kind : str or None
        Format of the picture, if it is known.
    start : bytes
        The first bytes of the file: for what is of another format.

    Examples
    --------
    >>> reason(Refused("not a picture: the file is empty"))
    'not a picture: the file is empty'
    >>> reason(OSError("image file is truncated (3 bytes not processed)"), "JPEG")
    'truncated JPEG: the file ends before the picture does'
    >>> reason(UnidentifiedImageError(), start=b"%PDF-1.7")
    'unsupported: a PDF document; save its pages as PNG to have them compared'
    """
    words = " ".join(str(error).split())
    if isinstance(error, Refused):
        return words
    what = f" {kind}" if kind else ""
    if isinstance(error, BadFrame):
        return _of_frame(error, what)
    if isinstance(error, UnidentifiedImageError):
        return _of_unknown(start, what)
    if isinstance(error, Image.DecompressionBombError):
        pixels = re.search(r"\d+", words)
        return f"too large:{what} of {int(pixels[0]):,} pixels" if pixels else f"too large:{what} of too many pixels"
    if is_truncation(error):
        return f"truncated{what}: the file ends before the picture does"
    if kind and _NO_LOADER in words:
        return f"unsupported: {kind} images are read on Windows only; save it as PNG to have it compared"
    if "too large" in words.lower():
        return f"too large:{what or ' it'} would take too much memory to decode"
    return f"damaged{what}: {_plain(words, error)}"


def _of_unknown(start: bytes, what: str) -> str:
    if what:
        return f"damaged{what}: its header is damaged, or says something that cannot be read"
    if found := named.other(start):
        return f"unsupported: {found.name}" + (f"; {found.advice}" if found.advice else "")
    return "not a picture: its content is of no known format"


def _of_frame(error: BadFrame, what: str) -> str:
    of_all = f" of {error.frames:,}" if error.frames and error.frames >= error.number else ""
    before = "the one before it was read" if error.number == 2 else f"the {error.number - 1:,} before it were read"
    cause = error.__cause__
    how = "truncated" if cause is not None and is_truncation(cause) else "damaged"
    return f"{how}{what}: frame {error.number:,}{of_all} cannot be read; {before}"


def is_truncation(error: BaseException) -> bool:
    """Whether a decoder says that there should be more bytes."""
    words = str(error).lower()
    return isinstance(error, (EOFError, struct.error)) or any(word in words for word in _TRUNCATED)


def _plain(words: str, error: BaseException) -> str:
    """The decoder's words if a person understands them."""
    is_told = isinstance(error, (OSError, SyntaxError, ValueError)) and not isinstance(error, UnicodeError)
    return (
        words
        if is_told and words and not re.search(_FOR_PROGRAMMERS, words, re.IGNORECASE)
        else "its content makes no sense"
    )
