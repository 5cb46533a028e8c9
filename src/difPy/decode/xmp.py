"""An XMP packet in, what it tells out: how many properties it has, and which of them a person would miss.

A packet is XML that anybody may have written. Nothing in it is fetched or expanded: one that declares a document type,
where entities are defined, tells nothing, and neither does what lies behind the bounds on length and elements.
"""

from __future__ import annotations

import contextlib

from difPy.traits import Notes

LONGEST = 1 << 22
"""Bytes that are read."""
MOST = 50_000
"""Elements that are read."""

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XML = "http://www.w3.org/XML/1998/namespace"
_HISTORY = "http://ns.adobe.com/xap/1.0/mm/"
"""What programs keep of their own doings."""

_EXIF, _TIFF, _DC = "http://ns.adobe.com/exif/1.0/", "http://ns.adobe.com/tiff/1.0/", "http://purl.org/dc/elements/1.1/"
_XMP, _PHOTOSHOP = "http://ns.adobe.com/xap/1.0/", "http://ns.adobe.com/photoshop/1.0/"
_IPTC = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
_IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_MICROSOFT = "http://ns.microsoft.com/photo/1.0/"
_MICROSOFT_PEOPLE = "http://ns.microsoft.com/photo/1.2/"
_REGIONS = "http://www.metadataworkinggroup.com/schemas/regions/"
_TOLD = {
    Notes.PLACE: (
        (_EXIF, "GPSLatitude"),
        (_IPTC, "Location"),
        *((_PHOTOSHOP, name) for name in ("City", "State", "Country")),
        *((_IPTC_EXT, name) for name in ("LocationShown", "LocationCreated")),
    ),
    Notes.DATE: ((_EXIF, "DateTimeOriginal"), (_PHOTOSHOP, "DateCreated"), (_XMP, "CreateDate")),
    Notes.CAMERA: ((_TIFF, "Make"), (_TIFF, "Model"), (_EXIF, "ExposureTime")),
    Notes.RATING: ((_XMP, "Rating"), (_XMP, "Label"), (_MICROSOFT, "Rating")),
    Notes.KEYWORDS: (
        (_DC, "subject"),
        ("http://ns.adobe.com/lightroom/1.0/", "hierarchicalSubject"),
        ("http://www.digikam.org/ns/1.0/", "TagsList"),
        (_MICROSOFT, "LastKeywordXMP"),
    ),
    Notes.DESCRIPTION: ((_DC, "title"), (_DC, "description"), (_PHOTOSHOP, "Headline"), (_EXIF, "UserComment")),
    Notes.AUTHOR: ((_DC, "creator"), (_DC, "rights"), (_PHOTOSHOP, "Credit")),
    Notes.PEOPLE: ((_REGIONS, "Regions"), (_MICROSOFT_PEOPLE, "RegionInfo"), (_IPTC_EXT, "PersonInImage")),
}
_NOTE = {f"{space} {name}": note for note, names in _TOLD.items() for space, name in names}
_RATINGS = frozenset(name for name, note in _NOTE.items() if note is Notes.RATING)
_ZERO = ("0", "0.0")
_ASIDE = tuple(f"{space} " for space in (_RDF, _XML, _HISTORY))


class _Enough(Exception):
    """Nothing more is to be read."""


class _Packet:
    """Properties of a packet, as its parser meets them."""

    def __init__(self) -> None:
        self.found: set[str] = set()  # names of those that say something
        self.path: list[str] = []
        self.property = ""
        self.elements = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MOST:
            raise _Enough
        self.path.append(name)
        of_picture = len(self.path) > 1 and self.path[-2] == f"{_RDF} RDF"
        if of_picture:
            for key, value in attributes.items():
                self.tell(key, value)
        elif len(self.path) > 2 and self.path[-3] == f"{_RDF} RDF":
            self.property = name
        if self.property:
            for key, value in attributes.items():
                if not key.startswith(_XML):
                    self.tell(self.property, value if not key.endswith("parseType") else "")

    def end(self, name: str) -> None:
        if name == self.property and len(self.path) > 2 and self.path[-3] == f"{_RDF} RDF":
            self.property = ""
        self.path.pop()

    def text(self, text: str) -> None:
        if self.property:
            self.tell(self.property, text)

    def tell(self, name: str, value: str) -> None:
        says = value.strip(" \0\r\n\t")
        if says and " " in name and not name.startswith(_ASIDE) and (says not in _ZERO or name not in _RATINGS):
            self.found.add(name)


def told(packet: bytes) -> tuple[int, Notes]:
    """Number of properties of the picture, and what they tell.

    Parameters
    ----------
    packet : bytes
        As it stands in a file; damaged, it tells what stands before the damage.

    Examples
    --------
    >>> told(
    ...     b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    ...     b'<rdf:Description xmlns:x="http://ns.adobe.com/xap/1.0/" x:Rating="5" x:Nickname="Ann"/></rdf:RDF>'
    ... )
    (2, <Notes.RATING: 8>)
    """
    from xml.parsers import expat

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    found = _Packet()
    parser.StartElementHandler, parser.EndElementHandler = found.start, found.end
    parser.CharacterDataHandler = found.text
    parser.StartDoctypeDeclHandler = _refused
    with contextlib.suppress(expat.ExpatError, _Enough, ValueError, LookupError):  # an encoding that nobody knows
        parser.Parse(packet[:LONGEST].strip(b"\0 \r\n\t"), len(packet) <= LONGEST)
    notes = Notes.NOTHING
    for name in found.found & _NOTE.keys():
        notes |= _NOTE[name]
    return len(found.found), notes


def _refused(*declaration: object) -> None:
    raise _Enough
