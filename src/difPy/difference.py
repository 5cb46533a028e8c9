"""A kept picture and one that matches it in; what differs between them, in few words, out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from difPy.model import error_words

if TYPE_CHECKING:
    from difPy.files import File
    from difPy.model import Member

_TURNS = (
    "",
    "turned by 90°",
    "upside down",
    "turned by 270°",
    "mirrored",
    "mirrored, turned by 90°",
    "mirrored, upside down",
    "mirrored, turned by 270°",
)
_BY = "\N{MULTIPLICATION SIGN}"
_NOTHING = 0.004
"""A side that is longer or shorter by less is the same: it was rounded."""


def differs(keeper: File, member: Member, *, formats: bool = True, notes: bool = True) -> str:
    """What differs, as it stands below a picture.

    Parameters
    ----------
    keeper : File
    member : Member
    formats : bool, optional
        Whether its format is said where it is another one.
    notes : bool, optional
        Whether what the distance does not say is: `Member.note`.

    Examples
    --------
    >>> from difPy.files import File
    >>> from difPy.model import Member
    >>> one, two = (File(name, "", 1, 0, 1, 1, width=w, height=w, format="PNG") for name, w in (("a", 200), ("b", 100)))
    >>> differs(one, Member(two, 1.25, 1)), differs(one, Member(one, 0.0, 0))
    ('turned by 90°, 50 % size, MSE 1.25', 'same pixels')
    """
    file = member.file
    if file.digest is not None and file.digest == keeper.digest:
        return "same bytes"
    how = file.format if formats and file.format != keeper.format else ""
    if member.change is not None:  # which says how it lies and how large it is, too
        found = [member.likeness, how]
    else:
        pixels = file.width * file.height, keeper.width * keeper.height
        part = math.sqrt(pixels[0] / pixels[1]) if all(pixels) else 1.0
        size = f"{part:.0%} size".replace("%", " %") if abs(part - 1) > _NOTHING else ""
        found = [
            _TURNS[member.orientation],
            size,
            how,
            "same pixels" if member.distance == 0 else error_words(member.distance),
        ]
    return ", ".join(filter(None, (*found, member.note if notes else "")))


def basics(file: File) -> str:
    """Size and format of a picture, as far as they are known.

    Examples
    --------
    >>> from difPy.files import File
    >>> basics(File("a", "", 1, 0, 1, 1, width=4000, height=3000, format="JPEG")).split()[::2]
    ['4,000', '3,000']
    """
    return f"{file.width:,} {_BY} {file.height:,} {file.format}" if file.width else ""
