"""What is known of a picture beside its pixels, as values: what its metadata tell, and how its file keeps pixels."""

from __future__ import annotations

from enum import IntEnum, IntFlag


class Notes(IntFlag):
    """What a person would miss of a picture's metadata."""

    NOTHING = 0
    PLACE = 1
    DATE = 2
    CAMERA = 4
    RATING = 8
    KEYWORDS = 16
    DESCRIPTION = 32
    AUTHOR = 64
    PEOPLE = 128
    TEXT = 256

    @property
    def words(self) -> tuple[str, ...]:
        """Their names for people.

        Examples
        --------
        >>> (Notes.PLACE | Notes.RATING).words
        ('place', 'rating')
        """
        return tuple(_WORDS[note] for note in Notes if note & self) if self else ()


_WORDS = {
    Notes.PLACE: "place",
    Notes.DATE: "date taken",
    Notes.CAMERA: "camera",
    Notes.RATING: "rating",
    Notes.KEYWORDS: "keywords",
    Notes.DESCRIPTION: "description",
    Notes.AUTHOR: "author",
    Notes.PEOPLE: "people",
    Notes.TEXT: "text",
}


class Lossless(IntEnum):
    """Whether a file keeps every pixel of what was saved to it."""

    NO = 0
    MAYBE = 1
    """Its header does not tell: colours may have been reduced, details left out."""
    YES = 2
