"""The bytes of an XML file -> the words in it, to see whether another one has them all; of what is none, why."""

from __future__ import annotations

from collections import Counter
from xml.parsers import expat


class Unreadable(ValueError):
    """An XMP file is none, or more than we could give back; the text says why."""


def words_of(data: bytes) -> Counter[str]:
    """Every text and every value of an XML file, and how often.

    Raises
    ------
    Unreadable
        It is not well-formed, or defines words of its own, which may unfold without end.
    """
    found: Counter[str] = Counter()
    pieces: list[str] = []

    def flush(*_: object) -> None:
        said = "".join(pieces).strip()
        pieces.clear()
        if said:
            found[said] += 1

    def begin(_: str, values: dict[str, str]) -> None:
        flush()
        found.update(value for name, value in values.items() if not name.startswith(_GRAMMAR) and value)

    def refuse(*_: object) -> None:
        raise Unreadable("it has a DOCTYPE, which no XMP has")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = begin, flush
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = pieces.append, refuse
    try:
        parser.Parse(data, True)
    except Unreadable:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:  # of an encoding that nobody knows, too
        raise Unreadable(f"it is not well-formed XML: {error}") from None
    return found


_GRAMMAR = ("http://www.w3.org/1999/02/22-rdf-syntax-ns# ", "adobe:ns:meta/ ")
"""What says how XMP is written, and nothing of the picture."""
