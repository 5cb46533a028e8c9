"""The first bytes of a file and its name in, the name of its format out: for the reasons that people read."""

from __future__ import annotations

from typing import NamedTuple

from difPy.extensions import RAW, extension

START = 512
"""Bytes that are looked at."""

_PICTURES = (
    (0, b"\xff\xd8", "JPEG"),
    (0, b"\x89PNG", "PNG"),
    (0, b"GIF8", "GIF"),
    (8, b"WEBP", "WebP"),
    (8, b"CR", "camera raw"),
    (0, b"FUJIFILMCCD-RAW", "camera raw"),
    (4, b"ftypcrx ", "camera raw"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"II+\0", "BigTIFF"),
    (0, b"MM\0+", "BigTIFF"),
    (0, b"8BPS\0\1", "PSD"),
    (0, b"8BPS\0\2", "PSB"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftypavis", "AVIF"),
    (4, b"ftyphei", "HEIC"),
    (4, b"ftyphev", "HEIC"),
    (4, b"ftypmif1", "HEIF"),
    (4, b"ftypmsf1", "HEIF"),
    (0, b"qoif", "QOI"),
    (0, b"DDS ", "DDS"),
    (0, b"BM", "BMP"),
    (0, b"\0\0\1\0", "ICO"),
    (0, b"\0\0\2\0\1", "CUR"),
    (0, b"icns", "ICNS"),
    (0, b"SIMPLE  =", "FITS"),
    (0, b"\x59\xa6\x6a\x95", "Sun raster"),
    (0, b"\x01\xda", "SGI"),
    (0, b"/* XPM */", "XPM"),
    (0, b"\xb1\x68\xde\x3a", "DCX"),
    (0, b"\xd7\xcd\xc6\x9a", "WMF"),
)
"""Formats that are read: where their signature is, what it is, and their name."""

_OF_PILLOW = {
    "HEIF": "HEIC",
    "JPEG2000": "JPEG 2000",
    "JXL": "JPEG XL",
    "MPO": "JPEG",
    "RAW": "camera raw",
    "SUN": "Sun raster",
    "WEBP": "WebP",
}

_PNG = "save it as PNG to have it compared"
_OTHERS = (
    (0, b"II\xbc", "a JPEG XR image", _PNG),
    (0, b"%PDF", "a PDF document", "save its pages as PNG to have them compared"),
    (0, b"gimp xcf", "a GIMP image (XCF)", _PNG),
    (38, b"application/x-krita", "a Krita document (KRA)", _PNG),
    (38, b"image/openraster", "an OpenRaster document (ORA)", _PNG),
    (0, b"\x1aE\xdf\xa3", "a film (Matroska or WebM)", ""),
    (4, b"ftypqt", "a film (QuickTime)", ""),
    (4, b"ftypisom", "a film (MP4)", ""),
    (4, b"ftypiso", "a film (MP4)", ""),
    (4, b"ftypmp4", "a film (MP4)", ""),
    (4, b"ftypM4V", "a film (MP4)", ""),
    (4, b"ftypavc1", "a film (MP4)", ""),
    (4, b"ftyp3g", "a film (3GP)", ""),
    (4, b"moov", "a film (QuickTime)", ""),
    (4, b"mdat", "a film (QuickTime)", ""),
    (8, b"AVI LIST", "a film (AVI)", ""),
    (0, b"\0\0\1\xba", "a film (MPEG)", ""),
    (0, b"FLV\1", "a film (Flash video)", ""),
    (0, b"0&\xb2u\x8ef\xcf\x11", "a film (Windows Media)", ""),
    (0, b"v/1\x01", "an OpenEXR image", _PNG),
    (0, b"#?RADIANCE", "a Radiance HDR image", _PNG),
    (0, b"#?RGBE", "a Radiance HDR image", _PNG),
    (0, b"AT&TFORM", "a DjVu document", "save its pages as PNG to have them compared"),
    (0, b"FORM", "an IFF image", _PNG),
    (0, b"BPG\xfb", "a BPG image", _PNG),
    (0, b"FLIF", "a FLIF image", _PNG),
    (0, b"farbfeld", "a farbfeld image", _PNG),
    (0, b"\xabKTX", "a KTX texture", _PNG),
    (0, b"Paint Shop Pro", "a Paint Shop Pro image", _PNG),
    (0, b"AC10", "an AutoCAD drawing (DWG)", _PNG),
    (0, b"\x1f\x8b", "a file compressed with gzip", "unpack it to have it compared"),
    (0, b"Rar!", "an archive (RAR)", "unpack it to have its pictures compared"),
    (0, b"7z\xbc\xaf", "an archive (7z)", "unpack it to have its pictures compared"),
    (0, b"PK\3\4", "an archive (ZIP)", "unpack it to have its pictures compared"),
)
_DRAWING = (b"<svg", b"<!DOCTYPE svg")
_MARKUP = (b"<?xml", b"<svg", b"<!--", b"<!DOCTYPE svg")


class Other(NamedTuple):
    """A format that is not read."""

    name: str
    advice: str
    """The way out; empty where there is none."""


def picture(start: bytes, name: str) -> str | None:
    r"""Format of a picture that can be read, by the file's first bytes, or by its name if they say TIFF; else None.

    Examples
    --------
    >>> picture(b"\x89PNG\r\n", "a.jpg"), picture(b"II*\0", "a.NEF"), picture(b"Dear diary", "a.png")
    ('PNG', 'camera raw (.nef)', None)
    """
    found = _found(start, _PICTURES)
    if extension(name) in RAW and found in (None, "TIFF", "camera raw"):
        return f"camera raw (.{extension(name)})"
    if found is None and start[:1] == b"P" and start[1:2] in b"1234567fF" and start[2:3].isspace():
        return "PPM"
    return found


def of_pillow(format_: str) -> str:
    """Name that people know of a format that Pillow has another name for.

    Examples
    --------
    >>> of_pillow("JPEG2000"), of_pillow("PNG")
    ('JPEG 2000', 'PNG')
    """
    return _OF_PILLOW.get(format_, format_)


def other(start: bytes) -> Other | None:
    """Format that is not read, by the file's first bytes; None if they say nothing.

    Examples
    --------
    >>> other(b"%PDF-1.7")
    Other(name='a PDF document', advice='save its pages as PNG to have them compared')
    """
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(_MARKUP) and any(word in text for word in _DRAWING):
        return Other("a drawing (SVG)", _PNG)
    return next((Other(*rest) for offset, sign, *rest in _OTHERS if start.startswith(sign, offset)), None)


def _found(start: bytes, table: tuple[tuple[int, bytes, str], ...]) -> str | None:
    return next((name for offset, sign, name in table if start.startswith(sign, offset)), None)
